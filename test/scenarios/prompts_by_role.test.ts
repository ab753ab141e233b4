/** What each person is offered on a prompt, and that no message of a prompt keeps buttons which would be refused or were answered. */
import { expect, test } from "vitest";
import type { Role } from "../../src/core/authority.ts";
import { instant } from "../../src/core/time.ts";
import { changeRole, unlinkPerson } from "../../src/flows/manage_people.ts";
import { recordFacts } from "../../src/flows/record.ts";
import { noPrompts } from "./conversation.ts";
import { approvalState, factsOf, play, sentEntries, storyMs, untilProtected } from "./play.ts";
import type { SeenMessage } from "./scripted_chat.ts";
import type { Stage } from "./stage.ts";

const cleo = {
  sender: { userId: "444", displayName: "Cleo", isPerson: true },
  chat: { platform: "telegram", chatId: "444", threadId: null },
} as const;

async function letIn(stage: Stage, role: Role): Promise<void> {
  await recordFacts(stage.house().needs, "house", [
    {
      type: "person_set",
      personId: "cleo",
      name: "Cleo",
      role,
      timeZone: "Europe/Berlin",
      isActive: true,
      origin: "chat",
    },
    { type: "chat_linked", personId: "cleo", platform: "telegram", userId: "444", chat: cleo.chat },
  ]);
}

const promptOf = (stage: Stage): SeenMessage | undefined =>
  stage.telegram.messages.findLast(
    (one) => one.chat.chatId === "444" && !one.isReply && one.card.title.startsWith("Buy"),
  );
const labelsOf = (stage: Stage) => promptOf(stage)?.buttons.map((button) => button.label) ?? [];

const offered: readonly [Role, readonly string[]][] = [
  ["viewer", []],
  ["operator", ["Decline", "Later…"]],
  ["approver", ["Approve", "Decline", "Smaller…", "Later…"]],
];

test.concurrent(
  "a prompt offers each role what it may press, and is drawn anew when the role changes",
  () =>
    play({}, async (stage) => {
      await letIn(stage, "viewer");
      await stage.ask("SOL/USDT");
      await stage.until(() => promptOf(stage) !== undefined, "the prompt");
      expect(labelsOf(stage)).toEqual([]);
      for (const [role, labels] of [...offered.slice(1), ...offered.slice(0, 2)]) {
        const changed = await changeRole(stage.house().needs, {
          actor: "person:owner",
          sentAt: instant(Date.now()),
          who: "cleo",
          role,
          reason: "",
        });
        expect(changed.ok, role).toBe(true);
        await stage.until(() => labelsOf(stage).join() === labels.join(), `the buttons of a ${role}`);
      }
      expect(promptOf(stage)?.card.fields.find((one) => one.name === "Answer by")?.value).toMatch(
        /UTC \(.* Europe\/Berlin\)$/,
      );
    }),
  storyMs,
);

test.concurrent(
  "an operator's no closes the question for everybody; a yes of the same person never counts",
  () =>
    play({}, async (stage) => {
      await letIn(stage, "operator");
      const id = await stage.ask("SOL/USDT");
      await stage.until(() => labelsOf(stage).length > 0, "the prompt");
      const message = promptOf(stage);
      const token = stage.telegram.openPrompts().find((one) => one.chat.chatId === "111")?.buttons[0]?.token ?? "";
      // The button of another chat, and the own one forged into a yes: neither is theirs.
      await stage.telegram.tap("Decline", { ...cleo, token, ...(message === undefined ? {} : { message }) });
      await stage.until(() => stage.telegram.toasts.length > 0, "the refusal");
      expect(approvalState(stage, id)).toBe("pending");
      await stage.telegram.tap("Decline", { ...cleo, ...(message === undefined ? {} : { message }) });
      await stage.until(() => approvalState(stage, id) === "declined" && noPrompts(stage), "the closed question");
      expect(sentEntries(stage)).toEqual([]);
    }),
  storyMs,
);

test.concurrent(
  "whoever is unlinked keeps nothing to press, and reads no more of the request",
  () =>
    play({}, async (stage) => {
      await letIn(stage, "approver");
      const id = await stage.ask("SOL/USDT");
      await stage.until(() => labelsOf(stage).length === 4, "the prompt");
      const message = promptOf(stage);
      await unlinkPerson(stage.house().needs, {
        actor: "person:owner",
        sentAt: instant(Date.now()),
        who: "cleo",
        platform: null,
      });
      await stage.until(() => message?.buttons.length === 0, "the withdrawn prompt");
      expect(message?.card.title).toBe("This request is not shown here any more.");
      await stage.discord.tap("Decline");
      await stage.until(() => approvalState(stage, id) === "declined" && noPrompts(stage), "the decline");
      expect(message?.card.title).toBe("This request is not shown here any more.");
    }),
  storyMs,
);

test.concurrent.each(["before", "after"] as const)(
  "a prompt whose answer was lost is closed with the one that was posted in its place, when it is tapped %s the decision",
  (when) =>
    play({}, async (stage) => {
      stage.telegram.failures.post.push({ kind: "unknown_outcome", because: "the answer was lost" });
      const id = await stage.ask("SOL/USDT");
      await stage.until(() => stage.telegram.openPrompts().length === 2, "two messages of one prompt");
      const [orphan] = stage.telegram.openPrompts();
      if (orphan === undefined) throw new Error("no orphan");
      if (when === "after") {
        await stage.discord.tap("Approve");
        await stage.until(() => stage.telegram.openPrompts().length === 1, "the closed prompt");
      }
      await stage.telegram.tap("Approve", { message: orphan });
      await untilProtected(stage, "SOL/USDT");
      await stage.until(() => noPrompts(stage), "no message with live buttons");
      expect(sentEntries(stage)).toHaveLength(1);
      expect((await factsOf(stage, "prompt_posted")).filter((one) => one.how === "adopted")).toHaveLength(1);
      expect(orphan.card.footer).toMatch(/APPROVED .* audit [0-9a-f]{8}$/);
      const settled = (await factsOf(stage, "approval_settled")).find((one) => one.approvalId === id);
      expect(settled?.to).toBe("approved");
    }),
  storyMs,
);
