/**
 * What a venue answered while the database was gone stands in the local journal. It is recorded as soon as the database
 * takes it again, by this process or by the next; an answer that is known already changes nothing.
 */
import { mark } from "../core/mark.ts";
import type { JournalLine } from "../ports/journal.ts";
import type { PlaceAnswer } from "../ports/venue.ts";
import { settleAnswer } from "./keep_answer.ts";
import type { Needs } from "./needs.ts";

type Kept = Extract<JournalLine, { kind: "venue_answer" }>;

export async function replayAnswers(needs: Needs): Promise<void> {
  for (const kept of waitingAnswers(needs.journal.lines())) {
    const order = needs.ledger.books().orders[kept.clientOrderId];
    if (order !== undefined) {
      mark("P03.answer_replayed");
      const { clientOrderId, answer, latencyMs } = kept;
      await settleAnswer(needs, order, { clientOrderId, answer: answer as PlaceAnswer, latencyMs });
      needs.log.info("An answer that the database could not take was recorded from the journal", { clientOrderId });
    }
    needs.journal.write({ kind: "answer_replayed", clientOrderId: kept.clientOrderId });
  }
}

function waitingAnswers(lines: readonly JournalLine[]): readonly Kept[] {
  const done = new Set(lines.flatMap((line) => (line.kind === "answer_replayed" ? [line.clientOrderId] : [])));
  return lines.filter((line): line is Kept => line.kind === "venue_answer" && !done.has(line.clientOrderId));
}
