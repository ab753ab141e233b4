/** Numbers in denials: short where they can be, exact where the hair matters, always with their unit. */
import { expect, test } from "vitest";
import { lengthText, moneyText, ofEquityText, priceText, quantityText, shareText } from "../../src/core/facts.ts";
import { notional, price, quantity, ratio } from "../../src/core/money.ts";

test.each([
  [moneyText(notional("1320.5"), "USDT"), "1,320.50 USDT"],
  [moneyText(notional("500.0001"), "USDT"), "500.0001 USDT"],
  [moneyText(notional("-0.00012345678"), "BTC"), "-0.00012345 BTC"],
  [moneyText(notional("1000"), "USDT"), "1,000.00 USDT"],
  [shareText(ratio("0.0132")), "1.32 %"],
  [shareText(ratio("0.1")), "10 %"],
  [shareText(ratio("1")), "100 %"],
  [shareText(ratio("0")), "0 %"],
  [shareText(ratio("-0.200001")), "-20.0001 %"],
  [priceText(price("87.30"), "USDT"), "87.3 USDT"],
  [quantityText(quantity("1.4"), "SOL"), "1.4 SOL"],
  [ofEquityText(notional("132"), { equity: notional("10000"), currency: "USDT" }), "1.32 % of equity (132.00 USDT)"],
  [ofEquityText(notional("132"), { equity: notional("0"), currency: "USDT" }), "132.00 USDT"],
  [lengthText(850), "850 ms"],
  [lengthText(2500), "2.5 s"],
  [lengthText(720_000), "12 min"],
  [lengthText(14_700_000), "4.1 h"],
])("%s", (shown, text) => {
  expect(shown).toBe(text);
});
