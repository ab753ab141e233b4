/** An orderly end: no new work, what is on the wire gets its answer, protective stops stay where they are, open positions are named. */
import { symbolOf } from "../core/instrument.ts";
import { mark } from "../core/mark.ts";
import { heldPositions } from "../core/portfolio.ts";
import { deliverOutbox } from "./deliver_outbox.ts";
import { dropDrafts } from "./drop_order.ts";
import { noteLastHead } from "./keep_journal.ts";
import type { Needs } from "./needs.ts";
import { record, recordFacts } from "./record.ts";

const waitForSendingMs = 10_000;

/** @returns one line a position that stays open. Idempotent: a second call changes nothing. */
export async function stopHouse(needs: Needs, because: string): Promise<readonly string[]> {
  const open = () =>
    heldPositions(needs.ledger.books()).map(
      (position) =>
        `${position.quantity} ${symbolOf(position.instrumentId)}, stop ${position.exitPlan.stopPrice} ${position.protection === "placed" ? "rests at the venue" : "is NOT at the venue"}`,
    );
  if (needs.memory.isStopping) return open();
  needs.memory.isStopping = true;
  await dropIntents(needs);
  const isWaiting = () => Object.values(needs.ledger.books().orders).some((order) => order.state === "sending");
  if (isWaiting()) mark("X23.answers_are_waited_for");
  const until = needs.clock.mono() + waitForSendingMs;
  while (isWaiting() && needs.clock.mono() < until) await needs.clock.sleep(50);
  await deliverOutbox(needs);
  const lines = open();
  await recordFacts(needs, "house", [{ type: "house_stopped", because, openPositions: lines }]);
  noteLastHead(needs);
  return lines;
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
