/**
 * The life of an order, as one table: rows are states, columns are what can happen. The reducer, the database trigger, the
 * exhaustive test and the diagram all come from it. A missing entry is impossible by contract; `transition` reports it.
 *
 *   intent --armed--> sending --acknowledged--> open --> partial --> filled
 *                        |---rejected--> rejected      |--cancel_requested--> cancel_pending --> canceled | partial_canceled
 *                        |---not_sent--> abandoned
 *                        '---answer_lost--> unknown --found or proven_absent--> the venue's truth | absent
 *
 * A fill can overtake a cancel, a reject or a wrong proof of absence on the wire, so every terminal state accepts one, and an
 * order that the venue shows working after all is open again.
 */
import { fail, ok, type Result } from "./result.ts";

export const orderStates = [
  "intent",
  "sending",
  "open",
  "partial",
  "cancel_pending",
  "cancel_unknown",
  "unknown",
  "filled",
  "canceled",
  "partial_canceled",
  "expired",
  "rejected",
  "abandoned",
  "absent",
  "lost",
  "reopened_by_fill",
] as const;
export type OrderState = (typeof orderStates)[number];

export const orderEvents = [
  "armed",
  "dropped",
  "acknowledged",
  "rejected",
  "not_sent",
  "answer_lost",
  "filled_in_part",
  "filled_in_full",
  "cancel_requested",
  "cancel_lost",
  "cancel_refused",
  "canceled",
  "canceled_in_part",
  "expired",
  "found_open",
  "proven_absent",
  "declared_lost",
] as const;
export type OrderEvent = (typeof orderEvents)[number];

type Row = Partial<Record<OrderEvent, OrderState>>;
/** What can still happen to an order that we took for ended: a fill that was under way, or the venue shows it working. */
const afterEnd: Row = { filled_in_part: "reopened_by_fill", filled_in_full: "filled", found_open: "open" };
const ends: Row = {
  canceled: "canceled",
  canceled_in_part: "partial_canceled",
  expired: "expired",
  filled_in_full: "filled",
};

// biome-ignore format: a table reads better as a table
export const orderTable: Readonly<Record<OrderState, Row>> = {
  intent:           { armed: "sending", dropped: "abandoned" },
  sending:          { ...ends, acknowledged: "open", rejected: "rejected", not_sent: "abandoned", answer_lost: "unknown", filled_in_part: "partial" },
  open:             { ...ends, filled_in_part: "partial", cancel_requested: "cancel_pending", rejected: "rejected", answer_lost: "unknown" },
  partial:          { ...ends, filled_in_part: "partial", cancel_requested: "cancel_pending", rejected: "partial_canceled", answer_lost: "unknown" },
  cancel_pending:   { ...ends, filled_in_part: "cancel_pending", cancel_lost: "cancel_unknown", cancel_refused: "open", rejected: "rejected", found_open: "cancel_pending", answer_lost: "unknown" },
  cancel_unknown:   { ...ends, filled_in_part: "cancel_unknown", cancel_requested: "cancel_pending", cancel_refused: "open", rejected: "rejected", found_open: "open", answer_lost: "unknown" },
  unknown:          { ...ends, found_open: "open", filled_in_part: "partial", rejected: "rejected", proven_absent: "absent", declared_lost: "lost", acknowledged: "open", not_sent: "abandoned" },
  filled:           { filled_in_part: "filled", filled_in_full: "filled" },
  canceled:         afterEnd,
  partial_canceled: afterEnd,
  expired:          afterEnd,
  rejected:         afterEnd,
  abandoned:        afterEnd,
  absent:           afterEnd,
  lost:             afterEnd,
  reopened_by_fill: { ...ends, filled_in_part: "reopened_by_fill", found_open: "partial" },
};

export type ImpossibleTransition = { readonly from: OrderState; readonly event: OrderEvent };

export function transition(from: OrderState, event: OrderEvent): Result<OrderState, ImpossibleTransition> {
  const to = orderTable[from][event];
  return to === undefined ? fail({ from, event }) : ok(to);
}

const working: ReadonlySet<OrderState> = new Set([
  "intent",
  "sending",
  "open",
  "partial",
  "cancel_pending",
  "cancel_unknown",
  "unknown",
]);

/** The order may still trade: its remaining quantity counts as exposure. */
export function mayStillTrade(state: OrderState): boolean {
  return working.has(state);
}

/** Nobody knows whether it works at the venue: no second order of its slot until this is settled. */
export function isUncertain(state: OrderState): boolean {
  return state === "unknown" || state === "cancel_unknown" || state === "sending";
}
