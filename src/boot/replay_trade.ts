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

/** One line a step and the sum last. */
export function replayText(tradeId: string, steps: readonly Replayed[]): string {
  const count = (verdict: Replayed["verdict"]): number => steps.filter((step) => step.verdict === verdict).length;
  const lines = steps.map(({ seq, what, verdict, note }) => `#${seq} ${what}: ${verdict.replace("_", " ")} (${note})`);
  return `${[
    `Trade ${tradeId}`,
    ...lines,
    `${count("equal")} equal, ${count("differs")} differ, ${count("not_recorded")} can't be decided again from the record`,
  ].join("\n")}\n`;
}
