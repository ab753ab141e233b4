/** Whatever is asked of the core and however the price moves: money is conserved, nobody is below zero, the story repeats. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { apply, type Command } from "../../src/practice/core/commands.ts";
import { imbalance } from "../../src/practice/core/ledger.ts";
import { type Core, type CoreEvent, emptyState, type OrderWish } from "../../src/practice/core/state.ts";
import { applyTick } from "../../src/practice/core/walk.ts";
import { fixed } from "../../src/practice/fixed.ts";
import { instrumentOf } from "../../src/practice/instrument.ts";
import { encode } from "../../src/practice/journal.ts";
import { type Switches, strictSwitches } from "../../src/practice/switches.ts";
import { START, scriptedMarket } from "./bench_exchange.ts";

/** Nine places in the price and five in the size: products do not fit twelve places, so every rounding rule is at work. */
const FINE = instrumentOf({
  symbol: "SOL-USDT",
  tick: "0.000000001",
  step: "0.00001",
  sizeMin: "0.1",
  makerFee: "0.0007",
  takerFee: "0.0011",
});

type Step =
  | { kind: "command"; command: Command }
  | { kind: "tick"; price: number; isContinuous: boolean }
  | { kind: "cancel_some"; pick: number };

const newCore = (switches: Switches, events: CoreEvent[] = []): Core => {
  const core: Core = {
    state: emptyState("prop", START, [FINE]),
    market: scriptedMarket([[0, "87.36"]], FINE),
    switches,
    emit: (event) => void events.push(structuredClone(event)),
  };
  core.state.last.set("SOL-USDT", { price: fixed("87.36"), at: START, print: 1 });
  for (const accountId of ["a", "b"]) {
    apply(core, { do: "open_account", accountId });
    apply(core, { do: "deposit", accountId, asset: "USDT", amount: fixed("10000") });
    apply(core, { do: "deposit", accountId, asset: "SOL", amount: fixed("100") });
  }
  return core;
};

let oids = 0;
const ticks = (n: number): bigint => BigInt(n) * fixed("0.010000001");
const sizes = (n: number): bigint => BigInt(n) * fixed("0.10001");

const wishes = fc
  .record({
    side: fc.constantFrom("buy" as const, "sell" as const),
    form: fc.constantFrom("limit", "market_size", "market_funds"),
    // Often the same few prices, so that time decides.
    price: fc.oneof(fc.constantFrom(8650, 8700, 8760, 8800), fc.integer({ min: 8000, max: 9500 })),
    size: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 1500 })),
    funds: fc.integer({ min: 10, max: 1_500_000 }),
    timeInForce: fc.constantFrom("GTC" as const, "IOC" as const, "FOK" as const, "GTT" as const),
    postOnly: fc.boolean(),
    selfTrade: fc.constantFrom("" as const, "DC" as const, "CO" as const, "CN" as const, "CB" as const),
  })
  .map((raw): OrderWish => {
    const isLimit = raw.form === "limit";
    oids += 1;
    return {
      clientOid: `c${oids}`,
      symbol: "SOL-USDT",
      side: raw.side,
      type: isLimit ? "limit" : "market",
      price: isLimit ? ticks(raw.price) : null,
      size: raw.form === "market_funds" ? null : sizes(raw.size),
      funds: raw.form === "market_funds" ? BigInt(raw.funds) * FINE.fundsStep : null,
      timeInForce: isLimit ? raw.timeInForce : "GTC",
      postOnly: isLimit && raw.postOnly && raw.timeInForce === "GTC",
      cancelAfter: isLimit && raw.timeInForce === "GTT" ? 3 : null,
      selfTrade: raw.selfTrade,
      remark: "",
      tags: "",
      hidden: false,
      iceberg: false,
      visibleSize: 0n,
    };
  });

const accountIds = fc.constantFrom("a", "b");
/** Small orders of both accounts at very few prices off the market: they rest, and queue behind one another. */
const queued = fc
  .tuple(accountIds, wishes, fc.integer({ min: 1, max: 20 }), fc.constantFrom(0, 40))
  .map(([accountId, wish, size, away]): Command => {
    const price = ticks(wish.side === "buy" ? 8640 - away : 8840 + away);
    const plain = {
      type: "limit" as const,
      funds: null,
      timeInForce: "GTC" as const,
      postOnly: false,
      cancelAfter: null,
      selfTrade: "" as const,
    };
    return { do: "place", accountId, wish: { ...wish, ...plain, price, size: sizes(size) } };
  });

