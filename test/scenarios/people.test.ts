/** People come in by an owner's tap, are changed by /people, and leave at once. */
import { generateSync } from "otplib";
import { expect, test } from "vitest";
import type { HouseSettings } from "../../src/core/settings.ts";
import { instant } from "../../src/core/time.ts";
import { cardsWith, factCount, textOf, told } from "./conversation.ts";
import { factsOf, play, storyMs } from "./play.ts";
import type { Stage } from "./stage.ts";

const cleo = {
  sender: { userId: "444", displayName: "Cleo", isPerson: true },
  chat: { platform: "telegram", chatId: "444", threadId: null },
} as const;
const withAna = (settings: HouseSettings): HouseSettings => ({
  ...settings,
  people: [
    ...settings.people,
    { personId: "ana", name: "Ana", role: "approver", timeZone: "UTC", telegramUserId: "333", discordUserId: null },
  ],
});
const ana = {
  sender: { userId: "333", displayName: "Ana", isPerson: true },
  chat: { platform: "telegram", chatId: "333", threadId: null },
} as const;

const requests = (stage: Stage) => Object.values(stage.books().people.access);
const asking = (stage: Stage) =>
  stage.discord.messages.filter((message) => message.buttons.some((button) => button.label === "As operator"));
const handled = (stage: Stage) =>
  stage.until(() => Object.keys(stage.books().chat.inbox).length === 0, "everything handled");

async function cleoAsks(stage: Stage): Promise<void> {
  await told(stage, stage.telegram, "access", "", cleo);
  await stage.until(() => asking(stage).length === 1, "the request at the owner's");
}

async function cleoIsIn(stage: Stage, role = "operator"): Promise<void> {
  await cleoAsks(stage);
  await stage.discord.tap(`As ${role}`);
  await stage.until(() => stage.books().people.links["telegram:444"] !== undefined, "the link");
}

test.concurrent(
  "one tap of the owner lets a stranger in: every copy closes, the role holds, a restart keeps it",
  () =>
    play({}, async (stage) => {
      await cleoAsks(stage);
      expect((await told(stage, stage.telegram, "link", "", cleo)).lines[0]).toMatch(/asked already/);
      expect(requests(stage)).toHaveLength(1);
      await stage.discord.tap("As operator");
      await stage.until(() => cardsWith(stage.telegram, "You are in, Cleo").length === 1, "the answer to the stranger");
      for (const chat of [stage.discord, stage.desk])
        await stage.until(
          () =>
            chat.messages.some(
              (one) => one.card.title.startsWith("Access of Cleo: operator") && one.buttons.length === 0,
            ),
          "the closed copies",
        );
      expect(asking(stage)).toEqual([]);
      expect((await told(stage, stage.telegram, "pause", "", cleo)).title).toBe("Paused");
      expect((await told(stage, stage.telegram, "people", "", cleo)).title).toMatch(
        /needs the role owner; yours is operator/,
      );
      await told(stage, stage.desk, "resume", "it was a test");
      await stage.restart();
      expect((await told(stage, stage.telegram, "pause", "", cleo)).title).toBe("Paused");
      const list = textOf(await told(stage, stage.desk, "people"));
      expect(list).toMatch(/Cleo, operator: telegram 444, heard (just now|.* ago) · let in by chat/);
    }),
  storyMs,
);

test.concurrent(
  "a no is told once; of two answers the first counts; an old button changes nothing",
  () =>
    play({}, async (stage) => {
      await cleoAsks(stage);
      const old = asking(stage)[0];
      const token = old?.buttons.find((button) => button.label === "As approver")?.token ?? "";
      await stage.discord.tap("No");
      await stage.until(() => cardsWith(stage.telegram, "An owner said no").length === 1, "the no");
      if (old !== undefined) await stage.discord.tap("As approver", { message: old, token });
      await handled(stage);
      expect(stage.books().people.links["telegram:444"]).toBeUndefined();
      expect(await factCount(stage, "access_settled")).toBe(1);
      expect((await told(stage, stage.telegram, "access", "", cleo)).lines[0]).toMatch(/said no/);
      expect(requests(stage)).toHaveLength(1);
    }),
  storyMs,
);

test.concurrent(
  "neither a stranger, an approver, another chat nor a tap from before the start lets anybody in",
  () =>
    play({ settings: withAna }, async (stage) => {
      await cleoAsks(stage);
      const message = asking(stage)[0];
      const token = message?.buttons.find((button) => button.label === "As approver")?.token ?? "";
      if (message === undefined) throw new Error("no request");
      await stage.discord.tap("As approver", { message, sender: { userId: "999", displayName: "x", isPerson: true } });
      await stage.discord.tap("As approver", { message, sender: { userId: "222", displayName: "x", isPerson: false } });
      await stage.telegram.tap("As approver", { ...ana, message, token });
      await stage.discord.tap("As approver", { message, arrivedLate: true });
      await stage.discord.tap("As approver", { message, tappedAt: instant(Date.now() - 60_000) });
      await handled(stage);
      expect(requests(stage)[0]?.state).toBe("open");
      expect((await factsOf(stage, "tap_refused")).length).toBe(3);
      await stage.discord.tap("As viewer", { message });
      await stage.until(() => stage.books().people.persons["telegram444"]?.role === "viewer", "the role");
    }),
  storyMs,
);

