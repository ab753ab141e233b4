/**
 * Keeps the simulated database honest: the same operations on it and on a real PostgreSQL, through the very ledger store that
 * the house uses, must give the same results, errors, refused constraints, facts and books.
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readTableShapes } from "../../src/adapters/postgres/append_statement.ts";
import { takeEpoch } from "../../src/adapters/postgres/epoch.ts";
import { type LedgerStore, openLedgerStore } from "../../src/adapters/postgres/ledger_store.ts";
import { instant } from "../../src/core/time.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { freshDatabase, type TestDatabase } from "../fixtures/database.ts";
import { keptLog } from "../fixtures/kept_log.ts";
import { addToyTables, type ToyBooks, type ToyFact, toyFold } from "../fixtures/toy_fold.ts";
import { seededChance } from "./chance.ts";
import type { FaultFamily, Weather } from "./contract.ts";
import { simClock } from "./ports/clock.ts";
import { openLife } from "./ports/life.ts";
import { simVault } from "./ports/small.ts";
import { openScheduler } from "./scheduler.ts";
import { parseSchema, readSchema } from "./store/schema.ts";
import { openSimDatabase } from "./store/sim_database.ts";
import { type Link, openLink } from "./store/sim_pool.ts";

type Toy = LedgerStore<ToyBooks, ToyFact>;

/** What one caller does, and through which of several stores. */
type Op =
  | { readonly kind: "pay"; readonly store: number; readonly account: string; readonly amount: number }
  | { readonly kind: "rename"; readonly store: number; readonly account: string; readonly name: string }
  | { readonly kind: "two"; readonly store: number; readonly account: string; readonly amount: number }
  | { readonly kind: "throw" | "nothing" | "refresh"; readonly store: number }
  | { readonly kind: "takeover" };

const account = fc.constantFrom("ana", "bo", "cy");
const store = fc.integer({ min: 0, max: 3 });
const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("pay" as const), store, account, amount: fc.constantFrom(1, 7, 400_000) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("rename" as const),
      store,
      account,
      name: fc.constantFrom("main", "old"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("two" as const), store, account, amount: fc.constantFrom(1, 999_999) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom("throw" as const, "nothing" as const, "refresh" as const), store }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("takeover" as const) }) },
);

type Bench = {
  open(): Promise<Toy>;
  /** Lets time pass until this promise has its answer. */
  wait<Value>(work: Promise<Value>): Promise<Value>;
};

/** One after the other: each outcome as text, so that results and errors are compared alike. */
async function play(bench: Bench, ops: readonly Op[]): Promise<readonly string[]> {
  const stores: Toy[] = [await bench.wait(bench.open())];
  const outcomes: string[] = [];
  for (const one of ops) {
    if (one.kind === "takeover") {
      stores.push(await bench.wait(bench.open()));
      outcomes.push("taken");
      continue;
    }
    const ledger = stores[one.store % stores.length];
    if (ledger === undefined) continue;
    const work = act(ledger, one).then(
      (value) => `ok ${JSON.stringify(value)}`,
      (error: Error) => `${error.name}: ${wordsOf(error.message)}`,
    );
    outcomes.push(`${await bench.wait(work)} seq ${ledger.head().seq}`);
  }
  const newest = stores.at(-1);
  if (newest !== undefined) {
    await bench.wait(newest.refresh());
    outcomes.push(JSON.stringify([newest.books().balances, newest.books().names]));
  }
  return outcomes;
}

/** Details of a constraint are the server's own words; which one refused is what must agree. */
const wordsOf = (message: string): string =>
  /unique constraint|violates|check of|check constraint/.test(message)
    ? `refused ${/unique/.test(message) ? "by a unique index" : "by a check"}`
    : message.replaceAll(/Epoch \d+/g, "Epoch N");

const draft = (fact: ToyFact) => ({ tradeId: null, actor: "house", causedBy: null, fact });

function act(ledger: Toy, one: Exclude<Op, { kind: "takeover" }>): Promise<unknown> {
  switch (one.kind) {
    case "pay":
      return ledger.commit((books) => ({
        drafts: [draft({ type: "paid", account: one.account, amount: one.amount })],
        value: (books.balances[one.account] ?? 0) + one.amount,
      }));
    case "rename":
      return ledger.commit(() => ({
        drafts: [draft({ type: "renamed", account: one.account, name: one.name })],
        value: "named",
      }));
    case "two":
      // Together in one group: what one of them breaks must not spoil the other.
      return Promise.allSettled([
        ledger.commit(() => ({
          drafts: [draft({ type: "paid", account: one.account, amount: one.amount })],
          value: 1,
        })),
        ledger.commit((books) => ({
          drafts: [draft({ type: "paid", account: "cy", amount: 1 })],
          value: books.balances,
        })),
      ]).then((all) =>
        all.map((each) => (each.status === "fulfilled" ? each.value : wordsOf((each.reason as Error).message))),
      );
    case "throw":
      return ledger.commit(() => {
        throw new Error("the decision failed");
      });
    case "nothing":
      return ledger.commit((books) => ({ drafts: [], value: books.balances }));
    case "refresh":
      return ledger.refresh();
  }
}

