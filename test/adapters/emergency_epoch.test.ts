/** The emergency process takes the trader epoch from a living database, and gives the lease back when it is done. */
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readEpoch, takeEpoch } from "../../src/adapters/postgres/epoch.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { instant } from "../../src/core/time.ts";
import { type Connect, releaseQuickly, takeEpochQuickly } from "../../src/emergency/epoch.ts";
import { freshDatabase, type TestDatabase } from "../fixtures/database.ts";

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const clock = systemClock();
const connect: Connect = async (address) => {
  const client = new pg.Client("url" in address ? { connectionString: address.url } : address);
  await client.connect();
  return client;
};
const tools = { connect, sleep: (ms: number) => clock.sleep(ms), holder: "emergency of process 7" };
const claim = { gitSha: "", configHash: "", at: instant(0), leaseMs: 10_000, from: "expired" } as const;
const next = () => takeEpoch(database.pool, { ...claim, holder: "house" });

test("a bot that is started while it works is told who holds the lease, and need not wait when it has ended", async () => {
  const address = { ...database.address, password: database.address.password ?? "" };
  expect(await takeEpochQuickly(address, { ...tools, above: 4 })).toBe(5);
  expect(await next()).toMatchObject({ ok: false, problem: { holder: tools.holder } });
  await releaseQuickly(address, tools);
  expect(await next()).toMatchObject({ ok: true, value: { epoch: 6, wasReleased: true } });
});

test("a lease that is another's by then is not given back, and a dead database keeps nobody waiting", async () => {
  const address = { ...database.address, password: database.address.password ?? "" };
  await takeEpoch(database.pool, { ...claim, holder: "house" });
  await releaseQuickly(address, tools);
  expect(await takeEpoch(database.pool, { ...claim, holder: "other" })).toMatchObject({ ok: false });
  expect(await readEpoch(database.pool)).toBe(1);
  const begun = performance.now();
  await releaseQuickly({ url: "postgres://nobody:nothing@127.0.0.1:9/none" }, tools);
  expect(performance.now() - begun).toBeLessThan(2_000);
});
