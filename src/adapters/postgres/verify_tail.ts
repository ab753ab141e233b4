/**
 * Is the record still what was written? Asked on every tick, so each answer looks at a little:
 *
 *   head    the head row is the newest fact that we know, or a later one
 *   tail    every fact that is new since the last look continues the chain
 *   rolling one page of the old facts, in turn from the first to the last; all at once when the server counted a change
 *   rows    what the tables say about the living is what the books say, and fills are what their facts say
 *
 * Triggers refuse changes by hand; whoever is mighty enough to switch them off is found here.
 */
import type pg from "pg";
import { z } from "zod";
import { mark } from "../../core/mark.ts";
import { defineQuery } from "../../define/query.ts";
import { type Integrity, LedgerUnavailable } from "../../ports/ledger.ts";
import type { ProjectedRow, TableShapes } from "./append_statement.ts";
import { findBreak, firstHash, type Sha256 } from "./chain.ts";
import { readEvents, readHead, runQuery } from "./event_rows.ts";
import { differingRows } from "./verify_rows.ts";

type Place = { readonly seq: number; readonly hash: string };

/** What a process remembers from one look to the next. */
export type Watch = { tail: Place; rolling: Place; changes: number | null; firstRow: number };

export const newWatch = (head: Place): Watch => ({
  tail: { seq: head.seq, hash: head.hash },
  rolling: { seq: 0, hash: firstHash },
  changes: null,
  firstRow: 0,
});

/** The part of the ledger store that is looked at. Read anew where it matters: appends go on meanwhile. */
export type Watched = {
  readonly pool: pg.Pool;
  readonly vault: { readonly sha256: Sha256 };
  readonly shapes: TableShapes;
  readonly watch: Watch;
  head(): Place;
  /** The rows that the tables must hold for what is alive, of the same moment as `head`. */
  living(): readonly ProjectedRow[];
};

const pageRows = 500;
/** When something was changed, so many pages a look: 50,000 facts. */
const hurriedPages = 100;

/** Counted by the server even when triggers are off. It may lag by a second, and starts anew after a crash. */
export const changesOfEventsQuery = defineQuery({
  name: "changes_of_events",
  params: z.object({}),
  row: z.object({ changes: z.number().int() }),
  text: `
    select coalesce(sum(n_tup_upd + n_tup_del), 0)::bigint as changes from pg_stat_user_tables
     where schemaname = current_schema() and relname = 'events'`,
});

export async function verifyTail(watched: Watched): Promise<Integrity> {
  try {
    return await look(watched);
  } catch (error) {
    if (error instanceof LedgerUnavailable) throw error;
    throw new LedgerUnavailable(`The record could not be checked: ${(error as Error).message}`);
  }
}

async function look(watched: Watched): Promise<Integrity> {
  const { pool, watch } = watched;
  const known = watched.head();
  const head = await readHead(pool);
  if (head.seq < known.seq || (head.seq === known.seq && head.hash !== known.hash)) {
    mark("P20.head_changed");
    return broken(watched, "head", `the head names fact ${head.seq}, and fact ${known.seq} is known here`);
  }
  const tail = await walk(watched, watch.tail, { until: head.seq, pages: hurriedPages });
  if (typeof tail === "string") return broken(watched, "chain", tail);
  watch.tail = tail;
  if (tail.seq === head.seq && tail.hash !== head.hash) {
    mark("P20.head_changed");
    return broken(watched, "head", `the head has another hash than fact ${head.seq}`);
  }
  const beyond = await readEvents(pool, { after: head.seq, until: Number.MAX_SAFE_INTEGER, count: 1 });
  // One that was appended since by another process is no finding: then the head has moved as well.
  if (beyond[0] !== undefined && (await readHead(pool)).seq === head.seq) {
    mark("P21.fact_beyond_head");
    return broken(watched, "chain", `fact ${beyond[0].seq} stands after the head (${head.seq})`);
  }
  const old = await rollOn(watched);
  if (old !== null) return broken(watched, "chain", old);
  const rows = await differingRows(watched);
  if (rows !== null) {
    mark("O05.row_changed_by_hand");
    return broken(watched, "rows", rows);
  }
  return { headOk: true, gapFree: true, rowsOk: true, checkedTo: watch.tail.seq, problem: null };
}

/** One page of old facts; everything from the first on as soon as the server has counted an update or a delete of facts. */
async function rollOn(watched: Watched): Promise<string | null> {
  const { pool, watch } = watched;
  const [counted] = await runQuery(pool, changesOfEventsQuery, {});
  const changes = counted?.changes ?? 0;
  const hasChanged = watch.changes === null ? changes > 0 : changes !== watch.changes;
  if (hasChanged || watch.rolling.seq >= watch.tail.seq) watch.rolling = { seq: 0, hash: firstHash };
  watch.changes = changes;
  const pages = hasChanged ? hurriedPages : 1;
  const next = await walk(watched, watch.rolling, { until: watch.tail.seq, pages });
  if (typeof next === "string") return next;
  watch.rolling = next;
  const isWhole = next.seq !== watch.tail.seq || next.hash === watch.tail.hash;
  return isWhole ? null : `the chain leads to another fact ${next.seq} than it did before`;
}

/** @returns where the walk ended, or a sentence about the first fact that does not fit. */
async function walk(
  { pool, vault }: Watched,
  from: Place,
  plan: { readonly until: number; readonly pages: number },
): Promise<Place | string> {
  let at = from;
  for (let page = 0; page < plan.pages && at.seq < plan.until; page += 1) {
    const rows = await readEvents(pool, { after: at.seq, until: plan.until, count: pageRows });
    const found = findBreak(rows, at, vault.sha256);
    const last = rows.at(-1);
    if (found !== null || last === undefined) {
      const isGap = last === undefined || found?.because.includes("is missing") === true;
      if (isGap) mark("P21.gap");
      else mark("P20.fact_changed");
      return found?.because ?? `fact ${at.seq + 1} is missing`;
    }
    at = { seq: last.seq, hash: last.hash };
  }
  return at;
}

function broken({ watch }: Watched, where: "head" | "chain" | "rows", because: string): Integrity {
  const advice =
    where === "rows"
      ? `A table was changed by hand: ${because}. Run "npm run audit rebuild -- --apply", which writes the tables anew from the facts.`
      : `The record is broken: ${because}. Run "npm run audit verify", and restore the newest backup that passes it.`;
  return {
    headOk: where !== "head",
    gapFree: where !== "chain",
    rowsOk: where !== "rows",
    checkedTo: watch.tail.seq,
    problem: advice,
  };
}