const fixedTime = instant(Date.UTC(2026, 1, 6));
const toySchema = parseSchema(
  `create table toy_balances (account text primary key, balance bigint not null check (balance < 1000000), name text, seq bigint not null);
   create unique index toy_names on toy_balances (name)`,
);

type SimBench = Bench & {
  readonly link: () => Link;
  readonly rates: Map<FaultFamily, number>;
  readonly database: ReturnType<typeof openSimDatabase>;
};

function simBench(seed: string): SimBench {
  const chance = seededChance(seed);
  const scheduler = openScheduler(chance.fork("scheduler"), fixedTime);
  const rates = new Map<FaultFamily, number>();
  const weather: Weather = { rate: (family) => rates.get(family) ?? 0 };
  const database = openSimDatabase(scheduler, toySchema);
  let opened = 0;
  let newest: Link | null = null;
  return {
    rates,
    database,
    link: () => {
      if (newest === null) throw new Error("no store is open");
      return newest;
    },
    async open() {
      opened += 1;
      const life = openLife(`p${opened}`, () => undefined);
      newest = openLink({ database, scheduler, chance: chance.fork(`link ${opened}`), weather, life });
      const clock = fixed(simClock(scheduler, life));
      return openOn(newest.pool, clock, simVault(seed, opened));
    },
    async wait(work) {
      let isDone = false;
      const trail: string[] = [];
      void work.finally(() => (isDone = true)).catch(() => undefined);
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve));
        if (isDone) return work;
        const event = scheduler.take();
        if (event === null) throw new Error(`nothing will ever happen again ${trail.slice(-12).join(" / ")}`);
        trail.push(event.label);
        event.act?.();
      }
    },
  };
}

const fixed = (clock: Clock): Clock => ({ ...clock, now: () => fixedTime, wall: () => fixedTime });

async function openOn(pool: TestDatabase["pool"], clock: Clock, vault: ReturnType<typeof simVault>): Promise<Toy> {
  const taken = await takeEpoch(pool, {
    holder: "test",
    gitSha: "",
    configHash: "",
    at: fixedTime,
    leaseMs: 0,
    from: "anyone",
  });
  if (!taken.ok) throw new Error("the epoch is held");
  return openLedgerStore({ pool, epoch: taken.value.epoch, host: "test", clock, vault, log: keptLog(), fold: toyFold });
}

