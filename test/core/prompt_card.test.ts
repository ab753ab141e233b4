/** What a prompt says in each state, word by word, and that every change of its words raises its revision. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ApprovalState, approvalStates, approvalTable } from "../../src/core/approval.ts";
import { type Books, emptyBooks } from "../../src/core/books.ts";
import type { Card } from "../../src/core/card.ts";
import type { Fact } from "../../src/core/events.ts";
import { price } from "../../src/core/money.ts";
import { answerAge, promptCard, revisionOf, statusLine } from "../../src/core/prompt_card.ts";
import { addMs } from "../../src/core/time.ts";
import {
  ended,
  fillOf,
  intended,
  makeApproval,
  requested,
  revised,
  sending,
  settledAs,
  terms,
  vote,
} from "../fixtures/facts.ts";
import { makeEntry } from "../fixtures/intent.ts";
import { type Story, startStory, storyStart } from "../fixtures/story.ts";

/** A card as a chat without pictures would show it. */
function plain(card: Card): string {
  return [
    "",
    `[${card.tone}] ${card.title}`,
    ...card.lines,
    ...card.fields.map(({ name, value }) => `${name}: ${value}`),
    card.footer ?? "",
    "",
  ].join("\n");
}
const shown = (books: Books): string => plain(cardIn(books));
function cardIn(books: Books): Card {
  const approval = books.approvals["apr-1"];
  if (approval === undefined) throw new Error("The story asked for nothing");
  return promptCard(approval, books, null);
}
const ana: readonly Fact[] = [
  { type: "person_set", personId: "ana", name: "Ana", role: "owner", timeZone: "UTC", isActive: true },
  {
    type: "chat_linked",
    personId: "ana",
    platform: "telegram",
    userId: vote("ana").userId,
    chat: { platform: "telegram", chatId: "111", threadId: null },
  },
];
const asked = (...facts: readonly Fact[]) => startStory().tell(...ana, requested(), ...facts);
const executed = [
  settledAs("approved"),
  settledAs("executing", { from: "approved" }),
  intended("e1", makeEntry(), { approvalId: "apr-1", approvalVersion: 1 }),
  sending("e1"),
];

describe("an order that is asked about", () => {
  test("says everything that is hashed, and what it means", () => {
    expect(shown(asked())).toMatchInlineSnapshot(`
      "
      [waiting] Buy 4.5 SOL/USDT
      EMA 12 crossed EMA 26 upwards by 0.4 %
      Order: buy 4.5 SOL (limit, IOC)
      Worst price: 87.57 USDT (now 87.36)
      Notional: 394.06 USDT (3.94 % of equity)
      Stop: 85.62 USDT (-1.99 %)
      Target: 92.6 USDT (+6.00 %)
      Risk: 9.55 USDT (0.10 % of equity, with fees)
      Exposure: 0.00 % → 3.94 % of equity
      Strategy: ema_trend (strength 80 %)
      Account: PAPER · kucoin main
      Answer by: 12:05:00 UTC
      Asked 12:00:00 UTC · one signature needed · silence means no
      "
    `);
  });

  test("with a trail and a time limit, without a target", () => {
    const exitPlan = {
      stopPrice: price("85.62"),
      targetPrice: null,
      trail: { distanceBps: 150 },
      timeLimitMs: 14_400_000,
    };
    const subject = { kind: "order", intent: makeEntry({ exitPlan }), terms } as const;
    expect(shown(asked({ ...requested(), subject }))).toMatchInlineSnapshot(`
      "
      [waiting] Buy 4.5 SOL/USDT
      EMA 12 crossed EMA 26 upwards by 0.4 %
      Order: buy 4.5 SOL (limit, IOC)
      Worst price: 87.57 USDT (now 87.36)
      Notional: 394.06 USDT (3.94 % of equity)
      Stop: 85.62 USDT (-1.99 %)
      Target: none
      Trail: 1.50 % under the best price
      Time limit: 4 h
      Risk: 9.55 USDT (0.10 % of equity, with fees)
      Exposure: 0.00 % → 3.94 % of equity
      Strategy: ema_trend (strength 80 %)
      Account: PAPER · kucoin main
      Answer by: 12:05:00 UTC
      Asked 12:00:00 UTC · one signature needed · silence means no
      "
    `);
  });

  test("every canonical value is on it", () => {
    const text = shown(asked());
    const intent = makeEntry();
    const values = [
      intent.side,
      intent.quantity,
      intent.venue,
      intent.account,
      "SOL/USDT",
      intent.shape.limitPrice,
      "IOC",
      "85.62",
      "92.6",
      intent.strategy,
      "PAPER",
    ];
    expect(values.filter((value) => !text.toLowerCase().includes(value.toLowerCase()))).toEqual([]);
  });

  test("only while it is open it has a chart and a countdown", () => {
    const chart = {
      instrumentId: "kucoin:SOL/USDT",
      candles: [],
      entryPrice: price("87"),
      stopPrice: price("85"),
      targetPrice: null,
    };
    const open = promptCard(makeApproval(), emptyBooks, chart);
    const over = promptCard(makeApproval({ state: "declined" }), emptyBooks, chart);
    expect([open.chart, open.expiresAt, over.chart, "expiresAt" in over]).toEqual([
      chart,
      makeApproval().expiresAt,
      null,
      false,
    ]);
  });
});

