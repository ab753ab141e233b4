/** How much of a limit is used and left, in the very sums that the checks judge by. */
import { isLess, largest, minus, type Notional, negate, type Ratio, scale, smallest, zeroNotional } from "./money.ts";

/** The tighter one of a share of `of` and an amount; null = there is neither. */
export function allowedOf(
  limit: { readonly share: Ratio | null; readonly money: Notional | null },
  of: Notional,
): Notional | null {
  const byShare = limit.share === null ? null : scale(of, limit.share);
  if (byShare === null) return limit.money;
  return limit.money === null ? byShare : smallest(byShare, limit.money);
}

/** What may still be used; never below 0. null = as much as one likes. */
export function leftOf(allowed: Notional | null, used: Notional): Notional | null {
  if (allowed === null) return null;
  return isLess(used, allowed) ? minus(allowed, used) : zeroNotional;
}

/** What was lost by a profit or loss; 0 for a profit. */
export const lossOf = (pnl: Notional): Notional => largest(negate(pnl), zeroNotional);
