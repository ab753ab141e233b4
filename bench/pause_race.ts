/** /pause against senders: how fast it is committed and replied, and whether any entry begins to leave after the reply. */

import { systemDice } from "../src/adapters/system/dice.ts";
import type { Approval } from "../src/core/approval.ts";
import type { OrderIntent } from "../src/core/intent.ts";
import { price, quantity } from "../src/core/money.ts";
import { addMs, type Instant } from "../src/core/time.ts";
import { raiseLevel } from "../src/flows/halt_trading.ts";
import { resumeTrading } from "../src/flows/lower_level.ts";
import { draft, record } from "../src/flows/record.ts";
import { settle } from "../src/flows/request_approval.ts";
import { submitOrder } from "../src/flows/submit_order.ts";
import type { Draft } from "../src/ports/ledger.ts";
import { type BenchHouse, clock, openBenchHouse } from "./bench_house.ts";
import { milliseconds, printRows } from "./figures.ts";

const houses = 10;
const racesEach = 100;
const races = houses * racesEach;
const senders = 10;
const dice = systemDice();

export async function run(): Promise<void> {
  const replies: number[] = [];
  let late = 0;
  let sent = 0;
  // A fresh house for every hundred races: ten thousand trades within two days are nobody's books.
  for (let house = 0; house < houses; house += 1) {
    const outcome = await raceOneHouse(house);
    replies.push(...outcome.replies);
    late += outcome.late;
    sent += outcome.sent;
    process.stderr.write(`  ${(house + 1) * racesEach} of ${races} races\n`);
  }
  printRows("Pause against ten senders", [
    { name: "pause committed and replied", value: milliseconds(replies), target: "p99 <= 50 ms" },
    {
      name: "entries that began to leave after the reply",
      value: `${late} in ${races} races (${sent} left before it)`,
      target: "0",
    },
  ]);
}

async function raceOneHouse(house: number): Promise<{ replies: readonly number[]; late: number; sent: number }> {
  const left: number[] = [];
  // The venue is the only part that is replaced: it notes the instant at which an order begins to leave, and refuses it.
  const bench = await openBenchHouse((venue) => ({
    ...venue,
    async placeOrder() {
      left.push(clock.mono());
      await clock.sleep(dice.roll() * 10);
      return { ok: false, problem: { kind: "rejected", code: "bench", message: "benchmark", reason: "other" } };
    },
  }));
  const replies: number[] = [];
  let late = 0;
  let sent = 0;
  try {
    for (let race = 0; race < racesEach; race += 1) {
      left.length = 0;
      const outcome = await oneRace(bench, house * racesEach + race);
      replies.push(outcome.replyMs);
      late += left.filter((mono) => mono > outcome.repliedAt).length;
      sent += left.length;
    }
  } finally {
    await bench.close();
  }
  return { replies, late, sent };
}

async function oneRace({ house }: BenchHouse, race: number): Promise<{ replyMs: number; repliedAt: number }> {
  const { needs } = house;
  const approved = await approveMany(needs, race);
  const sending = approved.map(async (approval) => {
    await clock.sleep(dice.roll() * 12);
    if (approval.subject.kind !== "order") return;
    const { intent } = approval.subject;
    await submitOrder(needs, {
      intent,
      digest: approval.digest,
      approvalId: approval.approvalId,
      referencePrice: intent.shape.limitPrice,
      priceValidUntil: null,
      exitReason: null,
      actor: "bench",
      judgeNow: () => ({ denials: [], evidence: {} }),
    });
  });
  await clock.sleep(dice.roll() * 14);
  const started = clock.mono();
  await raiseLevel(needs, "pause", { actor: "bench", reason: "race" });
  const repliedAt = clock.mono();
  await Promise.all(sending);
  await resumeTrading(needs, { actor: "bench", reason: "next race" });
  return { replyMs: repliedAt - started, repliedAt };
}

function approveMany(needs: BenchHouse["house"]["needs"], race: number): Promise<readonly Approval[]> {
  return record(needs, (_books, { wallAt }) => {
    const approvals = Array.from({ length: senders }, (_none, index) =>
      approvalOf({ tradeId: `race${race}x${index}`, instrumentId: `kucoin:B${index}/USDT`, wallAt }),
    );
    return { drafts: approvals.flatMap((approval) => factsOf(approval, wallAt)), value: approvals };
  });
}

/** Asked and approved at the same instant. */
function approvalOf(about: { tradeId: string; instrumentId: string; wallAt: Instant }): Approval {
  const { tradeId, wallAt } = about;
  const terms = {
    quotedPrice: price("10"),
    quotedAt: wallAt,
    risk: "1",
    riskShare: "0.01",
    notional: "10",
    notionalShare: "0.01",
    exposureNow: "0",
    exposureThen: "0",
    because: "race",
    strength: "1",
    currency: "USDT",
  } as never;
  return {
    approvalId: `apr_${tradeId}`,
    tradeId,
    tier: "T1",
    requester: "strategy:bench",
    mode: "paper",
    subject: { kind: "order", intent: intentOf(about), terms },
    digest: `digest-${tradeId}`,
    version: 1,
    state: "approved",
    softBps: 25,
    hardBps: 75,
    quorum: 1,
    createdAt: wallAt,
    expiresAt: addMs(wallAt, 60_000),
    execDeadlineMs: 10_000,
    dedupeKey: tradeId,
    yes: [],
    decidedAt: wallAt,
    decidedBy: ["bench"],
    reason: null,
    supersededBy: null,
  };
}

function intentOf({ tradeId, instrumentId }: { tradeId: string; instrumentId: string }): OrderIntent {
  return {
    intentId: `int_${tradeId}`,
    tradeId,
    mode: "paper",
    venue: "kucoin",
    account: "main",
    instrumentId,
    leg: "entry",
    side: "buy",
    quantity: quantity("1"),
    reduceOnly: false,
    shape: { orderType: "limit", limitPrice: price("10"), timeInForce: "ioc" },
    exitPlan: { stopPrice: price("9"), targetPrice: null, trail: null, timeLimitMs: null },
    strategy: "bench",
    signalId: null,
    attempt: 1,
  };
}

/** The request, which knows nothing of an answer yet, and the answer. */
function factsOf(approval: Approval, wallAt: Instant): readonly Draft[] {
  const {
    version: _version,
    state: _state,
    yes: _yes,
    decidedAt: _at,
    decidedBy: _by,
    reason: _reason,
    supersededBy: _superseded,
    tradeId,
    ...requested
  } = approval;
  const answer = { to: "approved", by: ["bench"], reason: null, at: wallAt } as const;
  return [
    draft("bench", { type: "approval_requested", ...requested }, tradeId),
    draft("bench", settle({ ...approval, state: "pending" }, answer), tradeId),
  ];
}
