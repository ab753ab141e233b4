/** Why the house itself refused an order. One entry per code; docs, chat text and retry policy derive from here. */
export const denials = {
  trading_halted: { summary: "Trading is paused or halted; only exits are allowed", mayPass: true },
  starting_up: {
    summary: "The house is still starting; entries follow after the first clean reconcile",
    mayPass: true,
  },
  clock_uncertain: { summary: "The venue's time is not known well enough to stamp an order", mayPass: true },
  breaker_open: { summary: "A circuit breaker is open", mayPass: true },
  slot_frozen: { summary: "An order of this slot is unknown; no new entry until it is found", mayPass: true },
  slot_taken: { summary: "This instrument already has an open position or a working order", mayPass: true },
  instrument_not_allowed: { summary: "The instrument is not on the allow-list or does not trade", mayPass: false },
  strategy_not_allowed: { summary: "The strategy is not on the allow-list", mayPass: false },
  signal_too_weak: { summary: "The signal is weaker than the minimum", mayPass: false },
  risk_above_limit: { summary: "Entry to stop, with fees, would risk more than the limit per trade", mayPass: false },
  position_above_limit: { summary: "The position would be larger than the limit", mayPass: false },
  exposure_above_limit: { summary: "Total exposure would be larger than the limit", mayPass: true },
  asset_above_limit: { summary: "Too much of the account would be in one asset", mayPass: true },
  too_many_positions: { summary: "The number of open positions is at its limit", mayPass: true },
  stop_missing: { summary: "An entry needs a protective stop", mayPass: false },
  stop_too_far: { summary: "The stop is further from the entry than allowed", mayPass: false },
  stop_not_placeable: { summary: "The protective order would break a rule of the venue", mayPass: false },
  daily_loss_reached: { summary: "The daily loss limit is reached", mayPass: true },
  session_loss_reached: { summary: "The session loss limit is reached", mayPass: true },
  drawdown_reached: { summary: "The drawdown limit is reached", mayPass: true },
  too_many_trades: { summary: "Too many trades within a minute", mayPass: true },
  too_many_orders: { summary: "Too many orders for this instrument within one window", mayPass: true },
  extreme_volatility: { summary: "The market moved more within a day than allowed", mayPass: true },
  downtrend: { summary: "No long entry while price is under a falling average", mayPass: true },
  averaging_down: { summary: "A position is never added to", mayPass: true },
  second_person_missing: {
    summary: "Fewer people who may sign are linked than an order of this worth takes",
    mayPass: true,
  },
  balance_too_small: { summary: "The free balance at the venue does not cover the order with fees", mayPass: true },
  balance_mismatch: { summary: "Our books and the venue's balance differ", mayPass: true },
  data_stale: { summary: "The newest market data is older than allowed", mayPass: true },
  data_missing: { summary: "Data that the decision needs could not be read", mayPass: true },
  cooling_down: { summary: "A cooldown after losses runs on this instrument", mayPass: true },
  below_minimum: { summary: "The order is smaller than the venue takes", mayPass: false },
  off_increment: { summary: "Price or size is not on the venue's increments", mayPass: false },
  above_maximum: { summary: "The order is larger than the venue takes", mayPass: false },
  would_not_reduce: { summary: "An exit may only make a position smaller", mayPass: false },
  market_share_above_limit: {
    summary: "The order would be too large a part of what this market trades",
    mayPass: true,
  },
  duplicate_order: { summary: "The same order went out moments ago for the same signal", mayPass: true },
  instrument_restricted: { summary: "The owner has put the instrument on the restricted list", mayPass: false },
  price_jumped: { summary: "The price moved too far within a minute; entries wait five minutes", mayPass: true },
  beyond_declaration: { summary: "The strategy would do more than it declared before it was loaded", mayPass: true },
  above_hard_limit: { summary: "The order breaks a constant of the order manager", mayPass: false },
} as const satisfies Record<string, { summary: string; mayPass: boolean }>;

export type DenialCode = keyof typeof denials;

/** What refused it, in words that go on in a sentence: "no long entry while price is under a falling average; and 1 more, see /why". */
export function refusalWords(codes: readonly DenialCode[]): string {
  const [first, ...more] = codes;
  if (first === undefined) return "refused";
  const { summary } = denials[first];
  // "P&L" and "BTC" keep their letters; a sentence begins small.
  const words = /^[A-Z][a-z]|^An? /.test(summary) ? summary.charAt(0).toLowerCase() + summary.slice(1) : summary;
  return more.length === 0 ? words : `${words}, and ${more.length} more: see /why`;
}
/** `facts` are numbers with their units as text, for /why: { notional: "612.40 USDT", limit: "500 USDT" }. */
export type Denial = {
  readonly code: DenialCode;
  readonly check: string;
  readonly facts: Readonly<Record<string, string>>;
};
