/** I06: one sale at a time, never more than is held, for the strongest reason on record. */
import type { Invariant, Violation, WorldView } from "../contract.ts";
import { exact, larger, text } from "./exact.ts";
import { openHoldings } from "./holdings.ts";
import { exitOrder } from "./order_law.ts";
import { type Told, type Trail, trailOf } from "./trail.ts";
import { instrumentOf, oursBehind, remainingOf, trueOrders } from "./truth.ts";
import { openCursor, openOnce, openRevision, violated } from "./verdict.ts";

const racesMs = 1_500;

export const singleExit: Invariant = {
  id: "I06",
  name: "SingleExit",
  statement:
    "At most one sale of a position is live or of unknown fate; what was sold and what may still sell never exceeds what is held; each sale has the strongest reason on record",
  open() {
    const told = openCursor();
    const isNew = openRevision();
    const holdings = openHoldings();
    const once = openOnce();
    return {
      check(view) {
        const trail = trailOf(view);
        const fresh = told(trail.told);
        const atVenue = isNew(view) ? soldAtVenue(view, trail, holdings.read(view), once) : [];
        return [...fresh.flatMap((one) => armedBesideAnother(view, one)), ...fresh.flatMap(weakReason), ...atVenue];
      },
    };
  },
};

/** By the record: an order of unknown fate counts as if it sold everything that it asked for. */
function armedBesideAnother(view: WorldView, { order, scene, fact }: Told): readonly Violation[] {
  if (fact.type !== "order_sending" || order === null || scene === null || order.intent.side !== "sell") return [];
  const rivals = scene.rivals.filter((rival) => rival.state !== "intent");
  const about = {
    clientOrderId: order.id,
    leg: order.intent.leg,
    tradeId: order.intent.tradeId,
    beside: rivals.map((rival) => `${rival.leg} ${rival.id} ${rival.state}`).join(", "),
  };
  const found: Violation[] = [];
  if (rivals.length > 0) found.push(violated("I06", "a second sale was armed while another is not settled", about));
  const worst = order.wanted + rivals.reduce((sum, rival) => sum + rival.left, 0n);
  const step = exact(instrumentOf(view, order.symbol)?.stepSize ?? "0");
  if (worst > scene.held + step)
    found.push(
      violated("I06", "more may be sold than is held", { ...about, worst: text(worst), held: text(scene.held) }),
    );
  return found;
}

function weakReason({ fact, trade, recorded, trueAt }: Told): readonly Violation[] {
  if (fact.type !== "order_intended" || fact.intent.leg !== "exit" || trade === null) return [];
  const before = trade.exits.filter((exit) => exit.seq < recorded.seq);
  // Another source may add its reason while the loop decides; it upgrades the sale that then runs.
  const known = before
    .filter((exit) => exit.trueAt < trueAt - racesMs || exit.reason === fact.exitReason)
    .map((exit) => exit.reason);
  const strongest = exitOrder.find((reason) => known.includes(reason)) ?? null;
  if (strongest === fact.exitReason) return [];
  return [
    violated("I06", "a sale was decided for another reason than the strongest on record", {
      clientOrderId: fact.clientOrderId,
      reason: fact.exitReason,
      strongest,
      known: known.join(", "),
    }),
  ];
}

function soldAtVenue(
  view: WorldView,
  trail: Trail,
  held: ReturnType<ReturnType<typeof openHoldings>["read"]>,
  once: (key: string) => boolean,
): readonly Violation[] {
  const found: Violation[] = [];
  const live = new Map<string, Map<string, bigint>>();
  for (const one of trueOrders(view)) {
    const order = one.isLive && one.side === "sell" ? oursBehind(trail, one) : undefined;
    if (order === undefined) continue;
    const byOrder = live.get(order.intent.tradeId) ?? new Map<string, bigint>();
    byOrder.set(order.id, larger(byOrder.get(order.id) ?? 0n, remainingOf(one)));
    live.set(order.intent.tradeId, byOrder);
  }
  for (const [tradeId, byOrder] of live)
    if (byOrder.size > 1 && once(`two ${[...byOrder.keys()].join()}`))
      found.push(
        violated("I06", "two sales of one position are live at the venue", {
          tradeId,
          orders: [...byOrder.keys()].join(", "),
        }),
      );
  for (const { tradeId, symbol, held: left } of held.values()) {
    const selling = [...(live.get(tradeId)?.values() ?? [])].reduce((sum, size) => sum + size, 0n);
    const step = exact(instrumentOf(view, symbol)?.stepSize ?? "0");
    if (left - selling >= -step || !once(`over ${tradeId}`)) continue;
    found.push(
      violated("I06", "more was or may be sold than was bought", { tradeId, left: text(left), selling: text(selling) }),
    );
  }
  return found;
}
