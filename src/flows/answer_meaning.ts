/** What a venue's answer to an order means for the order, and for the approval that it executes. */
import { unreachable } from "../core/assert.ts";
import type { Fact } from "../core/events.ts";
import type { PlaceAnswer } from "../ports/venue.ts";
import type { Submitted } from "./submit_order.ts";

export type Outcome = {
  readonly fact: Fact;
  readonly execution: "executed" | "exec_failed" | "exec_unknown";
  readonly text: string;
  readonly value: Submitted;
};

export function described(answer: PlaceAnswer, clientOrderId: string, latencyMs: number): Outcome {
  if (answer.ok) {
    return {
      fact: { type: "order_acknowledged", clientOrderId, venueOrderId: answer.value.venueOrderId, latencyMs },
      execution: "executed",
      text: "",
      value: { outcome: "acknowledged", clientOrderId },
    };
  }
  const { problem } = answer;
  switch (problem.kind) {
    case "rejected":
      return {
        fact: {
          type: "order_rejected",
          clientOrderId,
          code: problem.code,
          message: problem.message,
          reason: problem.reason,
        },
        execution: "exec_failed",
        text: `the venue refused: ${problem.message}`,
        value: { outcome: "rejected", clientOrderId, because: problem.message, reason: problem.reason },
      };
    case "not_sent":
      return {
        fact: { type: "order_not_sent", clientOrderId, because: problem.because, retryAfterMs: problem.retryAfterMs },
        execution: "exec_failed",
        text: `not sent: ${problem.because}`,
        value: {
          outcome: "not_sent",
          clientOrderId,
          because: problem.because,
          retryAfterMs: problem.retryAfterMs,
        },
      };
    case "exists":
    case "unknown_outcome": {
      const because =
        problem.kind === "exists" ? `the venue knows this id already: ${problem.message}` : problem.because;
      return {
        fact: { type: "order_answer_lost", clientOrderId, because },
        execution: "exec_unknown",
        text: because,
        value: { outcome: "unknown", clientOrderId },
      };
    }
    default:
      return unreachable(problem);
  }
}
