/** Stops of one entry, and losses of the account so far. At the limit an entry passes, one unit further it is denied with the numbers. */
import { notional, quantity, ratio } from "../../src/core/money.ts";
import { addMs, hour } from "../../src/core/time.ts";
import { exitPlan, type Row, tellPromises } from "../fixtures/check_table.ts";
import { makeInstrument } from "../fixtures/instrument.ts";
import { limitAt } from "../fixtures/intent.ts";
import { makeLimits, noon } from "../fixtures/risk_view.ts";

const rows: readonly Row[] = [
  {
    check: "stop_present",
    code: "stop_missing",
    passes: [
      { says: "a stop" },
      {
        says: "a drill on paper",
        intent: { exitPlan: null },
        view: { limits: makeLimits({ isStopMandatory: false }) },
      },
    ],
    denies: [
      { says: "none", intent: { exitPlan: null }, fact: ["stop", "none"] },
      { says: "a stop at 0", intent: { exitPlan: exitPlan("0") }, fact: ["stop", "0 USDT"] },
      {
        says: "in live no profile says otherwise",
        intent: { exitPlan: null },
        view: { limits: makeLimits({ isStopMandatory: false }), mode: "live" },
        fact: ["stop", "none"],
      },
    ],
  },
  {
    check: "stop_distance",
    code: "stop_too_far",
    passes: [{ says: "3 % exactly", intent: { shape: limitAt("100"), exitPlan: exitPlan("97") } }],
    denies: [
      {
        says: "a tick further",
        intent: { shape: limitAt("100"), exitPlan: exitPlan("96.99") },
        fact: ["distance", "3.01 %"],
      },
      {
        says: "without an entry price",
        intent: { shape: limitAt("0") },
        fact: ["distance", "no entry price to measure from"],
      },
    ],
  },
  {
    check: "stop_placeable",
    code: "stop_not_placeable",
    passes: [
      { says: "below entry and bid, on tick", intent: { exitPlan: exitPlan("87.34", "87.58") } },
      {
        says: "watched by us where the venue holds none",
        view: { instrument: makeInstrument({ protection: "none" }) },
      },
      {
        says: "exactly the minima, after the fee, at the worst price of the stop: 0.1 at 1 % below 86",
        intent: { quantity: quantity("0.2"), exitPlan: exitPlan("86") },
        view: { instrument: makeInstrument({ quantityMin: quantity("0.1"), notionalMin: notional("8.514") }) },
      },
    ],
    denies: [
      { says: "a stop at the entry", intent: { exitPlan: exitPlan("87.57") }, fact: ["entry", "87.57 USDT"] },
      {
        says: "a stop at the bid",
        intent: { exitPlan: exitPlan("87.35") },
        fact: ["market", "87.35 USDT bid, 87.36 USDT ask"],
      },
      { says: "a stop off tick", intent: { exitPlan: exitPlan("85.615") }, fact: ["tick", "0.01 USDT"] },
      { says: "a target at the entry", intent: { exitPlan: exitPlan("85", "87.57") }, fact: ["target", "87.57 USDT"] },
      {
        says: "the 90.1353 of the first live trade",
        intent: { exitPlan: exitPlan("85.62", "90.1353") },
        fact: ["target", "90.1353 USDT"],
      },
      {
        says: "too little left after the fee",
        intent: { quantity: quantity("0.1") },
        fact: ["netQuantity", "0 SOL"],
      },
      {
        says: "large enough at the entry and at the trigger, too small at the worst price of the stop",
        intent: { quantity: quantity("0.2"), exitPlan: exitPlan("86") },
        view: { instrument: makeInstrument({ notionalMin: notional("8.515") }) },
        fact: ["notionalAtStop", "8.514 USDT"],
      },
    ],
  },
  {
    check: "daily_loss",
    code: "daily_loss_reached",
    passes: [
      { says: "a cent before 3 %", view: { dayPnl: notional("-300.59"), dayStartEquity: notional("10020") } },
      { says: "a profit", view: { dayPnl: notional("500") } },
    ],
    denies: [
      {
        says: "3 % exactly",
        view: { dayPnl: notional("-300.6"), dayStartEquity: notional("10020") },
        fact: ["limit", "3 % (300.60 USDT)"],
      },
      {
        says: "10 dollars exactly",
        view: { dayPnl: notional("-10"), limits: makeLimits({ dailyLossNotional: notional("10") }) },
        fact: ["limitInMoney", "10.00 USDT"],
      },
      {
        says: "0 means zero",
        view: { dayPnl: notional("0"), limits: makeLimits({ dailyLossNotional: notional("0") }) },
        fact: ["loss", "0.00 USDT"],
      },
    ],
  },
  {
    check: "session_loss",
    code: "session_loss_reached",
    passes: [{ says: "a cent before 5 %", view: { sessionPnl: notional("-499.39") } }],
    denies: [
      { says: "5 % exactly", view: { sessionPnl: notional("-499.4") }, fact: ["limit", "5 % (499.40 USDT)"] },
      {
        says: "15 dollars exactly",
        view: { sessionPnl: notional("-15"), limits: makeLimits({ sessionLossNotional: notional("15") }) },
        fact: ["loss", "15.00 USDT"],
      },
    ],
  },
  {
    check: "drawdown",
    code: "drawdown_reached",
    passes: [{ says: "9.99 %", view: { drawdown: ratio("0.0999") } }],
    denies: [{ says: "10 % exactly", view: { drawdown: ratio("0.1") }, fact: ["drawdown", "10 %"] }],
  },
  {
    check: "losing_streak",
    code: "cooling_down",
    passes: [
      { says: "two stops", view: { losingStreak: { stops: 2, lastAt: noon } } },
      { says: "four hours after the third", view: { losingStreak: { stops: 3, lastAt: addMs(noon, -4 * hour) } } },
      {
        says: "the drill has no cooldown",
        view: { losingStreak: { stops: 9, lastAt: noon }, limits: makeLimits({ cooldownMs: 0 }) },
      },
    ],
    denies: [
      {
        says: "a millisecond before",
        view: { losingStreak: { stops: 3, lastAt: addMs(noon, -4 * hour + 1) } },
        fact: ["left", "1 ms"],
      },
      {
        says: "no time of the last stop",
        view: { losingStreak: { stops: 3, lastAt: null } },
        fact: ["left", "unknown: the last stop has no time"],
      },
    ],
  },
];

tellPromises(rows);