test("a list of positions to close", () => {
  const subject = {
    kind: "flatten",
    positions: [{ positionId: "trade-1", line: "4.5 SOL/USDT at about 88 · +2.25 USDT" }],
  } as const;
  expect(shown(asked({ ...requested(), subject, tier: "TE" }))).toMatchInlineSnapshot(`
    "
    [waiting] Close every position now?
    New entries are halted already. Approve sells what is listed, at most 5 % under the bid.
    Position 1: 4.5 SOL/USDT at about 88 · +2.25 USDT
    Answer by: 12:05:00 UTC
    Asked 12:00:00 UTC · one signature needed · silence means no
    "
  `);
});

const lost: Fact = { type: "order_answer_lost", clientOrderId: "e1", because: "no answer within 5 s" };
const filled = fillOf("e1", { price: "87.5", quantity: "4.5" });
/** How each state is come to, by the name under which its last line is printed. */
const stories: Readonly<Record<string, readonly Fact[]>> = {
  pending: [],
  "pending, new version": [revised(2)],
  "pending, one of two": [{ ...requested(), quorum: 2 }, vote("ana")],
  "pending, none of two": [{ ...requested(), quorum: 2 }],
  approved: [settledAs("approved")],
  "approved, version 2": [revised(2), settledAs("approved")],
  executing: executed,
  "executed, filling": [...executed, settledAs("executed", { from: "executing" })],
  "executed, filled": [...executed, settledAs("executed", { from: "executing" }), filled],
  "executed, filled at several prices": [
    ...executed,
    fillOf("e1", { price: "87.5", quantity: "1.5" }),
    fillOf("e1", { price: "87.57", quantity: "3" }),
    settledAs("executed", { from: "executing" }),
  ],
  "executed, nothing filled": [...executed, settledAs("executed", { from: "executing" }), ended("e1")],
  exec_failed: [
    ...executed,
    settledAs("exec_failed", { from: "executing", by: ["house"], reason: "the venue refused: no money" }),
  ],
  exec_unknown: [
    ...executed,
    lost,
    settledAs("exec_unknown", { from: "executing", by: ["house"], reason: "no answer from the venue" }),
  ],
  "exec_unknown, found and filled": [
    ...executed,
    lost,
    settledAs("exec_unknown", { from: "executing", by: ["house"], reason: "no answer from the venue" }),
    filled,
    settledAs("executed", { from: "exec_unknown" }),
  ],
  declined: [settledAs("declined", { reason: "not before the weekend" })],
  expired: [settledAs("expired", { by: ["house"], reason: "nobody answered" })],
  canceled: [settledAs("canceled", { by: ["person:ana"], reason: "trading is at pause" })],
  superseded: [
    settledAs("superseded", {
      by: ["house"],
      reason: "a newer request for the same instrument",
      supersededBy: "apr-2",
    }),
  ],
  invalidated: [
    settledAs("approved"),
    settledAs("invalidated", { from: "approved", by: ["house"], reason: "the execution deadline passed" }),
  ],
};

test("the last line of every state", () => {
  const lines = Object.entries(stories).map(([name, facts]) => {
    const { tone, footer } = cardIn(asked(...facts));
    return `${name} [${tone}]: ${footer}`;
  });
  expect(`\n${lines.join("\n")}\n`).toMatchInlineSnapshot(`
    "
    pending [waiting]: Asked 12:00:00 UTC · one signature needed · silence means no
    pending, new version [waiting]: Asked 12:00:00 UTC · v2 · one signature needed · silence means no
    pending, one of two [waiting]: Asked 12:00:00 UTC · 1 of 2 signatures given · silence means no
    pending, none of two [waiting]: Asked 12:00:00 UTC · 2 signatures needed · silence means no
    approved [ok]: ✅ APPROVED 12:00:12Z by Ana (telegram) · audit 00000000
    approved, version 2 [ok]: ✅ APPROVED 12:00:12Z by Ana (telegram) · v2 · audit 00000000
    executing [ok]: ✅ APPROVED 12:00:12Z by Ana (telegram) · audit 00000000
    executed, filling [ok]: ✅ APPROVED 12:00:12Z by Ana (telegram) · audit 00000000
    executed, filled [ok]: ✅ APPROVED 12:00:12Z by Ana (telegram) · filled 4.5 @ 87.500 · audit 00000000
    executed, filled at several prices [ok]: ✅ APPROVED 12:00:12Z by Ana (telegram) · filled 4.5 @ 87.546 · audit 00000000
    executed, nothing filled [ok]: ✅ APPROVED 12:00:12Z by Ana (telegram) · nothing filled · audit 00000000
    exec_failed [warning]: ⚠️ APPROVED, not executed 12:00:12Z by Ana (telegram) · the venue refused: no money · audit 00000000
    exec_unknown [critical]: ❓ APPROVED, order unknown 12:00:12Z by Ana (telegram) · no answer from the venue · audit 00000000
    exec_unknown, found and filled [ok]: ✅ APPROVED 12:00:12Z by Ana (telegram) · filled 4.5 @ 87.500 · audit 00000000
    declined [closed]: ❌ DECLINED 12:00:12Z by Ana (telegram) · not before the weekend · audit 00000000
    expired [closed]: ⌛ EXPIRED 12:00:12Z by house · nobody answered · audit 00000000
    canceled [closed]: 🚫 CANCELED 12:00:12Z by Ana · trading is at pause · audit 00000000
    superseded [closed]: 🔁 REPLACED 12:00:12Z by house · a newer request for the same instrument · audit 00000000
    invalidated [warning]: ⚠️ NOT EXECUTED 12:00:12Z by Ana (telegram) · the execution deadline passed · audit 00000000
    "
  `);
});

