/** The stations of an order, read from the facts by the view order_times: each in ms, none invented. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { everyFact } from "../fixtures/every_fact.ts";
import { fillOf, intended, requested, settledAs, working } from "../fixtures/facts.ts";
import { makeEntry, makeProtection } from "../fixtures/intent.ts";
import { houseOnDatabase, type RealLedger } from "../fixtures/real_ledger.ts";
import { storyStart } from "../fixtures/story.ts";

let house: RealLedger;
beforeEach(async () => {
  house = await houseOnDatabase();
  await house.tell(everyFact.house_started, everyFact.account_opened);
});
afterEach(() => house.end());

async function times(clientOrderId: string): Promise<Readonly<Record<string, unknown>>> {
  const answer = await house.database.pool.query<Record<string, unknown>>(
    "select * from order_times where client_order_id = $1",
    [clientOrderId],
  );
  const { client_order_id: _id, trade_id: _trade, mode: _mode, ...row } = answer.rows[0] ?? {};
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === "number" ? value - storyStart : value]),
  );
}

test("every station of an entry, from the signal to the stop that rests", async () => {
  const { signal_raised, order_sending } = everyFact;
  const entry = intended("e1", makeEntry({ signalId: "signal-1" }), { approvalId: "apr-1", approvalVersion: 1 });
  await house.tellOf("trade-1", 10, signal_raised);
  await house.tellOf("trade-1", 25, requested());
  await house.tellOf("trade-1", 4_000, settledAs("approved"));
  await house.tellOf("trade-1", 4_010, entry);
  await house.tellOf("trade-1", 4_020, order_sending);
  await house.tellOf("trade-1", 4_081, {
    type: "order_acknowledged",
    clientOrderId: "e1",
    venueOrderId: "v1",
    latencyMs: 55,
    wire: { firstByteMs: 2, doneMs: 3 },
  });
  await house.tellOf("trade-1", 4_300, fillOf("e1", { price: "87", quantity: "1" }));
  const [stop, stopSending, stopAcknowledged] = working("p1", makeProtection());
  await house.tellOf("trade-1", 4_310, ...[stop, stopSending].filter((fact) => fact !== undefined));
  await house.tellOf("trade-1", 4_390, ...[stopAcknowledged].filter((fact) => fact !== undefined));
  expect(await times("e1")).toEqual({
    leg: "entry",
    clock: "wall clock of test, ms",
    t_signal: 10,
    t_proposed: 25,
    t_approved: 4_000,
    t_tx1: 4_010,
    t_tx2: 4_020,
    t_wire_first_byte: 4_022,
    t_wire_done: 4_023,
    t_answered: 4_075,
    t_ack: 4_081,
    t_first_fill: 4_300,
    t_protected: 4_390,
  });
  expect(await times("p1")).toMatchObject({ leg: "protect", t_tx1: 4_310, t_ack: 4_390, t_protected: 4_390 });
});

test("what never happened has no time", async () => {
  await house.tellOf("trade-1", 5, intended("e1", makeEntry({ signalId: null })));
  await house.tellOf("trade-1", 9, { type: "order_dropped", clientOrderId: "e1", because: "paused" });
  expect(await times("e1")).toMatchObject({
    t_signal: null,
    t_proposed: null,
    t_tx1: 5,
    t_tx2: null,
    t_wire_done: null,
    t_ack: null,
    t_first_fill: null,
    t_protected: null,
  });
});
