/**
 * The process dies between every two steps of a tap, on each platform. Whatever was durable counts and nothing else: at most
 * one order and none without a committed yes to it, the tapper is told once what came of it, and the prompt closes everywhere.
 *
 *   row stored | acknowledged, judged | vote + decision | order decided | armed | POST | answer kept | prompt prepared | edited | handled
 */
import { describe, expect, test } from "vitest";
import type { Fact } from "../../src/core/events.ts";
import { chatsOf, noPrompts } from "./conversation.ts";
import { crashPoint, type Death } from "./crash_point.ts";
import { approvalState, factsOf, play, sentEntries, shortAbsence, storyMs, untilProtected } from "./play.ts";
import type { Stage } from "./stage.ts";

const platforms = ["telegram", "discord", "desk"] as const;
type Platform = (typeof platforms)[number];
type Kind = (fact: Fact) => boolean;

const is =
  (type: Fact["type"]): Kind =>
  (fact) =>
    fact.type === type;
const entryDecided: Kind = (fact) => fact.type === "order_intended" && fact.intent.leg === "entry";
const closingPrepared: Kind = (fact) => fact.type === "prompt_prepared" && fact.tokens.length === 0;
const closingNoted: Kind = (fact) => fact.type === "prompt_posted" && fact.rev % 1_000 > 0;

/** What is true after the restart, before anybody taps again. */
type Ends = "not counted" | "not sent" | "unknown" | "sent";
type Step = { readonly name: string; readonly death: Death; readonly ends: Ends };

const around = (name: string, kind: Kind, ends: readonly [Ends, Ends]): readonly Step[] => [
  { name: `before ${name}`, death: { before: kind }, ends: ends[0] },
  { name: `after ${name}`, death: { after: kind }, ends: ends[1] },
];

const steps: readonly Step[] = [
  ...around("its row is stored", is("message_received"), ["not counted", "not counted"]),
  ...around("the vote", is("vote_cast"), ["not counted", "not sent"]),
  ...around("the order is decided", entryDecided, ["not sent", "not sent"]),
  ...around("the order is armed", is("order_sending"), ["not sent", "unknown"]),
  { name: "before the POST", death: { beforePost: "entry" }, ends: "unknown" },
  { name: "after the POST", death: { afterPost: "entry" }, ends: "sent" },
  ...around("the answer is kept", is("order_acknowledged"), ["sent", "sent"]),
  ...around("the last edit is prepared", closingPrepared, ["sent", "sent"]),
  ...around("the last edit is noted", closingNoted, ["sent", "sent"]),
  { name: "before the tap is marked handled", death: { before: is("message_handled") }, ends: "sent" },
  { name: "after the tap is marked handled", death: { after: is("message_handled") }, ends: "sent" },
];

type Tapped = {
  readonly id: string;
  readonly again: () => Promise<void>;
  /** Answers to this tap. */
  readonly told: () => readonly string[];
  /** The first process had done all of it: the edited prompt is the answer. */
  readonly wasHandled: boolean;
};

/** Asks, taps, and starts the next process when the first is dead. The platform then delivers the same tap once more. */
async function killed(
  stage: Stage,
  platform: Platform,
  label: string,
  point: { arm(): void; happened(): boolean },
): Promise<Tapped> {
  const chat = stage[platform];
  const id = await stage.ask("SOL/USDT");
  await stage.until(() => chatsOf(stage).every((one) => one.openPrompts().length === 1), "the prompts");
  const [message] = chat.openPrompts();
  const token = message?.buttons.find((button) => button.label === label)?.token;
  if (message === undefined || token === undefined) throw new Error(`no button ${label}`);
  const before = chat.messages.length;
  const same = { message, token, eventIds: ["update:1", "query:1"] };
  point.arm();
  void chat.tap(label, same);
  await stage.until(point.happened, "the crash");
  const wasHandled = (await factsOf(stage, "message_handled")).length > 0;
  await stage.restart();
  await chat.tap(label, { ...same, arrivedLate: true });
  await stage.until(() => Object.keys(stage.books().chat.inbox).length === 0, "everything handled");
  const told = () => chat.messages.slice(before).flatMap((one) => (one.isReply ? [one.card.title] : []));
  return { id, again: () => chat.tap(label), told, wasHandled };
}