const commands: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(accountIds, wishes).map(([accountId, wish]): Command => ({ do: "place", accountId, wish })),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        accountIds,
        wishes,
        fc.constantFrom("loss" as const, "entry" as const),
        fc.integer({ min: 8000, max: 9500 }),
      )
      .map(
        ([accountId, wish, direction, stopPrice]): Command => ({
          do: "place_stop",
          accountId,
          wish,
          direction,
          stopPrice: ticks(stopPrice),
        }),
      ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(accountIds, wishes, fc.integer({ min: 8750, max: 9400 }), fc.integer({ min: 8000, max: 8700 }))
      .map(([accountId, wish, high, low]): Command => {
        const isSell = wish.side === "sell";
        const size = wish.size ?? sizes(1);
        const prices = {
          price: ticks(isSell ? high : low),
          stopPrice: ticks(isSell ? low : high),
          limitPrice: ticks(isSell ? low - 50 : high + 50),
        };
        return {
          do: "place_oco",
          accountId,
          wish: { clientOid: wish.clientOid, symbol: "SOL-USDT", side: wish.side, size, remark: "", ...prices },
        };
      }),
  },
  { weight: 6, arbitrary: queued },
  { weight: 1, arbitrary: fc.constant<Command>({ do: "finish_cancels" }) },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 8000, max: 9500 })
      .map((price): Command => ({ do: "jump", symbol: "SOL-USDT", price: ticks(price) })),
  },
);

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: commands.map((command): Step => ({ kind: "command", command })) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("tick" as const),
        price: fc.integer({ min: 8000, max: 9500 }),
        isContinuous: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("cancel_some" as const), pick: fc.nat(50) }) },
  ),
  { minLength: 5, maxLength: 60, size: "max" },
);

const run = (core: Core, story: readonly Step[], after: () => void): void => {
  let at = START;
  for (const step of story) {
    if (step.kind === "command") apply(core, step.command);
    else if (step.kind === "tick") {
      at += 1000;
      applyTick(core, {
        at,
        symbol: "SOL-USDT",
        price: ticks(step.price),
        volume: FINE.step,
        isContinuous: step.isContinuous,
      });
    } else {
      const orderIds = [...core.state.orders.keys()].filter((_id, i) => i % 50 === step.pick);
      const stopIds = [...core.state.stops.keys()].filter((_id, i) => i % 50 === step.pick);
      apply(core, { do: "request_cancel", orderIds });
      apply(core, { do: "cancel_stops", stopIds });
    }
    after();
  }
};

const switchSets: readonly (readonly [string, Switches])[] = [
  ["strict", strictSwitches],
  ["stops hold nothing", { ...strictSwitches, stopsHoldFunds: false }],
  ["market orders over balance refused", { ...strictSwitches, marketOverBalance: "refuse" }],
];

const promises = (core: Core): void => {
  for (const [asset, difference] of imbalance(core.state)) expect(`${asset} ${difference}`).toBe(`${asset} 0`);
  for (const account of core.state.accounts.values()) {
    const held = new Map<string, bigint>();
    const add = (asset: string, amount: bigint) => held.set(asset, (held.get(asset) ?? 0n) + amount);
    for (const order of core.state.orders.values())
      if (order.accountId === account.id) add(order.side === "buy" ? "USDT" : "SOL", order.held);
    for (const stop of core.state.stops.values())
      if (stop.accountId === account.id) add(stop.wish.side === "buy" ? "USDT" : "SOL", stop.held);
    for (const oco of core.state.ocos.values())
      if (oco.accountId === account.id) add(oco.side === "buy" ? "USDT" : "SOL", oco.held);
    for (const [asset, balance] of account.balances) {
      expect(balance.free >= 0n && balance.held >= 0n).toBe(true);
      // What is held is exactly what living orders, stops and pairs hold: nothing leaks.
      expect(`${asset} ${balance.held}`).toBe(`${asset} ${held.get(asset) ?? 0n}`);
    }
  }
  for (const order of core.state.orders.values()) {
    if (!order.isActive) expect(order.held).toBe(0n);
    if (order.size !== null) expect(order.dealSize + order.canceledSize <= order.size).toBe(true);
    if (order.isActive) expect(order.inBook).toBe(true);
    const fills = core.state.fills.filter((fill) => fill.orderId === order.id);
    expect(fills.reduce((sum, fill) => sum + fill.size, 0n)).toBe(order.dealSize);
    expect(fills.reduce((sum, fill) => sum + fill.funds, 0n)).toBe(order.dealFunds);
    for (const fill of fills)
      if (order.price !== null)
        expect(order.side === "buy" ? fill.price <= order.price : fill.price >= order.price).toBe(true);
    for (const fill of fills) expect(fill.size % FINE.step).toBe(0n);
  }
};

