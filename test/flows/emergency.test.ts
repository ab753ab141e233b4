/** Closing everything at an exchange that changes while it is done: a stop that fires, a book without buyers. */
import { expect, test } from "vitest";
import { systemVault } from "../../src/adapters/system/vault.ts";
import type { Deal } from "../../src/core/emergency_claim.ts";
import type { OpenOrder } from "../../src/core/emergency_plan.ts";
import type { Lifeline } from "../../src/core/lifeline.ts";
import {
  minus,
  notional,
  type Price,
  plus,
  price,
  type Quantity,
  quantity,
  zeroQuantity,
} from "../../src/core/money.ts";
import { runEmergency } from "../../src/emergency/run.ts";
import type { EmergencyVenue } from "../../src/ports/emergency_venue.ts";
import { makeInstrument } from "../fixtures/instrument.ts";
import { heldPosition, makeLifeline } from "../fixtures/lifeline.ts";

const own = quantity("4");
const theirs = quantity("6");

const lifeline = makeLifeline({ positions: [{ ...heldPosition(own), positionId: "trade_1", strategy: "canary" }] });

const stopName = "xcsl5z0123456789abcdef";
const day = 24 * 3_600_000;

/** Four coins of ours under a stop, six of somebody else beside them; what traded before we came is told as `history`. */
function exchange(
  wish: {
    readonly bid?: Price | null;
    readonly firesOnCancel?: boolean;
    /** The answer to the cancel is lost, and its repetition finds the stop gone. */
    readonly losesAnswer?: boolean;
    readonly history?: readonly Deal[];
  } = {},
) {
  const { bid = price("87"), history = [] } = wish;
  const world = { free: theirs, held: own, hasStop: true, sold: zeroQuantity, canceled: 0 };
  const stop: OpenOrder = {
    kind: "stop_limit",
    symbol: "SOL/USDT",
    venueOrderId: "s1",
    clientOrderId: stopName,
    side: "sell",
    quantity: own,
  };
  const sales = new Map<string, Quantity>();
  const fired: Deal[] = [];
  const venue: EmergencyVenue = {
    time: () => Promise.resolve(0),
    keyRefusal: () => Promise.resolve(null),
    instruments: () => Promise.resolve([makeInstrument()]),
    openOrders: () => Promise.resolve(world.hasStop ? [stop] : []),
    async cancel() {
      if (!world.hasStop) return { kind: "gone" };
      world.hasStop = false;
      world.canceled += 1;
      if (wish.firesOnCancel === true) fired.push(sale({ quantity: own }));
      else world.free = plus(world.free, world.held);
      world.held = zeroQuantity;
      return wish.firesOnCancel === true || wish.losesAnswer === true
        ? { kind: "gone" }
        : { kind: "canceled", freed: own, traded: zeroQuantity };
    },
    firedAs: () => Promise.resolve(null),
    balances: () => Promise.resolve([{ asset: "SOL", free: world.free, held: world.held }]),
    bid: () => Promise.resolve(bid),
    async sell(asked) {
      world.free = minus(world.free, asked.quantity);
      world.sold = plus(world.sold, asked.quantity);
      sales.set(asked.clientOrderId, asked.quantity);
      return { kind: "working", sold: zeroQuantity };
    },
    async look(_symbol, clientOrderId) {
      const sold = sales.get(clientOrderId);
      return sold === undefined ? { kind: "absent" } : { kind: "ended", sold };
    },
    async deals(_symbol, since) {
      const ours = [...sales].map(([clientOrderId, quantity]) => sale({ clientOrderId, quantity }));
      return [...history, ...fired, ...ours].flatMap((one) => {
        const fills = one.fills.filter((fill) => fill.at >= since);
        return fills.length === 0 ? [] : [{ ...one, fills }];
      });
    },
  };
  return { world, venue };
}

/** An order without a name that sold, unless told otherwise. */
function sale(about: { quantity: Quantity; at?: number; clientOrderId?: string; venueOrderId?: string }): Deal {
  const { quantity: size, at = 0, clientOrderId = null, venueOrderId = `v${clientOrderId ?? at}` } = about;
  return { venueOrderId, clientOrderId, side: "sell", total: size, fills: [{ at, quantity: size }] };
}

type Wish = {
  readonly isDedicated?: boolean;
  readonly snapshotAt?: number;
  readonly comparedAt?: number | null;
  readonly lifeline?: Lifeline;
  readonly isOurs?: () => Promise<boolean>;
};

function close(venue: EmergencyVenue, wish: Wish = {}) {
  const vault = systemVault();
  let mono = 0;
  const { snapshotAt = 0 } = wish;
  return runEmergency({
    venue,
    lifeline: wish.lifeline ?? lifeline,
    snapshotAt,
    comparedAt: wish.comparedAt === undefined ? snapshotAt : wish.comparedAt,
    begunAt: 0,
    unsettled: [],
    isDedicated: wish.isDedicated === true,
    mode: "live",
    epoch: 6,
    sha256: (text) => vault.sha256(text),
    venueNow: () => mono,
    mono: () => mono,
    async sleep(ms) {
      mono += ms;
    },
    turn: () => Promise.resolve(),
    isOurs: wish.isOurs ?? (() => Promise.resolve(true)),
    journal: () => undefined,
    tell: () => undefined,
    say: () => undefined,
  });
}