describe("the simulated database and PostgreSQL", () => {
  let real: TestDatabase;
  beforeAll(async () => {
    real = await freshDatabase();
    await addToyTables(real);
  });
  afterAll(() => real.drop());

  test("the migrations are read as PostgreSQL reads them", async () => {
    const shapes = await readTableShapes(real.pool);
    const ours = readSchema();
    for (const [name, shape] of shapes) {
      if (name === "toy_balances") continue;
      expect({ name, key: ours.get(name)?.key, columns: ours.get(name)?.columns }).toEqual({
        name,
        key: shape.key,
        columns: shape.columns,
      });
    }
  });

  test("the unique indexes that stand at last are known, and which rows each is about", async () => {
    const made = await real.pool.query<{ on: string; name: string; definition: string }>(
      `select tablename as on, indexname as name, indexdef as definition from pg_indexes
        where schemaname = current_schema() and indexdef like 'CREATE UNIQUE INDEX%' and indexname !~ '_key$|_pkey$'`,
    );
    const ours = readSchema();
    const theirs = made.rows
      .filter((row) => ours.has(row.on))
      .map((row) => `${row.name} ${/ WHERE /.test(row.definition)}`);
    const known = [...ours.values()]
      .flatMap(({ uniques }) => uniques)
      .filter(({ name, columns }) => name !== columns.join("_"))
      .map(({ name, where }) => `${name} ${where !== null}`);
    expect(known.sort()).toEqual(theirs.sort());
    expect(known).toContain("fills_once true");
  });

  test("random operations have the same outcomes, facts and books on both", async () => {
    const { systemClock } = await import("../../src/adapters/system/clock.ts");
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(op, { minLength: 3, maxLength: 20 }), async (ops) => {
        run += 1;
        await empty(real);
        let opened = 0;
        const postgres: Bench = {
          open: () => {
            opened += 1;
            return openOn(real.pool, fixed(systemClock()), simVault("same", opened));
          },
          wait: (work) => work,
        };
        const sim = simBench(`bench ${run}`);
        const [theirs, ours] = [await play(postgres, ops), await play(sim, ops)];
        expect(ours).toEqual(theirs);
        const rows = await real.pool.query<{ hash: string }>("select hash from events order by seq");
        expect(sim.database.events.map((event) => event.hash)).toEqual(rows.rows.map((row) => row.hash));
        const table = await real.pool.query("select account, balance, name, seq from toy_balances order by account");
        const kept = [...sim.database.tables().rows("toy_balances")].sort((a, b) =>
          String(a["account"]) < String(b["account"]) ? -1 : 1,
        );
        expect(kept.map(({ account, balance, name, seq }) => ({ account, balance, name, seq }))).toEqual(table.rows);
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});

/** The triggers that keep facts for ever are set aside by the owner of the server, in this test alone. */
async function empty({ pool }: TestDatabase): Promise<void> {
  await pool.query(`set session_replication_role = replica; truncate events, books_snapshot, toy_balances;
    set session_replication_role = default;
    update ledger_head set seq = 0, hash = repeat('0', 64), turn = 0; update trader_epoch set epoch = 0;
    update trader_lease set holder = 'nobody', lease_until = '-infinity'`);
}

describe("faults of the simulated database", () => {
  const paying = async (bench: SimBench, ledger: Toy, times: number): Promise<readonly string[]> => {
    const outcomes: string[] = [];
    for (let count = 0; count < times; count += 1) {
      const one = act(ledger, { kind: "pay", store: 0, account: "ana", amount: 1 }).then(
        () => "paid",
        (error: Error) => error.name,
      );
      outcomes.push(await bench.wait(one));
    }
    return outcomes;
  };

  test.each([
    ["lost before it ran, or run late", "store_lost_before"],
    ["run and not answered", "store_lost_after"],
  ] as const)("a statement %s is settled: every payment counts exactly once", async (_what, family) => {
    const bench = simBench(family);
    const ledger = await bench.wait(bench.open());
    bench.rates.set(family, 0.5);
    const outcomes = await paying(bench, ledger, 200);
    bench.rates.clear();
    await bench.wait(ledger.refresh());
    const paid = outcomes.filter((outcome) => outcome === "paid").length;
    expect(paid).toBeGreaterThan(150);
    const total = ledger.books().balances["ana"] ?? 0;
    // LedgerUnavailable after the caller's patience leaves open whether it was recorded; "paid" never does.
    expect(total).toBeGreaterThanOrEqual(paid);
    expect(total).toBe(bench.database.events.length);
    expect(new Set(outcomes)).not.toContain("FactsRefused");
  });

  test("a database that is away is told as LedgerUnavailable within the patience of a commit, and work goes on afterwards", async () => {
    const bench = simBench("away");
    const ledger = await bench.wait(bench.open());
    bench.link().cut();
    expect(await paying(bench, ledger, 1)).toEqual(["LedgerUnavailable"]);
    bench.link().mend();
    expect(await paying(bench, ledger, 2)).toEqual(["paid", "paid"]);
    expect(ledger.books().balances["ana"]).toBe(2);
  });

  test("a stale leader writes nothing after a takeover", async () => {
    const bench = simBench("stale");
    const old = await bench.wait(bench.open());
    const young = await bench.wait(bench.open());
    expect(await paying(bench, old, 1)).toEqual(["FenceLost"]);
    expect(await paying(bench, young, 1)).toEqual(["paid"]);
  });

  test("a record that was changed while an append is unsettled leaves no caller waiting", async () => {
    const bench = simBench("changed");
    const ledger = await bench.wait(bench.open());
    await paying(bench, ledger, 1);
    bench.rates.set("store_lost_after", 3.4);
    bench.database.spoil();
    expect(await paying(bench, ledger, 1)).toEqual(["LedgerUnavailable"]);
  });

  test("a process that knows more than a restored database stops and says so", async () => {
    const bench = simBench("restored");
    const ledger = await bench.wait(bench.open());
    await paying(bench, ledger, 5);
    bench.database.restore(3);
    const outcome = ledger.refresh().then(
      () => "refreshed",
      (error: Error) => error.message,
    );
    expect(await bench.wait(outcome)).toMatch(/an older copy was put in its place/);
    expect(await paying(bench, ledger, 1)).toEqual(["LedgerUnavailable"]);
  });
});
