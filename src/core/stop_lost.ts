/**
 * A stop that we did not cancel is gone. Once it is placed again; the second time within ten minutes somebody wants it gone,
 * and then we watch the price ourselves and ask a person instead of fighting one.
 */
import type { Books } from "./books.ts";
import type { BookedOrder } from "./books_orders.ts";
import { breakerFacts } from "./breaker_facts.ts";
import type { Fact } from "./events.ts";
import { mark } from "./mark.ts";
import { isPositive } from "./money.ts";
import type { Position } from "./position.ts";
import { between, type Instant } from "./time.ts";

const fightWithinMs = 600_000;

/** Twice within ten minutes, and nobody has said since that it was fine. */
export function isStopContested(position: Position): boolean {
  const times = position.stopsLostAt ?? [];
  const [last, before] = [times.at(-1), times.at(-2)];
  return last !== undefined && before !== undefined && between(before, last) <= fightWithinMs;
}

export function stopLostFacts(books: Books, order: BookedOrder, wallAt: Instant): readonly Fact[] {
  const position = books.positions[order.tradeId];
  const isMissed =
    order.intent.leg === "protect" &&
    position !== undefined &&
    isPositive(position.quantity) &&
    position.state !== "closed" &&
    position.exitFacts.length === 0;
  if (!isMissed) return [];
  mark("O03.stop_canceled_by_somebody_else");
  const lost: Fact = {
    type: "stop_lost",
    positionId: position.positionId,
    clientOrderId: order.clientOrderId,
    because: "somebody else canceled it",
  };
  const then = { ...position, stopsLostAt: [...(position.stopsLostAt ?? []), wallAt] };
  if (!isStopContested(then)) return [lost];
  const evidence = {
    position: position.positionId,
    order: order.clientOrderId,
    times: String(then.stopsLostAt.length),
  };
  return [lost, ...breakerFacts(books, { order, cause: "stop_lost", evidence })];
}
