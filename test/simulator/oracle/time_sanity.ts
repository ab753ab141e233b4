/**
 * I19: no duration is counted by a clock that somebody may set, no entry is armed on one that is wrong by more than the gate,
 * and no fact names a moment that has not come. The world knows the true time of everything.
 */
import type { Recorded } from "../../../src/core/events.ts";
import type { Invariant, Violation, WorldView } from "../contract.ts";
import { type Told, trailOf } from "./trail.ts";
import { openDurations } from "./true_durations.ts";
import { openCursor, violated } from "./verdict.ts";

const gateMs = 500;
/** The stamp is the venue's time as it was estimated: half a round trip of error is inherent. */
const estimateMs = 500;
/** From the stamp to its durability: a slow or cut store, then the answer. */
const commitMs = 6_000;

export const timeSanity: Invariant = {
  id: "I19",
  name: "TimeSanity",
  statement:
    "No entry is armed with a stamp that is off by more than the gate, no fact claims a duration that has not truly passed, and none becomes durable before the moment that it names by more than its clock's own error",
  open() {
    const told = openCursor();
    const tooLong = openDurations();
    const ahead = openAhead();
    return {
      check: (view) => [
        ...told(trailOf(view).told).flatMap((one) => [...offStamp(one), ...tooLong(one)]),
        ...ahead(view),
      ],
    };
  },
};

function offStamp({ fact, order, trueAt }: Told): readonly Violation[] {
  if (fact.type !== "order_sending" || order?.intent.leg !== "entry") return [];
  const error = fact.stampedAt - trueAt;
  if (error <= gateMs + estimateMs && error >= -(gateMs + estimateMs + commitMs)) return [];
  return [
    violated("I19", "an entry was armed on a clock beyond the gate", {
      clientOrderId: fact.clientOrderId,
      stampedAt: fact.stampedAt,
      trueAt,
      errorMs: error,
    }),
  ];
}

/** Times are floored to milliseconds, and drift goes on while a row is on its way. */
const roundingMs = 250;
/** A row may wait this long for the store; its clock may be set right meanwhile. */
const errorKeptMs = 40_000;

type ErrorSeen = { readonly at: number; readonly epoch: number; readonly errorMs: number };

/** Holds the times of each fact against the true time at which it became durable, and how far ahead its writer's clock was. */
function openAhead(): (view: WorldView) => readonly Violation[] {
  let read = 0;
  let newest: Recorded | undefined;
  let errors: readonly ErrorSeen[] = [];
  return (view) => {
    errors = [...errors.filter((one) => view.now - one.at <= errorKeptMs), ...errorsNow(view)];
    const from = view.facts[read - 1] === newest ? read : Math.max(0, read - 1);
    const fresh = view.facts.slice(from);
    const found = fresh.flatMap((recorded, index) =>
      aheadOfTime(
        recorded,
        view.durableAt[from + index] ?? view.now,
        aheadMs(errors, view.rows?.[from + index]?.epoch),
      ),
    );
    [read, newest] = [view.facts.length, view.facts.at(-1)];
    return found;
  };
}

const errorsNow = ({ now, processes }: WorldView): readonly ErrorSeen[] =>
  processes.flatMap(({ epoch, isAlive, clockErrorMs = 0 }) =>
    isAlive ? [{ at: now, epoch, errorMs: clockErrorMs }] : [],
  );

/** By which its writer's clock was ahead at most, lately; 0 = it was not. A process that starts has no epoch yet. */
function aheadMs(errors: readonly ErrorSeen[], epoch: number | undefined): number {
  const its = errors.filter((one) => epoch === undefined || one.epoch === epoch || one.epoch === 0);
  return its.reduce((most, one) => Math.max(most, one.errorMs), 0);
}

/** Fills are dated by the venue, whose clock is true; all else by the process that wrote it down. */
function aheadOfTime(
  { seq, at, wallAt, fact }: Recorded,
  durableAt: number,
  mostAheadMs: number,
): readonly Violation[] {
  const named = [
    { what: "at", moment: at, mayBeAheadMs: mostAheadMs },
    { what: "wallAt", moment: wallAt, mayBeAheadMs: mostAheadMs },
    ...(fact.type === "fill_received" ? [{ what: "filledAt", moment: fact.filledAt, mayBeAheadMs: 0 }] : []),
  ];
  return named.flatMap(({ what, moment, mayBeAheadMs }) =>
    moment <= durableAt + mayBeAheadMs + roundingMs
      ? []
      : [
          violated("I19", "a fact was durable before the moment that it names", {
            seq,
            fact: fact.type,
            [what]: moment,
            durableAt,
            aheadMs: moment - durableAt,
            clockAheadMs: mayBeAheadMs,
          }),
        ],
  );
}
