/** What a fee is worth, whatever it was paid in. */
import { expect, test } from "vitest";
import { feeWorth } from "../../src/core/fee_worth.ts";
import { notional, type Price, price, quantity } from "../../src/core/money.ts";

const trade = { instrumentId: "kucoin:SOL/USDT", price: price("100"), quantity: quantity("2") };
const kcs: Readonly<Record<string, Price>> = { "kucoin:KCS/USDT": price("10") };

test.each([
  ["in the money of the trade", "0.2", "USDT", {}, "0.2"],
  ["in what was traded", "0.002", "SOL", {}, "0.2"],
  ["in a coin of the venue, at its price", "0.015", "KCS", kcs, "0.15"],
  ["in a coin whose price nobody knows: the usual taker fee, never nothing", "0.015", "KCS", {}, "0.2"],
  ["of nothing", "0", "KCS", {}, "0"],
] as const)("a fee %s", (_, fee, feeAsset, marks, expected) => {
  expect(feeWorth({ ...trade, fee: notional(fee), feeAsset }, marks)).toBe(expected);
});
