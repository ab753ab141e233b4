/** What is large takes more than a tap: a phrase of its own digits, and a code where it can't be undone. */
import { generateSync } from "otplib";
import { expect, test } from "vitest";
import { notional } from "../../src/core/money.ts";
import type { HouseSettings } from "../../src/core/settings.ts";
import { noPrompts, textOf, told } from "./conversation.ts";
import { approvalState, factsOf, play, sentEntries, storyMs, untilProtected } from "./play.ts";
import type { ScriptedChat } from "./scripted_chat.ts";
import type { Stage } from "./stage.ts";

/** Every order is large here. */
const strict = (same: HouseSettings): HouseSettings => ({
  ...same,
  approvals: { ...same.approvals, isStepUp: true, largeAbove: notional("1") },
});

const chats = ["telegram", "discord", "desk"] as const;

const formOf = (chat: ScriptedChat) => chat.messages.findLast((message) => message.form !== undefined);

async function asked(stage: Stage, chat: ScriptedChat, count = 1): Promise<string> {
  await stage.until(
    () => chat.messages.filter((message) => message.form !== undefined).length >= count,
    "the question",
  );
  const label = formOf(chat)?.form?.fields[0]?.label ?? "";
  await stage.until(() => Object.values(stage.books().questions).length > 0, "the question on record");
  return label.replace("Type: ", "");
}

const lastReply = (chat: ScriptedChat) => textOf(chat.messages.findLast((message) => message.isReply)?.card);

async function setUpApp(stage: Stage): Promise<(offset?: number) => string> {
  const card = await told(stage, stage.desk, "code");
  const secret = card.fields.find((field) => field.name === "Can't scan")?.value ?? "";
  expect(card.qr?.length).toBeGreaterThan(20);
  const codeAt = (steps = 0) => generateSync({ secret, epoch: Math.floor(Date.now() / 1_000) + steps * 30 });
  const confirmed = await told(stage, stage.desk, "code", codeAt(-1));
  expect(confirmed.title).toMatch(/counts from now on/);
  return codeAt;
}

test.concurrent.each(chats)(
  "a large order on %s is signed by the tap and its phrase, once",
  (name) =>
    play({ settings: strict }, async (stage) => {
      const chat = stage[name];
      const id = await stage.ask("SOL/USDT");
      expect(stage.books().approvals[id]?.tier).toBe("T2");
      await chat.tap("Approve");
      const phrase = await asked(stage, chat);
      expect(phrase).toMatch(/^YES I AM SURE \d{3}$/);
      expect(approvalState(stage, id)).toBe("pending");
      await chat.answer({ phrase: phrase.toLowerCase() });
      await untilProtected(stage, "SOL/USDT");
      const [vote] = await factsOf(stage, "vote_cast");
      expect(vote?.stepUp?.proof).toBe("phrase");
      expect(sentEntries(stage)).toHaveLength(1);
      await stage.until(() => noPrompts(stage), "closed prompts");
    }),
  storyMs,
);

test.concurrent(
  "wrong words, an old phrase and a phrase told twice sign nothing; three wrong ones end the question",
  () =>
    play({ settings: strict }, async (stage) => {
      const id = await stage.ask("SOL/USDT");
      await stage.telegram.tap("Approve");
      const old = await asked(stage, stage.telegram);
      const first = formOf(stage.telegram);
      await stage.telegram.tap("Approve");
      const phrase = await asked(stage, stage.telegram, 2);
      if (first !== undefined && old !== phrase) {
        await stage.telegram.answer({ phrase: old }, { form: first });
        await stage.telegram.answer({ phrase: old });
        await stage.until(() => lastReply(stage.telegram).includes("not the words"), "the refusal");
      }
      for (const words of ["YES", "YES I AM SURE", "no idea"]) await stage.telegram.answer({ phrase: words });
      await stage.until(() => Object.keys(stage.books().questions).length === 0, "the end of the question");
      await stage.telegram.answer({ phrase });
      await stage.until(() => Object.keys(stage.books().chat.inbox).length === 0, "everything handled");
      expect(approvalState(stage, id)).toBe("pending");
      expect(await factsOf(stage, "vote_cast")).toEqual([]);
      const tries = await factsOf(stage, "question_tried");
      expect(tries.every((one) => !one.isRight)).toBe(true);
      expect((await factsOf(stage, "question_closed")).map((one) => one.how)).toEqual(["replaced", "too_many_tries"]);
    }),
  storyMs,
);

test.concurrent(
  "somebody else's right answer signs nothing, and neither does one that came while the bot was away",
  () =>
    play({ settings: strict }, async (stage) => {
      const id = await stage.ask("SOL/USDT");
      await stage.discord.tap("Approve");
      const phrase = await asked(stage, stage.discord);
      await stage.discord.answer({ phrase }, { sender: { userId: "999", displayName: "x", isPerson: true } });
      await stage.discord.answer({ phrase }, { arrivedLate: true });
      await stage.until(() => lastReply(stage.discord).includes("while I was away"), "the answer");
      expect(approvalState(stage, id)).toBe("pending");
      expect(await factsOf(stage, "vote_cast")).toEqual([]);
    }),
  storyMs,
);

