/** Tampering is found and named; views that differ from the record are found and can be put right. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rebuild, verify } from "../../src/adapters/postgres/audit.ts";
import { systemVault } from "../../src/adapters/system/vault.ts";
import { toyFold } from "../fixtures/toy_fold.ts";
import { draft, pay, type ToyHouse, toyHouse } from "../fixtures/toy_ledger.ts";

let house: ToyHouse;
let epoch: number;
beforeEach(async () => {
  house = await toyHouse();
  epoch = await house.takeEpoch();
  const store = await house.open({ epoch });
  for (let count = 1; count <= 5; count += 1) await pay(store, `account_${count % 2}`, count);
  await store.commit(() => ({ drafts: [draft({ type: "renamed", account: "account_1", name: "Ana" })], value: null }));
});
afterEach(() => house.end());

const { sha256 } = systemVault();
/** What somebody with the rights of the owner could do behind our back. */
async function tamper(text: string): Promise<void> {
  await house.database.pool.query(
    `alter table events disable trigger all; ${text}; alter table events enable trigger all`,
  );
}

const cases: readonly (readonly [string, string, number, RegExp])[] = [
  [
    "a changed body",
    `update events set body = '{"account":"account_1","amount":99,"type":"paid"}' where seq = 3`,
    3,
    /was changed/,
  ],
  [
    "one more space in a body",
    "update events set body = replace(body::text, ':', ': ')::json where seq = 4",
    4,
    /was changed/,
  ],
  ["another actor", "update events set actor = 'person:bo' where seq = 2", 2, /was changed/],
  [
    "another time, by a microsecond",
    "update events set at = at + interval '1 microsecond' where seq = 2",
    2,
    /was changed/,
  ],
  ["another wall time", "update events set wall_at = wall_at + interval '1 second' where seq = 5", 5, /was changed/],
  ["another trade", "update events set trade_id = 'trade_x' where seq = 1", 1, /was changed/],
  ["another cause", "update events set caused_by = 1 where seq = 6", 6, /was changed/],
  ["another epoch", "update events set epoch = 9 where seq = 6", 6, /was changed/],
  ["another host", "update events set host = 'elsewhere' where seq = 6", 6, /was changed/],
  ["another kind", "update events set kind = 'renamed' where seq = 5", 5, /was changed/],
  [
    "a new hash for a changed fact",
    `update events set actor = 'x', hash = repeat('a', 64) where seq = 3`,
    3,
    /was changed/,
  ],
  ["a fact taken out of the middle", "delete from events where seq = 4", 4, /is missing/],
  ["the newest fact taken away", "delete from events where seq = 6", 6, /is missing/],
  [
    "a history that was cut and whose head was moved back",
    "delete from events where seq > 4; update ledger_head set seq = 4",
    4,
    /another hash/,
  ],
  [
    "two facts exchanged",
    "update events set seq = 8 - seq + 100 where seq in (3, 5); update events set seq = seq - 100 where seq > 100",
    3,
    /does not continue/,
  ],
];
describe("verify", () => {
  test("an untouched record passes, and tells how long it is", async () => {
    const seen: number[] = [];
    const answer = await verify(house.database.pool, sha256, { onProgress: (done, of) => seen.push(done, of) });
    expect(answer).toMatchObject({ ok: true, value: { facts: 6 } });
    expect(seen).toEqual([6, 6]);
  });

  test.each(cases)("%s is found at its place", async (_what, text, seq, because) => {
    await tamper(text);
    const answer = await verify(house.database.pool, sha256);
    expect(answer.ok).toBe(false);
    if (!answer.ok)
      expect(answer.problem).toMatchObject({ kind: "broken", seq, because: expect.stringMatching(because) });
  });

  test("a store does not open on a record that was changed", async () => {
    await tamper("update events set actor = 'person:bo' where seq = 2");
    await expect(house.open({ epoch })).rejects.toThrow(/fact 2 was changed after it was recorded.*audit verify/);
  });

  test("it stops when told to", async () => {
    const stopped = AbortSignal.abort();
    expect(await verify(house.database.pool, sha256, { signal: stopped })).toEqual({
      ok: false,
      problem: { kind: "aborted" },
    });
  });
});

describe("rebuild", () => {
  const run = (apply = false) =>
    rebuild(house.database.pool, { fold: toyFold, sha256, apply, tables: ["toy_balances"] });

  test("views of an untouched record are the same after a replay", async () => {
    expect(await run()).toEqual({ ok: true, value: { facts: 6, tables: 1, differences: [], isApplied: false } });
  });

  test.each([
    [
      "a changed value",
      "update toy_balances set balance = 1 where account = 'account_1'",
      { onlyLive: 1, onlyReplayed: 1, examples: ["account_1"] },
    ],
    [
      "a missing row",
      "delete from toy_balances where account = 'account_0'",
      { onlyLive: 0, onlyReplayed: 1, examples: ["account_0"] },
    ],
    [
      "a row that no fact made",
      "insert into toy_balances values ('ghost', 1, null, 1)",
      { onlyLive: 1, onlyReplayed: 0, examples: ["ghost"] },
    ],
  ])("%s is reported, left alone, and put right on request", async (_what, text, difference) => {
    const before = await house.database.pool.query("select * from toy_balances order by account");
    await house.database.pool.query(text);
    const differences = [{ table: "toy_balances", ...difference }];
    expect(await run()).toMatchObject({ ok: true, value: { differences, isApplied: false } });
    expect(await run(true)).toMatchObject({ ok: true, value: { differences, isApplied: true } });
    expect(await run()).toMatchObject({ ok: true, value: { differences: [] } });
    const after = await house.database.pool.query("select * from toy_balances order by account");
    expect(after.rows).toEqual(before.rows);
  });

  test("putting right and appending at the same time disturb neither", async () => {
    const store = await house.open({ epoch });
    const pays = Array.from(
      { length: 200 },
      (_, index) =>
        new Promise<number>((settle, refuse) =>
          setTimeout(() => void pay(store, "busy", 1).then(settle, refuse), index),
        ),
    );
    await house.database.pool.query("update toy_balances set balance = 1 where account = 'account_1'");
    expect(await run(true)).toMatchObject({ ok: true });
    await Promise.all(pays);
    expect(await run()).toMatchObject({ ok: true, value: { facts: 206, differences: [] } });
  });

  test("it leaves no table behind", async () => {
    await run(true);
    const left = await house.database.pool.query(
      "select relname from pg_class where relname = 'toy_balances' and relkind = 'r'",
    );
    expect(left.rows).toHaveLength(1);
  });
});
