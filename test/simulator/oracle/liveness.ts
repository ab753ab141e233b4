/** I22 and I23: after faults have ended, exits get out and doubts get settled, within their bounds, or it is said why not. */
import type { Invariant, Violation, WorldView } from "../contract.ts";
import { smaller, text } from "./exact.ts";
import { openHoldings } from "./holdings.ts";
import { type TradeTrail, trailOf } from "./trail.ts";
import { coinsOf, isDust, openAttention } from "./truth.ts";
import { calmFor, openOnce, violated } from "./verdict.ts";

const exitWithinMs = 60_000;
const knownWithinMs = 600_000;

export const livenessExit: Invariant = {
  id: "I22",
  name: "LivenessExit",
  statement:
    "Every exit fact leads to a filled exit, or to an explicit blocked state and a page, within 60 s of a healthy venue and a ready process",
  open() {
    const holdings = openHoldings();
    const attention = openAttention();
    const waited = new Map<string, number>();
    const once = openOnce();
    const check = (view: WorldView): readonly Violation[] => {
      if (view.calmSince === null) return [];
      const trail = trailOf(view);
      const { passed, isAnew } = attention(view, trail);
      if (isAnew) waited.clear();
      if (!trail.isReady) return [];
      return [...holdings.read(view).values()].flatMap((holding) => {
        const trade = trail.trades.get(holding.tradeId);
        if (trade === undefined || !isStuck(view, trade, holding.held)) {
          waited.delete(holding.tradeId);
          return [];
        }
        const sinceMs = (waited.get(trade.id) ?? -passed) + passed;
        waited.set(trade.id, sinceMs);
        if (sinceMs < exitWithinMs || !once(trade.id)) return [];
        return [
          violated("I22", "an exit was asked for and did not come", {
            tradeId: trade.id,
            held: text(holding.held),
            waitedMs: sinceMs,
            reasons: trade.exits.map((exit) => exit.reason).join(", "),
            orders: trade.orders.map((order) => `${order.intent.leg} ${order.state}`).join(", "),
            state: view.books.positions[trade.id]?.state,
          }),
        ];
      });
    };
    return { check };
  },
};

/** Somebody asked for an exit, something worth selling is still there, and nobody said why it is not sold. */
function isStuck(view: WorldView, trade: TradeTrail, held: bigint): boolean {
  if (trade.exits.length === 0 || isDust(view, trade.symbol, held) || isBlocked(view, trade)) return false;
  if (isBeingProven(view, trade)) return false;
  return !isDust(view, trade.symbol, smaller(held, coinsOf(view, trade.symbol)));
}

/** Three looks over ten seconds, once the venue can't take it any more, with room for one that fails. */
const proofMs = 25_000;

/** A sale of unknown fate: nothing else may be sold before the venue's own bound and the proof; longer than that is stuck. */
function isBeingProven(view: WorldView, trade: TradeTrail): boolean {
  const boundMs = view.definition.capabilities.absentAfterMs + proofMs;
  return trade.orders.some(
    (order) => order.intent.side === "sell" && order.state === "unknown" && view.now - (order.lostAt ?? 0) < boundMs,
  );
}

/** When both were there: the calm, and a process that had joined. */
function readySince(view: WorldView): number | null {
  const ready = trailOf(view).starts.at(-1)?.readyAt ?? null;
  return ready === null || view.calmSince === null ? null : Math.max(ready, view.calmSince);
}

/** The venue refused the newest try, and people were told so about this very trade since it was to be left. */
function isBlocked(view: WorldView, trade: TradeTrail): boolean {
  const newest = trade.orders.findLast((order) => order.intent.leg === "exit");
  if (newest?.state !== "rejected") return false;
  return view.facts.some(
    ({ fact, tradeId, seq }) =>
      fact.type === "card_queued" &&
      fact.alert === "exit_refused" &&
      tradeId === trade.id &&
      seq > (trade.exits[0]?.seq ?? 0),
  );
}

export const livenessUnknown: Invariant = {
  id: "I23",
  name: "LivenessUnknown",
  statement: "Every order of unknown fate reaches a bound state within 10 min of a healthy venue",
  open() {
    const once = openOnce();
    return {
      check(view) {
        const calm = calmFor(view);
        const ready = readySince(view);
        if (calm === null || calm < knownWithinMs || ready === null || view.now - ready < knownWithinMs) return [];
        return [...trailOf(view).orders.values()].flatMap((order) =>
          order.state === "unknown" && view.now - Math.max(order.lostAt ?? 0, ready) > knownWithinMs && once(order.id)
            ? [
                violated("I23", "an order is still of unknown fate long after faults ended", {
                  clientOrderId: order.id,
                  lostAt: order.lostAt,
                }),
              ]
            : [],
        );
      },
    };
  },
};
