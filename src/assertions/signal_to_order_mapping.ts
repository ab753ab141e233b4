import type { Books } from "../core/books.ts";
import type { BookedOrder } from "../core/books_orders.ts";
import { isAtLeast, isMore, minus, plus, type Quantity, zeroQuantity } from "../core/money.ts";
import { mayStillTrade } from "../core/order.ts";
import type { Position } from "../core/position.ts";
import { between } from "../core/time.ts";
import { type Breach, defineAssertion } from "../define/assertion.ts";

/** A loop that sends and sends is the costliest fault there is: no position needs more orders than this within a minute. */
const ordersPerMinuteMax = 60;

export const signalToOrderMapping = defineAssertion({
  id: "A02",
  name: "signal_to_order_mapping",
  promises:
    "What was signed leads to at most one entry; a position has at most one exit and one stop at work, and never sells more than it holds",
  onBreach: { scope: "account", class: "sticky", looks: 1 },
  runbook: {
    means: "More orders exist than were signed for, or more is being sold than is held.",
    does: "No new positions on that instrument. The position keeps its stop or exit.",
    you: "Compare the orders here with the venue's own page, cancel what is too much there, then reset with a reason.",
  },
  breaches(books, { wallAt, steps }) {
    const byTrade = new Map<string, BookedOrder[]>();
    for (const order of Object.values(books.orders))
      byTrade.set(order.tradeId, [...(byTrade.get(order.tradeId) ?? []), order]);
    return [
      ...doubledApprovals(books),
      ...[...byTrade].flatMap(([tradeId, orders]) => {
        const position = books.positions[tradeId];
        const scope = `symbol:${orders[0]?.intent.instrumentId ?? ""}`;
        const step = steps[orders[0]?.intent.instrumentId ?? ""] ?? zeroQuantity;
        return [
          ...doubledLegs(tradeId, orders),
          ...(position === undefined ? [] : oversold(position, orders, step)),
          ...tooMany(tradeId, orders, wallAt),
        ].map((breach) => ({ ...breach, scope }));
      }),
    ];
  },
});

function doubledApprovals({ orders }: Books): readonly Breach[] {
  const seen = new Map<string, BookedOrder[]>();
  for (const order of Object.values(orders)) {
    if (order.approvalId === null) continue;
    const version = `${order.approvalId} v${order.approvalVersion}`;
    seen.set(version, [...(seen.get(version) ?? []), order]);
  }
  return [...seen]
    .filter(([, sent]) => sent.length > 1)
    .map(([approval, sent]) => ({
      scope: `symbol:${sent[0]?.intent.instrumentId ?? ""}`,
      evidence: { approval, orders: String(sent.length), plan: "1" },
    }));
}

function doubledLegs(tradeId: string, orders: readonly BookedOrder[]): readonly Breach[] {
  return (["entry", "exit", "protect"] as const).flatMap((leg) => {
    const live = orders.filter((order) => order.intent.leg === leg && mayStillTrade(order.state));
    return live.length <= 1
      ? []
      : [{ evidence: { trade: tradeId, leg, live: live.map((order) => order.clientOrderId).join(" "), plan: "1" } }];
  });
}

/** Sold, and everything that may still be sold (an unknown order in full), against what was bought. */
function oversold(position: Position, orders: readonly BookedOrder[], step: Quantity): readonly Breach[] {
  const mayStillSell = orders
    .filter((order) => order.intent.side === "sell" && mayStillTrade(order.state))
    .map((order) =>
      isAtLeast(order.filledQuantity, order.intent.quantity)
        ? zeroQuantity
        : minus(order.intent.quantity, order.filledQuantity),
    )
    .reduce((total, left) => plus(total, left), position.soldQuantity);
  if (!isMore(mayStillSell, plus(position.boughtQuantity, step))) return [];
  // What somebody sold at the venue makes our resting stop too large until the next visit has replaced it.
  const looks = isMore(position.soldQuantity, plus(position.boughtQuantity, step)) ? 1 : 10;
  return [
    {
      looks,
      evidence: {
        position: position.positionId,
        bought: position.boughtQuantity,
        "sold or selling": mayStillSell,
      },
    },
  ];
}

function tooMany(
  tradeId: string,
  orders: readonly BookedOrder[],
  wallAt: Parameters<typeof between>[0],
): readonly Breach[] {
  const sent = orders.filter((order) => order.sentAt !== null && between(order.sentAt, wallAt) < 60_000);
  return sent.length <= ordersPerMinuteMax
    ? []
    : [
        {
          evidence: {
            trade: tradeId,
            "orders within a minute": String(sent.length),
            limit: String(ordersPerMinuteMax),
          },
        },
      ];
}
