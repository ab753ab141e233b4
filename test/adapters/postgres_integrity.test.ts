/** Who is mighty enough to switch the triggers off is found by the next look at the record, and the look is cheap. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hashOfRow } from "../../src/adapters/postgres/chain.ts";
import { readEvents } from "../../src/adapters/postgres/event_rows.ts";
import { systemVault } from "../../src/adapters/system/vault.ts";
import { living } from "../../src/core/projections.ts";
import { everyFact } from "../fixtures/every_fact.ts";
import { houseOnDatabase, type RealLedger } from "../fixtures/real_ledger.ts";
import { watchMarks } from "../fixtures/watch_marks.ts";

let house: RealLedger;
const marks = watchMarks();
beforeEach(async () => {
  house = await houseOnDatabase();
  const { house_started, account_opened, order_intended, order_sending, order_acknowledged, fill_received } = everyFact;
  await house.tell(house_started, account_opened);
  await house.tell(order_intended);
  await house.tell(order_sending);
  await house.tell(order_acknowledged, fill_received);
});
afterEach(() => house.end());

/** As the owner of the server, past every trigger. */
async function byHand(...statements: readonly string[]): Promise<void> {
  await house.database.pool.query(
    ["begin", "set local session_replication_role = replica", ...statements, "commit"].join(";\n"),
  );
  // The server counts a change when its session has been idle for a moment.
  await house.database.pool.query("select pg_stat_force_next_flush()");
}

const fine = { headOk: true, gapFree: true, rowsOk: true, problem: null };

test("a record that nobody touched is fine, look after look, while it grows", async () => {
  expect(await house.ledger.integrity()).toEqual({ ...fine, checkedTo: 6 });
  await house.tell(everyFact.order_cancel_requested);
  expect(await house.ledger.integrity()).toEqual({ ...fine, checkedTo: 7 });
  expect(living(house.ledger.books()).map(({ table }) => table)).toEqual(["orders", "positions"]);
});

test("looks and appends at the same time never accuse anybody", async () => {
  for (let round = 0; round < 15; round += 1) {
    const [seen] = await Promise.all([
      house.ledger.integrity(),
      house.tell(everyFact.order_probed),
      house.tell(everyFact.stop_moved),
    ]);
    expect(seen).toMatchObject(fine);
  }
});

const forgeries = [
  {
    what: "the price of a recorded fill",
    statements: [`update events set body = replace(body::text, '87.5', '17.5')::json where kind = 'fill_received'`],
    says: { gapFree: false, problem: expect.stringContaining("fact 6 was changed after it was recorded") },
    marks: ["P20.fact_changed"],
  },
  {
    what: "the time of a fact by a millionth of a second",
    statements: ["update events set at = at + interval '1 microsecond' where seq = 2"],
    says: { gapFree: false, problem: expect.stringContaining("fact 2 was changed after it was recorded") },
    marks: ["P20.fact_changed"],
  },
  {
    what: "a fact taken out of the middle",
    statements: ["delete from events where seq = 3"],
    says: { gapFree: false, problem: expect.stringContaining("fact 3 is missing") },
    marks: ["P21.gap"],
  },
  {
    what: "the newest fact and the head with it",
    statements: [
      "delete from events where seq = 6",
      "update ledger_head set seq = 5, hash = (select hash from events where seq = 5)",
    ],
    says: { headOk: false, problem: expect.stringContaining("the head names fact 5, and fact 6 is known here") },
    marks: ["P20.head_changed"],
  },
  {
    what: "a fact put behind the head",
    statements: [
      "insert into events select 7, at, wall_at, actor, kind, trade_id, caused_by, body, hash, repeat('a', 64), epoch, host from events where seq = 6",
    ],
    says: { gapFree: false, problem: expect.stringContaining("fact 7 stands after the head (6)") },
    marks: ["P21.fact_beyond_head"],
  },
  {
    what: "the size of a position",
    statements: ["update positions set quantity = 5"],
    says: { rowsOk: false, problem: expect.stringContaining(`"positions" differs for trade-1`) },
    marks: ["O05.row_changed_by_hand"],
  },
  {
    what: "an order that is made to look ended",
    statements: ["update orders set state = 'canceled', ended_at = now()"],
    says: { rowsOk: false, problem: expect.stringContaining(`"orders" differs for e1`) },
    marks: ["O05.row_changed_by_hand"],
  },
  {
    what: "an order that is made to disappear",
    statements: ["delete from orders"],
    says: { rowsOk: false, problem: expect.stringContaining(`"orders" differs for e1`) },
    marks: ["O05.row_changed_by_hand"],
  },
  {
    what: "the price of a fill in its table",
    statements: ["update fills set price = 17.5"],
    says: { rowsOk: false, problem: expect.stringContaining(`the fill of fact 6 in "fills"`) },
    marks: ["O05.row_changed_by_hand"],
  },
] as const;

describe("a superuser with all triggers off changes", () => {
  test.each(forgeries)(
    "$what, and the next look names it [P20] [P21] [O05]",
    async ({ statements, says, marks: reached }) => {
      expect(await house.ledger.integrity()).toMatchObject(fine);
      await byHand(...statements);
      expect(await house.ledger.integrity()).toMatchObject(says);
      expect(marks.reached()).toEqual(expect.arrayContaining([...reached]));
    },
  );

  test("a whole history with new hashes, and the head that this process knows gives it away [P20]", async () => {
    const { sha256 } = systemVault();
    const rows = await readEvents(house.database.pool, { after: 0, until: 6, count: 10 });
    let prev_hash = rows[0]?.prev_hash ?? "";
    const statements: string[] = [];
    for (const row of rows) {
      const forged = { ...row, prev_hash, actor: row.seq === 4 ? "mallory" : row.actor };
      const hash = hashOfRow(forged, sha256);
      statements.push(
        `update events set actor = '${forged.actor}', prev_hash = '${prev_hash}', hash = '${hash}' where seq = ${row.seq}`,
      );
      prev_hash = hash;
    }
    await byHand(...statements, `update ledger_head set hash = '${prev_hash}'`);
    expect(await house.ledger.integrity()).toMatchObject({ headOk: false });
  });
});

test("a database that is away is no forgery: the look rejects [P20]", async () => {
  await house.pool.end();
  await expect(house.ledger.integrity()).rejects.toThrow("The record could not be checked");
});
