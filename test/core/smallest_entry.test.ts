/** The one order that a half open breaker is tried with: as small as the venue takes, and still large enough for its own stop. */
import { describe, expect, it } from "vitest";
import { isAtLeast, notional, notionalOf, price, quantity, ratio } from "../../src/core/money.ts";
import { stopLimitPrice } from "../../src/core/protection.ts";
import { sellableAfterFee, smallestEntry } from "../../src/core/risk.ts";
import { makeInstrument } from "../fixtures/instrument.ts";

describe("the smallest entry", () => {
  it.each([
    ["a fine step", "0.0001", "0.00001", "0.1", "0.001", "150.5", "149"],
    ["a step that the fee alone takes", "0.001", "0.00001", "0.1", "0.001", "150.5", "149"],
    ["whole units", "1", "1", "1", "0.001", "0.42", "0.39"],
    ["a minimum of money", "0.001", "0.001", "10", "0.0025", "150.5", "146"],
    ["a far stop", "0.01", "5", "1", "0.001", "0.42", "0.3"],
  ])("leaves enough behind the fee for a stop that the venue takes: %s", (_, step, least, money, fee, entry, stop) => {
    const instrument = makeInstrument({
      stepSize: quantity(step),
      quantityMin: quantity(least),
      notionalMin: notional(money),
      takerFee: ratio(fee),
    });
    const net = sellableAfterFee(smallestEntry(price(entry), price(stop), instrument), instrument);
    expect(isAtLeast(net, instrument.quantityMin)).toBe(true);
    expect(isAtLeast(notionalOf(stopLimitPrice(price(stop), instrument), net), instrument.notionalMin)).toBe(true);
  });
});
