/** What the ledger store promises while the database is well, on a real PostgreSQL. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readEpoch, releaseLease, renewLease, takeEpoch } from "../../src/adapters/postgres/epoch.ts";
import { openPool } from "../../src/adapters/postgres/pool.ts";
import { instant } from "../../src/core/time.ts";
import { FactsRefused, FenceLost, LedgerUnavailable } from "../../src/ports/ledger.ts";
import { toyFold } from "../fixtures/toy_fold.ts";
import { draft, pay, type ToyHouse, toyHouse } from "../fixtures/toy_ledger.ts";

const refuseToDecide = (): never => {
  throw new Error("not today");
};

let house: ToyHouse;
beforeEach(async () => {
  house = await toyHouse();
});
afterEach(() => house.end());

const balances = async (): Promise<unknown[]> =>
  (await house.database.pool.query("select account, balance, seq from toy_balances order by account")).rows;

describe("group commit", () => {
  test("a thousand commits at once all land, each on the books of the one before, in a few statements", async () => {
    const store = await house.open({ epoch: await house.takeEpoch() });
    const statements: number[] = [];
    store.onRecorded((recorded) => statements.push(recorded.length));
    const values = await Promise.all(Array.from({ length: 1_000 }, () => pay(store, "ana", 1)));
    expect(values).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
    expect(await balances()).toEqual([{ account: "ana", balance: 1_000, seq: 1_000 }]);
    expect(statements).toHaveLength(2);
  });

  test("a decision that throws fails its own caller only, and leaves no trace", async () => {
    const store = await house.open({ epoch: await house.takeEpoch() });
    const wrong = store.commit(() => {
      throw new Error("no such account");
    });
    const answers = await Promise.allSettled([pay(store, "ana", 1), wrong, pay(store, "ana", 2)]);
    expect(answers.map((answer) => (answer.status === "fulfilled" ? answer.value : String(answer.reason)))).toEqual([
      1,
      "Error: no such account",
      3,
    ]);
    expect(await balances()).toEqual([{ account: "ana", balance: 3, seq: 2 }]);
  });

  test("rows that the database refuses fail their own caller only", async () => {
    const store = await house.open({ epoch: await house.takeEpoch() });
    const answers = await Promise.allSettled([pay(store, "ana", 1), pay(store, "bo", 1_000_000), pay(store, "ana", 2)]);
    expect(answers.map((answer) => answer.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    const refused = answers[1] as PromiseRejectedResult;
    expect(refused.reason).toBeInstanceOf(FactsRefused);
    expect(String(refused.reason)).toMatch(/paid.*toy_balances_balance_check/);
    expect(store.head().seq).toBe(2);
  });

  test("a row that no table has fails its own caller with the table's columns", async () => {
    const fold = { ...toyFold, project: () => [{ table: "toy_balances", row: { account: "ana" } }] };
    const store = await house.open({ epoch: await house.takeEpoch(), fold });
    await expect(pay(store, "ana", 1)).rejects.toThrow(
      'A row for "toy_balances" must hold exactly account, balance, name, seq; it holds account',
    );
  });

  test("a decision without facts answers from the newest books and records nothing", async () => {
    const store = await house.open({ epoch: await house.takeEpoch() });
    await pay(store, "ana", 5);
    expect(await store.commit((books) => ({ drafts: [], value: books.balances["ana"] }))).toBe(5);
    expect(store.head().seq).toBe(1);
  });

  test("a name that moves from one row to another within one statement meets no unique index", async () => {
    const store = await house.open({ epoch: await house.takeEpoch() });
    await store.commit(() => ({
      drafts: [
        draft({ type: "renamed", account: "a", name: "main" }),
        draft({ type: "paid", account: "b", amount: 1 }),
      ],
      value: null,
    }));
    await store.commit(() => ({
      drafts: [
        draft({ type: "renamed", account: "a", name: "old" }),
        draft({ type: "renamed", account: "b", name: "main" }),
        draft({ type: "paid", account: "a", amount: 1 }),
      ],
      value: null,
    }));
    expect(store.books().names).toEqual({ a: "old", b: "main" });
  });
});

test("behind a pooler that loses prepared statements commits go on", async () => {
  const pool = openPool({ address: house.database.address, name: "pooled", max: 1, log: house.log });
  const store = await house.open({ epoch: await house.takeEpoch(), pool });
  await pay(store, "ana", 1);
  await pool.query("deallocate all");
  expect(await pay(store, "ana", 1)).toBe(2);
  expect(await pay(store, "ana", 1)).toBe(3);
  await store.close();
  await pool.end();
});

describe("several writers", () => {
  test("two stores of one epoch append in turn, and both end with the same books", async () => {
    const epoch = await house.takeEpoch();
    const [left, right] = [await house.open({ epoch }), await house.open({ epoch })];
    const both = Array.from({ length: 40 }, (_, index) => pay(index % 2 === 0 ? left : right, "ana", 1));
    const values = await Promise.all(both);
    expect(new Set(values)).toEqual(new Set(Array.from({ length: 40 }, (_, index) => index + 1)));
    await Promise.all([left.refresh(), right.refresh()]);
    expect(left.books()).toEqual(right.books());
    expect(left.books().balances["ana"]).toBe(40);
  });

  test("a listener hears of the facts of others, in order and each once", async () => {
    const epoch = await house.takeEpoch();
    const [left, right] = [await house.open({ epoch }), await house.open({ epoch })];
    const heard: number[] = [];
    right.onRecorded((recorded) => heard.push(...recorded.map((entry) => entry.seq)));
    for (let count = 0; count < 5; count += 1) await pay(left, "ana", 1);
    await pay(right, "ana", 1);
    await right.refresh();
    expect(heard).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe("takeover", () => {
  test("after a takeover the old holder can never write again", async () => {
    const old = await house.open({ epoch: await house.takeEpoch() });
    await pay(old, "ana", 1);
    const young = await house.open({ epoch: await house.takeEpoch() });
    await expect(pay(old, "ana", 1)).rejects.toBeInstanceOf(FenceLost);
    await expect(pay(old, "ana", 1)).rejects.toThrow("Epoch 1 is over");
    expect(old.health()).toMatchObject({ isFenceOurs: false, isAvailable: false });
    expect(await pay(young, "ana", 1)).toBe(2);
  });

  test("a takeover waits for the append that is in flight", async () => {
    const { pool } = house.database;
    const epoch = await house.takeEpoch();
    const writer = await pool.connect();
    await writer.query("begin");
    await writer.query("select 1 from trader_epoch where id = 1 and epoch = $1 for share", [epoch]);
    const order: string[] = [];
    const takeover = house.takeEpoch().then(() => order.push("taken"));
    await new Promise((settle) => setTimeout(settle, 200));
    order.push("committed");
    await writer.query("commit");
    writer.release();
    await takeover;
    expect(order).toEqual(["committed", "taken"]);
  });

  test("the lease keeps a polite takeover away until it is over or given back", async () => {
    const { pool } = house.database;
    const claim = { gitSha: "", configHash: "", at: instant(0), leaseMs: 10_000, from: "expired" } as const;
    expect(await takeEpoch(pool, { ...claim, holder: "one" })).toMatchObject({
      ok: true,
      value: { epoch: 1, wasReleased: true },
    });
    expect(await takeEpoch(pool, { ...claim, holder: "two" })).toMatchObject({ ok: false, problem: { holder: "one" } });
    expect(await renewLease(pool, { holder: "one", leaseMs: 10_000 })).toBe(true);
    expect(await renewLease(pool, { holder: "two", leaseMs: 10_000 })).toBe(false);
    await releaseLease(pool, "one");
    expect(await takeEpoch(pool, { ...claim, holder: "two" })).toMatchObject({
      ok: true,
      value: { epoch: 2, wasReleased: true },
    });
    expect(await takeEpoch(pool, { ...claim, holder: "three", from: "anyone" })).toMatchObject({
      ok: true,
      value: { epoch: 3, wasReleased: false },
    });
    expect(await readEpoch(pool)).toBe(3);
  });
});

describe("start-up", () => {
  test("a store opened later has the same books, from a snapshot and the tail", async () => {
    const epoch = await house.takeEpoch();
    const first = await house.open({ epoch, snapshotEvery: 10 });
    for (let count = 0; count < 25; count += 1) await pay(first, `account_${count % 3}`, count);
    await first.close();
    const snapshots = await house.database.pool.query("select seq from books_snapshot order by seq");
    expect(snapshots.rows.at(-1)).toEqual({ seq: 25 });
    const folded: number[] = [];
    const watching = {
      ...toyFold,
      evolve(...words: Parameters<typeof toyFold.evolve>) {
        folded.push(words[1].seq);
        return toyFold.evolve(...words);
      },
    };
    await pay(await house.open({ epoch }), "late", 1);
    const second = await house.open({ epoch, fold: watching });
    expect(folded).toEqual([26]);
    expect(second.books().balances).toEqual({ ...first.books().balances, late: 1 });
  });

  test("a snapshot of other code is not used", async () => {
    const epoch = await house.takeEpoch();
    const first = await house.open({ epoch });
    await pay(first, "ana", 7);
    await first.close();
    await house.database.pool.query(`update books_snapshot set books = '{"balances":{"ana":999}}'`);
    expect((await house.open({ epoch, fold: { ...toyFold, version: "toy 2" } })).books().balances).toEqual({ ana: 7 });
  });

  test("a snapshot that belongs to another history is not used", async () => {
    const epoch = await house.takeEpoch();
    const first = await house.open({ epoch });
    await pay(first, "ana", 7);
    await first.close();
    await house.database.pool.query(
      `update books_snapshot set hash = repeat('a', 64), books = '{"balances":{"ana":999}}'`,
    );
    expect((await house.open({ epoch })).books().balances).toEqual({ ana: 7 });
  });

  test("a closed store refuses, and says so", async () => {
    const store = await house.open({ epoch: await house.takeEpoch() });
    await store.close();
    await expect(pay(store, "ana", 1)).rejects.toBeInstanceOf(LedgerUnavailable);
  });
});

describe("text of people", () => {
  const strange: readonly (readonly [string, string, string])[] = [
    ["a zero byte", "a\u0000b", "a\ufffdb"],
    ["half of a pair", "a\ud800b", "a\ufffdb"],
    ["a backslash before u0000", String.raw`a\u0000b`, String.raw`a\u0000b`],
    ["two backslashes and a zero byte", "a\\\\\u0000b", "a\\\\\ufffdb"],
    ["emoji, quotes and a line end", "a\u{1F600}\"\n'b", "a\u{1F600}\"\n'b"],
  ];
  test.each(strange)("%s survives in the fact and harms no table", async (_what, name, shown) => {
    const epoch = await house.takeEpoch();
    await (await house.open({ epoch })).commit(() => ({
      drafts: [draft({ type: "renamed", account: "a", name })],
      value: null,
    }));
    const again = await house.open({ epoch });
    expect(again.books().names).toEqual({ a: name });
    const row = await house.database.pool.query("select name from toy_balances");
    expect(row.rows[0].name).toBe(shown);
  });
});

describe("the database itself", () => {
  test.each(["update events set actor = 'me' where seq = 1", "delete from events where seq = 1", "truncate events"])(
    "refuses: %s",
    async (text) => {
      await pay(await house.open({ epoch: await house.takeEpoch() }), "ana", 1);
      await expect(house.database.pool.query(text)).rejects.toThrow(/refused: facts are only ever added/);
    },
  );

  test("numbers of facts are gap-free after failures of every kind", async () => {
    const store = await house.open({ epoch: await house.takeEpoch() });
    const tries = Array.from({ length: 60 }, (_, index) => {
      if (index % 3 === 0) return pay(store, "bo", 1_000_000);
      if (index % 3 === 1) return store.commit(refuseToDecide);
      return pay(store, "ana", 1);
    });
    const answers = await Promise.allSettled(tries);
    expect(answers.filter((answer) => answer.status === "fulfilled")).toHaveLength(20);
    const rows = await house.database.pool.query("select seq from events order by seq");
    expect(rows.rows.map((row) => row.seq)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });
});
