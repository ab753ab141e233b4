/** An account that holds exactly what its order may cost pays for it in many small fills without falling below zero. */
import { expect, test } from "vitest";
import { apply } from "../../src/practice/core/commands.ts";
import { imbalance } from "../../src/practice/core/ledger.ts";
import { holdFor } from "../../src/practice/core/matching.ts";
import { type Core, emptyState, type OrderWish } from "../../src/practice/core/state.ts";
import { applyTick } from "../../src/practice/core/walk.ts";
import { fixed } from "../../src/practice/fixed.ts";
import { instrumentOf } from "../../src/practice/instrument.ts";
import { strictSwitches } from "../../src/practice/switches.ts";
import { START, scriptedMarket } from "./bench_exchange.ts";

const rules = { symbol: "SOL-USDT", tick: "0.000000001", step: "0.00001", depthFunds: "7" };
const FINE = instrumentOf({ ...rules, makerFee: "0.0011", takerFee: "0.0011" });

const wish: OrderWish = {
  clientOid: "exact",
  symbol: "SOL-USDT",
  side: "buy",
  type: "limit",
  price: fixed("86.123456789"),
  size: fixed("40.00013"),
  funds: null,
  timeInForce: "GTC",
  postOnly: false,
  cancelAfter: null,
  selfTrade: "",
  remark: "",
  tags: "",
  hidden: false,
  iceberg: false,
  visibleSize: 0n,
};

test("many small fills never cost more than what was held for the whole", () => {
  const state = emptyState("rounding", START, [FINE]);
  const core: Core = {
    state,
    market: scriptedMarket([[0, "87"]], FINE),
    switches: strictSwitches,
    emit: () => undefined,
  };
  state.last.set("SOL-USDT", { price: fixed("87"), at: START, print: 1 });
  apply(core, { do: "open_account", accountId: "a" });
  apply(core, { do: "deposit", accountId: "a", asset: "USDT", amount: holdFor(FINE, wish) });
  const placed = apply(core, { do: "place", accountId: "a", wish });
  const order = state.orders.get(placed.ok ? placed.id : "");
  for (let i = 1; i <= 4000 && order?.isActive; i += 1) {
    const price = fixed("86.123") + BigInt(i % 7) * FINE.tick;
    applyTick(core, { at: START + i * 1000, symbol: "SOL-USDT", price, volume: FINE.step, isContinuous: false });
  }
  expect(order).toMatchObject({ isActive: false, dealSize: wish.size, held: 0n });
  expect(state.fills.length).toBeGreaterThan(20);
  expect(state.accounts.get("a")?.balances.get("USDT")?.free).toBeGreaterThanOrEqual(0n);
  expect([...imbalance(state).values()].every((difference) => difference === 0n)).toBe(true);
});
