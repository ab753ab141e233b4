/**
 * What the account itself says about an order that no list shows: coins and cash that moved as this order would have moved
 * them speak for it, unless another trade or an older gap explains them.
 *
 *   not its own: traded before it was stamped, the other side, the venue's own doing, more than it asked for
 */
import type { Books } from "./books.ts";
import { ownedOf } from "./books_money.ts";
import type { BookedOrder } from "./books_orders.ts";
import { symbolOf } from "./instrument.ts";
import { worstNotional } from "./intent.ts";
import { mark } from "./mark.ts";
import {
  absolute,
  compare,
  isMore,
  minus,
  type Notional,
  negate,
  notionalOf,
  plus,
  type Quantity,
  ratio,
  scale,
  sum,
  zeroNotional,
  zeroQuantity,
} from "./money.ts";
import type { SeenBalance, SeenFill, SeenOrder } from "./snapshot.ts";
import type { Instant } from "./time.ts";

/** Two clocks may differ by this much. */
const clocksMs = 1_000;
const halfOfIt = ratio("0.5");

/** What the witnesses say, with the market time at which the order was stamped. */
export type Account = {
  readonly fills: readonly SeenFill[];
  readonly stampedAt: Instant;
  /** The venue's ids of orders that it showed to be somebody else's, see `isSomebodyElses`. */
  readonly others?: ReadonlySet<string>;
};

const almostAll = ratio("0.99");

/**
 * Coins that something holds although no open order that the venue shows accounts for them: this sale may rest where the
 * lists don't see it yet. null = all that is held is accounted for, or it is no sale.
 */
export function heldUnseen(
  order: BookedOrder,
  seen: { readonly open: readonly SeenOrder[]; readonly balances: readonly SeenBalance[] },
): string | null {
  const { side, quantity, instrumentId } = order.intent;
  if (side !== "sell") return null;
  const [base = ""] = symbolOf(instrumentId).split("/");
  const held = sum(
    seen.balances.filter((row) => row.asset === base).map((row) => row.held as string as Quantity),
    zeroQuantity,
  );
  const shown = sum(
    seen.open.filter((one) => one.side === "sell").map((one) => minus(one.quantity, one.filledQuantity)),
    zeroQuantity,
  );
  const unseen = minus(held, shown);
  if (compare(unseen, scale(quantity, almostAll)) < 0) return null;
  mark("V12.held_by_an_order_that_no_list_shows");
  return `${unseen} ${base} are held by an order that no list shows`;
}

/** Fills that may be its own although no list shows it: nothing is absent beside them. */
export function strangeFills(books: Books, order: BookedOrder, account: Account): readonly SeenFill[] {
  return strangersOf(books, account.fills).filter((fill) => !isNotItsOwn(order, fill, account));
}

/** Nothing in our books explains them. */
function strangersOf(books: Books, fills: readonly SeenFill[]): readonly SeenFill[] {
  const known = new Set(
    Object.values(books.orders).flatMap((one) => [one.venueOrderId, ...one.childOrderIds, ...one.fillIds]),
  );
  return [...new Map(fills.map((fill) => [fill.venueFillId, fill])).values()].filter(
    (fill) => !known.has(fill.venueOrderId) && !known.has(fill.venueFillId) && fill.settlement !== "failed",
  );
}

/**
 * The venue shows the order that a strange fill belongs to. Ours bears the name that we gave it; what a stop of ours becomes
 * when it fires may bear none, and is known by its size and its price.
 */
export function isSomebodyElses({ clientOrderId, intent }: BookedOrder, seen: SeenOrder): boolean {
  if (seen.clientOrderId === clientOrderId) return false;
  if (intent.shape.orderType === "limit" || seen.side !== intent.side) return true;
  if (compare(seen.quantity, intent.quantity) !== 0) return true;
  const { shape } = intent;
  const prices = shape.orderType === "oco" ? [shape.limitPrice, shape.targetPrice] : [shape.limitPrice];
  const { limitPrice } = seen;
  return limitPrice != null && prices.every((price) => compare(price, limitPrice) !== 0);
}

