/**
 * Where a fact says or means that some time has passed, it truly has: the world knows the true time of both ends. A house that
 * counts by a wall clock which somebody sets forward claims seconds that never were. (One that is set back makes it wait too
 * long; that is judged where something has to happen in time: I05, I09, I22, I23.)
 */
import type { Violation } from "../contract.ts";
import type { OrderTrail, Told } from "./trail.ts";
import { violated } from "./verdict.ts";

/** Clocks of a process may run 2 % too fast, and a claim is rounded. */
const driftShare = 0.97;
const roundingMs = 600;

const silenceMs = 30_000;
const sweepMs = 600_000;
const recoveredMs = 10_000;
const looksApartMs = 2_000;
const unansweredMs = 5_000;
const doubtAgesMs = { warn: 15_000, page: 120_000, breaker: 900_000 } as const;

/** `sinceAt`: the true time before which nobody can have begun to count; undefined = it was never seen. */
type Claim = { readonly what: string; readonly sinceAt: number | undefined; readonly ms: number };

/** True times by what began. */
type Begun = ReadonlyMap<string, number>;

export function openDurations(): (one: Told) => readonly Violation[] {
  const begun = new Map<string, number>();
  return (one) => {
    const found = claimsOf(one, begun).flatMap((claim) => judged(one, claim));
    note(one, begun);
    return found;
  };
}

function judged({ fact, trueAt, recorded }: Told, { what, sinceAt, ms }: Claim): readonly Violation[] {
  if (sinceAt === undefined || trueAt - sinceAt >= ms * driftShare - roundingMs) return [];
  return [
    violated("I19", `${what}, and less time has truly passed`, {
      fact: fact.type,
      seq: recorded.seq,
      claimedMs: ms,
      trueMs: trueAt - sinceAt,
    }),
  ];
}

/** What later facts count from. */
function note({ fact, trueAt, order, trade }: Told, at: Map<string, number>): void {
  switch (fact.type) {
    case "house_started":
      at.set("start", trueAt);
      return;
    case "flatten_started":
    case "flatten_upgraded":
      at.set("raise", trueAt);
      return;
    case "flatten_confirmed":
      at.set("confirmation", trueAt);
      return;
    case "flatten_verified":
      at.set("proof", trueAt);
      return;
    case "breaker_opened":
    case "breaker_degraded":
      at.set(`breaker ${fact.cause}@${fact.scope}`, trueAt);
      return;
    case "order_cancel_requested":
      at.set(`cancel ${fact.clientOrderId}`, trueAt);
      return;
    case "fill_received":
      if (order?.intent.leg === "entry" && trade !== null && !at.has(`held ${trade.id}`))
        at.set(`held ${trade.id}`, trueAt);
      return;
    default:
  }
}

/** Ages from before the newest start can only be taken from the wall (src/flows/steady.ts): nobody counted them. */
const sinceStart = (at: Begun, sinceAt: number | null | undefined): number | undefined =>
  sinceAt === null || sinceAt === undefined || sinceAt < (at.get("start") ?? 0) ? undefined : sinceAt;

function claimsOf(one: Told, at: Begun): readonly Claim[] {
  const { fact, order, recorded } = one;
  switch (fact.type) {
    case "flatten_confirmed":
      if (recorded.actor !== "policy:flatten_on_silence") return [];
      return [{ what: "silence was taken for a yes", sinceAt: sinceStart(at, at.get("raise")), ms: silenceMs }];
    case "flatten_verified":
      return [
        {
          what: "two looks were called apart",
          sinceAt: at.get("confirmation"),
          ms: Math.max(fact.spanMs, looksApartMs),
        },
      ];
    case "flatten_step":
      if (fact.step !== "halted") return [];
      return [{ what: "the sweep was ended", sinceAt: sinceStart(at, at.get("proof")), ms: sweepMs }];
    case "breaker_half_opened":
      return [{ what: "a cause was called gone", sinceAt: at.get(breakerOf(fact)), ms: fact.clearMs }];
    case "breaker_closed":
      if (fact.how !== "recovered") return [];
      return [{ what: "a warning was taken back", sinceAt: at.get(breakerOf(fact)), ms: recoveredMs }];
    case "exit_triggered":
      return bareClaim(fact.note, sinceStart(at, at.get(`held ${fact.positionId}`)));
    default:
      return order === null ? [] : claimsOfOrder(one, order, at);
  }
}

const breakerOf = ({ cause, scope }: { cause: string; scope: string }): string => `breaker ${cause}@${scope}`;

function bareClaim(note: string, sinceAt: number | undefined): readonly Claim[] {
  const seconds = /^without a stop for (\d+) s/.exec(note)?.[1];
  return seconds === undefined ? [] : [{ what: "a position was called bare", sinceAt, ms: Number(seconds) * 1_000 }];
}

const isUnanswered = (because: string): boolean => because === "no answer within 5 s";

function claimsOfOrder({ fact }: Told, order: OrderTrail, at: Begun): readonly Claim[] {
  const sentAt = order.sent?.trueAt;
  switch (fact.type) {
    case "order_answer_lost":
      if (!isUnanswered(fact.because)) return [];
      return [{ what: "an order was called unanswered", sinceAt: sentAt, ms: unansweredMs }];
    case "order_cancel_lost":
      if (!isUnanswered(fact.because)) return [];
      return [{ what: "a cancel was called unanswered", sinceAt: at.get(`cancel ${order.id}`), ms: unansweredMs }];
    case "order_acknowledged":
      return [{ what: "an answer was long on its way", sinceAt: sentAt, ms: fact.latencyMs }];
    case "order_doubt_aged":
      return [{ what: "a doubt was called old", sinceAt: sinceStart(at, order.lostAt), ms: doubtAgesMs[fact.stage] }];
    default:
      return [];
  }
}
