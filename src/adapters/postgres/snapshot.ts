/** Start-up in time that does not grow with history: the newest snapshot that belongs to this code and this chain, then the tail. */
import type pg from "pg";
import { z } from "zod";
import { type Instant, isoTime } from "../../core/time.ts";
import { defineQuery } from "../../define/query.ts";
import { LedgerUnavailable } from "../../ports/ledger.ts";
import { firstHash } from "./chain.ts";
import { type Head, readHead, runQuery } from "./event_rows.ts";
import type { AnyFact, LedgerWish } from "./ledger_store.ts";
import { compareHeads, foldPage } from "./tail.ts";

/** The join is the anchor: a snapshot of another history (a restored backup) meets no fact with its hash. */
export const newestSnapshotQuery = defineQuery({
  name: "newest_snapshot",
  params: z.object({ code_version: z.string() }),
  row: z.object({ seq: z.number().int(), hash: z.string(), books: z.string() }),
  text: `
    select snapshot.seq, snapshot.hash, snapshot.books::text as books
      from books_snapshot snapshot join events on events.seq = snapshot.seq and events.hash = snapshot.hash
     where snapshot.code_version = :code_version order by snapshot.seq desc limit 1`,
});

const snapshotsKept = 3;

export async function loadBooks<Books, Fact extends AnyFact>(
  wish: LedgerWish<Books, Fact>,
): Promise<{ books: Books; head: Head; snapshotSeq: number }> {
  const { pool, fold, vault } = wish;
  const [snapshot] = await runQuery(pool, newestSnapshotQuery, { code_version: fold.version });
  let books = snapshot === undefined ? fold.empty : (JSON.parse(snapshot.books) as Books);
  let head = { seq: snapshot?.seq ?? 0, hash: snapshot?.hash ?? firstHash };
  const snapshotSeq = head.seq;
  for (;;) {
    const target = await readHead(pool);
    const problem = compareHeads(head, target);
    if (problem !== null) throw new LedgerUnavailable(problem);
    if (head.seq === target.seq) return { books, head: target, snapshotSeq };
    ({ books, head } = await foldPage<Books, Fact>(pool, { head, books, fold, vault, until: target.seq }));
  }
}

export async function writeSnapshot<Books>(
  store: { readonly pool: pg.Pool; readonly fold: { readonly version: string }; readonly clock: { wall(): Instant } },
  snapshot: { readonly seq: number; readonly hash: string; readonly books: Books },
): Promise<void> {
  await store.pool.query(
    `insert into books_snapshot (seq, code_version, at, hash, books) values ($1, $2, $3, $4, $5)
     on conflict (seq, code_version) do update set at = excluded.at, hash = excluded.hash, books = excluded.books`,
    [snapshot.seq, store.fold.version, isoTime(store.clock.wall()), snapshot.hash, JSON.stringify(snapshot.books)],
  );
  await store.pool.query(
    `delete from books_snapshot where seq not in (select seq from books_snapshot order by seq desc limit ${snapshotsKept})`,
  );
}