function armed(death: Death) {
  let isArmed = false;
  const when =
    (kind: Kind): Kind =>
    (fact) =>
      isArmed && kind(fact);
  const point = crashPoint(
    "before" in death ? { before: when(death.before) } : "after" in death ? { after: when(death.after) } : death,
  );
  const arm = () => {
    isArmed = true;
  };
  return { wish: point.wish, happened: point.happened, arm };
}

/** No order without a yes to exactly it, committed before. */
async function judgeConsent(stage: Stage, id: string): Promise<void> {
  const votes = (await factsOf(stage, "vote_cast")).filter((vote) => vote.approvalId === id);
  const decided = (await factsOf(stage, "order_intended")).filter((order) => order.approvalId === id);
  expect(sentEntries(stage).length).toBeLessThanOrEqual(1);
  expect(decided.length).toBeLessThanOrEqual(1);
  for (const { digest, approvalVersion } of decided)
    expect(votes.filter((vote) => vote.digest === digest && vote.version === approvalVersion)).toHaveLength(1);
  expect(votes.length).toBeLessThanOrEqual(1);
}

async function untilClosed(stage: Stage): Promise<void> {
  await stage.until(() => noPrompts(stage), "no live button anywhere");
  const footers = () => new Set(chatsOf(stage).map((chat) => chat.messages.find((one) => !one.isReply)?.card.footer));
  await stage.until(() => footers().size === 1, "the same end on every chat");
}

const expected: Readonly<Record<Ends, RegExp>> = {
  "not counted": /^pending$/,
  "not sent": /^(invalidated|exec_failed)$/,
  unknown: /^(exec_unknown|exec_failed)$/,
  sent: /^(executing|executed|exec_unknown)$/,
};

/** What the tapper hears from the next process: never that nothing was counted when it was. */
const says: Readonly<Record<Ends, RegExp>> = {
  "not counted": /^(Not counted: it was tapped while I was away|The order changed to version 2)/,
  "not sent": /^Already decided: ⚠️ .* by owner/,
  unknown: /^Already decided: ❓ /,
  sent: /^Already decided: (✅|❓) /,
};

describe.concurrent.each(platforms)("a yes on %s", (platform) => {
  test.each(steps)("dies $name: $ends", { timeout: storyMs }, async ({ death, ends }) => {
    const point = armed(death);
    await play({ ...shortAbsence, ...point.wish }, async (stage) => {
      const { id, again, told, wasHandled } = await killed(stage, platform, "Approve", point);
      expect(approvalState(stage, id)).toMatch(expected[ends]);
      expect(told()).toHaveLength(wasHandled ? 0 : 1);
      for (const text of told()) expect(text).toMatch(says[ends]);
      if (ends === "not counted") {
        // The restart priced it anew; the button of before is worth nothing, a fresh yes decides.
        expect(await factsOf(stage, "vote_cast")).toEqual([]);
        expect(stage.books().approvals[id]?.version).toBe(2);
        const isAnew = () => chatsOf(stage).every((one) => /· v2 ·/.test(one.openPrompts()[0]?.card.footer ?? ""));
        await stage.until(isAnew, "the new prompts");
        await again();
      }
      if (ends === "sent" || ends === "not counted") {
        await untilProtected(stage, "SOL/USDT", 20_000);
        await stage.until(() => approvalState(stage, id) === "executed", "executed");
        expect(sentEntries(stage)).toHaveLength(1);
      } else expect(sentEntries(stage)).toEqual([]);
      await untilClosed(stage);
      await judgeConsent(stage, id);
    });
  });
});

const stepsOfNo: readonly Step[] = [
  ...around("its row is stored", is("message_received"), ["not counted", "not counted"]),
  ...around("the vote", is("vote_cast"), ["not counted", "not counted"]),
  ...around("the last edit is prepared", closingPrepared, ["not counted", "not counted"]),
  ...around("the last edit is noted", closingNoted, ["not counted", "not counted"]),
  { name: "before the tap is marked handled", death: { before: is("message_handled") }, ends: "not counted" },
];

describe.concurrent.each(platforms)("a no on %s", (platform) => {
  test.each(stepsOfNo)("counts all the same when the process dies $name", { timeout: storyMs }, async ({ death }) => {
    const point = armed(death);
    await play(point.wish, async (stage) => {
      const { id } = await killed(stage, platform, "Decline", point);
      expect(approvalState(stage, id)).toBe("declined");
      await untilClosed(stage);
      const votes = await factsOf(stage, "vote_cast");
      expect(votes.map((vote) => vote.verdict)).toEqual(["no"]);
      expect(sentEntries(stage)).toEqual([]);
    });
  });
});