test("every state has words and a tone of its own kind", () => {
  for (const state of approvalStates) {
    const card = promptCard(makeApproval({ state, decidedAt: storyStart, decidedBy: ["Ana"] }), emptyBooks, null);
    expect(card.footer).not.toBe("");
    expect(card.tone === "waiting").toBe(state === "pending");
  }
});

test("who comes late is told how long the answer took", () => {
  expect(answerAge(makeApproval({ decidedAt: addMs(storyStart, 12_000) }))).toBe("12 s after it was asked");
  expect(answerAge(makeApproval())).toBe("");
});

describe("the revision", () => {
  /** A legal life: which states it walks through is random, what the order does meanwhile too. */
  const life = fc.array(
    fc.record({
      pick: fc.nat({ max: 99 }),
      order: fc.constantFrom("none", "fill", "end", "late_fill", "lose"),
      revise: fc.boolean(),
      votes: fc.boolean(),
    }),
    { maxLength: 12 },
  );

  function live(steps: Parameters<Parameters<typeof life.map>[0]>[0], look: (books: Books) => void): void {
    const story = startStory();
    story.tell(requested({ quorum: 3 }));
    look(story.books());
    for (const [index, step] of steps.entries()) {
      for (const fact of chapter(story, step, index)) {
        story.tell(fact);
        look(story.books());
      }
    }
  }

  function chapter(
    story: Story,
    step: { pick: number; order: string; revise: boolean; votes: boolean },
    index: number,
  ): readonly Fact[] {
    const approval = story.books().approvals["apr-1"];
    if (approval === undefined) return [];
    if (approval.state === "pending" && step.revise) return [revised(approval.version + 1)];
    if (approval.state === "pending" && step.votes && approval.yes.length < 2)
      return [vote(`person ${index}`, { version: approval.version })];
    const order = story.books().orders["e1"];
    if (order !== undefined && step.order === "fill")
      return [fillOf("e1", { price: "87.5", quantity: "0.5", id: `f${index}` })];
    if (order !== undefined && step.order === "late_fill" && order.endedAt !== null)
      return [fillOf("e1", { price: "88", quantity: "0.5", id: `l${index}` })];
    if (order !== undefined && step.order === "end") return [ended("e1")];
    const next: readonly ApprovalState[] = approvalTable[approval.state];
    const to = next[step.pick % Math.max(1, next.length)];
    if (to === undefined) return [];
    const sent =
      to === "executing"
        ? [intended("e1", makeEntry(), { approvalId: "apr-1", approvalVersion: approval.version }), sending("e1")]
        : [];
    return [settledAs(to, { from: approval.state, version: approval.version }), ...sent];
  }

  test("never falls, through every legal life", () => {
    fc.assert(
      fc.property(life, (steps) => {
        let highest = 0;
        live(steps, (books) => {
          const approval = books.approvals["apr-1"];
          const rev = approval === undefined ? 0 : revisionOf(approval, books);
          expect(rev).toBeGreaterThanOrEqual(highest);
          highest = rev;
        });
      }),
      { numRuns: 500 },
    );
  });

  test("rises whenever the words change, as soon as nothing of the order moves any more", () => {
    fc.assert(
      fc.property(life, (steps) => {
        let last = { rev: -1, words: "" };
        live(steps, (books) => {
          const approval = books.approvals["apr-1"];
          const order = books.orders["e1"];
          // While fills still come in, only the words of the end are owed.
          if (approval === undefined || (order !== undefined && order.endedAt === null)) return;
          const now = { rev: revisionOf(approval, books), words: `${shown(books)}${statusLine(approval, books)}` };
          if (now.words !== last.words) expect(now.rev).toBeGreaterThan(last.rev);
          last = now;
        });
      }),
      { numRuns: 500 },
    );
  });

  test("a new version outranks whatever the old one showed", () => {
    const signed = asked({ ...requested(), quorum: 9 }, vote("ana"), vote("bo"));
    const anew = startStory({ books: signed }).tell(revised(2));
    const revOf = (books: Books) => revisionOf(books.approvals["apr-1"] ?? makeApproval(), books);
    expect(revOf(anew)).toBeGreaterThan(revOf(signed));
  });
});