test("what is ours is sold, what is not stays", async () => {
  const { world, venue } = exchange();
  const report = await close(venue);
  expect([world.sold, world.free, report.left, report.lookedTwice]).toEqual([own, theirs, [], true]);
});

test("a stop that trades while it is canceled has sold what was ours: nothing of others is sold for it [V17]", async () => {
  const { world, venue } = exchange({ firesOnCancel: true });
  const report = await close(venue);
  expect([world.sold, world.free, report.left]).toEqual(["0", theirs, []]);
});

test("a stop that trades while it is canceled, in no list yet: what left the account says so [V17]", async () => {
  const { world, venue } = exchange({ firesOnCancel: true });
  await close({ ...venue, deals: () => Promise.resolve([]) });
  expect([world.sold, world.free]).toEqual(["0", theirs]);
});

test("a stop that is gone while its coins are held still: nothing of others is sold for it, and somebody is told", async () => {
  const { world, venue } = exchange();
  const cancel = async () => {
    world.hasStop = false;
    return { kind: "gone" } as const;
  };
  const report = await close({ ...venue, cancel });
  expect([world.sold, world.free]).toEqual(["0", theirs]);
  expect(report.left.join(" ")).toContain("4 SOL/USDT of ours are still there");
});

test("the answer to its cancel is lost: the coins that it freed are ours all the same", async () => {
  const { world, venue } = exchange({ losesAnswer: true, history: [sale({ quantity: own, at: -1_000 })] });
  await close(venue);
  expect([world.sold, world.free]).toEqual([own, theirs]);
});

test("where nobody buys the stop stays, and what is left is told", async () => {
  const { world, venue } = exchange({ bid: null });
  const report = await close(venue);
  expect(world.hasStop).toBe(true);
  expect(report.left.join(" ")).toContain("4 SOL/USDT not sold");
});

test("what is too little to sell keeps its stop, and is told", async () => {
  const { world, venue } = exchange();
  const instruments = () => Promise.resolve([makeInstrument({ notionalMin: notional("1000") })]);
  const report = await close({ ...venue, instruments });
  expect([world.hasStop, world.sold]).toEqual([true, "0"]);
  expect(report.left.join(" ")).toContain("4 SOL/USDT not sold; its stop stays");
});

test.each([
  ["a part of what is there now", "8"],
  ["as much as is there now", "10"],
])("dedicated: %s was sold since the snapshot, and all that is there is sold", async (_, before) => {
  const history = [sale({ quantity: quantity(before), clientOrderId: "xcsl5zfedcba9876543210" })];
  const { world, venue } = exchange({ history });
  const report = await close(venue, { isDedicated: true });
  expect([world.sold, world.free, report.left]).toEqual(["10", "0", []]);
});

test("the owner has sold as many of his own: what rests under our stop is ours, and is sold", async () => {
  const { world, venue } = exchange({ history: [sale({ quantity: own, at: -1_000 })] });
  const report = await close(venue);
  expect([world.sold, world.free, report.left]).toEqual([own, theirs, []]);
});

/** Nothing of ours rests any more, and nobody told this house how that came. */
function unheard(firedAt: number) {
  const { world, venue } = exchange({ history: [sale({ quantity: own, at: firedAt, venueOrderId: "child" })] });
  world.hasStop = false;
  world.held = zeroQuantity;
  return { world, venue };
}
const withStop: Lifeline = {
  ...lifeline,
  comparedAt: "2026-01-01T00:00:00.000Z",
  orders: [
    {
      clientOrderId: stopName,
      venueOrderId: "s1",
      instrumentId: "kucoin:SOL/USDT",
      leg: "protect",
      filled: quantity("0"),
    },
  ],
};

test("a house that could not hear the exchange: fills count from when its books were last compared", async () => {
  const { world, venue } = unheard(-600_000);
  const report = await close(venue, { snapshotAt: -30_000, comparedAt: -900_000, lifeline: withStop });
  expect(world.sold).toBe("0");
  expect(report.left.join(" ")).toContain("4 SOL/USDT not sold: as much was sold since");
});

test("its stop is asked for by name: what it became sold ours, and nobody has to look", async () => {
  const { world, venue } = unheard(-600_000);
  const firedAs = ({ clientOrderId }: { clientOrderId: string | null }) =>
    Promise.resolve(clientOrderId === stopName ? "child" : null);
  const report = await close({ ...venue, firedAs }, { snapshotAt: -30_000, comparedAt: -900_000, lifeline: withStop });
  expect([world.sold, report.left]).toEqual(["0", []]);
});

