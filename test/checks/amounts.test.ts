/** How much money an entry may move or lose. At the limit an entry passes, one unit further it is denied with the numbers. */
import { notional, quantity, ratio } from "../../src/core/money.ts";
import { exitPlan, type Row, tellPromises } from "../fixtures/check_table.ts";
import { makeInstrument } from "../fixtures/instrument.ts";
import { limitAt } from "../fixtures/intent.ts";
import { makeExposure, makeLimits } from "../fixtures/risk_view.ts";

const free = { takerFee: ratio("0") };

const twoPeople = (above: string, approvers: number) => ({
  consent: { secondPersonAbove: notional(above), dailyCap: null, approvers },
});

const rows: readonly Row[] = [
  {
    check: "second_person",
    code: "second_person_missing",
    passes: [
      {
        says: "an order at the threshold, one person linked",
        intent: { quantity: quantity("5"), shape: limitAt("100") },
        view: twoPeople("500", 1),
      },
      {
        says: "a large order, two people linked",
        intent: { quantity: quantity("5.1"), shape: limitAt("100") },
        view: twoPeople("500", 2),
      },
    ],
    denies: [
      {
        says: "a large order, one person linked",
        intent: { quantity: quantity("5.1"), shape: limitAt("100") },
        view: twoPeople("500", 1),
        fact: ["linked", "1"],
      },
      {
        says: "any order while nobody who may sign is linked",
        intent: { quantity: quantity("1"), shape: limitAt("100") },
        view: { consent: { secondPersonAbove: null, dailyCap: null, approvers: 0 } },
        fact: ["needed", "1"],
      },
      {
        says: "any order above a threshold of zero",
        intent: { quantity: quantity("1"), shape: limitAt("100") },
        view: twoPeople("0", 1),
        fact: ["two people above", "0 USDT"],
      },
    ],
  },
  {
    check: "risk_per_trade",
    code: "risk_above_limit",
    passes: [
      {
        says: "100 of 10,000 USDT without fees",
        intent: { quantity: quantity("50"), shape: limitAt("87"), exitPlan: exitPlan("85") },
        view: { instrument: makeInstrument(free) },
      },
      {
        says: "0.9992 USDT with fees: 1 x (100 - 99.2) and 0.1 % of 199.2, of 99.92",
        intent: { quantity: quantity("1"), shape: limitAt("100"), exitPlan: exitPlan("99.2") },
        view: { equity: notional("99.92") },
      },
    ],
    denies: [
      {
        says: "one step more",
        intent: { quantity: quantity("50.1"), shape: limitAt("87"), exitPlan: exitPlan("85") },
        view: { instrument: makeInstrument(free) },
        fact: ["risk", "1.002 % of equity (100.20 USDT)"],
      },
      {
        says: "one tick further",
        intent: { quantity: quantity("50"), shape: limitAt("87"), exitPlan: exitPlan("84.99") },
        view: { instrument: makeInstrument(free) },
        fact: ["limit", "1 % of equity (100.00 USDT)"],
      },
      {
        says: "the fees alone break it",
        intent: { quantity: quantity("50"), shape: limitAt("87"), exitPlan: exitPlan("85") },
        fact: ["risk", "1.086 % of equity (108.60 USDT)"],
      },
      {
        says: "without a stop everything is at risk",
        intent: { quantity: quantity("2"), exitPlan: null },
        fact: ["distance", "100 %"],
      },
      {
        says: "a stop on the wrong side bounds nothing",
        intent: { quantity: quantity("2"), exitPlan: exitPlan("87.58") },
        fact: ["distance", "100 %"],
      },
      { says: "no equity", view: { equity: notional("0") }, fact: ["limit", "0.00 USDT"] },
      {
        says: "0 means zero",
        view: { limits: makeLimits({ riskPerTrade: ratio("0") }) },
        fact: ["limit", "0 % of equity (0.00 USDT)"],
      },
    ],
  },
  {
    check: "position_size",
    code: "position_above_limit",
    passes: [
      { says: "5 % exactly", intent: { quantity: quantity("5"), shape: limitAt("100") } },
      {
        says: "the money limit exactly",
        intent: { quantity: quantity("5"), shape: limitAt("100") },
        view: { limits: makeLimits({ positionNotional: notional("500"), positionShare: null }) },
      },
      {
        says: "no limit of its own",
        intent: { quantity: quantity("90"), shape: limitAt("100") },
        view: { limits: makeLimits({ positionShare: null }) },
      },
    ],
    denies: [
      {
        says: "one tick above",
        intent: { quantity: quantity("5"), shape: limitAt("100.01") },
        fact: ["notional", "5.0005 % of equity (500.05 USDT)"],
      },
      {
        says: "the money limit by a tick",
        intent: { quantity: quantity("5"), shape: limitAt("100") },
        view: { limits: makeLimits({ positionNotional: notional("499.99") }) },
        fact: ["limitInMoney", "499.99 USDT"],
      },
      {
        says: "0 means zero",
        view: { limits: makeLimits({ positionNotional: notional("0"), positionShare: null }) },
        fact: ["limitInMoney", "0.00 USDT"],
      },
    ],
  },
  {
    check: "total_exposure",
    code: "exposure_above_limit",
    passes: [
      {
        says: "20 % exactly",
        intent: { quantity: quantity("5"), shape: limitAt("100") },
        view: { exposures: [makeExposure({ notional: notional("1500") })] },
      },
    ],
    denies: [
      {
        says: "a cent more",
        intent: { quantity: quantity("5"), shape: limitAt("100") },
        view: { exposures: [makeExposure({ notional: notional("1500.01") })] },
        fact: ["exposure", "20.0001 % of equity (2,000.01 USDT)"],
      },
      {
        says: "unknown orders count in full",
        intent: { quantity: quantity("5"), shape: limitAt("100") },
        view: { exposures: [makeExposure({ notional: notional("1500.01"), isUnknown: true, isPosition: false })] },
        fact: ["unknown", "1,500.01 USDT"],
      },
      {
        says: "a short exposure does not make room",
        intent: { quantity: quantity("5"), shape: limitAt("100") },
        view: { exposures: [makeExposure({ notional: notional("-1500.01") })] },
        fact: ["openNow", "1,500.01 USDT"],
      },
    ],
  },
  {
    check: "asset_share",
    code: "asset_above_limit",
    passes: [
      {
        says: "30 % exactly, over two instruments",
        intent: { quantity: quantity("5"), shape: limitAt("100") },
        view: {
          exposures: [makeExposure({ instrumentId: "binance:SOL/USDC", base: "SOL", notional: notional("2500") })],
        },
      },
      {
        says: "another asset",
        view: { exposures: [makeExposure({ notional: notional("9000") })] },
      },
      {
        says: "a profile without this limit",
        view: {
          limits: makeLimits({ assetShare: null }),
          exposures: [makeExposure({ instrumentId: "binance:SOL/USDC", base: "SOL", notional: notional("9000") })],
        },
      },
    ],
    denies: [
      {
        says: "a cent more",
        intent: { quantity: quantity("5"), shape: limitAt("100") },
        view: {
          exposures: [makeExposure({ instrumentId: "binance:SOL/USDC", base: "SOL", notional: notional("2500.01") })],
        },
        fact: ["asset", "SOL"],
      },
    ],
  },
  {
    check: "free_balance",
    code: "balance_too_small",
    passes: [
      {
        says: "100.1 USDT for 1 at 100 with 0.1 % fee",
        intent: { quantity: quantity("1"), shape: limitAt("100") },
        view: { freeQuote: notional("100.1") },
      },
      {
        says: "what a known order takes is held by the venue already",
        intent: { quantity: quantity("1"), shape: limitAt("100") },
        view: { freeQuote: notional("100.1"), exposures: [makeExposure({ isPosition: false })] },
      },
      {
        says: "an unknown order at another venue takes nothing here",
        intent: { quantity: quantity("1"), shape: limitAt("100") },
        view: {
          freeQuote: notional("100.1"),
          exposures: [makeExposure({ instrumentId: "binance:BTC/USDT", isUnknown: true })],
        },
      },
    ],
    denies: [
      {
        says: "a hundredth of a cent less",
        intent: { quantity: quantity("1"), shape: limitAt("100") },
        view: { freeQuote: notional("100.0999") },
        fact: ["cost", "100.10 USDT with fee"],
      },
      {
        says: "an unknown order may still take its share",
        intent: { quantity: quantity("1"), shape: limitAt("100") },
        view: { freeQuote: notional("400"), exposures: [makeExposure({ isUnknown: true, isPosition: false })] },
        fact: ["spendable", "100.00 USDT"],
      },
      {
        says: "the 4.5 SOL that the $123 account wanted",
        view: { freeQuote: notional("123") },
        fact: ["free", "123.00 USDT"],
      },
    ],
  },
  {
    check: "balance_gap",
    code: "balance_mismatch",
    passes: [
      { says: "1 % exactly", view: { balanceGap: ratio("0.01") } },
      { says: "1 % the other way", view: { balanceGap: ratio("-0.01") } },
    ],
    denies: [
      { says: "more", view: { balanceGap: ratio("0.0101") }, fact: ["difference", "1.01 % of equity (101.00 USDT)"] },
      { says: "less", view: { balanceGap: ratio("-0.0101") }, fact: ["limit", "1 % of equity"] },
    ],
  },
];

tellPromises(rows);
