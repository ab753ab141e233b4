/**
 * An orderly end: no new work, what is on the wire gets its answer, what an entry bought gets its stop, protective stops stay
 * where they are; open positions and orders of unknown fate are named. No stop is taken away any more; where one was just taken
 * away for an exit, the sale, or the stop again, is waited for.
 */
import type { Books } from "../core/books.ts";
import type { BookedOrder } from "../core/books_orders.ts";
import { liveOrderOf } from "../core/books_positions.ts";
import { symbolOf } from "../core/instrument.ts";
import { mark } from "../core/mark.ts";
import { isUncertain, mayStillTrade } from "../core/order.ts";
import { heldPositions } from "../core/portfolio.ts";
import type { Position } from "../core/position.ts";
import { recordPulse } from "./count_pulse.ts";
import { deliverOutbox } from "./deliver_outbox.ts";
import { dropDrafts } from "./drop_order.ts";
import { noteLastHead } from "./keep_journal.ts";
import { maySend } from "./may_send.ts";
import type { Needs } from "./needs.ts";
import { record, recordFacts } from "./record.ts";

const waitMaxMs = 10_000;

/** @returns one line for each position that stays open, and for each order that may still trade. Idempotent: a second call changes nothing. */
export async function stopHouse(needs: Needs, because: string): Promise<readonly string[]> {
  const open = () => leftOpen(needs.ledger.books());
  if (needs.memory.isStopping) return open();
  needs.memory.isStopping = true;
  await dropIntents(needs);
  const isSending = () => Object.values(needs.ledger.books().orders).some((order) => order.state === "sending");
  if (isSending()) mark("X23.answers_are_waited_for");
  // Whoever may not send any more can finish nothing, and the answers come or not.
  const isBusy = () => isSending() || (maySend(needs) && isBetween(needs.ledger.books()));
  const until = needs.clock.mono() + waitMaxMs;
  while (isBusy() && needs.clock.mono() < until) await needs.clock.sleep(50);
  await deliverOutbox(needs);
  const lines = open();
  await recordPulse(needs, true);
  await recordFacts(needs, "house", [{ type: "house_stopped", because, openPositions: lines }]);
  noteLastHead(needs);
  return lines;
}

/** Whoever stops here leaves coins bare until the next start: of an entry whose fills nobody has read, or without a stop and a sale. */
function isBetween(books: Books): boolean {
  if (isFilling(books)) return true;
  const bare = heldPositions(books).some((position) => isBare(books, position));
  if (bare) mark("X23.exit_is_finished");
  return bare;
}

/** The venue has the entry: what it bought is about to be read. One of unknown fate is left to the next start, and named. */
function isFilling({ orders }: Books): boolean {
  const isOne = Object.values(orders).some(
    ({ intent, state }) => intent.leg === "entry" && mayStillTrade(state) && state !== "intent" && state !== "unknown",
  );
  if (isOne) mark("X23.fills_are_read");
  return isOne;
}

/** Nothing of it rests, its sale is not over or there is none, and it is not guarded here for a reason that is on record. */
function isBare(books: Books, { positionId, protection }: Position): boolean {
  const stop = liveOrderOf(books, positionId, "protect");
  if (stop !== null) return isGoing(stop);
  const sale = liveOrderOf(books, positionId, "exit");
  if (sale !== null) return sale.state !== "unknown" && !mayRest(sale);
  return protection !== "local_guard" && protection !== "placed";
}

/** A sale that waits for a buyer at the venue is not over in a moment. */
const mayRest = ({ intent: { shape } }: BookedOrder): boolean =>
  shape.orderType !== "limit" || shape.timeInForce === "gtc";

const isGoing = ({ state }: BookedOrder): boolean => state === "cancel_pending" || state === "cancel_unknown";

function leftOpen(books: Books): readonly string[] {
  const held = heldPositions(books).map((position) => lineOf(books, position));
  const orders = Object.values(books.orders).filter(
    (order) => order.intent.leg !== "protect" && mayStillTrade(order.state),
  );
  return [...held, ...orders.map(orderLine)];
}

function orderLine({ clientOrderId, intent, state }: BookedOrder): string {
  const what = `a ${intent.leg === "entry" ? "purchase" : "sale"} of ${intent.quantity} ${symbolOf(intent.instrumentId)}`;
  const fate = isUncertain(state) ? "nobody knows whether it traded" : "it may still trade";
  return `${what} (${clientOrderId}): ${fate}`;
}

function lineOf(books: Books, { positionId, quantity, instrumentId, exitPlan, protection }: Position): string {
  const stop = liveOrderOf(books, positionId, "protect");
  return `${quantity} ${symbolOf(instrumentId)}, stop ${exitPlan.stopPrice} ${whereItIs(stop, protection)}`;
}

function whereItIs(stop: BookedOrder | null, protection: Position["protection"]): string {
  if (stop !== null && isGoing(stop)) return "is being taken away for an exit: nobody knows whether it still rests";
  if (stop !== null && isUncertain(stop.state)) return "was sent, and nobody knows whether it rests";
  return protection === "placed" && stop !== null ? "rests at the venue" : "is NOT at the venue";
}

function dropIntents(needs: Needs): Promise<void> {
  return record(needs, (books, { wallAt }) => {
    const intents = Object.values(books.orders).filter((order) => order.state === "intent");
    return { drafts: dropDrafts(books, intents, "the house is stopping", wallAt), value: undefined };
  });
}

/** The last fact of a process that surprised itself. Not an orderly end: it counts as a start that failed. */
export function recordDeath(needs: Needs, because: string): Promise<void> {
  const positions = heldPositions(needs.ledger.books()).map((position) => position.positionId);
  return recordFacts(needs, "house", [
    { type: "house_died", because: because.slice(0, 2_000), openPositions: positions },
  ]);
}
