/** Whether an entry may be thought of at all: state of the house, slots, allow-lists, strength. At the limit an entry passes, one unit further it is denied with the numbers. */
import { notional, ratio } from "../../src/core/money.ts";
import { type Row, tellPromises } from "../fixtures/check_table.ts";
import { makeInstrument } from "../fixtures/instrument.ts";
import { makeExposure, makeLimits, makeSignal } from "../fixtures/risk_view.ts";

const sol = "kucoin:SOL/USDT";

const rows: readonly Row[] = [
  {
    check: "trading_state",
    code: "trading_halted",
    passes: [{ says: "active", view: { tradingState: "active" } }],
    denies: [
      { says: "reducing", view: { tradingState: "reducing" }, fact: ["tradingState", "reducing"] },
      { says: "halted", view: { tradingState: "halted" }, fact: ["tradingState", "halted"] },
      {
        says: "an entry that only calls itself reduce-only",
        intent: { reduceOnly: true },
        view: { tradingState: "halted" },
        fact: ["required", "active"],
      },
      {
        says: "an exit that forgot the mark",
        intent: { leg: "exit" },
        view: { tradingState: "halted" },
        fact: ["tradingState", "halted"],
      },
    ],
  },
  {
    check: "readiness",
    code: "starting_up",
    passes: [{ says: "ready", view: { isReady: true } }],
    denies: [{ says: "starting", view: { isReady: false }, fact: ["readiness", "still starting"] }],
  },
  {
    check: "venue_clock",
    code: "clock_uncertain",
    passes: [{ says: "uncertain by 500 ms", view: { venueClock: { uncertaintyMs: 500, isConfirmed: true } } }],
    denies: [
      {
        says: "uncertain by 501 ms [C03]",
        view: { venueClock: { uncertaintyMs: 501, isConfirmed: true } },
        fact: ["venueClock", "uncertain by 501 ms"],
      },
      {
        says: "never measured [C08]",
        view: { venueClock: { uncertaintyMs: null, isConfirmed: true } },
        fact: ["venueClock", "not measured yet"],
      },
      {
        says: "confirmed by nobody [C08]",
        view: { venueClock: { uncertaintyMs: 3, isConfirmed: false } },
        fact: ["venueClock", "confirmed by nobody for more than 10 min"],
      },
    ],
  },
  {
    check: "breakers",
    code: "breaker_open",
    passes: [{ says: "none open", view: { openBreakers: [] } }],
    denies: [
      {
        says: "two open",
        view: {
          openBreakers: [
            { scope: "global", cause: "drawdown" },
            { scope: "venue", cause: "418" },
          ],
        },
        fact: ["open", "global: drawdown; venue: 418"],
      },
    ],
  },
  {
    check: "slot_frozen",
    code: "slot_frozen",
    passes: [
      { says: "an unknown order of another instrument", view: { exposures: [makeExposure({ isUnknown: true })] } },
      { says: "a known order here", view: { exposures: [makeExposure({ instrumentId: sol, isPosition: false })] } },
    ],
    denies: [
      {
        says: "an unknown order here, even one of 0 money",
        view: { exposures: [makeExposure({ instrumentId: sol, isUnknown: true, notional: notional("0") })] },
        fact: ["unknown", "1 orders"],
      },
    ],
  },
  {
    check: "slot_taken",
    code: "slot_taken",
    passes: [{ says: "a position elsewhere", view: { exposures: [makeExposure()] } }],
    denies: [
      {
        says: "a working order here",
        view: { exposures: [makeExposure({ instrumentId: sol, isPosition: false })] },
        fact: ["orders", "1 working"],
      },
      {
        says: "a position here",
        view: { exposures: [makeExposure({ instrumentId: sol })] },
        fact: ["positions", "1 open"],
      },
    ],
  },
  {
    check: "averaging_down",
    code: "averaging_down",
    passes: [
      { says: "a losing position elsewhere", view: { exposures: [makeExposure()] } },
      { says: "a working order only", view: { exposures: [makeExposure({ instrumentId: sol, isPosition: false })] } },
    ],
    denies: [
      {
        says: "a losing position here",
        view: { exposures: [makeExposure({ instrumentId: sol })] },
        fact: ["unrealizedPnl", "-4.00 USDT"],
      },
      {
        says: "a winning position here",
        view: { exposures: [makeExposure({ instrumentId: sol, unrealizedPnl: notional("7") })] },
        fact: ["unrealizedPnl", "7.00 USDT"],
      },
    ],
  },
  {
    check: "allowed_instrument",
    code: "instrument_not_allowed",
    passes: [
      { says: "on the list", view: { allowedInstruments: [sol] } },
      { says: "no list", view: { allowedInstruments: null } },
    ],
    denies: [
      { says: "an empty list allows nothing", view: { allowedInstruments: [] }, fact: ["allowed", "none"] },
      {
        says: "not trading",
        view: { instrument: makeInstrument({ isTrading: false }) },
        fact: ["atVenue", "not trading"],
      },
      {
        says: "judged with the increments of another instrument",
        view: { instrument: makeInstrument({ instrumentId: "kucoin:BTC/USDT" }) },
        fact: ["judgedAs", "kucoin:BTC/USDT"],
      },
    ],
  },
  {
    check: "allowed_strategy",
    code: "strategy_not_allowed",
    passes: [
      { says: "on the list", view: { allowedStrategies: ["ema_trend"] } },
      { says: "no list", view: { allowedStrategies: null } },
    ],
    denies: [{ says: "an empty list", view: { allowedStrategies: [] }, fact: ["strategy", "ema_trend"] }],
  },
  {
    check: "signal_strength",
    code: "signal_too_weak",
    passes: [
      { says: "0.10 exactly", view: { signal: makeSignal({ strength: ratio("0.1") }) } },
      { says: "the 0.144 of the first live trade", view: { signal: makeSignal({ strength: ratio("0.144") }) } },
    ],
    denies: [
      {
        says: "the 0.099 of the second",
        view: { signal: makeSignal({ strength: ratio("0.099") }) },
        fact: ["strength", "0.099 of 1"],
      },
      { says: "above 1", view: { signal: makeSignal({ strength: ratio("1.01") }) }, fact: ["limit", "0.1 of 1"] },
      {
        says: "a flat signal",
        view: { signal: makeSignal({ direction: "flat" }) },
        fact: ["direction", "flat signal for a buy"],
      },
    ],
  },
  {
    check: "open_positions",
    code: "too_many_positions",
    passes: [
      {
        says: "the third of three",
        view: { exposures: [makeExposure(), makeExposure({ instrumentId: "kucoin:ETH/USDT" })] },
      },
      {
        says: "an order and a position of one instrument are one",
        view: { exposures: [makeExposure(), makeExposure({ isPosition: false }), makeExposure({ isUnknown: true })] },
      },
    ],
    denies: [
      {
        says: "one of one",
        view: { limits: makeLimits({ openPositionsMax: 1 }), exposures: [makeExposure({ instrumentId: sol })] },
        fact: ["open", "1 positions"],
      },
      { says: "0 means zero", view: { limits: makeLimits({ openPositionsMax: 0 }) }, fact: ["limit", "0 positions"] },
      {
        says: "an unknown order takes its place",
        view: {
          limits: makeLimits({ openPositionsMax: 1 }),
          exposures: [makeExposure({ isUnknown: true, isPosition: false })],
        },
        fact: ["limit", "1 positions"],
      },
    ],
  },
];

tellPromises(rows);
