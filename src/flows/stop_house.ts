/**
 * An orderly end: no new work, what is on the wire gets its answer, protective stops stay where they are, open positions are
 * named. No stop is taken away any more; where one was just taken away for an exit, the sale, or the stop again, is waited for.
 */
import type { Books } from "../core/books.ts";
import { liveOrderOf } from "../core/books_positions.ts";
import { symbolOf } from "../core/instrument.ts";
import { mark } from "../core/mark.ts";
import { heldPositions } from "../core/portfolio.ts";
import type { Position } from "../core/position.ts";
import { deliverOutbox } from "./deliver_outbox.ts";
import { dropDrafts } from "./drop_order.ts";
import { noteLastHead } from "./keep_journal.ts";
import type { Needs } from "./needs.ts";
import { record, recordFacts } from "./record.ts";

const waitMaxMs = 10_000;

/** @returns one line a position that stays open. Idempotent: a second call changes nothing. */
export async function stopHouse(needs: Needs, because: string): Promise<readonly string[]> {
  const open = () => {
    const books = needs.ledger.books();
    return heldPositions(books).map((position) => lineOf(books, position));
  };
  if (needs.memory.isStopping) return open();
  needs.memory.isStopping = true;
  await dropIntents(needs);
  const isSending = () => Object.values(needs.ledger.books().orders).some((order) => order.state === "sending");
  if (isSending()) mark("X23.answers_are_waited_for");
  const until = needs.clock.mono() + waitMaxMs;
  while ((isSending() || isBetween(needs.ledger.books())) && needs.clock.mono() < until) await needs.clock.sleep(50);
  await deliverOutbox(needs);
  const lines = open();
  await recordFacts(needs, "house", [{ type: "house_stopped", because, openPositions: lines }]);
  noteLastHead(needs);
  return lines;
}

/** A stop was taken away for an exit that has not sold yet: whoever stops here leaves it bare until the next start. */
function isBetween(books: Books): boolean {
  const between = heldPositions(books).some((position) => {
    const stop = liveOrderOf(books, position.positionId, "protect");
    const wasTaken = stop === null && position.protection === "none" && position.attempts.protect > 0;
    return stop?.state === "cancel_pending" || stop?.state === "cancel_unknown" || wasTaken;
  });
  if (between) mark("X23.exit_is_finished");
  return between;
}

function lineOf(books: Books, { positionId, quantity, instrumentId, exitPlan, protection }: Position): string {
  const stop = liveOrderOf(books, positionId, "protect");
  const isGoing = stop?.state === "cancel_pending" || stop?.state === "cancel_unknown";
  const rests = protection === "placed" && stop !== null ? "rests at the venue" : "is NOT at the venue";
  const where = isGoing ? "is being taken away for an exit: nobody knows whether it still rests" : rests;
  return `${quantity} ${symbolOf(instrumentId)}, stop ${exitPlan.stopPrice} ${where}`;
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
