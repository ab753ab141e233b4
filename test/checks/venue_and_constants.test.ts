/** What the venue takes, what an exit may do, and the constants of the order manager. At the limit an entry passes, one unit further it is denied with the numbers. */
import { notional, price, quantity, ratio } from "../../src/core/money.ts";
import type { RiskView } from "../../src/core/risk_view.ts";
import { exitPlan, type Row, tellPromises } from "../fixtures/check_table.ts";
import { makeInstrument } from "../fixtures/instrument.ts";
import { limitAt, makeExit, makeProtection } from "../fixtures/intent.ts";
import { makeLimits } from "../fixtures/risk_view.ts";

const quoteOf = (bid: string, ask: string, ageMs = 300): RiskView["quote"] => ({
  bid: price(bid),
  ask: price(ask),
  ageMs,
});

const rows: readonly Row[] = [
  {
    check: "increments",
    code: "off_increment",
    passes: [{ says: "on tick and step" }],
    denies: [
      { says: "half a tick", intent: { shape: limitAt("87.565") }, fact: ["tick", "0.01 USDT"] },
      {
        says: "the 1.417 SOL of the first live trade",
        intent: { quantity: quantity("1.417") },
        fact: ["step", "0.1 SOL"],
      },
      { says: "no price", intent: { shape: limitAt("0") }, fact: ["limitPrice", "0 USDT"] },
    ],
  },
  {
    check: "venue_minimum",
    code: "below_minimum",
    passes: [
      {
        says: "both minima exactly",
        intent: { quantity: quantity("0.1"), shape: limitAt("50") },
        view: { instrument: makeInstrument({ notionalMin: notional("5") }) },
      },
    ],
    denies: [
      {
        says: "a cent of notional less",
        intent: { quantity: quantity("0.1"), shape: limitAt("50") },
        view: { instrument: makeInstrument({ notionalMin: notional("5.01") }) },
        fact: ["notionalMin", "5.01 USDT"],
      },
      {
        says: "a step less",
        intent: { quantity: quantity("0.4") },
        view: { instrument: makeInstrument({ quantityMin: quantity("0.5") }) },
        fact: ["quantityMin", "0.5 SOL"],
      },
      {
        says: "nothing at all, where the venue names no minimum",
        intent: { quantity: quantity("0") },
        view: { instrument: makeInstrument({ quantityMin: quantity("0"), notionalMin: notional("0") }) },
        fact: ["quantity", "0 SOL"],
      },
    ],
  },
  {
    check: "venue_maximum",
    code: "above_maximum",
    passes: [{ says: "the maximum exactly", view: { instrument: makeInstrument({ quantityMax: quantity("4.5") }) } }],
    denies: [
      {
        says: "a step more",
        view: { instrument: makeInstrument({ quantityMax: quantity("4.4") }) },
        fact: ["quantityMax", "4.4 SOL"],
      },
    ],
  },
  {
    check: "reduce_only",
    code: "would_not_reduce",
    passes: [
      { says: "an entry is not its business" },
      { says: "all that is left", intent: makeExit(), view: { sellableQuantity: quantity("4.5") } },
      { says: "a holding that is not known holds no exit back", intent: makeExit(), view: { sellableQuantity: null } },
    ],
    denies: [
      {
        says: "a step more than is left",
        intent: makeExit(),
        view: { sellableQuantity: quantity("4.4") },
        fact: ["sellable", "4.4 SOL"],
      },
      { says: "a purchase", intent: makeExit({ side: "buy" }), fact: ["order", "buy 4.5 SOL as exit"] },
      { says: "an entry in disguise", intent: { reduceOnly: true }, fact: ["order", "buy 4.5 SOL as entry"] },
      { says: "an exit without the mark", intent: makeExit({ reduceOnly: false }), fact: ["mark", "not reduce-only"] },
    ],
  },
  {
    check: "hard_limits",
    code: "above_hard_limit",
    passes: [
      {
        says: "1 % above the middle, on a free market",
        intent: { shape: limitAt("101"), exitPlan: exitPlan("99.5") },
        view: { quote: quoteOf("99.99", "100.01") },
      },
      {
        says: "three coarse ticks above the middle",
        intent: { shape: limitAt("0.08"), exitPlan: exitPlan("0.04") },
        view: { quote: quoteOf("0.05", "0.05"), instrument: makeInstrument({ tickSize: price("0.01") }) },
      },
      {
        says: "the whole account, a hair from the stop",
        intent: { quantity: quantity("1"), shape: limitAt("87.4"), exitPlan: exitPlan("87.3") },
        view: { equity: notional("87.4") },
      },
    ],
    denies: [
      {
        says: "a tick beyond the collar",
        intent: { shape: limitAt("101.01"), exitPlan: exitPlan("99.5") },
        view: { quote: quoteOf("99.99", "100.01") },
        fact: ["collar", "99 USDT to 101 USDT"],
      },
      {
        says: "more than the account",
        intent: { quantity: quantity("1"), shape: limitAt("87.4"), exitPlan: exitPlan("87.3") },
        view: { equity: notional("87.39") },
        fact: ["notionalLimit", "100 % of equity"],
      },
      {
        says: "loose limits do not reach it",
        intent: { quantity: quantity("100") },
        view: { limits: makeLimits({ riskPerTrade: ratio("1"), positionShare: null }) },
        fact: ["risk", "2.1232 % of equity (212.319 USDT)"],
      },
      { says: "nothing is sold short", intent: { side: "sell" }, fact: ["side", "sell"] },
      {
        says: "the third order",
        view: { ordersThisWindow: 2, limits: makeLimits({ ordersPerWindow: 9 }) },
        fact: ["ordersLimit", "2"],
      },
      {
        says: "the tenth trade",
        view: { tradesLastMinute: 9, limits: makeLimits({ tradesPerMinute: 99 }) },
        fact: ["tradesLimit", "fewer than 10"],
      },
      { says: "judged in another mode", intent: { mode: "live" }, fact: ["modeJudged", "paper"] },
      {
        says: "a stop beyond the drills",
        intent: { exitPlan: exitPlan("43.7"), quantity: quantity("0.2") },
        fact: ["stopDistanceLimit", "50 %"],
      },
      { says: "an entry that is itself a stop", intent: { shape: makeProtection().shape }, fact: ["orderType", "oco"] },
    ],
  },
];

tellPromises(rows);
