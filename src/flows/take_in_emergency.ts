/**
 * Takes what the emergency process sold into the books: each of its orders gets its row, its fills and its end in one commit,
 * so that it lands as the venue has it and stands in the way of no order of ours. What the books refuse is told to people and
 * booked as a sale of nobody.
 */
import { absorb } from "../core/absorb.ts";
import type { Fact } from "../core/events.ts";
import { symbolOf } from "../core/instrument.ts";
import type { EmergencyNotice } from "../core/lifeline.ts";
import { mark } from "../core/mark.ts";
import { isLess, sum, zeroQuantity } from "../core/money.ts";
import { mayStillTrade } from "../core/order.ts";
import { teller } from "../core/reconcile_adopt.ts";
import { addMs } from "../core/time.ts";
import type { VenueFill, VenueOrder } from "../ports/venue.ts";
import { applyPlan } from "./apply_plan.ts";
import { applyingFor } from "./applying.ts";
import { confirmUnasked } from "./flatten.ts";
import { lookBriefly, lookUp } from "./follow_order.ts";
import type { Needs } from "./needs.ts";
import { record } from "./record.ts";
import { isAway, tellRefused } from "./tell_refused.ts";

type Sale = EmergencyNotice["orders"][number];

/** Its orders become ours by name; the venue then says what each of them sold. What it left is sold under the same level. */
export async function takeIn(needs: Needs, notice: EmergencyNotice): Promise<void> {
  await confirmUnasked(needs, { actor: "emergency_process", because: notice.reason });
  await lookAtOwn(needs, notice);
  const told = await Promise.allSettled(notice.orders.map((sale) => adopt(needs, sale)));
  const untold = told.find((one) => one.status === "rejected");
  // Asked again in a second: until the venue has told of all of them nobody knows what is left to sell.
  if (untold !== undefined) throw new Error(String(untold.reason));
  // Differences that were seen while it sold are explained now.
  needs.memory.doubts = {};
}

/** Nobody followed our own orders of these positions while we stood back; most of them have ended. */
async function lookAtOwn(needs: Needs, { orders }: EmergencyNotice): Promise<void> {
  const positions = new Set(orders.map((sale) => sale.intent.tradeId));
  const live = Object.values(needs.ledger.books().orders).filter(
    ({ tradeId, state }) => positions.has(tradeId) && mayStillTrade(state) && state !== "intent" && state !== "sending",
  );
  await Promise.all(live.map((order) => lookBriefly(needs, order.clientOrderId)));
}

/** An order that the venue never saw sold nothing; one that it can't tell of now is asked for again by whoever calls. */
async function adopt(needs: Needs, sale: Sale): Promise<void> {
  const { clientOrderId, intent } = sale;
  if (needs.ledger.books().orders[clientOrderId] !== undefined) {
    await lookUp(needs, clientOrderId);
    return;
  }
  const { instrumentId } = intent;
  const found = await needs.venue.findOrder({ clientOrderId, venueOrderId: null, instrumentId, kind: "limit" });
  if (!found.ok) throw new Error(`the venue does not tell of ${clientOrderId}: ${found.problem.because}`);
  if (found.value === null) return;
  const fills = await fillsOf(needs, found.value);
  const mayProvision = hasWaited(needs, found.value, fills);
  try {
    await book(needs, sale, { order: found.value, fills, mayProvision });
  } catch (error) {
    if (isAway(error)) throw error;
    mark("P14.emergency_sale_refused");
    await tellRefused(needs, `the emergency process's sale ${clientOrderId}`, error);
    await bookAsNobodys(needs, intent.tradeId, fills);
  }
}

/** Under no name of ours, as a sale by hand: what is gone must not be sold a second time while a person looks. */
async function bookAsNobodys(needs: Needs, positionId: string, fills: readonly VenueFill[]): Promise<void> {
  const shortage = sum(
    fills.map((fill) => fill.quantity),
    zeroQuantity,
  );
  await applyPlan(needs, [{ row: 19, about: positionId, wish: null, does: "external", positionId, fills, shortage }]);
}

/** Fills are asked for from a little before the order was made, since clocks differ. */
const fillsBeforeMs = 60_000;
/** Where the venue does not say when it was made. */
const fillsBackMs = 3_600_000;

async function fillsOf(needs: Needs, order: VenueOrder): Promise<readonly VenueFill[]> {
  const madeAt = order.createdAt ?? addMs(needs.clock.now(), -fillsBackMs * needs.clock.speed);
  const since = addMs(madeAt, -fillsBeforeMs * needs.clock.speed);
  const read = await needs.venue.fills(symbolOf(order.instrumentId), since);
  if (!read.ok) throw new Error(`the venue does not tell the fills of ${order.venueOrderId}: ${read.problem.because}`);
  return read.value.filter((fill) => fill.venueOrderId === order.venueOrderId);
}

/** Real ms for which an order may still work, or be ahead of its list of fills, before it is taken in as it is. */
const settlesWithinMs = 2_000;

/**
 * @returns true when fills that no list shows may be booked as the order tells them.
 * @throws while it may still settle by itself: it is asked for again.
 */
function hasWaited({ memory, clock }: Needs, order: VenueOrder, fills: readonly VenueFill[]): boolean {
  const name = order.clientOrderId ?? order.venueOrderId;
  const listed = sum(
    fills.map((fill) => fill.quantity),
    zeroQuantity,
  );
  if (order.state !== "open" && !isLess(listed, order.filledQuantity)) {
    memory.fillsBehind.delete(name);
    return false;
  }
  const since = memory.fillsBehind.get(name) ?? clock.mono();
  memory.fillsBehind.set(name, since);
  if (clock.mono() - since < settlesWithinMs) throw new Error(`${name} has not settled at the venue yet`);
  return true;
}

type Seen = { readonly order: VenueOrder; readonly fills: readonly VenueFill[]; readonly mayProvision: boolean };

function book(needs: Needs, { clientOrderId, intent, referencePrice }: Sale, seen: Seen): Promise<void> {
  return record(needs, (books, times) => {
    const position = books.positions[intent.tradeId];
    if (books.orders[clientOrderId] !== undefined || position === undefined) return { drafts: [], value: undefined };
    const applying = applyingFor(needs, times);
    const tell = teller(books, "emergency_process", applying);
    const adopted: Fact = {
      type: "order_adopted",
      clientOrderId,
      venueOrderId: seen.order.venueOrderId,
      origin: "lost_intent",
      // It counted from a snapshot; this house may have tried since, and so may an earlier run.
      intent: { ...intent, attempt: position.attempts.exit + 1 },
      exitReason: "emergency",
      referencePrice,
      because: "sent by the emergency process",
    };
    tell.add([adopted], intent.tradeId);
    const { mayProvision, ...shown } = seen;
    tell.take(absorb(tell.now(), clientOrderId, shown, { ...applying, mayProvision }));
    return { drafts: tell.told, value: undefined };
  });
}
