/** What the ledger store promises when the line to the database breaks, at every place where it can break. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LedgerUnavailable } from "../../src/ports/ledger.ts";
import { draft, pay, type Toy, type ToyHouse, toyHouse } from "../fixtures/toy_ledger.ts";
import { type WireProxy, wireProxy } from "../fixtures/wire_proxy.ts";

let house: ToyHouse;
let wire: WireProxy;
const unhandled: unknown[] = [];
const keepUnhandled = (reason: unknown): number => unhandled.push(reason);

beforeEach(async () => {
  process.on("unhandledRejection", keepUnhandled);
  house = await toyHouse();
  wire = await wireProxy(house.database.address.port);
});
afterEach(async () => {
  wire.set("pass");
  await house.end();
  await wire.stop();
  process.off("unhandledRejection", keepUnhandled);
  expect(unhandled.splice(0)).toEqual([]);
});

const pause = (ms: number): Promise<void> => new Promise((settle) => setTimeout(settle, ms));
const openOverWire = async (wish: { waitMs?: number; statementMsMax?: number } = {}): Promise<Toy> =>
  house.open({ epoch: await house.takeEpoch(), port: wire.port, ...wish });
const eventCount = async (): Promise<number> =>
  (await house.database.pool.query("select count(*) as n from events")).rows[0].n;

describe("the database is away", () => {
  test("a commit is refused within the bound, nothing is recorded, and the next one works when it is back", async () => {
    const store = await openOverWire({ waitMs: 500 });
    await pay(store, "ana", 1);
    wire.set("cut");
    const started = performance.now();
    await expect(pay(store, "ana", 1)).rejects.toBeInstanceOf(LedgerUnavailable);
    expect(performance.now() - started).toBeLessThan(1_500);
    expect(store.health()).toMatchObject({ isAvailable: false, isFenceOurs: true });
    wire.set("pass");
    expect(await pay(store, "ana", 1)).toBe(2);
    expect(store.health()).toEqual({ isAvailable: true, isFenceOurs: true, isUnsettled: false, problem: null });
    expect(await eventCount()).toBe(2);
  });

  test("a commit waits out a short outage", async () => {
    const store = await openOverWire({ waitMs: 4_000 });
    await pay(store, "ana", 1);
    wire.set("cut");
    const late = pay(store, "ana", 1);
    await pause(600);
    wire.set("pass");
    expect(await late).toBe(2);
  });

  test("a hundred callers during an outage all get an answer, and the record has no gap", async () => {
    const store = await openOverWire({ waitMs: 300 });
    const answers: Promise<PromiseSettledResult<number>[]>[] = [];
    for (let round = 0; round < 20; round += 1) {
      wire.set(round % 5 === 2 ? "cut" : "pass");
      answers.push(Promise.allSettled(Array.from({ length: 5 }, () => pay(store, "ana", 1))));
      await pause(60);
    }
    wire.set("pass");
    const settled = (await Promise.all(answers)).flat();
    const landed = settled.filter((answer) => answer.status === "fulfilled").length;
    await store.refresh();
    // A caller who was told "unavailable" in the middle may find it recorded, never the other way round.
    expect(store.books().balances["ana"]).toBeGreaterThanOrEqual(landed);
    expect(store.books().balances["ana"]).toBe(await eventCount());
    expect(landed).toBeGreaterThan(20);
  });

  test("reading while it is away is refused, not answered with old books as if they were new", async () => {
    const store = await openOverWire();
    wire.set("cut");
    await expect(store.refresh()).rejects.toBeInstanceOf(LedgerUnavailable);
  });
});

describe("the answer is lost after the statement was sent", () => {
  test("an append that landed is found, and its caller hears yes once [P04]", async () => {
    const store = await openOverWire({ waitMs: 5_000 });
    await pay(store, "ana", 1);
    const heard: number[] = [];
    store.onRecorded((recorded) => heard.push(...recorded.map((entry) => entry.seq)));
    wire.set("deafen");
    const answer = pay(store, "ana", 1);
    await expect.poll(eventCount).toBe(2);
    wire.set("cut");
    wire.set("pass");
    expect(await answer).toBe(2);
    expect(heard).toEqual([2]);
    expect(await eventCount()).toBe(2);
  });

  test("an append that landed although its caller gave up enters the books by itself [P04]", async () => {
    const store = await openOverWire({ waitMs: 300 });
    await pay(store, "ana", 1);
    wire.set("deafen");
    const answer = pay(store, "ana", 1).catch((error: Error) => error);
    await expect.poll(eventCount).toBe(2);
    wire.set("cut");
    const refusal = await answer;
    expect(String(refusal)).toMatch(/LedgerUnavailable.*whether it was recorded is found out/);
    expect(store.health().isUnsettled).toBe(true);
    wire.set("pass");
    await expect.poll(() => store.books().balances["ana"]).toBe(2);
    expect(store.health().isAvailable).toBe(true);
  });

  test("an append that never arrived is decided again [P04]", async () => {
    const store = await openOverWire({ waitMs: 5_000 });
    await pay(store, "ana", 1);
    let decided = 0;
    wire.set("hold");
    const answer = store.commit((books) => {
      decided += 1;
      return { drafts: [draft({ type: "paid", account: "ana", amount: 1 })], value: books.balances["ana"] };
    });
    await expect.poll(() => decided).toBe(1);
    await pause(100);
    wire.set("cut");
    wire.set("pass");
    expect(await answer).toBe(1);
    expect(decided).toBe(2);
    expect(await eventCount()).toBe(2);
  });

  test("a statement that arrives after its fate was settled does nothing [P04]", async () => {
    const store = await openOverWire({ waitMs: 300 });
    await pay(store, "ana", 1);
    wire.set("hold");
    const answer = pay(store, "ana", 1).catch((error: Error) => error);
    await pause(100);
    wire.set("closed");
    wire.hangUp();
    expect(await answer).toBeInstanceOf(LedgerUnavailable);
    wire.set("pass");
    await expect.poll(() => store.health().isUnsettled).toBe(false);
    // Only now the lost statement reaches the server, where its connection is still open and the head is where it expects it.
    wire.release();
    await pause(300);
    expect(await eventCount()).toBe(1);
    expect(await pay(store, "ana", 1)).toBe(2);
  });
});

describe("the server is in trouble", () => {
  test("a server that hears but never answers is given up after the statement's bound", async () => {
    const store = await openOverWire({ waitMs: 300, statementMsMax: 300 });
    await pay(store, "ana", 1);
    wire.set("deafen");
    const started = performance.now();
    await expect(pay(store, "ana", 1)).rejects.toBeInstanceOf(LedgerUnavailable);
    expect(performance.now() - started).toBeLessThan(6_000);
    wire.set("cut");
    wire.set("pass");
    await expect.poll(() => store.books().balances["ana"], { timeout: 10_000 }).toBe(2);
  });

  test("killing our session in the middle of a thousand commits loses and doubles nothing [P05] [P21]", async () => {
    const store = await openOverWire({ waitMs: 5_000 });
    const kill = async (): Promise<void> => {
      await house.database.pool.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ledger' and datname = current_database()",
      );
    };
    const values: Promise<number>[] = [];
    for (let round = 0; round < 50; round += 1) {
      for (let count = 0; count < 20; count += 1) values.push(pay(store, "ana", 1));
      if (round % 10 === 5) await kill();
      await pause(2);
    }
    const landed = await Promise.all(values);
    expect(landed).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
    expect(await eventCount()).toBe(1_000);
  });
});

test("a database that was replaced by an older copy is noticed, and nothing is written over it", async () => {
  const store = await openOverWire();
  await pay(store, "ana", 1);
  await pay(store, "ana", 1);
  const { pool } = house.database;
  await pool.query(
    "alter table events disable trigger all; delete from events where seq = 2; alter table events enable trigger all",
  );
  await pool.query("update ledger_head set seq = 1, hash = (select hash from events where seq = 1)");
  await expect(pay(store, "ana", 1)).rejects.toThrow(/ends at fact 1, and this process knows fact 2/);
  await expect(pay(store, "ana", 1)).rejects.toBeInstanceOf(LedgerUnavailable);
});
