/** What every trade of ours truly holds at the venue, by the venue's own fills; what the record says of it plays no part. */
import type { TrueFill, WorldView } from "../contract.ts";
import { exact, larger, smaller } from "./exact.ts";
import { type TradeTrail, type Trail, trailOf } from "./trail.ts";
import { oursBehind } from "./truth.ts";

export type Holding = {
  readonly tradeId: string;
  readonly symbol: string;
  bought: bigint;
  sold: bigint;
  held: bigint;
  lastFillAt: number;
};

export type Holdings = {
  /** Brings the sums up to date. Fills whose order nobody knows yet wait until a fact names it. */
  read(view: WorldView): ReadonlyMap<string, Holding>;
};

export function openHoldings(): Holdings {
  const byTrade = new Map<string, Holding>();
  let waiting: TrueFill[] = [];
  let taken = 0;
  return {
    read(view) {
      const trail = trailOf(view);
      const fresh = view.venue.fills.slice(taken);
      taken = view.venue.fills.length;
      if (fresh.length === 0 && waiting.length === 0) return byTrade;
      waiting = [...waiting, ...fresh].filter((fill) => !take(byTrade, trail, fill));
      return byTrade;
    },
  };
}

function take(byTrade: Map<string, Holding>, trail: Trail, fill: TrueFill): boolean {
  const order = oursBehind(trail, fill);
  if (order === undefined) return false;
  const { tradeId } = order.intent;
  const none = { tradeId, symbol: order.symbol, bought: 0n, sold: 0n, held: 0n, lastFillAt: fill.at };
  const holding = byTrade.get(tradeId) ?? none;
  byTrade.set(tradeId, holding);
  holding.lastFillAt = fill.at;
  // Somebody else may sell coins of their own together with ours: of that only what is on record as ours, and what we held.
  const all = exact(fill.quantity);
  const taken = smaller(smaller(all, exact(order.intent.quantity)), larger(holding.held, 0n));
  const size = order.isAdopted && fill.side === "sell" ? taken : all;
  if (fill.side === "buy") [holding.bought, holding.held] = [holding.bought + size, holding.held + size];
  else [holding.sold, holding.held] = [holding.sold + size, holding.held - size];
  if (fill.feeAsset === order.symbol.split("/")[0]) holding.held -= exact(fill.fee);
  return true;
}

/** Coins that somebody took out of the account from under this trade: no fill of the venue tells of them. */
export function withdrawnFrom(view: WorldView, trade: TradeTrail): bigint {
  const base = view.instruments.find(({ instrumentId }) => instrumentId === trade.instrumentId)?.base;
  const truly = view.venue.transfers.reduce((sum, one) => (one.asset === base ? sum - exact(one.amount) : sum), 0n);
  return trade.reduced <= truly ? trade.reduced : 0n;
}
