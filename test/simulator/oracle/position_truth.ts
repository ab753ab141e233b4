/** I04: a position is the sum of its fills, net of fees taken in its own asset; and soon after faults end, the venue's truth. */
import type { Invariant, TrueFill, Violation, WorldView } from "../contract.ts";
import { absolute, exact, text } from "./exact.ts";
import { type Holding, openHoldings, withdrawnFrom } from "./holdings.ts";
import { heldOf, type TradeTrail, trailOf } from "./trail.ts";
import { isDust, oursBehind } from "./truth.ts";
import { calmFor, openCursor, openOnce, violated } from "./verdict.ts";

const settleMs = 30_000;

export const positionTruth: Invariant = {
  id: "I04",
  name: "PositionTruth",
  statement:
    "The position on record equals the sum of its recorded fills net of fees, never more than the venue's fills, and 30 s after faults end it equals the venue's truth within dust",
  open() {
    const told = openCursor();
    const holdings = openHoldings();
    const once = openOnce();
    return {
      check(view) {
        const trail = trailOf(view);
        const touched = new Set(told(trail.told).flatMap((one) => (one.trade === null ? [] : [one.trade])));
        const held = holdings.read(view);
        return [...touched].flatMap((trade) => [
          ...notItsFills(view, trade),
          ...invented(view, trade, held.get(trade.id)),
        ]);
      },
      checkCalm(view) {
        const calm = calmFor(view);
        if (calm === null || calm < settleMs) return [];
        const trail = trailOf(view);
        return [...holdings.read(view).values()].flatMap((holding) => {
          // The house trades on while it is calm: only what had its time to be learned of counts.
          if (view.now - holding.lastFillAt < settleMs) return [];
          const trade = trail.trades.get(holding.tradeId);
          const recorded = trade === undefined ? 0n : heldOf(trade) + withdrawnFrom(view, trade);
          const gap = absolute(holding.held - recorded);
          if (gap === 0n || (isDust(view, holding.symbol, gap) && gap < holding.bought) || !once(holding.tradeId))
            return [];
          return [
            violated("I04", "long after faults ended the record differs from the venue", {
              tradeId: holding.tradeId,
              recorded: text(recorded),
              venue: text(holding.held),
            }),
          ];
        });
      },
    };
  },
};

function notItsFills(view: WorldView, trade: TradeTrail): readonly Violation[] {
  const booked = view.books.positions[trade.id]?.quantity;
  if (booked === undefined || exact(booked) === heldOf(trade)) return [];
  return [
    violated("I04", "a position is not the sum of its fills net of fees", {
      tradeId: trade.id,
      booked,
      fills: text(heldOf(trade)),
    }),
  ];
}

/** A match that will not settle may be on record until that is known: the venue did tell of it. */
function invented(view: WorldView, trade: TradeTrail, holding: Holding | undefined): readonly Violation[] {
  const told = view.venue.failing.filter((fill) => oursBehind(trailOf(view), fill)?.intent.tradeId === trade.id);
  const failing = (side: TrueFill["side"]) =>
    told.reduce((sum, fill) => (fill.side === side ? sum + exact(fill.quantity) : sum), 0n);
  const trulyBought = (holding?.bought ?? 0n) + failing("buy");
  const trulySold = (holding?.sold ?? 0n) + failing("sell");
  if (trade.bought <= trulyBought && trade.sold <= trulySold) return [];
  return [
    violated("I04", "the record holds fills that the venue never made", {
      tradeId: trade.id,
      bought: `${text(trade.bought)} of ${text(trulyBought)}`,
      sold: `${text(trade.sold)} of ${text(trulySold)}`,
    }),
  ];
}
