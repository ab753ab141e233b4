/** The house's own facts, books and tables on a real PostgreSQL: what is told, replayed, restored and rebuilt is the same. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readTableShapes } from "../../src/adapters/postgres/append_statement.ts";
import { rebuild, verify } from "../../src/adapters/postgres/audit.ts";
import { takeEpoch } from "../../src/adapters/postgres/epoch.ts";
import { type LedgerStore, openLedgerStore } from "../../src/adapters/postgres/ledger_store.ts";
import { openPool } from "../../src/adapters/postgres/pool.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { systemVault } from "../../src/adapters/system/vault.ts";
import { ledgerFold } from "../../src/boot/database.ts";
import type { Books } from "../../src/core/books.ts";
import type { Fact, Recorded } from "../../src/core/events.ts";
import { projectionKeys } from "../../src/core/projections.ts";
import { instant } from "../../src/core/time.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import { arbitraryStory, tellAll } from "../fixtures/arbitrary_story.ts";
import { freshDatabase, type TestDatabase } from "../fixtures/database.ts";
import { everyFact } from "../fixtures/every_fact.ts";
import { keptLog } from "../fixtures/kept_log.ts";
import { startStory } from "../fixtures/story.ts";

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const { sha256 } = systemVault();
type Opened = { readonly ledger: LedgerStore<Books, Fact>; close(): Promise<void> };

/** A store whose clock stands where the story is. */
async function openAt(where: TestDatabase, time: { at: number; wallAt: number }): Promise<Opened> {
  const log = keptLog();
  const pool = openPool({ address: where.address, name: "ledger", max: 2, log });
  const claim = { holder: "test", gitSha: "", configHash: "", at: instant(0), leaseMs: 0, from: "anyone" } as const;
  const taken = await takeEpoch(pool, claim);
  if (!taken.ok) throw new Error("The epoch was held");
  const clock = { ...systemClock(), now: () => instant(time.at), wall: () => instant(time.wallAt) };
  const { epoch } = taken.value;
  const ledger = await openLedgerStore<Books, Fact>({
    pool,
    epoch,
    host: "test",
    clock,
    vault: systemVault(),
    log,
    fold: ledgerFold,
  });
  const port: Ledger = ledger;
  return {
    ledger,
    async close() {
      await port.refresh();
      await ledger.close();
      await pool.end();
    },
  };
}

/** Tells it to the database in statements of one to seven facts. */
async function record(where: TestDatabase, story: readonly Recorded[]): Promise<Books> {
  const time = { at: 0, wallAt: 0 };
  const opened = await openAt(where, time);
  for (let from = 0; from < story.length; ) {
    const count = 1 + (from % 7);
    const chapter = story.slice(from, from + count).filter((one) => one.at === story[from]?.at);
    Object.assign(time, { at: chapter[0]?.at, wallAt: chapter[0]?.wallAt });
    await opened.ledger.commit(() => ({
      drafts: chapter.map(({ actor, tradeId, causedBy, fact }) => ({ actor, tradeId, causedBy, fact })),
      value: null,
    }));
    from += chapter.length;
  }
  const books = opened.ledger.books();
  await opened.close();
  return books;
}

/** The hashes of a told story only count; everything else must be the same. */
const withoutHash = ({ hash: _hash, ...books }: Books): Omit<Books, "hash"> => books;
const rebuilt = (where: TestDatabase) => rebuild(where.pool, { fold: ledgerFold, sha256, apply: false });

test("every table that facts write to has the primary key that the core says", async () => {
  const shapes = await readTableShapes(database.pool);
  expect(Object.fromEntries([...shapes.values()].map((shape) => [shape.name, shape.key]))).toEqual(projectionKeys);
});

describe("every kind of fact", () => {
  test.each(Object.keys(everyFact) as (keyof typeof everyFact)[])("%s fits the tables", async (type) => {
    const story = startStory();
    story.tell(everyFact.house_started, everyFact.account_opened, everyFact.order_intended, everyFact.order_sending);
    story.tell(everyFact.approval_requested, everyFact.prompt_prepared, everyFact[type]);
    await record(database, story.facts());
    expect(await rebuilt(database)).toMatchObject({ ok: true, value: { differences: [] } });
  });
});

test("any story is the same told, read back, restored from a snapshot, and rebuilt", async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryStory(40), async (steps) => {
      const own = await freshDatabase();
      try {
        const story = tellAll(steps);
        const recorded = await record(own, story.facts());
        expect(withoutHash(recorded)).toEqual(withoutHash(story.books()));
        const restored = await openAt(own, story.now());
        expect(restored.ledger.books()).toEqual(recorded);
        await restored.close();
        await own.pool.query("delete from books_snapshot");
        const replayed = await openAt(own, story.now());
        expect(replayed.ledger.books()).toEqual(recorded);
        await replayed.close();
        expect(await rebuilt(own)).toMatchObject({ ok: true, value: { differences: [] } });
        expect(await verify(own.pool, sha256)).toMatchObject({ ok: true, value: { facts: story.facts().length } });
      } finally {
        await own.drop();
      }
    }),
    { seed: 20_260_206, numRuns: 12, endOnFailure: true },
  );
}, 60_000);
