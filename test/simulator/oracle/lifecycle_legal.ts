/** I15: nothing changes its state in a way that the law does not know, and the books say what the facts say. */
import type { Invariant, Violation, WorldView } from "../contract.ts";
import { approvalLaw, positionLaw } from "./order_law.ts";
import { type OrderTrail, type Told, trailOf } from "./trail.ts";
import { openCursor, violated } from "./verdict.ts";

export const lifecycleLegal: Invariant = {
  id: "I15",
  name: "LifecycleLegal",
  statement:
    "Every transition of an order, position, approval, level or breaker is in the law, and the books hold the state to which the facts lead",
  open() {
    const told = openCursor();
    const states = new Map<string, string>();
    return {
      check(view) {
        const fresh = told(trailOf(view).told);
        if (fresh.length === 0) return [];
        const orders = new Set(fresh.flatMap(({ order }) => order ?? []));
        const trades = new Map<string, number>();
        for (const { trade } of fresh) if (trade !== null) trades.set(trade.id, (trades.get(trade.id) ?? 0) + 1);
        return [
          ...fresh.flatMap(illegalFact),
          ...[...orders].flatMap((order) => otherState(view, order)),
          ...[...trades].flatMap(([id, steps]) => illegalPosition(view, states, id, steps)),
        ];
      },
    };
  },
};

function illegalFact(one: Told): readonly Violation[] {
  const { fact, recorded, from, event, to } = one;
  const about = { seq: recorded.seq, fact: fact.type, from, event };
  if (one.order !== null && to === null)
    return [violated("I15", "an order made a step that the law does not know", { ...about, order: one.order.id })];
  if ("clientOrderId" in fact && fact.clientOrderId !== null && one.order === null)
    return [
      violated("I15", "a fact is about an order that was never decided", { ...about, order: fact.clientOrderId }),
    ];
  if (fact.type === "approval_settled") return illegalSettlement(one);
  if (fact.type === "level_changed" && (fact.from !== one.level || fact.to === fact.from))
    return [violated("I15", "a level changed from where it was not", { ...about, from: fact.from, was: one.level })];
  if (fact.type === "breaker_closed" && !one.breakers.has(`${fact.cause}@${fact.scope}`))
    return [violated("I15", "a breaker was closed that was not open", { ...about, scope: fact.scope })];
  return [];
}

function illegalSettlement({ fact, approval, from, recorded }: Told): readonly Violation[] {
  if (fact.type !== "approval_settled") return [];
  const about = { seq: recorded.seq, approvalId: fact.approvalId, from, to: fact.to };
  if (approval === null) return [violated("I15", "an approval was settled that was never asked for", about)];
  if (fact.from !== from)
    return [violated("I15", "an approval was settled from a state that it was not in", { ...about, told: fact.from })];
  return approvalLaw[from]?.includes(fact.to) === true
    ? []
    : [violated("I15", "an approval made a step that the law does not know", about)];
}

function otherState(view: WorldView, order: OrderTrail): readonly Violation[] {
  const booked = view.books.orders[order.id]?.state;
  if (booked === undefined || booked === order.state) return [];
  return [
    violated("I15", "the books hold another state of an order than its facts lead to", {
      order: order.id,
      booked,
      facts: order.state,
    }),
  ];
}

/** Several facts may come in one step; each may move the position once. */
function illegalPosition(
  view: WorldView,
  states: Map<string, string>,
  id: string,
  steps: number,
): readonly Violation[] {
  const now = view.books.positions[id]?.state;
  const before = states.get(id);
  if (now === undefined) return [];
  states.set(id, now);
  if (before === undefined || before === now || isReachable(before, now, steps)) return [];
  return [violated("I15", "a position made a step that the law does not know", { position: id, before, now })];
}

function isReachable(from: string, to: string, steps: number): boolean {
  let front = new Set([from]);
  for (let step = 0; step < Math.min(steps, 4); step += 1) {
    front = new Set([...front].flatMap((state) => [state, ...(positionLaw[state] ?? [])]));
    if (front.has(to)) return true;
  }
  return false;
}
