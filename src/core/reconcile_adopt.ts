/** Rows 16 and 22: an order or a quantity of ours that our records lack gets its place in the books, and its stop. */
import { absorb, type Told } from "./absorb.ts";
import { type Books, evolveTentatively } from "./books.ts";
import { breakerFacts } from "./breaker_facts.ts";
import type { Fact } from "./events.ts";
import type { ExitPlan, OrderIntent, OrderShape } from "./intent.ts";
import { mark } from "./mark.ts";
import {
  compare,
  floorToTick,
  isPositive,
  largest,
  movePrice,
  type Price,
  price,
  ratio,
  zeroNotional,
} from "./money.ts";
import { mayStillTrade } from "./order.ts";
import { openPositions } from "./portfolio.ts";
import type { Position } from "./position.ts";
import type { Applying, PlanItem } from "./reconcile_plan.ts";
import type { SeenOrder } from "./snapshot.ts";

type ItemOf<Does extends PlanItem["does"]> = Extract<PlanItem, { does: Does }>;

/** Collects facts and keeps the books that they lead to. */
export function teller(books: Books, actor: string, applying: Applying) {
  const told: Told[] = [];
  let now = books;
  return {
    now: () => now,
    told,
    add(facts: readonly Fact[], tradeId: string | null) {
      const more = facts.map((fact): Told => ({ actor, tradeId, causedBy: null, fact }));
      told.push(...more);
      now = evolveTentatively(now, more, applying);
    },
    take(more: readonly Told[]) {
      told.push(...more);
      now = evolveTentatively(now, more, applying);
    },
  };
}

/** How far under its price an adopted purchase is protected: nobody knows any more what was planned for it. */
const adoptedStop = ratio("-0.02");

/** An order of ours without a record: a purchase gets a position with a stop of its own; a sale joins its position or is taken back. */
export function tellAdopted(item: ItemOf<"adopt">, books: Books, applying: Applying): readonly Told[] {
  const { seen, fills } = item;
  const clientOrderId = seen.clientOrderId ?? seen.venueOrderId;
  const isKnown = Object.values(books.orders).some(
    (order) => order.clientOrderId === clientOrderId || order.venueOrderId === seen.venueOrderId,
  );
  const at = seen.limitPrice ?? applying.marks[seen.instrumentId] ?? null;
  if (isKnown || at === null) return [];
  mark("P09.owned_lost_intent");
  const tell = teller(books, "house", applying);
  const intent = adoptedIntent(seen, books, { at, applying });
  const exitReason = intent.leg === "exit" ? "external" : null;
  const because = "our record of it was lost; its name and epoch are ours";
  const { venueOrderId } = seen;
  tell.add(
    [
      {
        type: "order_adopted",
        clientOrderId,
        venueOrderId,
        origin: "lost_intent",
        intent,
        exitReason,
        referencePrice: at,
        because,
      },
    ],
    intent.tradeId,
  );
  tell.take(absorb(tell.now(), clientOrderId, { order: seen, fills }, applying));
  return tell.told;
}

function adoptedIntent(
  seen: SeenOrder,
  books: Books,
  { at, applying }: { readonly at: Price; readonly applying: Applying },
): OrderIntent {
  const { instrumentId, side, quantity } = seen;
  const { mode, accountId } = books.house;
  const position =
    side === "buy"
      ? undefined
      : openPositions(books).find((one) => one.instrumentId === instrumentId && isPlaceFree(books, one, seen));
  const tradeId = position?.positionId ?? `lost-${seen.venueOrderId}`;
  const leg = side === "buy" ? "entry" : seen.kind === "limit" ? "exit" : "protect";
  const tick = applying.instruments.get(instrumentId)?.tickSize ?? price("0.00000001");
  const stopPrice = largest(floorToTick(movePrice(at, adoptedStop), tick), tick);
  const exitPlan: ExitPlan | null =
    leg === "entry" ? { stopPrice, targetPrice: null, trail: null, timeLimitMs: null } : null;
  return {
    intentId: tradeId,
    tradeId,
    mode,
    venue: instrumentId.slice(0, instrumentId.indexOf(":")),
    account: accountId,
    instrumentId,
    leg,
    side,
    quantity,
    reduceOnly: leg !== "entry",
    shape: shapeOf(seen, at, position),
    exitPlan,
    strategy: position?.strategy ?? "adopted",
    signalId: null,
    attempt: position === undefined ? 1 : position.attempts[leg === "protect" ? "protect" : "exit"] + 1,
  };
}

