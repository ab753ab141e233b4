/** Closing everything at an exchange that changes while it is done: a stop that fires, a book without buyers. */
import { expect, test } from "vitest";
import { systemVault } from "../../src/adapters/system/vault.ts";
import { nothingTraded, type OpenOrder } from "../../src/core/emergency_plan.ts";
import type { Lifeline } from "../../src/core/lifeline.ts";
import { minus, type Price, plus, price, type Quantity, quantity, zeroQuantity } from "../../src/core/money.ts";
import { runEmergency } from "../../src/emergency/run.ts";
import type { EmergencyVenue } from "../../src/ports/emergency_venue.ts";
import { makeInstrument } from "../fixtures/instrument.ts";

const own = quantity("4");
const theirs = quantity("6");

const lifeline: Lifeline = {
  form: "lifeline-1",
  at: "2026-01-01T00:00:00.000Z",
  mode: "live",
  venue: "kucoin",
  account: "main",
  epoch: 5,
  baseUrl: null,
  symbols: ["SOL/USDT"],
  positions: [
    {
      positionId: "trade_1",
      instrumentId: "kucoin:SOL/USDT",
      account: "main",
      strategy: "canary",
      quantity: own,
      stopPrice: price("80"),
      protection: "placed",
      exitAttempts: 0,
    },
  ],
  orders: [],
};

/** Four coins of ours under a stop, six of somebody else beside them. */
function exchange(wish: { bid: Price | null; firesOnCancel: boolean }) {
  const world = { free: theirs, held: own, hasStop: true, sold: zeroQuantity, firedFor: zeroQuantity };
  const stop: OpenOrder = {
    kind: "stop_limit",
    symbol: "SOL/USDT",
    venueOrderId: "s1",
    clientOrderId: "xcsl5z0123456789abcdef",
    side: "sell",
    quantity: own,
  };
  const ended = new Map<string, Quantity>();
  const venue: EmergencyVenue = {
    time: () => Promise.resolve(0),
    keyRefusal: () => Promise.resolve(null),
    instruments: () => Promise.resolve([makeInstrument()]),
    openOrders: () => Promise.resolve(world.hasStop ? [stop] : []),
    async cancel() {
      if (!world.hasStop) return;
      world.hasStop = false;
      if (wish.firesOnCancel) world.firedFor = world.held;
      else world.free = plus(world.free, world.held);
      world.held = zeroQuantity;
    },
    balances: () => Promise.resolve([{ asset: "SOL", free: world.free, held: world.held }]),
    bid: () => Promise.resolve(wish.bid),
    async sell(sale) {
      world.free = minus(world.free, sale.quantity);
      world.sold = plus(world.sold, sale.quantity);
      ended.set(sale.clientOrderId, sale.quantity);
      return { kind: "working", sold: zeroQuantity };
    },
    async look(_symbol, clientOrderId) {
      const sold = ended.get(clientOrderId);
      return sold === undefined ? { kind: "absent" } : { kind: "ended", sold };
    },
    traded: () => Promise.resolve({ ...nothingTraded, soldByUs: world.sold, soldByOthers: world.firedFor }),
  };
  return { world, venue };
}

function close(venue: EmergencyVenue) {
  const vault = systemVault();
  let mono = 0;
  return runEmergency({
    venue,
    lifeline,
    snapshotAt: 0,
    begunAt: 0,
    unsettled: [],
    isDedicated: false,
    mode: "live",
    epoch: 6,
    sha256: (text) => vault.sha256(text),
    venueNow: () => mono,
    mono: () => mono,
    async sleep(ms) {
      mono += ms;
    },
    turn: () => Promise.resolve(),
    journal: () => undefined,
    tell: () => undefined,
    say: () => undefined,
  });
}

test("what is ours is sold, what is not stays", async () => {
  const { world, venue } = exchange({ bid: price("87"), firesOnCancel: false });
  await close(venue);
  expect([world.sold, world.free]).toEqual([own, theirs]);
});

test("a stop that trades while it is canceled has sold what was ours: nothing of others is sold for it [V17]", async () => {
  const { world, venue } = exchange({ bid: price("87"), firesOnCancel: true });
  await close(venue);
  expect([world.sold, world.free]).toEqual(["0", theirs]);
});

test("where nobody buys the stop stays, and what is left is told", async () => {
  const { world, venue } = exchange({ bid: null, firesOnCancel: false });
  const report = await close(venue);
  expect(world.hasStop).toBe(true);
  expect(report.left.join(" ")).toContain("4 SOL/USDT not sold");
});