test.concurrent(
  "a no and a pause never take a phrase; trading again does, and what was denied takes a code besides",
  () =>
    play({ settings: strict }, async (stage) => {
      const id = await stage.ask("SOL/USDT");
      await stage.telegram.tap("Decline");
      await stage.until(() => approvalState(stage, id) === "declined", "the decline");
      await stage.until(() => lastReply(stage.telegram).startsWith("Declined. Why?"), "the question why");
      await told(stage, stage.telegram, "pause");
      expect(stage.books().house.level).toBe("pause");
      await stage.telegram.say("resume", "back at my desk");
      const phrase = await asked(stage, stage.telegram);
      expect(stage.books().house.level).toBe("pause");
      await stage.telegram.answer({ phrase });
      await stage.until(() => stage.books().house.level === "none", "trading again");
      expect(lastReply(stage.telegram)).toMatch(/Trading again/);
      await told(stage, stage.telegram, "deny", "SOL/USDT false starts");
      const allow = () => stage.telegram.say("allow", "SOL/USDT the network works again");
      await allow();
      await stage.until(() => lastReply(stage.telegram).includes("authenticator app"), "the refusal without a code");
      const codeAt = await setUpApp(stage);
      await allow();
      const second = await asked(stage, stage.telegram, 2);
      await stage.telegram.answer({ phrase: second, code: "000000" });
      await stage.until(() => lastReply(stage.telegram).includes("code is wrong"), "the wrong code");
      expect(stage.books().house.controls["allowed_symbols"] ?? "").not.toMatch(/SOL/);
      await stage.telegram.answer({ phrase: second, code: codeAt() });
      await stage.until(() => lastReply(stage.telegram).includes("Allowed again"), "allowed again");
    }),
  storyMs,
);

test.concurrent(
  "loosening a limit takes phrase and code, and then an hour of one who decides alone; anybody stops it meanwhile",
  () =>
    play({ settings: strict }, async (stage) => {
      await told(stage, stage.desk, "limits", "riskPerTrade 0.4%");
      const bare = await told(stage, stage.desk, "limits", "riskPerTrade 0.5% new month, fresh eyes");
      expect(textOf(bare)).toMatch(/authenticator app/);
      const codeAt = await setUpApp(stage);
      await stage.desk.say("limits", "riskPerTrade 0.5% new month, fresh eyes");
      const phrase = await asked(stage, stage.desk);
      await stage.desk.answer({ phrase, code: codeAt() });
      await stage.until(() => stage.desk.openPrompts().length === 1, "the wait on every chat");
      const prompt = stage.telegram.openPrompts()[0];
      expect(prompt?.card.title).toMatch(/^Loosen riskPerTrade from 0.4\s?% to 0.5\s?%/);
      expect(stage.books().house.controls["riskPerTrade"]).toBe("0.4%");
      await stage.telegram.tap("Decline");
      await stage.until(() => noPrompts(stage), "the end of the wait");
      expect(stage.books().house.controls["riskPerTrade"]).toBe("0.4%");
    }),
  storyMs,
);

test.concurrent(
  "a code counts once, five wrong ones lock it, and none is given in a group",
  () =>
    play({ settings: strict }, async (stage) => {
      await told(stage, stage.desk, "limits", "riskPerTrade 0.4%");
      const codeAt = await setUpApp(stage);
      const loosen = async (count: number) => {
        await stage.desk.say("limits", "riskPerTrade 0.5% new month, fresh eyes");
        return asked(stage, stage.desk, count);
      };
      const phrase = await loosen(1);
      // The code that confirmed the app was used up by it.
      await stage.desk.answer({ phrase, code: codeAt(-1) });
      await stage.until(() => lastReply(stage.desk).includes("used already"), "the refusal");
      await stage.desk.answer({ phrase, code: "000000" });
      await stage.desk.answer({ phrase, code: "000001" });
      await stage.until(() => Object.keys(stage.books().questions).length === 0, "the end of the question");
      const again = await loosen(2);
      await stage.desk.answer({ phrase: again, code: "000002" });
      await stage.desk.answer({ phrase: again, code: "000003" });
      await stage.until(() => stage.books().authenticators["owner"]?.lockedUntil != null, "the lock");
      await stage.until(() => lastReply(stage.desk).includes("none counts"), "the answer to the fifth");
      const refused = await told(stage, stage.desk, "limits", "riskPerTrade 0.5% new month, fresh eyes");
      expect(textOf(refused)).toMatch(/none counts until/);
      expect(stage.books().house.controls["riskPerTrade"]).toBe("0.4%");
      await stage.until(
        () => stage.telegram.messages.some((message) => message.card.title.startsWith("Wrong codes of")),
        "the alert",
      );
      await stage.telegram.write("123456", { isPrivate: false });
      await stage.until(() => stage.telegram.removed.length === 1, "the code taken away");
      await stage.until(() => lastReply(stage.telegram).includes("never count in a group"), "the refusal");
      const rows = await stage.database.pool.query<{ body: string }>(
        "select body::text from events where body::text like '%123456%' or body::text like '%000003%'",
      );
      expect(rows.rows).toEqual([]);
    }),
  storyMs,
);

test.concurrent(
  "in practice one tap decides: no question is asked",
  () =>
    play({}, async (stage) => {
      const id = await stage.ask("SOL/USDT");
      expect(stage.books().approvals[id]?.tier).toBe("T1");
      await stage.discord.tap("Approve");
      await untilProtected(stage, "SOL/USDT");
      expect(await factsOf(stage, "question_asked")).toEqual([]);
    }),
  storyMs,
);