test.each([
  ["a month ago", -30 * day],
  ["nobody knows when", null],
])("compared %s: no list tells what fired since, so nothing is sold, and somebody is told", async (_, comparedAt) => {
  const { world, venue } = unheard(-8 * day);
  const report = await close(venue, { snapshotAt: -30_000, comparedAt, lifeline: withStop });
  expect(world.sold).toBe("0");
  expect(report.left.join(" ")).toContain("its lists do not go back so far");
});

test("compared a month ago: what rests under a stop of ours is ours for certain, and is sold", async () => {
  const { world, venue } = exchange();
  const report = await close(venue, { snapshotAt: -30_000, comparedAt: -30 * day, lifeline: withStop });
  expect([world.sold, world.free, report.left]).toEqual([own, theirs, []]);
});

test("a run that was taken over while it was frozen cancels nothing and sells nothing", async () => {
  const { world, venue } = exchange();
  const report = await close(venue, { isOurs: () => Promise.resolve(false) });
  expect([world.sold, world.canceled, world.hasStop]).toEqual(["0", 0, true]);
  expect(report.left.join(" ")).toContain("another process has taken over");
});

test("a run that is taken over between its cancel and its sale does not sell", async () => {
  const { world, venue } = exchange();
  const report = await close(venue, { isOurs: () => Promise.resolve(world.hasStop) });
  expect([world.sold, world.canceled]).toEqual(["0", 1]);
  expect(report.left.join(" ")).toContain("what is left of 4 has no stop");
});

test("a run that is taken over while its sale waits for its turn does not send it", async () => {
  const { world, venue } = exchange();
  let asked = 0;
  // Taken over after the sale was written down and before it leaves: the third look is the one behind the stamp.
  const isOurs = async () => {
    asked += 1;
    return asked <= 2;
  };
  await close(venue, { isOurs });
  expect([world.sold, world.canceled]).toEqual(["0", 1]);
});

test("what fails on one instrument ends nothing on the others", async () => {
  const { world, venue } = exchange();
  const btc = makeInstrument({ instrumentId: "kucoin:BTC/USDT", symbol: "BTC/USDT", base: "BTC" });
  const two: Lifeline = { ...lifeline, symbols: ["BTC/USDT", "SOL/USDT"] };
  const report = await close(
    {
      ...venue,
      instruments: () => Promise.resolve([btc, makeInstrument()]),
      openOrders: (symbol) =>
        symbol === "BTC/USDT" ? Promise.reject(new Error("not readable")) : venue.openOrders(symbol),
    },
    { lifeline: two },
  );
  expect(world.sold).toBe(own);
  expect(report.left).toEqual(["BTC/USDT: not readable"]);
});

test("what fails while it is sold says that no stop protects it any more", async () => {
  const { world, venue } = exchange();
  const report = await close({ ...venue, sell: () => Promise.reject(new Error("refused for good")) });
  expect(world.hasStop).toBe(false);
  expect(report.left.join(" ")).toContain("refused for good; what is left of 4 has no stop");
});

test.each([
  ["never ends", { kind: "working", sold: quantity("1") }, "1 of it are sold"],
  ["is not told of", { kind: "unknown", because: "unreadable" }, "unknown"],
] as const)("a sale that %s is not waited for without end, and nothing more is sold there", async (_, state, told) => {
  const { world, venue } = exchange();
  const report = await close({ ...venue, look: () => Promise.resolve(state) });
  expect(world.sold).toBe(own);
  expect(report.left.join(" ")).toContain(`has not ended in 120 s (${told})`);
});

test("one clean look is none: lists that show an order of ours at every other look are told", async () => {
  const { venue } = exchange({ firesOnCancel: true });
  let looks = 0;
  const stray: OpenOrder = {
    kind: "limit",
    symbol: "SOL/USDT",
    venueOrderId: "b",
    clientOrderId: stopName,
    side: "buy",
    quantity: own,
  };
  const openOrders = async () => {
    looks += 1;
    return looks % 2 === 0 ? [stray] : [];
  };
  const report = await close({ ...venue, openOrders, cancel: () => Promise.resolve({ kind: "gone" }) });
  expect(report.lookedTwice).toBe(false);
  expect(report.left.length).toBeGreaterThan(0);
});

test("two positions of one instrument: each is sold under its own name", async () => {
  const { world, venue } = exchange();
  const [first] = lifeline.positions;
  if (first === undefined) throw new Error("no position");
  const two: Lifeline = {
    ...lifeline,
    positions: [
      { ...first, quantity: quantity("1") },
      { ...first, positionId: "trade_2", quantity: quantity("3") },
    ],
  };
  const sold: string[] = [];
  const sell: EmergencyVenue["sell"] = (asked) => {
    sold.push(asked.quantity);
    return venue.sell(asked);
  };
  await close({ ...venue, sell }, { lifeline: two });
  expect([world.sold, sold]).toEqual([own, ["1", "3"]]);
});