describe("the core under any story", () => {
  it.each(switchSets)("%s: money is conserved and nobody is below zero after every step", (_name, switches) => {
    fc.assert(
      fc.property(steps, (story) => {
        const core = newCore(switches);
        run(core, story, () => promises(core));
      }),
      { numRuns: 150 },
    );
  });

  it("the same story twice gives the same state, byte for byte", () => {
    fc.assert(
      fc.property(steps, (story) => {
        const [first, second] = [newCore(strictSwitches), newCore(strictSwitches)];
        run(first, story, () => undefined);
        run(second, story, () => undefined);
        expect(encode(first.state)).toBe(encode(second.state));
      }),
      { numRuns: 60 },
    );
  });

  it("of a pair at most one leg ever becomes an order, and never more than its size is filled", () => {
    fc.assert(
      fc.property(steps, (story) => {
        const core = newCore(strictSwitches);
        run(core, story, () => {
          for (const oco of core.state.ocos.values()) {
            const legs = [core.state.stops.get(oco.limitLegId), core.state.stops.get(oco.stopLegId)];
            expect(legs.filter((leg) => leg?.status === "TRIGGERED").length <= 1).toBe(true);
            const born = [...core.state.orders.values()].filter((order) => order.ocoId === oco.id);
            expect(born.length <= 1).toBe(true);
            expect((born[0]?.dealSize ?? 0n) <= oco.size).toBe(true);
            const statuses = legs.map((leg) => leg?.status).join();
            if (oco.status === "NEW") expect(statuses).toBe("NEW,NEW");
            else expect(statuses).not.toContain("NEW");
          }
        });
      }),
      { numRuns: 150 },
    );
  });

  it("no waiting stop is left on the wrong side of the last price", () => {
    fc.assert(
      fc.property(steps, (story) => {
        const core = newCore(strictSwitches);
        run(core, story, () => {
          const last = core.state.last.get("SOL-USDT")?.price ?? 0n;
          for (const stop of core.state.stops.values()) {
            if (stop.status === "NEW")
              expect(stop.direction === "loss" ? last > stop.stopPrice : last < stop.stopPrice).toBe(true);
          }
        });
      }),
      { numRuns: 100 },
    );
  });

  it("resting orders fill by price, then by time", () => {
    fc.assert(
      fc.property(steps, (story) => {
        const events: CoreEvent[] = [];
        const core = newCore(strictSwitches, events);
        run(core, story, () => undefined);
        const live = new Map<string, { price: bigint; side: string; sequence: number; account: string }>();
        for (const event of events) {
          if (event.kind === "order_opened")
            live.set(event.order.id, {
              price: event.order.price ?? 0n,
              side: event.order.side,
              sequence: event.order.sequence,
              account: event.order.accountId,
            });
          if (event.kind === "order_done" || event.kind === "order_canceled") live.delete(event.order.id);
          if (event.kind !== "order_matched" || event.fill?.liquidity !== "maker") continue;
          const filled = live.get(event.order.id);
          for (const other of live.values()) {
            if (filled === undefined || other.side !== filled.side) continue;
            const isBetter = filled.side === "buy" ? other.price > filled.price : other.price < filled.price;
            expect(isBetter || (other.price === filled.price && other.sequence < filled.sequence)).toBe(false);
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});
