/** Controls that stand before an order: price, value, volume, rate, exposure. */
import { notional, price, quantity, ratio } from "../../src/core/money.ts";
import { makeEntry } from "../fixtures/intent.ts";
import { makeExposure, makeLimits } from "../fixtures/risk_view.ts";
import { type Control, procedure, refuses, tested, written } from "./control.ts";

const page = "test/controls/README.md";
const farFromQuote = { quote: { bid: price("70"), ask: price("70.01"), ageMs: 100 } };

export const limitControls: readonly Control[] = [
  {
    id: "L01",
    source: "RTS 6 15(1)(a)",
    rule: "price collar per order",
    ours: "an entry further from the middle of the quote than 1 % (three ticks on a coarse tick) is refused",
    evidence: [refuses("above_hard_limit", { view: farFromQuote }), tested("V47")],
  },
  {
    id: "L02",
    source: "RTS 6 15(1)(a)",
    rule: "price collar over time",
    ours: "a move of more than 5 % within a minute pauses entries on the instrument for five minutes",
    evidence: [refuses("price_jumped", { view: { quickMove: ratio("0.06") } }), tested("H04")],
  },
  {
    id: "L03",
    source: "RTS 6 15(1)(b)",
    rule: "maximum order value",
    ours: "per position as share and in money; 0 means zero",
    evidence: [
      refuses("position_above_limit", { view: { limits: makeLimits({ positionShare: ratio("0") }) } }),
      refuses("position_above_limit", { view: { limits: makeLimits({ positionNotional: notional("1") }) } }),
      tested("G02"),
    ],
  },
  {
    id: "L04",
    source: "RTS 6 15(1)(c)",
    rule: "maximum order volume",
    ours: "at most 1 % of a day's volume and 10 % of the ten best levels",
    evidence: [
      refuses("market_share_above_limit", { view: { depth: quantity("1") } }),
      refuses("market_share_above_limit", { view: { volumePerDay: quantity("1") } }),
    ],
  },
  {
    id: "L05",
    source: "RTS 6 15(1)(d)",
    rule: "maximum messages",
    ours: "60 writing requests a minute, entries stop at 70 % of it; a budget per venue with a share kept for exits",
    evidence: [refuses("above_hard_limit", { view: { writesLastMinute: 42 } }), tested("V30")],
  },
  {
    id: "L06",
    source: "RTS 6 15(2)",
    rule: "sent orders count at once",
    ours: "exposure holds what is filled, working, being sent and unknown, the last at its worst price",
    evidence: [
      refuses("exposure_above_limit", {
        view: { exposures: [makeExposure({ notional: notional("9000"), isUnknown: true, isPosition: false })] },
      }),
      tested("K02", "N06"),
    ],
  },
  {
    id: "L07",
    source: "RTS 6 15(3)",
    rule: "repeated execution throttle",
    ours: "a strategy that trades too often is switched off until a named person switches it on",
    evidence: [tested("M07")],
  },
  {
    id: "L08",
    source: "RTS 6 15(4)",
    rule: "market and credit limits",
    ours: "gross, per instrument, per asset, daily and session loss, drawdown, all as shares of fresh equity",
    evidence: [
      refuses("exposure_above_limit", { view: { limits: makeLimits({ exposureShare: ratio("0") }) } }),
      refuses("daily_loss_reached", { view: { dayPnl: notional("-4000") } }),
      refuses("drawdown_reached", { view: { drawdown: ratio("0.41") } }),
      tested("D04", "G03"),
    ],
  },
  {
    id: "L09",
    source: "RTS 6 15(5)",
    rule: "no order without permission for the instrument",
    ours: "allow-lists of instruments and strategies, tightened from chat at once",
    evidence: [
      refuses("instrument_not_allowed", { view: { allowedInstruments: [] } }),
      refuses("strategy_not_allowed", { view: { allowedStrategies: [] } }),
      tested("M01", "M11", "G05"),
    ],
  },
  {
    id: "L10",
    source: "RTS 6 15(6), RTS 7 20(2)(d)",
    rule: "override of a blocked order is single and exceptional",
    ours: "there is no override: whoever wants a blocked order loosens the limit, with role, reason and announcement",
    evidence: [procedure(page, "A blocked order"), tested("M09")],
  },
  {
    id: "L11",
    source: "RTS 6 8",
    rule: "limits before deployment",
    ours: "a strategy declares instruments, venues, rate and size before it can be loaded",
    evidence: [written("src/define/strategy.ts", "declares"), tested("L11")],
  },
  {
    id: "L20",
    source: "RTS 6 17(4)",
    rule: "position limits with what is pending",
    ours: "number and size of positions, pending orders included",
    evidence: [
      refuses("too_many_positions", { view: { limits: makeLimits({ openPositionsMax: 0 }) } }),
      refuses("slot_taken", {
        view: { exposures: [makeExposure({ instrumentId: makeEntry().instrumentId, base: "SOL" })] },
      }),
      tested("V37"),
    ],
  },
  {
    id: "L28",
    source: "15c3-5(c)(1)(i)",
    rule: "aggregate thresholds before an order is sent",
    ours: "judged again inside the transaction that decides the order, on the newest books",
    evidence: [
      refuses("asset_above_limit", { view: { limits: makeLimits({ assetShare: ratio("0") }) } }),
      tested("D04"),
    ],
  },
  {
    id: "L29",
    source: "15c3-5(c)(1)(ii)",
    rule: "no erroneous or duplicative orders",
    ours: "collar, maxima and a twin check: same side and size within 30 s without a signal of its own",
    evidence: [
      refuses("duplicate_order", {
        view: { recentEntries: [{ side: "buy", quantity: makeEntry().quantity, signalId: null }] },
      }),
      tested("V01", "M07"),
    ],
  },
  {
    id: "L30",
    source: "15c3-5(c)(2)(i)",
    rule: "requirements before order entry",
    ours: "venue minimum, increments, trading status and fresh data are asked of every entry",
    evidence: [
      refuses("data_stale", { view: { quote: { bid: price("87.35"), ask: price("87.36"), ageMs: 60_000 } } }),
      tested("V52"),
    ],
  },
  {
    id: "L31",
    source: "15c3-5(c)(2)(ii)",
    rule: "restricted securities",
    ours: "the setting risk.restricted, judged at the request, at the tap and at the order",
    evidence: [refuses("instrument_restricted", { view: { restricted: ["SOL"] } })],
  },
  {
    id: "L38",
    source: "FIA",
    rule: "reasonable market data, no cancel on disconnect that drops stops, intraday loss",
    ours: "outliers need a second print; no dead-man switch of a venue is used; session loss halts",
    evidence: [
      refuses("session_loss_reached", { view: { sessionPnl: notional("-4000") } }),
      tested("V46", "V47", "V29"),
    ],
  },
  {
    id: "L39",
    source: "RTS 7 20(2)(a)",
    rule: "limits adjustable during the session",
    ours: "tightening at once by one person; loosening with role and reason; orders on their way are judged again",
    evidence: [tested("G04")],
  },
];