test.concurrent(
  "where proofs are asked for, letting in and raising take phrase and code; lowering and a no take one word",
  () =>
    play({ settings: (same) => ({ ...same, approvals: { ...same.approvals, isStepUp: true } }) }, async (stage) => {
      const card = await told(stage, stage.desk, "code");
      const secret = card.fields.find((field) => field.name === "Can't scan")?.value ?? "";
      const codeAt = (steps: number) => generateSync({ secret, epoch: Math.floor(Date.now() / 1_000) + steps * 30 });
      await told(stage, stage.desk, "code", codeAt(-1));
      await cleoAsks(stage);
      await stage.desk.tap("As operator");
      const form = () => stage.desk.messages.findLast((message) => message.form !== undefined);
      await stage.until(
        () => Object.values(stage.books().questions).length === 1 && form() !== undefined,
        "the question",
      );
      expect(stage.books().people.links["telegram:444"]).toBeUndefined();
      const phrase = form()?.form?.fields[0]?.label.replace("Type: ", "") ?? "";
      await stage.desk.answer({ phrase, code: codeAt(0) });
      await stage.until(() => stage.books().people.persons["telegram444"]?.role === "operator", "the role");
      expect(textOf(await told(stage, stage.desk, "people", "role Cleo approver"))).toMatch(/needs a reason/);
      await stage.desk.say("people", "role Cleo approver: she knows the house");
      await stage.until(() => Object.values(stage.books().questions).length === 1, "the question of the raise");
      const second = form()?.form?.fields[0]?.label.replace("Type: ", "") ?? "";
      await stage.desk.answer({ phrase: second, code: codeAt(1) });
      const raise = () => Object.values(stage.books().approvals).find((one) => one.subject.kind === "raise_role");
      await stage.until(() => raise()?.state === "pending", "the wait of the only owner");
      // Nobody else is owner here: an hour, shown on every chat, and whoever may pause may stop it.
      expect((raise()?.expiresAt ?? 0) - (raise()?.createdAt ?? 0)).toBe(3_600_000);
      expect(stage.books().people.persons["telegram444"]?.role).toBe("operator");
      const shown = () => stage.telegram.messages.find((one) => one.chat.chatId === "444" && one.buttons.length > 0);
      await stage.until(() => shown() !== undefined, "the wait in her own chat");
      expect(shown()?.buttons.map((button) => button.label)).toEqual(["Decline"]);
      await stage.discord.tap("Decline");
      await stage.until(() => raise()?.state === "declined", "the no");
      expect(stage.books().people.persons["telegram444"]?.role).toBe("operator");
      expect((await told(stage, stage.desk, "people", "role Cleo viewer")).title).toMatch(/^Cleo is viewer/);
      expect((await told(stage, stage.telegram, "pause", "", cleo)).title).toMatch(/yours is viewer/);
    }),
  storyMs,
);

test.concurrent(
  "roles, links and people change at once, never those of the settings file, and one owner stays",
  () =>
    play({ settings: withAna }, async (stage) => {
      await cleoIsIn(stage, "approver");
      const say = async (text: string) => textOf(await told(stage, stage.desk, "people", text));
      expect(await say("role Ana owner")).toMatch(/Ana is named in the settings file; change it there/);
      expect(await say("remove ana")).toMatch(/settings file/);
      expect(await say("unlink Ana")).toMatch(/telegram 333 counts for nothing.*settings file/s);
      expect(await say("role nobody viewer")).toMatch(/Nobody here is called "nobody"/);
      expect(await say("role Cleo king")).toMatch(/Which role/);
      expect(await say("role cleo owner")).toMatch(/Cleo is owner from this moment; before: approver/);
      await stage.until(() => cardsWith(stage.discord, "Cleo is owner now").length === 1, "the announcement");
      await stage.ask("SOL/USDT");
      const prompt = () => stage.telegram.openPrompts().find((message) => message.chat.chatId === "444");
      await stage.until(() => prompt() !== undefined, "the prompt");
      const message = prompt();
      if (message === undefined) throw new Error("no prompt");
      const tokenOf = (label: string) => message.buttons.find((button) => button.label === label)?.token ?? "";
      const [yes, no] = [tokenOf("Approve"), tokenOf("Decline")];
      expect(await say("role CLEO operator")).toMatch(/Cleo is operator/);
      await stage.telegram.tap("Approve", { ...cleo, message, token: yes });
      await handled(stage);
      expect(stage.orderPosts()).toHaveLength(0);
      expect(await say("unlink Cleo telegram")).toMatch(/telegram 444 counts for nothing/);
      await stage.telegram.tap("Decline", { ...cleo, message, token: no });
      await handled(stage);
      expect(Object.values(stage.books().approvals)[0]?.state).toBe("pending");
      expect(await say("remove Cleo")).toMatch(/Cleo is out/);
      expect(stage.books().people.persons["telegram444"]?.isActive).toBe(false);
      await stage.restart();
      expect(stage.books().people.persons["telegram444"]?.isActive).toBe(false);
      await cleoAsks(stage);
    }),
  storyMs,
);

test.concurrent(
  "the last linked owner can be unlinked by nobody",
  () =>
    play({}, async (stage) => {
      await told(stage, stage.desk, "unlink", "telegram 111");
      await told(stage, stage.desk, "unlink", "discord 222");
      expect(textOf(await told(stage, stage.desk, "people", "unlink owner"))).toMatch(/no owner with a linked account/);
      expect(Object.keys(stage.books().people.links)).toHaveLength(1);
    }),
  storyMs,
);

test.concurrent(
  "a stranger is told once, and the owner when it goes on",
  () =>
    play({}, async (stage) => {
      expect((await told(stage, stage.telegram, "pause", "", cleo)).lines[0]).toMatch(/\/access/);
      const replies = () => stage.telegram.messages.filter((message) => message.chat.chatId === "444").length;
      for (let time = 0; time < 4; time += 1) await stage.telegram.say("flatten", "", cleo);
      await handled(stage);
      expect(replies()).toBe(1);
      await stage.until(() => cardsWith(stage.discord, "A stranger keeps trying").length === 1, "the alert");
      expect(stage.books().house.level).toBe("none");
    }),
  storyMs,
);
