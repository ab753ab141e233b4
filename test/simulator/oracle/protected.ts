/**
 * I05: nothing that we hold stays bare. Time counts only while somebody could have done something about it: the venue
 * answered, and a running process held the epoch. A stop or sale whose fate is unknown is guarded by price meanwhile, and
 * how long that may last is the business of I23.
 */
import type { Invariant, TrueOrder, Violation, WorldView } from "../contract.ts";
import { exact, larger, smaller, text } from "./exact.ts";
import { type Holding, openHoldings } from "./holdings.ts";
import { isUnsettled } from "./order_law.ts";
import { heldOf, type TradeTrail, type Trail, trailOf } from "./trail.ts";
import {
  coinsOf,
  instrumentOf,
  isDust,
  openAttention,
  oursBehind,
  remainingOf,
  trueOrders,
  trueOrdersOf,
} from "./truth.ts";
import { openCursor, violated } from "./verdict.ts";

const bareMaxMs = 10_000;
/** Steps of the world come about once a second; the one in which the bound passes is not yet late. */
const stepMs = 2_000;

export const protectedPositions: Invariant = {
  id: "I05",
  name: "Protected",
  statement:
    "No open position is without a live stop or a live sale, in its full size, for more than 10 s in which the venue answered and a running process held the epoch",
  open() {
    const holdings = openHoldings();
    const creates = openCursor();
    const bare = new Map<string, { sinceMs: number; wasBare: boolean }>();
    const reported = new Set<string>();
    const attention = openAttention();
    const coarsest = openCoarsest();
    return {
      check(view) {
        const trail = trailOf(view);
        const rules = { venue: view.venue, instruments: coarsest(view) };
        const { passed: counts, isAnew } = attention(view, trail);
        if (isAnew) bare.clear();
        for (const create of creates(view.venue.creates)) {
          const order = trail.orders.get(create.clientOrderId);
          // An attempt to sell is being answered right now, whatever comes of it.
          if (order?.intent.leg === "exit") bare.delete(order.intent.tradeId);
        }
        const found: Violation[] = [];
        for (const holding of holdings.read(view).values()) {
          const isBare = isBareNow(view, trail, holding, rules);
          const old = bare.get(holding.tradeId);
          if (!isBare) bare.delete(holding.tradeId);
          else
            bare.set(holding.tradeId, {
              sinceMs: (old?.sinceMs ?? 0) + (old === undefined ? 0 : counts),
              wasBare: true,
            });
          const sinceMs = bare.get(holding.tradeId)?.sinceMs ?? 0;
          if (sinceMs <= bareMaxMs + stepMs || reported.has(holding.tradeId)) continue;
          reported.add(holding.tradeId);
          found.push(report(view, trail, holding, sinceMs));
        }
        return found;
      },
    };
  },
};

/**
 * What a stop or a sale leaves out is measured by the coarsest rules that an instrument ever had: the venue tells nobody that
 * finer ones hold now, and a stop that rests is not taken away to ask.
 */
function openCoarsest(): (view: WorldView) => WorldView["instruments"] {
  let known: WorldView["instruments"] = [];
  return ({ instruments }) => {
    known = instruments.map((now) => {
      const before = known.find((one) => one.instrumentId === now.instrumentId) ?? now;
      return {
        ...now,
        stepSize: coarser(before.stepSize, now.stepSize),
        quantityMin: coarser(before.quantityMin, now.quantityMin),
        notionalMin: coarser(before.notionalMin, now.notionalMin),
      };
    });
    return known;
  };
}

const coarser = <Size extends string>(left: Size, right: Size): Size => (exact(left) > exact(right) ? left : right);

function isBareNow(
  view: WorldView,
  trail: Trail,
  { tradeId, symbol, held }: Holding,
  coarsest: Parameters<typeof isDust>[0],
): boolean {
  if (isDust(coarsest, symbol, held)) return false;
  const trade = trail.trades.get(tradeId);
  if (trade === undefined || isGuarded(trade) || isWatched(view, trade) || isHidden(view, trail, trade)) return false;
  if (isRefused(trade)) return false;
  // A fill that nobody could learn of yet is the business of I04 and I23.
  const bare = smaller(held, heldOf(trade)) - coveredBy(view, trail, tradeId);
  // What a person or the venue took away can't be protected any more; asked last, because most are covered.
  return !isDust(coarsest, symbol, bare) && !isDust(coarsest, symbol, smaller(bare, coinsOf(view, symbol)));
}

/** Nobody knows whether a stop or a sale of it works: a second one could sell twice, so the price is watched instead. */
function isGuarded(trade: TradeTrail): boolean {
  return trade.orders.some(
    (order) =>
      order.intent.side === "sell" &&
      (order.state === "unknown" || order.state === "cancel_unknown" || order.state === "sending"),
  );
}

/** An index that lags shows the venue's own order nowhere yet: nobody can know that it has ended until it does. */
function isHidden(view: WorldView, trail: Trail, trade: TradeTrail): boolean {
  if (view.calmSince !== null) return false;
  return trade.orders.some(
    (order) =>
      order.intent.side === "sell" &&
      isUnsettled(order.state) &&
      trueOrdersOf(view, trail, order).some((one) => one.listedFrom > view.now),
  );
}

/** The venue says no to the sale itself: it is asked again and again, and I22 sees to it that people are told. */
const isRefused = (trade: TradeTrail): boolean =>
  trade.orders.findLast((order) => order.intent.leg === "exit")?.state === "rejected";

/** The price is watched in place of a stop: where the venue has none, or where a person has to say whether it may stand. */
function isWatched(view: WorldView, { id, symbol, instrumentId }: TradeTrail): boolean {
  if (view.books.positions[id]?.protection !== "local_guard") return false;
  if (view.definition.capabilities.protection === "none") return true;
  if (instrumentOf(view, symbol)?.protection === "none") return true;
  return Object.values(view.books.house.breakers).some(
    (one) => one.state === "open" && (one.scope === `symbol:${instrumentId}` || one.scope === "global"),
  );
}

/** Units that live sales at the venue cover. The arms of a pair cover the same units. */
export function coveredBy(view: WorldView, trail: Trail, tradeId: string): bigint {
  const byOrder = new Map<string, bigint>();
  for (const one of trueOrders(view)) {
    const order = isSale(one) ? oursBehind(trail, one) : undefined;
    if (order?.intent.tradeId !== tradeId) continue;
    byOrder.set(order.id, larger(byOrder.get(order.id) ?? 0n, remainingOf(one)));
  }
  return [...byOrder.values()].reduce((sum, size) => sum + size, 0n);
}

const isSale = (order: TrueOrder): boolean => order.isLive && order.side === "sell" && order.owner === "ours";

function report(view: WorldView, trail: Trail, holding: Holding, sinceMs: number): Violation {
  const trade = trail.trades.get(holding.tradeId);
  const position = view.books.positions[holding.tradeId];
  return violated("I05", "a position was left without a live stop or sale", {
    tradeId: holding.tradeId,
    held: text(holding.held),
    covered: text(coveredBy(view, trail, holding.tradeId)),
    bareMs: sinceMs,
    protection: position?.protection,
    state: position?.state,
    orders: trade?.orders.map((order) => `${order.intent.leg} ${order.state}`).join(", "),
    exits: trade?.exits.map((exit) => exit.reason).join(", "),
  });
}
