/**
 * The legal life of an order, of a position and of an approval, written down a second time. It is deliberately not imported
 * from src/core: a state machine that was changed by mistake must meet a witness who remembers it otherwise.
 */
import type { Fact } from "../../../src/core/events.ts";

type Row = Readonly<Record<string, string>>;
const afterEnd: Row = { filled_in_part: "reopened_by_fill", filled_in_full: "filled", found_open: "open" };
const ends: Row = {
  canceled: "canceled",
  canceled_in_part: "partial_canceled",
  expired: "expired",
  filled_in_full: "filled",
};

// biome-ignore format: a table reads better as a table
const orderLaw: Readonly<Record<string, Row>> = {
  intent:           { armed: "sending", dropped: "abandoned" },
  sending:          { ...ends, acknowledged: "open", rejected: "rejected", not_sent: "abandoned", answer_lost: "unknown", filled_in_part: "partial" },
  open:             { ...ends, filled_in_part: "partial", cancel_requested: "cancel_pending", rejected: "rejected", answer_lost: "unknown" },
  partial:          { ...ends, filled_in_part: "partial", cancel_requested: "cancel_pending", rejected: "partial_canceled", answer_lost: "unknown" },
  cancel_pending:   { ...ends, filled_in_part: "cancel_pending", cancel_lost: "cancel_unknown", cancel_refused: "open", rejected: "rejected", found_open: "cancel_pending", answer_lost: "unknown" },
  cancel_unknown:   { ...ends, filled_in_part: "cancel_unknown", cancel_requested: "cancel_pending", cancel_refused: "open", rejected: "rejected", found_open: "open", answer_lost: "unknown" },
  unknown:          { ...ends, found_open: "open", filled_in_part: "partial", rejected: "rejected", proven_absent: "absent", declared_lost: "lost", acknowledged: "open", not_sent: "abandoned" },
  filled:           { filled_in_part: "filled", filled_in_full: "filled" },
  canceled: afterEnd, partial_canceled: afterEnd, expired: afterEnd, rejected: afterEnd, abandoned: afterEnd, absent: afterEnd, lost: afterEnd,
  reopened_by_fill: { ...ends, filled_in_part: "reopened_by_fill", found_open: "partial" },
};

/** @returns null when the law knows no such step. */
export function nextOrderState(from: string, event: string): string | null {
  return orderLaw[from]?.[event] ?? null;
}

const working = new Set(["intent", "sending", "open", "partial", "cancel_pending", "cancel_unknown", "unknown"]);
/** It may still trade as far as the record goes. */
export const isUnsettled = (state: string): boolean => working.has(state);
/** Settled as "nothing is working at the venue, and nothing ever traded". */
const emptyEnds = new Set(["rejected", "abandoned", "absent"]);
export const isEmptyEnd = (state: string): boolean => emptyEnds.has(state);

const plainEvents: Readonly<Partial<Record<Fact["type"], string>>> = {
  order_dropped: "dropped",
  order_sending: "armed",
  order_acknowledged: "acknowledged",
  order_rejected: "rejected",
  order_not_sent: "not_sent",
  order_answer_lost: "answer_lost",
  order_absent: "proven_absent",
  order_cancel_requested: "cancel_requested",
  order_cancel_lost: "cancel_lost",
  order_declared_lost: "declared_lost",
};

/** What a fact does to its order, or null when it changes no state. `filled` and `wanted` are quantities after the fact. */
export function orderEventOf(
  fact: Fact,
  order: { readonly state: string; readonly filled: bigint; readonly wanted: bigint },
): string | null {
  const plain = plainEvents[fact.type];
  if (plain !== undefined) return plain;
  switch (fact.type) {
    case "fill_received":
      return order.filled >= order.wanted ? "filled_in_full" : "filled_in_part";
    case "order_ended":
      return fact.how === "expired" ? "expired" : order.filled > 0n ? "canceled_in_part" : "canceled";
    case "order_found":
      // For an order that was not in doubt it is news of the names under which its fills come, and no step.
      if (order.state === "open" || order.state === "partial" || order.state === "sending") return null;
      return fact.venueState === "open" || isUnsettled(order.state) ? "found_open" : null;
    default:
      return null;
  }
}

/** From where to where a position may go in one step. */
export const positionLaw: Readonly<Record<string, readonly string[]>> = {
  entry: ["monitoring", "exit_requested", "closed"],
  monitoring: ["stop_triggered", "tp_triggered", "expiry", "exit_requested", "exit_pending", "closed"],
  stop_triggered: ["exit_requested", "exit_pending", "closed"],
  tp_triggered: ["stop_triggered", "expiry", "exit_requested", "exit_pending", "closed"],
  expiry: ["stop_triggered", "exit_requested", "exit_pending", "closed"],
  exit_requested: ["stop_triggered", "tp_triggered", "expiry", "exit_pending", "closed"],
  exit_pending: ["stop_triggered", "tp_triggered", "expiry", "exit_requested", "monitoring", "closed"],
  residual: ["exit_pending", "closed"],
  closed: ["residual"],
};

export const approvalLaw: Readonly<Record<string, readonly string[]>> = {
  pending: ["approved", "declined", "expired", "canceled", "superseded", "invalidated"],
  approved: ["executing", "invalidated", "canceled"],
  executing: ["executed", "exec_failed", "exec_unknown"],
  exec_unknown: ["executed", "exec_failed"],
};

/** Strongest first; one sale has one reason, and it is the strongest that is on record. */
export const exitOrder = [
  "emergency",
  "kill_flatten",
  "liquidated",
  "external",
  "protection_failed",
  "stop",
  "expiry",
  "operator",
  "target",
  "signal",
  "time",
] as const;