function isNotItsOwn({ intent }: BookedOrder, fill: SeenFill, { fills, stampedAt, others }: Account): boolean {
  if (others?.has(fill.venueOrderId) === true) return true;
  if (fill.instrumentId !== intent.instrumentId || fill.side !== intent.side) return true;
  if (fill.filledAt < stampedAt - clocksMs) return true;
  if (fill.isLiquidation === true || fill.isPayout === true) return true;
  const together = fills.filter((one) => one.venueOrderId === fill.venueOrderId);
  const ids = new Map(together.map((one) => [one.venueFillId, one.quantity]));
  return isMore(sum<Quantity>([...ids.values()], zeroQuantity), intent.quantity);
}

/** Cash that went where this order would have taken it and that nothing else took there: at least half of its worth. */
export function movedMoney(
  books: Books,
  order: BookedOrder,
  account: Account & { readonly balances: readonly SeenBalance[] },
): string | null {
  const { house } = books;
  const currency = symbolOf(order.intent.instrumentId).split("/")[1];
  if (house.account === null || currency !== house.account.currency) return null;
  const row = account.balances.find((one) => one.asset === currency);
  const theirs = row === undefined ? zeroNotional : plus(row.free, row.held);
  const ours = plus(house.account.openingEquity, house.account.deltas[currency] ?? zeroNotional);
  // What was missing or too much before this order was sent was not moved by it.
  const before = house.cashGap?.asset === currency ? house.cashGap : null;
  const strangers = strangersOf(books, account.fills).filter((fill) => isNotItsOwn(order, fill, account));
  const others = strangers
    .filter((fill) => before === null || fill.filledAt > before.at)
    .map((fill) => moneyOf(fill, currency));
  const came = minus(minus(theirs, ours), plus(before?.amount ?? zeroNotional, sum(others, zeroNotional)));
  const went = order.intent.side === "buy" ? negate(came) : came;
  if (!isMore(went, scale(worstNotional(order.intent), halfOfIt))) return null;
  if (areCoinsInPlace(books, order, { strangers, balances: account.balances })) {
    mark("V11.money_moved_and_the_coins_did_not");
    return null;
  }
  mark("V11.money_moved_without_an_order");
  return `${currency} moved by ${went}, about the worth of this order`;
}

/** A trade moves both sides. Where the coins are as the books have them, to half of the order, it was not this one that moved the cash. */
function areCoinsInPlace(
  { house }: Books,
  { intent }: BookedOrder,
  { strangers, balances }: { readonly strangers: readonly SeenFill[]; readonly balances: readonly SeenBalance[] },
): boolean {
  const money = house.account?.money;
  const [base = "", quote = ""] = symbolOf(intent.instrumentId).split("/");
  const row = balances.find((one) => one.asset === base);
  // Venues list what is held: in a list that shows our cash, a coin without a row was not bought. It proves nothing of a sale.
  const isListed = row !== undefined || (intent.side === "buy" && balances.some((one) => one.asset === quote));
  if (money === undefined || !isListed) return false;
  const theirs = row === undefined ? zeroNotional : plus(row.free, row.held);
  const half = scale(intent.quantity as string as Notional, halfOfIt);
  const moved = sum(strangers.filter((fill) => fill.instrumentId === intent.instrumentId).map(coinsOf), zeroNotional);
  return isMore(half, absolute(minus(theirs, plus(ownedOf(money, base), moved))));
}

/** Coins that a fill brought, below 0 when it took some; what it paid in coins is gone too. */
function coinsOf(fill: SeenFill): Notional {
  const size = fill.quantity as string as Notional;
  const fee = fill.feeAsset === symbolOf(fill.instrumentId).split("/")[0] ? fill.fee : zeroNotional;
  return minus(fill.side === "buy" ? size : negate(size), fee);
}

/** Cash that a fill brought, below 0 when it took some; its fee too where it was paid in cash. */
function moneyOf(fill: SeenFill, currency: string): Notional {
  if (symbolOf(fill.instrumentId).split("/")[1] !== currency) return zeroNotional;
  const worth = notionalOf(fill.price, fill.quantity);
  return minus(fill.side === "buy" ? negate(worth) : worth, fill.feeAsset === currency ? fill.fee : zeroNotional);
}
