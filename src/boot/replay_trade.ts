/** `audit replay TRADE`: folds the record up to the end of one trade and decides again what can be decided from it. */
import type pg from "pg";
import { openArchive } from "../adapters/postgres/archive.ts";
import { entryOf } from "../adapters/postgres/chain.ts";
import { readEvents } from "../adapters/postgres/event_rows.ts";
import type { Fact } from "../core/events.ts";
import { type Replayed, replay } from "../core/replay.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { ledgerFold } from "./database.ts";

const pageRows = 2_000;
const factsMax = 100_000;

export async function replayTrade(
  pool: pg.Pool,
  wanted: string,
  sha256: (text: string) => string,
): Promise<Result<{ readonly tradeId: string; readonly steps: readonly Replayed[] }, string>> {
  const archive = openArchive(pool);
  const ids = await archive.tradesLike(wanted);
  const [tradeId, ...others] = ids;
  if (tradeId === undefined) return fail(`No trade ends with ${wanted}. /audit and /positions show ids.`);
  if (others.length > 0) return fail(`Several trades end with ${wanted}: ${ids.join(", ")}`);
  const until = (await archive.story(tradeId, factsMax)).at(-1)?.seq ?? 0;
  const steps: Replayed[] = [];
  let books = ledgerFold.empty;
  while (books.seq < until) {
    const page = await readEvents(pool, { after: books.seq, until, count: pageRows });
    if (page.length === 0) return fail(`Fact ${books.seq + 1} is missing. Run: npm run audit -- verify`);
    for (const row of page) {
      const recorded = entryOf<Fact>(row);
      if (concerns(recorded.fact, recorded.tradeId, tradeId)) steps.push(...replay(books, recorded, sha256));
      books = ledgerFold.evolve(books, recorded);
    }
  }
  return ok({ tradeId, steps });

  /** Votes bear the name of their request alone. */
  function concerns(fact: Fact, of: string | null, trade: string): boolean {
    if (of === trade) return true;
    return fact.type === "vote_cast" && of === null && books.approvals[fact.approvalId]?.tradeId === trade;
  }
}

const countOf = (steps: readonly Replayed[], verdict: Replayed["verdict"]): number =>
  steps.filter((step) => step.verdict === verdict).length;

/** Exit code: 0 only where something was decided again and all of that is equal. What nobody could compare is no good news. */
export const replayCode = (steps: readonly Replayed[]): 0 | 1 =>
  countOf(steps, "differs") === 0 && countOf(steps, "equal") > 0 ? 0 : 1;

/** One line a step, the sum, and what the record does not hold. */
export function replayText(tradeId: string, steps: readonly Replayed[]): string {
  const lines = steps.map(({ seq, what, verdict, note }) => `#${seq} ${what}: ${verdict.replace("_", " ")} (${note})`);
  const isNothing = steps.every(({ verdict }) => verdict === "not_recorded");
  return `${[
    `Trade ${tradeId}`,
    ...lines,
    `${countOf(steps, "equal")} equal, ${countOf(steps, "differs")} differ, ${countOf(steps, "not_recorded")} can't be decided again from the record`,
    ...(isNothing ? ["Nothing of this trade could be decided again, so nothing is proven."] : []),
    ...notOnRecord,
  ].join("\n")}\n`;
}

/** Said each time, so that "equal" is believed of no more than was compared. */
const notOnRecord = [
  "Not on record: the candles, the order book and the balance of the moment, of which only a hash and the words of the checks are kept.",
  "Signal, size and checks are therefore never among what is equal: it says that digest, votes, names, watched exits and money agree.",
];
