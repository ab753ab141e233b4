/** Money at the venue. Every move has two sides: what our account loses, the rest of the world gains, to the last digit. */
import { timesDown } from "../../../src/practice/fixed.ts";
import type { SimOrder, VenueState } from "./state.ts";

export function accountOf(state: VenueState, asset: string): { free: bigint; held: bigint } {
  let account = state.accounts.get(asset);
  if (account === undefined) {
    account = { free: 0n, held: 0n };
    state.accounts.set(asset, account);
  }
  return account;
}

export const pairOf = (symbol: string): { base: string; quote: string } => {
  const [base = "", quote = ""] = symbol.split("/");
  return { base, quote };
};

/** Money from or to the world outside: a trade's other side, a fee, a deposit (then `amount` is what we get). */
export function receive(state: VenueState, asset: string, amount: bigint): void {
  accountOf(state, asset).free += amount;
  state.outside.set(asset, (state.outside.get(asset) ?? 0n) - amount);
}

export function payAssetOf(order: Pick<SimOrder, "side" | "symbol">): string {
  const { base, quote } = pairOf(order.symbol);
  return order.side === "buy" ? quote : base;
}

/** What an order must set aside: a seller its base, a buyer the worst price and, where the fee is in quote, the fee. */
export function holdFor(
  wish: { side: "buy" | "sell"; limit: bigint; quantity: bigint },
  rules: { feeIn: "quote" | "received"; takerFee: bigint },
): bigint {
  if (wish.side === "sell") return wish.quantity;
  const funds = timesDown(wish.limit, wish.quantity) + 1n;
  return rules.feeIn === "quote" ? funds + timesDown(funds, rules.takerFee) + 1n : funds;
}

export function hold(state: VenueState, order: SimOrder, amount: bigint): void {
  const account = accountOf(state, payAssetOf(order));
  account.free -= amount;
  account.held += amount;
  order.held += amount;
}

/** Gives back what an order no longer needs; after `lateMs` where the venue clears slowly. */
export function release(state: VenueState, order: SimOrder, lateMs: number): void {
  const amount = order.held;
  if (amount === 0n) return;
  order.held = 0n;
  const give = (): void => {
    const account = accountOf(state, payAssetOf(order));
    account.held -= amount;
    account.free += amount;
    state.revision += 1;
  };
  if (lateMs === 0) give();
  else state.scheduler.after(lateMs, "venue: funds of a canceled order are cleared", give);
}

/** Moves the money of one fill. @returns the fee and its asset. */
export function settle(
  state: VenueState,
  order: SimOrder,
  trade: { price: bigint; quantity: bigint; feeRate: bigint },
): { fee: bigint; feeAsset: string } {
  const { base, quote } = pairOf(order.symbol);
  const funds = timesDown(trade.price, trade.quantity);
  const pays = (asset: string, amount: bigint): void => {
    order.held -= amount;
    accountOf(state, asset).held -= amount;
    state.outside.set(asset, (state.outside.get(asset) ?? 0n) + amount);
  };
  const isInQuote = state.quirks.feeIn === "quote" || order.side === "sell";
  const fee = timesDown(isInQuote ? funds : trade.quantity, trade.feeRate);
  if (order.side === "sell") {
    pays(base, trade.quantity);
    receive(state, quote, funds - fee);
  } else {
    pays(quote, isInQuote ? funds + fee : funds);
    receive(state, base, isInQuote ? trade.quantity : trade.quantity - fee);
  }
  return { fee, feeAsset: isInQuote ? quote : base };
}
