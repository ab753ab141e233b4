/** I19: an entry is never armed on a clock that is wrong by more than the gate. The world knows the true time of everything. */
import type { Invariant, Violation, WorldView } from "../contract.ts";
import { type Told, trailOf } from "./trail.ts";
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
    "No entry is armed with a stamp that is off by more than the gate, and no fact becomes durable before the moment that it names by more than the clock's own error",
  open() {
    const told = openCursor();
    return {
      check: (view) => told(trailOf(view).told).flatMap((one) => offStamp(view, one)),
    };
  },
};

function offStamp(_view: WorldView, { fact, order, trueAt }: Told): readonly Violation[] {
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
