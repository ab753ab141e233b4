/** One fact of a trade as one line for people: when to the millisecond, what, by whom, and the number that matters. */
import type { Fact, Recorded } from "./events.ts";
import { isoTime } from "./time.ts";

/** "13:02:11.123Z +45 ms #812 fill received: 0.5 at 97.5, fee 0.04 USDT · house". `before` is the fact before it. */
export function storyLine({ seq, at, actor, fact }: Recorded, before: Recorded | null): string {
  const since = before === null ? "" : ` +${at - before.at} ms`;
  const detail = detailOf(fact);
  return `${isoTime(at).slice(11)}${since} #${seq} ${fact.type.replaceAll("_", " ")}${detail === null ? "" : `: ${detail}`} · ${actor}`;
}

function detailOf(fact: Fact): string | null {
  switch (fact.type) {
    case "fill_received":
      return `${fact.quantity} at ${fact.price}, fee ${fact.fee} ${fact.feeAsset}`;
    case "order_intended":
      return `${fact.intent.leg} ${fact.intent.side} ${fact.intent.quantity} limit ${fact.intent.shape.limitPrice}, seen ${fact.referencePrice}`;
    case "approval_settled":
      return `${fact.to} by ${fact.by.join(", ")}`;
    case "vote_cast":
      return `${fact.verdict} by ${fact.personId} on ${fact.platform}`;
    case "exit_triggered":
      return `${fact.reason}${fact.observedPrice === null ? "" : ` at ${fact.observedPrice}`}`;
    case "position_closed":
      return `${fact.reason}, ${fact.pnl} after fees of ${fact.fees}`;
    case "stop_moved":
      return `stop ${fact.stopPrice}`;
    case "order_acknowledged":
      return `${fact.venueOrderId} after ${fact.latencyMs} ms`;
    case "intent_denied":
      return fact.denials.map(({ code }) => code).join(", ");
    default:
      return "because" in fact && typeof fact.because === "string" && fact.because !== "" ? fact.because : null;
  }
}
