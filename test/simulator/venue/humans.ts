/** People at the venue's own page, and the venue itself trading for us: nothing of this has an order of the house behind it. */
import { floorTo, formatFixed, lesser, ONE, timesDown } from "../../../src/practice/fixed.ts";
import { accountOf, pairOf, receive } from "./accounts.ts";
import { end, record, takeIn } from "./engine.ts";
import { freshId, type Market, type SimOrder, type VenueState, whole } from "./state.ts";

const deeds = [
  "sell",
  "sell",
  "cancel_stop",
  "buy",
  "rest",
  "take_back",
  "deposit",
  "withdraw",
  "withdraw_coins",
] as const;
export type Deed = (typeof deeds)[number];

export function humanComesBy(state: VenueState, market: Market): void {
  humanDoes(state, market, state.chanceOf("human_at_venue").pick(deeds));
}

export function humanDoes(state: VenueState, market: Market, deed: Deed): void {
  const chance = state.chanceOf("human_at_venue");
  const { symbol } = market.instrument;
  const { base, quote } = pairOf(symbol);
  state.say(`a person at the venue's page: ${deed} ${symbol}`);
  switch (deed) {
    case "sell":
      sellPart(state, market, chance.pick([40, 40, 100]));
      return;
    case "cancel_stop":
      cancelStops(state, symbol);
      return;
    case "buy":
      trade(state, market, { side: "buy", limit: market.ask * 2n, funds: 50n * ONE });
      return;
    case "rest":
      trade(state, market, {
        side: "buy",
        limit: floorTo((market.bid * 8n) / 10n, market.tick),
        funds: 60n * ONE,
      });
      return;
    case "take_back":
      for (const order of [...state.live]) if (order.owner === "human") end(state, order, "canceled");
      return;
    case "deposit":
      transfer(state, quote, BigInt(chance.int(10, 500)) * ONE);
      return;
    case "withdraw":
      transfer(state, quote, -lesser(accountOf(state, quote).free / 10n, 500n * ONE));
      return;
    case "withdraw_coins":
      transfer(state, base, -floorTo(accountOf(state, base).free / 2n, market.step));
      return;
    default:
      deed satisfies never;
      return;
  }
}

/** A deposit, or below 0 a withdrawal. */
function transfer(state: VenueState, asset: string, amount: bigint): void {
  state.transfers.push({ at: state.scheduler.now(), asset, amount: formatFixed(amount) });
  receive(state, asset, amount);
}

function cancelStops(state: VenueState, symbol: string): void {
  for (const order of [...state.live])
    if (order.symbol === symbol && order.isProtective && !(order.kind !== "limit" && order.hasTriggered))
      end(state, order, "canceled");
}

/** Sells a share of all coins; what our stop holds is freed first, as a person at the page would have to. */
function sellPart(state: VenueState, market: Market, percent: number): void {
  const { base } = pairOf(market.instrument.symbol);
  const account = accountOf(state, base);
  const wanted = floorTo(((account.free + account.held) * BigInt(percent)) / 100n, market.step);
  if (wanted > account.free) cancelStops(state, market.instrument.symbol);
  const quantity = lesser(wanted, floorTo(account.free, market.step));
  if (quantity <= 0n) return;
  place(state, market, { side: "sell", limit: floorTo(market.bid / 2n, market.tick), quantity, timeInForce: "ioc" });
}

function trade(state: VenueState, market: Market, wish: { side: "buy"; limit: bigint; funds: bigint }): void {
  const quantity = floorTo((wish.funds * ONE) / market.last, market.step);
  const { quote } = pairOf(market.instrument.symbol);
  if (quantity <= 0n || accountOf(state, quote).free < timesDown(wish.limit, quantity) * 2n) return;
  place(state, market, { side: wish.side, limit: wish.limit, quantity, timeInForce: "gtc" });
}

function place(
  state: VenueState,
  market: Market,
  wish: Pick<SimOrder, "side" | "limit" | "quantity" | "timeInForce">,
): void {
  if (wish.limit <= 0n || market.payout !== null) return;
  const rest = {
    clientOrderId: null,
    symbol: market.instrument.symbol,
    kind: "limit",
    trigger: null,
    target: null,
    isProtective: false,
  } as const;
  takeIn(state, { ...rest, ...wish }, "human", state.scheduler.now());
}

/** The venue sells our coins without an order of ours; only the fill tells of it. */
export function liquidate(state: VenueState, market: Market): void {
  const { symbol } = market.instrument;
  const { base } = pairOf(symbol);
  cancelStops(state, symbol);
  const quantity = floorTo(accountOf(state, base).free, market.step);
  if (quantity <= 0n) return;
  state.say(`the venue liquidates ${formatFixed(quantity)} ${base}`);
  sellForUs(state, market, {
    quantity,
    price: market.bid,
    feeRate: whole(state.quirks.takerFee),
    why: "isLiquidation",
  });
}

function sellForUs(
  state: VenueState,
  market: Market,
  trade: { quantity: bigint; price: bigint; feeRate: bigint; why: "isLiquidation" | "isPayout" },
): void {
  const { symbol } = market.instrument;
  const { base, quote } = pairOf(symbol);
  const funds = timesDown(trade.price, trade.quantity);
  const fee = timesDown(funds, trade.feeRate);
  receive(state, base, -trade.quantity);
  receive(state, quote, funds - fee);
  const order = { id: freshId(state, "liq"), symbol, side: "sell", clientOrderId: null } as const;
  record(state, order, { ...trade, liquidity: "taker", [trade.why]: true }, { fee, feeAsset: quote });
}

/** The question is answered: every share pays one or nothing, all orders end, and nothing can be traded any more. */
export function resolve(state: VenueState, market: Market): void {
  const { symbol } = market.instrument;
  for (const order of [...state.live]) if (order.symbol === symbol) end(state, order, "canceled");
  const payout = state.chanceOf("market_gap").hits(0.5) ? ONE : 0n;
  market.payout = payout;
  market.last = payout;
  market.instrument = { ...market.instrument, isTrading: false };
  state.say(`${symbol} resolves to ${formatFixed(payout)}`);
  const quantity = accountOf(state, pairOf(symbol).base).free;
  if (quantity > 0n) sellForUs(state, market, { quantity, price: payout, feeRate: 0n, why: "isPayout" });
}
