/** The state machines on a real PostgreSQL: every pair of states, against the table of the core, and paths of several steps. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { legalMovesProblem } from "../../src/adapters/postgres/legal_moves.ts";
import { migrate } from "../../src/adapters/postgres/migrate.ts";
import { systemVault } from "../../src/adapters/system/vault.ts";
import { legalMoves, unborn } from "../../src/core/legal_moves.ts";
import { orderStates, orderTable } from "../../src/core/order.ts";
import { positionStates, positionTable } from "../../src/core/position.ts";
import { instant } from "../../src/core/time.ts";
import { everyFact } from "../fixtures/every_fact.ts";
import { fillOf, foundAs } from "../fixtures/facts.ts";
import { houseOnDatabase, type RealLedger } from "../fixtures/real_ledger.ts";

let house: RealLedger;
beforeAll(async () => {
  house = await houseOnDatabase();
  await house.tell(everyFact.house_started, everyFact.account_opened, everyFact.order_intended);
});
afterAll(() => house.end());

type Machine = {
  readonly table: "orders" | "positions";
  readonly states: readonly string[];
  readonly next: (state: string) => readonly string[];
};
const machines: readonly Machine[] = [
  {
    table: "orders",
    states: orderStates,
    next: (state) => Object.values(orderTable[state as keyof typeof orderTable]),
  },
  {
    table: "positions",
    states: positionStates,
    next: (state) => Object.values(positionTable[state as keyof typeof positionTable]),
  },
];

/**
 * Puts the row of the table into `from` past all triggers, then walks it along `path` as an append would: the head moves in
 * the same transaction. Everything is rolled back. @returns the refusal, or null.
 */
async function walk(table: Machine["table"], from: string, path: readonly string[]): Promise<string | null> {
  const client = await house.database.pool.connect();
  try {
    await client.query("begin");
    await client.query("set local session_replication_role = replica");
    await client.query(`update ${table} set state = $1, moves = 5, path = array[$1]`, [from]);
    await client.query("set local session_replication_role = origin");
    await client.query("update ledger_head set turn = turn + 1");
    await client.query(`update ${table} set state = $1, moves = moves + $2, path = path || $3::text[]`, [
      path.at(-1) ?? from,
      path.length,
      path,
    ]);
    return null;
  } catch (error) {
    return (error as Error).message;
  } finally {
    await client.query("rollback");
    client.release();
  }
}

describe.each(machines)("$table", ({ table, states, next }) => {
  const pairs = states.flatMap((from) => states.map((to) => [from, to] as const));

  test(`all ${pairs.length} pairs: a step that the table holds passes, every other is refused [O05]`, async () => {
    for (const [from, to] of pairs.filter(([from, to]) => from !== to)) {
      const refusal = await walk(table, from, [to]);
      expect([from, to, refusal === null ? "passes" : "refused"]).toEqual([
        from,
        to,
        next(from).includes(to) ? "passes" : "refused",
      ]);
      if (refusal !== null) expect(refusal).toBe(`a row of ${table} may not go from ${from} to ${to}`);
    }
  });

  test("all chains of two steps in one commit: both must be steps of the table, however legal the ends look", async () => {
    for (const [from, by] of pairs.filter(([from, by]) => from !== by)) {
      const to = next(by).find((state) => state !== by) ?? by;
      if (to === by) continue;
      const isLegal = next(from).includes(by);
      expect([from, by, to, (await walk(table, from, [by, to])) === null]).toEqual([from, by, to, isLegal]);
    }
  });

  test("to stay is no step, and other columns may change meanwhile", async () => {
    for (const state of states) expect(await walk(table, state, [])).toBeNull();
  });
});

describe("a path can't be bent", () => {
  const bent = [
    ["a state without its step", "update orders set state = 'open'", "which its path does not end with"],
    [
      "a path that begins elsewhere",
      "update orders set moves = 1, path = array['sending','open'], state = 'open'",
      "does not continue from there",
    ],
    [
      "a step counted twice",
      "update orders set moves = 2, path = array['intent','sending'], state = 'sending'",
      "does not continue from there",
    ],
    ["a step taken back", "update orders set moves = moves - 1", "does not continue from there"],
    [
      "a row that is born in the middle",
      'insert into orders select * from jsonb_populate_record(null::orders, (select to_jsonb(o) || \'{"client_order_id":"x","attempt":9,"state":"unknown","path":["unknown"]}\' from orders o))',
      "may not go from unborn to unknown",
    ],
  ] as const;
  test.each(bent)("%s is refused [O05]", async (_what, statement, says) => {
    const client = await house.database.pool.connect();
    try {
      await client.query("begin; update ledger_head set turn = turn + 1");
      await expect(client.query(statement)).rejects.toThrow(says);
    } finally {
      await client.query("rollback");
      client.release();
    }
  });
});

