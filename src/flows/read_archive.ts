/** What every report reads alike, and what is said when the record does not answer. */
import { type Card, type CardField, plainCard } from "../core/card.ts";
import { sum, zeroNotional } from "../core/money.ts";
import type { Period } from "../core/period.ts";
import { heldPositions, openPnl } from "../core/portfolio.ts";
import { signedCash } from "../core/report_cards.ts";
import { type Archive, ArchiveAway } from "../ports/archive.ts";
import { marksOf } from "./memory.ts";
import type { Needs } from "./needs.ts";

export const currencyOf = (needs: Needs): string =>
  needs.ledger.books().house.account?.currency ?? needs.settings.currency;

/** A record that does not answer is said, and everything else goes on. */
export async function fromArchive(needs: Needs, show: (archive: Archive) => Promise<Card>): Promise<Card> {
  if (needs.archive === undefined)
    return plainCard("warning", "This process can't read the record; /status shows the present.");
  const card = await whileItAnswers(needs, show);
  return card ?? plainCard("warning", "The record does not answer at present. Try again in a minute.");
}

/** null = there is no record to read, or it does not answer now. */
export async function whileItAnswers<Value>(
  needs: Needs,
  read: (archive: Archive) => Promise<Value>,
): Promise<Value | null> {
  if (needs.archive === undefined) return null;
  try {
    return await read(needs.archive);
  } catch (error) {
    if (!(error instanceof ArchiveAway)) throw error;
    needs.log.warn("The record could not be read for a report", { because: error.message });
    return null;
  }
}

/** Real and play money are never added up. */
export async function closesOfMode(needs: Needs, archive: Archive, { since, until }: Pick<Period, "since" | "until">) {
  const closes = await archive.closes(since, until);
  return closes.filter(({ mode }) => mode === needs.settings.mode);
}

export function openField(needs: Needs, currency: string): CardField {
  const marks = marksOf(needs.memory);
  const held = heldPositions(needs.ledger.books());
  const pnl = sum(
    held.map((position) => openPnl(position, marks)),
    zeroNotional,
  );
  const count = held.length === 1 ? "1 open position" : `${held.length} open positions`;
  return { name: "Not closed yet", value: held.length === 0 ? "nothing" : `${signedCash(pnl, currency)} on ${count}` };
}
