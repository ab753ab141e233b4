/**
 * How long we wait for the truth about an order whose answer was lost, when not finding it is a proof, and whom its age wakes.
 *
 *   sent --5 s--> unknown --found--> bound
 *                    |  not found before the venue's late-arrival bound: proves nothing
 *                    |  not found after it: 3 looks, 2 lists, over 10 s ------------> absent
 *                    '  15 s warn, 120 s page, 15 min breaker of the venue; never ended by age
 */
import type { BookedOrder } from "./books_orders.ts";
import type { FactOf, ProbeLook } from "./events.ts";
import { addMs, between, type Instant } from "./time.ts";

/** Ms between probes of one order, then every 60 s for ever. */
export const probeScheduleMs = [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 60_000] as const;
export const absentProbesMin = 3;
export const absentSpanMs = 10_000;
/** An answer counts as independent by its endpoint; one list alone may lag. */
export const absentEndpointsMin = 2;

/** Once the venue can no longer accept the order late, looks are this close, so that the proof takes seconds and not minutes. */
const provingEveryMs = 5_000;
const provingLooks = 4;

export type DoubtRules = {
  /** The venue's late-arrival bound, ms after the stamp. */
  readonly absentAfterMs: number;
};
export type DoubtTimes = { readonly wallAt: Instant; readonly venueAt: Instant };

/** The venue's late-arrival bound has passed. Both sides in venue time, since the stamp is. */
export function isPastArrival(order: BookedOrder, rules: DoubtRules, { venueAt }: DoubtTimes): boolean {
  return venueAt >= addMs(order.stampedAt ?? order.changedAt, rules.absentAfterMs);
}

/** @param isAwaited an exit waits for this order's fate: it is asked for often, for as long as that takes. */
export function isProbeDue(order: BookedOrder, rules: DoubtRules, times: DoubtTimes, isAwaited = false): boolean {
  const scheduled = probeScheduleMs[Math.min(order.probes.total, probeScheduleMs.length - 1)] ?? 60_000;
  const isProving = isPastArrival(order, rules, times) && order.probes.absent < provingLooks;
  const wait = isProving || isAwaited ? Math.min(scheduled, provingEveryMs) : scheduled;
  const sinceMs = between(order.probes.lastAt ?? order.changedAt, times.wallAt);
  // A look in the future was dated by a clock that has been set back since.
  return sinceMs < 0 || sinceMs >= wait;
}

/** What one round of looks says. Any endpoint that failed makes the round prove nothing, unless another one shows the order. */
export function verdictOf(looks: readonly ProbeLook[], isPast: boolean): "found" | "absent" | "error" {
  if (looks.some((look) => look.verdict === "found")) return "found";
  const absent = new Set(looks.filter((look) => look.verdict === "absent").map((look) => look.endpoint));
  const hasAnswered = looks.every((look) => look.verdict !== "error") && absent.size >= absentEndpointsMin;
  return hasAnswered && isPast ? "absent" : "error";
}

/**
 * Three looks without a trace after the bound, over long enough: it never came to be.
 * @param spanMs real ms between the first and the newest look; left out = as the wall times say, which nobody may have set.
 */
export function isProvenAbsent(order: BookedOrder, wallAt: Instant, spanMs?: number): boolean {
  const { absent, firstAbsentAt } = order.probes;
  return (
    order.state === "unknown" &&
    // What the venue once acknowledged did come to be: its lists may lag for minutes, and only finding it or a person ends the doubt.
    order.venueOrderId === null &&
    absent >= absentProbesMin &&
    firstAbsentAt !== null &&
    (spanMs ?? between(firstAbsentAt, wallAt)) >= absentSpanMs
  );
}

type Stage = FactOf<"order_doubt_aged">["stage"];
const stages: readonly { readonly stage: Stage; readonly afterMs: number }[] = [
  { stage: "warn", afterMs: 15_000 },
  { stage: "page", afterMs: 120_000 },
  { stage: "breaker", afterMs: 900_000 },
];

/** The next stage that the age of this doubt has reached and nobody was told of; null = none. */
export function stageDue(
  order: BookedOrder,
  wallAt: Instant,
): { readonly stage: Stage; readonly ageMs: number } | null {
  const ageMs = between(order.changedAt, wallAt);
  const told = stages.findIndex((one) => one.stage === order.doubtStage);
  const reached = stages.findLast((one) => ageMs >= one.afterMs);
  if (reached === undefined || stages.indexOf(reached) <= told) return null;
  return { stage: reached.stage, ageMs };
}

/** A lost order may still turn up: its worst case stays in the exposure for this long. */
export const lostExposureMs = 24 * 3_600_000;
