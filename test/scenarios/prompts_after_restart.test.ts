/** After a restart every open question stands anew with buttons that work, on each chat, also where the messages of before are gone. */
import { expect, test } from "vitest";
import type { FactOf } from "../../src/core/events.ts";
import { addMs, instant } from "../../src/core/time.ts";
import { recordFacts } from "../../src/flows/record.ts";
import { buy, chatsOf, saleQuestion, textOf, told } from "./conversation.ts";
import { approvalState, factsOf, play, storyMs } from "./play.ts";
import type { ScriptedChat } from "./scripted_chat.ts";
import type { Stage } from "./stage.ts";

const hour = 3_600_000;

/** More power for Cleo, asked for by Ana: alone it waits an hour for a no, else another owner signs it. */
async function asksForPower(stage: Stage, isAlone: boolean): Promise<string> {
  const now = instant(Date.now());
  const approvalId = `apr-${isAlone ? "wait" : "signed"}`;
  const asked: FactOf<"approval_requested"> = {
    type: "approval_requested",
    approvalId,
    tier: "T3",
    requester: "person:ana",
    mode: "paper",
    subject: {
      kind: "raise_role",
      personId: "cleo",
      name: "Cleo",
      from: "operator",
      to: "approver",
      reason: "she knows the house",
      isAlone,
    },
    digest: "d".repeat(64),
    softBps: 0,
    hardBps: 0,
    quorum: 1,
    createdAt: now,
    expiresAt: addMs(now, hour),
    execDeadlineMs: 10_000,
    dedupeKey: `raise|${approvalId}`,
  };
  await recordFacts(stage.house().needs, "person:ana", [asked]);
  return approvalId;
}

const powerQuestions = (chat: ScriptedChat) =>
  chat.messages.filter((one) => one.buttons.length > 0 && !one.isReply && textOf(one.card).includes("Cleo"));
const powerQuestion = (chat: ScriptedChat) => powerQuestions(chat)[0];

/** The page of the desk that is opened next has seen nothing. */
const forgets = (chat: ScriptedChat) => chat.messages.splice(0);

/** Ends the house and starts it again. An end before the number of a message is on record would make an orphan of it. */
async function restartAfterAsking(stage: Stage): Promise<void> {
  const asked = () => {
    const { approvals, prompts } = stage.books();
    return Object.values(prompts).filter(({ approvalId }) => approvals[approvalId]?.state === "pending");
  };
  const areKnown = () =>
    asked().length === chatsOf(stage).length && asked().every(({ messageId }) => messageId !== null);
  await stage.until(areKnown, "the number of each message in the books");
  await stage.restart();
}

test.concurrent(
  "a sale of everything that was asked before a restart is confirmed after it, by the new button at the desk",
  () =>
    play({}, async (stage) => {
      await buy(stage, "SOL/USDT");
      await told(stage, stage.telegram, "flatten", "a bad feeling");
      await stage.until(() => chatsOf(stage).every((chat) => saleQuestion(chat) !== undefined), "the question");
      const before = saleQuestion(stage.telegram)?.buttons.map(({ token }) => token) ?? [];
      forgets(stage.desk);
      await restartAfterAsking(stage);
      await stage.until(() => saleQuestion(stage.desk) !== undefined, "the question at the desk");
      const anew = () => saleQuestion(stage.telegram)?.buttons.map(({ token }) => token) ?? before;
      await stage.until(() => anew().every((token) => !before.includes(token)), "new buttons on Telegram");
      const message = saleQuestion(stage.desk);
      expect(message?.buttons.map(({ label }) => label)).toEqual(["Approve", "Decline"]);
      await stage.desk.tap("Approve", message === undefined ? {} : { message });
      await stage.until(() => stage.books().house.kill?.confirmedAt != null, "the confirmation");
      expect(stage.books().house.kill?.confirmedBy).toBe("person:owner");
    }),
  storyMs,
);

test.concurrent(
  "a wait of an hour is stopped after a restart by the new button at the desk",
  () =>
    play({}, async (stage) => {
      const id = await asksForPower(stage, true);
      await stage.until(() => chatsOf(stage).every((chat) => powerQuestion(chat) !== undefined), "the wait");
      forgets(stage.desk);
      await restartAfterAsking(stage);
      await stage.until(() => powerQuestion(stage.desk) !== undefined, "the wait at the desk");
      await stage.desk.tap("Decline");
      await stage.until(() => approvalState(stage, id) === "declined", "the no");
      await stage.until(() => chatsOf(stage).every((chat) => powerQuestion(chat) === undefined), "no button is left");
    }),
  storyMs,
);

test.concurrent(
  "a yes by a button of before the restart is told so and not counted, while a no by one counts",
  () =>
    play({}, async (stage) => {
      const id = await asksForPower(stage, false);
      await stage.until(() => powerQuestion(stage.discord) !== undefined, "the question");
      const message = powerQuestion(stage.discord);
      const old = Object.fromEntries(message?.buttons.map(({ label, token }) => [label, token]) ?? []);
      if (message === undefined) throw new Error("no question");
      await restartAfterAsking(stage);
      await stage.until(() => message.buttons[0]?.token !== old["Approve"], "new buttons");
      await stage.discord.tap("Approve", { message, token: old["Approve"] ?? "" });
      const answer = () => stage.discord.messages.findLast((one) => one.isReply)?.card.title ?? "";
      await stage.until(() => answer() !== "", "the answer");
      expect(answer()).toBe("Not counted: that button is from before my restart. The prompt is still open; tap again.");
      expect([approvalState(stage, id), await factsOf(stage, "vote_cast")]).toEqual(["pending", []]);
      expect(await factsOf(stage, "tap_refused")).toEqual([]);
      await stage.discord.tap("Decline", { message, token: old["Decline"] ?? "" });
      await stage.until(() => approvalState(stage, id) === "declined", "the no");
    }),
  storyMs,
);

test.concurrent(
  "where the message of before can't be edited, the open question stands under it with buttons that work, and closes",
  () =>
    play({}, async (stage) => {
      const id = await asksForPower(stage, true);
      await stage.until(() => powerQuestion(stage.discord) !== undefined, "the question");
      const before = powerQuestion(stage.discord);
      stage.discord.failures.edit.push({ kind: "edit_refused", because: "30046" });
      await restartAfterAsking(stage);
      const under = () => powerQuestions(stage.discord).find((one) => one !== before);
      await stage.until(() => under() !== undefined, "the question under it");
      const message = under();
      await stage.telegram.tap("Decline");
      await stage.until(() => approvalState(stage, id) === "declined", "the no");
      await stage.until(
        () => [message, before].every((one) => one?.buttons.length === 0),
        "both messages without buttons",
      );
    }),
  storyMs,
);