/** A stop joins its position only where it is the one that is wanted there, and nothing else of its leg is live. */
function isPlaceFree(books: Books, position: Position, seen: SeenOrder): boolean {
  const leg = seen.kind === "limit" ? "exit" : "protect";
  const hasOther = Object.values(books.orders).some(
    (order) => order.tradeId === position.positionId && order.intent.leg === leg && mayStillTrade(order.state),
  );
  const isWanted =
    leg === "exit" || (seen.triggerPrice != null && compare(seen.triggerPrice, position.exitPlan.stopPrice) === 0);
  return !hasOther && isWanted && isPositive(position.quantity);
}

function shapeOf(seen: SeenOrder, at: Price, position: Position | undefined): OrderShape {
  const triggerPrice = seen.triggerPrice ?? at;
  const targetPrice = position?.exitPlan.targetPrice ?? null;
  if (seen.kind === "oco" && targetPrice !== null)
    return { orderType: "oco", targetPrice, triggerPrice, limitPrice: at };
  if (seen.kind !== "limit") return { orderType: "stop_limit", triggerPrice, limitPrice: at };
  return { orderType: "limit", limitPrice: at, timeInForce: "gtc" };
}

/** Row 22: the venue keeps a larger position than our books: what is more is ours to protect, and a person is told. */
export function excessFacts(books: Books, item: ItemOf<"adopt_excess">, applying: Applying): readonly Fact[] {
  const { instrumentId, quantity } = item;
  const at = price(item.price);
  const tradeId = `excess-${instrumentId}-${books.seq}`;
  const held = openPositions(books).filter((one) => one.instrumentId === instrumentId);
  if (held.some((one) => one.positionId.startsWith("excess-") && compare(one.quantity, quantity) === 0)) return [];
  const tick = applying.instruments.get(instrumentId)?.tickSize ?? price("0.00000001");
  const stopPrice = largest(floorToTick(movePrice(at, adoptedStop), tick), tick);
  const { mode, accountId } = books.house;
  const intent: OrderIntent = {
    intentId: tradeId,
    tradeId,
    mode,
    venue: instrumentId.slice(0, instrumentId.indexOf(":")),
    account: accountId,
    instrumentId,
    leg: "entry",
    side: "buy",
    quantity,
    reduceOnly: false,
    shape: { orderType: "limit", limitPrice: at, timeInForce: "ioc" },
    exitPlan: { stopPrice, targetPrice: null, trail: null, timeLimitMs: null },
    strategy: "adopted",
    signalId: null,
    attempt: 1,
  };
  const clientOrderId = `ext-${tradeId}`;
  const fill = { price: at, quantity, fee: zeroNotional, feeAsset: "", feeInQuote: zeroNotional };
  const because = "the venue keeps a larger position than our books";
  const evidence = { instrument: instrumentId, excess: quantity };
  return [
    {
      type: "order_adopted",
      clientOrderId,
      venueOrderId: tradeId,
      origin: "external",
      intent,
      exitReason: null,
      referencePrice: at,
      because,
    },
    {
      type: "fill_received",
      clientOrderId,
      venueFillId: tradeId,
      ...fill,
      liquidity: "taker",
      filledAt: applying.at,
    },
    ...breakerFacts(books, { scope: `symbol:${instrumentId}`, cause: "external_excess", evidence }),
  ];
}