describe("an operator at the database", () => {
  const tables = ["orders", "positions", "fills", "order_evidence", "approvals", "votes"] as const;
  beforeEach(async () => {
    if (house.ledger.books().seq > 3) return;
    await house.tell(everyFact.order_sending, everyFact.order_acknowledged, everyFact.fill_received);
    await house.tell(everyFact.order_probed, everyFact.approval_requested, everyFact.vote_cast);
  });

  test.each(tables)("can't change a row of %s, not even to what would be legal [O05]", async (table) => {
    const { pool } = house.database;
    const column = {
      orders: "problem = 'x'",
      positions: "quantity = 0",
      fills: "price = 1",
      order_evidence: "because = ''",
      approvals: "state = 'approved'",
      votes: "verdict = 'no'",
    }[table];
    await expect(pool.query(`update ${table} set ${column}`)).rejects.toThrow(`UPDATE on ${table} refused`);
    await expect(pool.query(`delete from ${table}`)).rejects.toThrow(`DELETE on ${table} refused`);
    await expect(pool.query(`insert into ${table} select * from ${table}`)).rejects.toThrow(
      `INSERT on ${table} refused`,
    );
  });

  test.each(["orders", "positions", "fills", "order_evidence", "events"])("can't empty %s [P20]", async (table) => {
    await expect(house.database.pool.query(`truncate ${table}`)).rejects.toThrow("TRUNCATE");
  });

  test("who adds a step to the table of steps is named by the next look, and the next start puts it right [O05]", async () => {
    const { pool } = house.database;
    await pool.query("insert into legal_moves values ('orders', 'filled', 'intent')");
    await pool.query("delete from legal_moves where machine = 'positions' and from_state = 'closed'");
    expect(await house.ledger.integrity()).toMatchObject({
      rowsOk: false,
      problem: expect.stringContaining(
        `the table "legal_moves" allows orders: filled to intent and lacks positions: closed to residual`,
      ),
    });
    const migrated = await migrate(pool, { folder: "migrations", at: instant(0), vault: systemVault() });
    expect([migrated.ok, await legalMovesProblem(pool)]).toEqual([true, null]);
  });
});

test("several facts in one commit pass with every state that they went through", async () => {
  const one = await houseOnDatabase();
  const { order_intended, order_sending, order_acknowledged, order_ended, position_closed } = everyFact;
  await one.tell(everyFact.house_started, everyFact.account_opened);
  await one.tell(order_intended, order_sending, order_acknowledged, fillOf("e1", { price: "87", quantity: "1" }));
  await one.tell(
    order_ended,
    { ...position_closed, reason: "external" },
    fillOf("e1", { price: "86", quantity: "1", id: "late" }),
    foundAs("e1", "open"),
  );
  const read = async (table: string) => (await one.database.pool.query(`select state, moves, path from ${table}`)).rows;
  expect(await read("orders")).toEqual([
    {
      state: "partial",
      moves: 6,
      path: ["intent", "sending", "open", "partial", "partial_canceled", "reopened_by_fill", "partial"],
    },
  ]);
  expect(await read("positions")).toEqual([
    { state: "residual", moves: 3, path: ["entry", "monitoring", "closed", "residual"] },
  ]);
  expect(await one.ledger.integrity()).toMatchObject({ problem: null });
  await one.end();
});

test("the database holds exactly the steps of the core, and a birth for every way into the books", async () => {
  expect(await legalMovesProblem(house.database.pool)).toBeNull();
  expect(legalMoves.filter(({ from }) => from === unborn).map(({ machine, to }) => `${machine} ${to}`)).toEqual([
    "orders intent",
    "orders open",
    "orders filled",
    "positions entry",
  ]);
});
