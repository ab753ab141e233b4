/** What closed trades brought: before fees, fees, after fees; in all, by strategy, by instrument. Sums of the ledger's own numbers. */
import { isPositive, minus, type Notional, type Price, plus, type Quantity, zeroNotional } from "./money.ts";
import type { Instant } from "./time.ts";

/** One fact position_closed, with what an earlier close of the same trade had counted already. */
export type TradeClosed = {
  readonly seq: number;
  /** House time. */
  readonly closedAt: Instant;
  readonly openedAt: Instant | null;
  readonly tradeId: string;
  readonly mode: string;
  readonly strategy: string;
  readonly instrumentId: string;
  readonly reason: string;
  readonly quantity: Quantity;
  readonly entryPrice: Price | null;
  readonly exitPrice: Price | null;
  /** After all fees of the trade, in the accounting currency. */
  readonly pnl: Notional;
  readonly fees: Notional;
  /** A late fill reopened the trade: what was counted at its close before this one. */
  readonly before: { readonly pnl: Notional; readonly fees: Notional } | null;
};

/** A row of the days table, as far as reports show it. */
export type DayShown = {
  readonly date: string;
  readonly startEquity: Notional;
  readonly endEquity: Notional;
  readonly signals: number;
  readonly denied: number;
  readonly entries: number;
  readonly asked: number;
  readonly approved: number;
  readonly declined: number;
  readonly expired: number;
  readonly unknownOrders: number;
  readonly starts: number;
};

export type Outcome = {
  readonly trades: number;
  readonly winners: number;
  readonly gross: Notional;
  readonly fees: Notional;
  readonly net: Notional;
};

export const noOutcome: Outcome = {
  trades: 0,
  winners: 0,
  gross: zeroNotional,
  fees: zeroNotional,
  net: zeroNotional,
};

/** What this close adds: of a trade that closes again only what is new, and it is no second trade. */
export function addedBy({ pnl, fees, before }: TradeClosed): Outcome {
  const net = before === null ? pnl : minus(pnl, before.pnl);
  const paid = before === null ? fees : minus(fees, before.fees);
  const isFirst = before === null;
  return {
    trades: isFirst ? 1 : 0,
    winners: isFirst && isPositive(pnl) ? 1 : 0,
    gross: plus(net, paid),
    fees: paid,
    net,
  };
}

const together = (one: Outcome, other: Outcome): Outcome => ({
  trades: one.trades + other.trades,
  winners: one.winners + other.winners,
  gross: plus(one.gross, other.gross),
  fees: plus(one.fees, other.fees),
  net: plus(one.net, other.net),
});

export function outcomeOf(closes: readonly TradeClosed[]): Outcome {
  return closes.map(addedBy).reduce(together, noOutcome);
}

/** By name, in the order of the names, so that the same day always reads the same. */
export function outcomesBy(
  closes: readonly TradeClosed[],
  nameOf: (close: TradeClosed) => string,
): readonly (readonly [name: string, outcome: Outcome])[] {
  const named = new Map<string, Outcome>();
  for (const close of closes) {
    const name = nameOf(close);
    named.set(name, together(named.get(name) ?? noOutcome, addedBy(close)));
  }
  return [...named].sort(([left], [right]) => (left < right ? -1 : 1));
}

export const closedSince = (closes: readonly TradeClosed[], since: Instant): readonly TradeClosed[] =>
  closes.filter(({ closedAt }) => closedAt >= since);
