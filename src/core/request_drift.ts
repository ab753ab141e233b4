/** What changed so much since people were asked that the printed numbers mislead, although the price itself stands. Pure. */
import type { Approval } from "./approval.ts";
import {
  absolute,
  fromBps,
  isMore,
  isPositive,
  minus,
  type Notional,
  type Ratio,
  ratio,
  ratioBetween,
} from "./money.ts";

/** Risk and exposure are printed as shares of what the account was worth then. */
const equityMoveMax = ratio("0.02");

export type AccountAndMarket = {
  readonly equity: Notional;
  /** Of the book that the order would take; null = it can't be told. */
  readonly spread: Ratio | null;
};

export function whatChanged(
  { subject, hardBps }: Pick<Approval, "subject" | "hardBps">,
  now: AccountAndMarket,
): string | null {
  if (subject.kind !== "order") return null;
  const { equity } = subject.terms;
  if (equity !== undefined && isPositive(equity)) {
    const move = ratioBetween(absolute(minus(now.equity, equity)), equity);
    if (isMore(move, equityMoveMax)) return `the account went from ${equity} to ${now.equity}, by more than 2 %`;
  }
  // The band was wide for the spread of that moment; a spread beyond the whole band is another market.
  if (now.spread !== null && isMore(now.spread, fromBps(hardBps)))
    return `the spread is wider than the hard band of ${hardBps} bps`;
  return null;
}
