/**
 * No neutral defaults: an entry needs every datum that some check judges by, and this check names the ones that are
 * missing. The other checks let an absent datum through only because this one doesn't. A nullable field that is added to
 * the view doesn't compile here until somebody says what its absence means.
 */
import { isDecimalText, isLess, isPositive } from "../core/money.ts";
import { addsRisk } from "../core/risk.ts";
import type { RiskView } from "../core/risk_view.ts";
import { defineCheck } from "../define/check.ts";

type NullableKey = { [Key in keyof RiskView]-?: null extends RiskView[Key] ? Key : never }[keyof RiskView];

/** What people call the datum; "may_be_absent" where null has a meaning of its own. */
const data = {
  allowedInstruments: "may_be_absent",
  allowedStrategies: "may_be_absent",
  sellableQuantity: "may_be_absent",
  signal: "signal",
  newestCandle: "newest closed candle",
  candles: "candles for the downtrend question",
  quote: "quote",
  freeQuote: "free balance at the venue",
  balanceGap: "comparison of our books with the venue",
  volatility: "24 h move of the market",
} as const satisfies Record<NullableKey, string>;

/** EMA(50) needs 50 candles, and one more to say whether it falls. */
const candlesNeeded = 51;

const moneyKeys = [
  "equity",
  "equityHigh",
  "drawdown",
  "dayPnl",
  "dayStartEquity",
  "sessionPnl",
  "sessionStartEquity",
] as const satisfies readonly (keyof RiskView)[];

export const completeData = defineCheck({
  name: "complete_data",
  asks: "Could everything that the decision needs be read?",
  denies: "data_missing",
  evaluate(intent, view) {
    if (!addsRisk(intent)) return null;
    const missing = [...absent(view), ...unusable(view), ...notNumbers(view)];
    return missing.length === 0 ? null : { missing: missing.join("; "), count: `${missing.length} missing` };
  },
});

function absent(view: RiskView): readonly string[] {
  return (Object.keys(data) as NullableKey[]).flatMap((key) => {
    const isNeeded = data[key] !== "may_be_absent" && (key !== "candles" || view.limits.isDowntrendGuarded);
    return isNeeded && (view[key] ?? null) === null ? [data[key]] : [];
  });
}

/** Data that is there but says nothing: a book without a side or crossed, too few candles. */
function unusable({ quote, candles, limits }: RiskView): readonly string[] {
  const isBookUsable =
    quote === null || (isPositive(quote.bid) && isPositive(quote.ask) && !isLess(quote.ask, quote.bid));
  const count = candles?.length ?? candlesNeeded;
  return [
    ...(isBookUsable ? [] : [`usable quote (bid ${quote.bid}, ask ${quote.ask})`]),
    ...(!limits.isDowntrendGuarded || count >= candlesNeeded ? [] : [`candles: ${count} of ${candlesNeeded} needed`]),
  ];
}

/** NaN and Infinity compare as they please, so they are named before anything is compared with them. */
function notNumbers(view: RiskView): readonly string[] {
  const { limits, quote, newestCandle, losingStreak } = view;
  const numbers: Readonly<Record<string, number>> = {
    "time of the decision": view.at,
    "trades of the last minute": view.tradesLastMinute,
    "orders of this window": view.ordersThisWindow,
    "stops in a row": losingStreak.stops,
    "time of the last stop": losingStreak.lastAt ?? 0,
    "age of the quote": quote?.ageMs ?? 0,
    "time of the newest candle": newestCandle?.openedAt ?? 0,
    "length of a candle": newestCandle?.timeframeMs ?? 0,
    "length of a cycle": newestCandle?.cycleMs ?? 0,
  };
  const amounts = [
    ...moneyKeys.map((key) => [key, view[key]] as const),
    ...Object.entries(limits).map(([key, value]) => [`limit ${key}`, value] as const),
  ];
  return [
    ...Object.entries(numbers).flatMap(([name, value]) => (Number.isFinite(value) ? [] : [`${name}: not a number`])),
    ...amounts.flatMap(([name, value]) => (isSound(value) ? [] : [`${name}: not a number`])),
  ];
}

function isSound(value: string | number | boolean | null): boolean {
  if (typeof value === "string") return isDecimalText(value);
  return typeof value !== "number" || (Number.isFinite(value) && value >= 0);
}
