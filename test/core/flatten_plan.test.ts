/** What a flatten does next: tables over positions, orders and what the venue takes. */
import { describe, expect, test } from "vitest";
import { type FlattenInput, flattenBoundMs, planFlatten, type VenueWindow } from "../../src/core/flatten_plan.ts";
import { price, quantity, ratio } from "../../src/core/money.ts";
import { orderStates } from "../../src/core/order.ts";
import { asked, makeOrder, type makePosition } from "../fixtures/position.ts";

const open = { isReachable: true, window: "open" as VenueWindow };
function plan(change: Partial<FlattenInput>) {
  return planFlatten({
    isConfirmed: true,
    positions: [],
    orders: [],
    marks: {},
    volatility: {},
    venue: open,
    ...change,
  });
}
const held = (positionId: string, change: Parameters<typeof makePosition>[0] = {}) =>
  asked(["kill_flatten"], { positionId, protection: "placed", ...change });

describe("the order of work", () => {
  test("without protection first, then notional times volatility, then the name", () => {
    const positions = [
      held("calm", { instrumentId: "kucoin:A/USDT", quantity: quantity("100") }),
      held("wild", { instrumentId: "kucoin:B/USDT", quantity: quantity("50") }),
      held("bare", { instrumentId: "kucoin:A/USDT", quantity: quantity("1"), protection: "none" }),
      held("twin_b", { instrumentId: "kucoin:A/USDT", quantity: quantity("2") }),
      held("twin_a", { instrumentId: "kucoin:A/USDT", quantity: quantity("2") }),
    ];
    const marks = { "kucoin:A/USDT": price("10"), "kucoin:B/USDT": price("10") };
    const volatility = { "kucoin:A/USDT": ratio("0.02"), "kucoin:B/USDT": ratio("0.2") };
    expect(plan({ positions, marks, volatility }).sell).toEqual(["bare", "wild", "calm", "twin_a", "twin_b"]);
    expect(plan({ positions: [...positions].reverse(), marks, volatility }).sell).toEqual(
      plan({ positions, marks, volatility }).sell,
    );
  });

  test.each(orderStates)("an entry in state %s", (state) => {
    const planned = plan({ orders: [makeOrder("entry", { state })] });
    const isLive = ["intent", "sending", "open", "partial", "cancel_pending", "cancel_unknown"].includes(state);
    expect([planned.cancel.length, planned.unknown.length]).toEqual([isLive ? 1 : 0, state === "unknown" ? 1 : 0]);
    expect(planned.step).toBe(isLive || state === "unknown" ? "selling" : "verifying");
  });
});

describe("what the venue takes", () => {
  const about = { positions: [held("one")], orders: [makeOrder("entry", { state: "open" })] };
  test.each([
    ["everything", open, "selling", 1, 1],
    [
      "resting orders only: the position loop rests at the touch [V26]",
      { ...open, window: "post_only" },
      "selling",
      1,
      1,
    ],
    ["cancels only [V27]", { ...open, window: "cancel_only" }, "waiting_venue", 1, 0],
    ["nothing [V27]", { ...open, window: "closed" }, "waiting_venue", 0, 0],
    ["it does not answer [V32]", { isReachable: false, window: "open" }, "waiting_venue", 0, 0],
  ] as const)("%s", (_, venue, step, cancels, sells) => {
    const planned = plan({ ...about, venue });
    expect([planned.step, planned.cancel.length, planned.sell.length]).toEqual([step, cancels, sells]);
    expect(planned.left).toHaveLength(2);
  });

  test("what is blocked is named one by one [V27]", () => {
    const { left } = plan({ ...about, venue: { ...open, window: "closed" } });
    expect(left[0]).toMatch(/^one: .* held$/);
    expect(left[1]).toMatch(/entry open$/);
  });
});

test("without a confirmation entries go and nothing is sold", () => {
  const planned = plan({
    isConfirmed: false,
    positions: [held("one")],
    orders: [makeOrder("entry", { state: "open" })],
  });
  expect([planned.step, planned.cancel.length, planned.sell]).toEqual(["halting", 1, []]);
});

test("nothing of ours in the books: the proof begins", () => {
  expect(plan({}).step).toBe("verifying");
  expect(plan({ positions: [held("gone", { state: "closed", quantity: quantity("0") })] }).step).toBe("verifying");
});

test("the bound grows with positions, shrinks with the rate, and contains the wait that the venue names [V30]", () => {
  const usual = { positions: 20, instruments: 20, perSecond: 10, latencyMs: 200, retryAfterMs: 0 };
  expect(flattenBoundMs({ ...usual, retryAfterMs: 10_000 }) - flattenBoundMs(usual)).toBe(10_000);
  expect(flattenBoundMs({ ...usual, positions: 40 })).toBeGreaterThan(flattenBoundMs(usual));
  expect(flattenBoundMs({ ...usual, perSecond: 20 })).toBeLessThan(flattenBoundMs(usual));
});
