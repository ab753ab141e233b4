/** What the items of a reconcile plan record, each on the newest books: nothing when it has become true meanwhile. */
import { closedFact, noFill, positionFacts, type Told } from "./absorb.ts";
import type { Books } from "./books.ts";
import type { BookedOrder } from "./books_orders.ts";
import { breakerFacts } from "./breaker_facts.ts";
import { isProvenAbsent } from "./doubt.ts";
import type { Fact } from "./events.ts";
import { feeWorth } from "./fee_worth.ts";
import { symbolOf } from "./instrument.ts";
import type { OrderIntent } from "./intent.ts";
import { mark } from "./mark.ts";
import {
  isLess,
  isPositive,
  isZero,
  minus,
  notionalOf,
  price,
  smallest,
  sum,
  zeroNotional,
  zeroQuantity,
} from "./money.ts";
import { mayStillTrade } from "./order.ts";
import type { Position } from "./position.ts";
import { excessFacts, teller } from "./reconcile_adopt.ts";
import { worthOf } from "./reconcile_holdings.ts";
import { partOf } from "./reconcile_nobody.ts";
import type { Applying, PlanItem } from "./reconcile_plan.ts";
import type { SeenFill } from "./snapshot.ts";
import { between } from "./time.ts";

type ItemOf<Does extends PlanItem["does"]> = Extract<PlanItem, { does: Does }>;

type Note = { readonly facts: readonly Fact[]; readonly tradeId: string | null };

/** Items that note something about one order or asset. */
export function noteOf(item: PlanItem, books: Books, applying: Applying): Note {
  const order = "clientOrderId" in item ? books.orders[item.clientOrderId] : undefined;
  if (order !== undefined) return { facts: notesOfOrder(item, order, { books, applying }), tradeId: order.tradeId };
  switch (item.does) {
    case "two_writers":
      return { facts: twoWriters(books, item), tradeId: null };
    case "compare_holding":
      return { facts: holdingFacts(books, item), tradeId: null };
    case "book_transfer": {
      const isKnown = books.house.account?.transferIds?.includes(item.recordId) ?? false;
      if (!isKnown) mark("V41.transfer_has_a_record");
      return { facts: isKnown ? [] : [item.fact], tradeId: null };
    }
    case "adopt_excess":
      return { facts: excessFacts(books, item, applying), tradeId: `excess-${item.instrumentId}-${books.seq}` };
    default:
      return { facts: [], tradeId: null };
  }
}

function notesOfOrder(
  item: PlanItem,
  order: BookedOrder,
  { books, applying }: { readonly books: Books; readonly applying: Applying },
): readonly Fact[] {
  switch (item.does) {
    case "drop":
      return order.state === "intent" ? applying.drop(books, order.clientOrderId) : [];
    case "end_absent":
      return absentFacts(books, order, applying);
    case "suspect":
      return suspectFacts(books, order, item);
    case "doubt":
      return doubtFacts(order);
    default:
      return [];
  }
}

/** Proven: the order ends, the consent that it executed ends, and the position that it would have opened. */
export function absentFacts(books: Books, order: BookedOrder, applying: Applying): readonly Fact[] {
  const { probes, clientOrderId, intent, tradeId } = order;
  const spanMs = applying.absentSpanMs?.(order);
  if (!isProvenAbsent(order, applying.wallAt, spanMs) || probes.firstAbsentAt === null) return [];
  mark("V02.proven_absent");
  const seconds = Math.round((spanMs ?? between(probes.firstAbsentAt, applying.wallAt)) / 1_000);
  const because = `${probes.absent} looks at three lists over ${seconds} s`;
  return [
    { type: "order_absent", clientOrderId, probes: probes.absent, because },
    ...(intent.leg === "entry" && isZero(books.positions[tradeId]?.boughtQuantity ?? zeroQuantity)
      ? [noFill(tradeId)]
      : []),
    ...applying.endConsent(books, clientOrderId, "failed", "not sent: the venue never had it"),
  ];
}

function suspectFacts(books: Books, order: BookedOrder, item: ItemOf<"suspect">): readonly Fact[] {
  if (order.suspectedBecause !== undefined || !isLess(item.theirs, order.filledQuantity)) return [];
  mark("V23.venue_says_less_than_we_booked");
  const evidence = { order: order.clientOrderId, ours: item.ours, theirs: item.theirs };
  const because = `the venue shows ${item.theirs} filled, we booked ${item.ours}`;
  return [
    { type: "order_suspected", clientOrderId: order.clientOrderId, because, evidence },
    ...breakerFacts(books, { order, cause: "less_filled", evidence }),
  ];
}

function doubtFacts(order: BookedOrder): readonly Fact[] {
  if (!mayStillTrade(order.state) || order.state === "unknown" || order.state === "sending") return [];
  mark("V12.missing_is_not_rejected");
  const because = "no list of the venue shows it, and it is not known by name";
  return [{ type: "order_answer_lost", clientOrderId: order.clientOrderId, because }];
}

function twoWriters(books: Books, { seen, epoch }: ItemOf<"two_writers">): readonly Fact[] {
  mark("P09.somebody_else_trades_as_us");
  const evidence = { order: seen.venueOrderId, theirEpoch: String(epoch), ourEpoch: String(books.house.epoch) };
  return breakerFacts(books, { scope: "global", cause: "two_writers", evidence });
}

function holdingFacts(books: Books, item: ItemOf<"compare_holding">): readonly Fact[] {
  const { asset, ours, theirs, isShort, instrumentId } = item;
  const known = books.house.shortOf?.[asset];
  if (isShort ? known === theirs : known === undefined) return [];
  if (isShort) mark("O04.less_is_there_than_our_positions");
  const compared: Fact = { type: "holdings_compared", asset, ours, theirs, isShort };
  const evidence = { asset, ours, theirs };
  const scope = `symbol:${instrumentId}`;
  return isShort ? [compared, ...breakerFacts(books, { scope, cause: "short_holding", evidence })] : [compared];
}

export function tellForeign({ instrumentId, orders }: ItemOf<"foreign">, books: Books): readonly Fact[] {
  const orderIds = orders.map((order) => order.venueOrderId).sort();
  if (orderIds.join() === [...(books.house.foreign?.[instrumentId]?.orderIds ?? [])].sort().join()) return [];
  const buys = orders.filter((order) => order.side === "buy" && order.limitPrice != null);
  const worths = buys.map((order) =>
    notionalOf(order.limitPrice ?? price("0"), minus(order.quantity, order.filledQuantity)),
  );
  return [{ type: "foreign_orders_seen", instrumentId, orderIds, buyNotional: sum(worths, zeroNotional) }];
}

/** Coins left by a transfer with a record: the money moves and the position shrinks in one commit. */
export function tellReduced(item: ItemOf<"reduce">, books: Books, applying: Applying): readonly Told[] {
  const position = books.positions[item.positionId];
  const isKnown = books.house.account?.transferIds?.includes(item.recordId) ?? false;
  if (position === undefined || position.state === "closed" || isKnown) return [];
  const { positionId, recordId } = item;
  const asset = symbolOf(position.instrumentId).split("/")[0] ?? "";
  const quantity = smallest(item.quantity, position.quantity);
  const worth = worthOf({ books, context: applying }, { asset, amount: quantity });
  const tell = teller(books, "house", applying);
  tell.add([{ type: "transfer_recorded", asset, amount: item.quantity, direction: "out", recordId, worth }], null);
  tell.add(
    [{ type: "position_reduced", positionId, quantity, recordId, because: "withdrawn from the account" }],
    positionId,
  );
  tell.add(positionFacts(tell.now(), positionId, applying), positionId);
  return tell.told;
}

/** A sale by a person or the venue: an order of nobody takes the fills, as far as coins are really missing. */
export function tellExternal(item: ItemOf<"external">, books: Books, applying: Applying): readonly Told[] {
  const position = books.positions[item.positionId];
  if (position === undefined || position.state === "closed") return [];
  const tell = teller(books, `venue:${position.instrumentId.split(":")[0]}`, applying);
  const { positionId } = position;
  let left = smallest(item.shortage, position.quantity);
  // One sale may have emptied several positions: each has an order of its own, under which its part is booked once.
  const isBooked = (fill: SeenFill) =>
    Object.values(tell.now().orders).some(
      (order) =>
        order.fillIds.includes(fill.venueFillId) && (order.origin !== "external" || order.tradeId === positionId),
    );
  const how = howItLeft(item.fills);
  for (const fill of item.fills) {
    if (isBooked(fill) || !isPositive(left)) continue;
    const part = partOf(fill, smallest(fill.quantity, left));
    left = minus(left, part.quantity);
    const clientOrderId = `ext-${fill.venueOrderId}-${positionId}`;
    const now = tell.now().positions[positionId] ?? position;
    if (tell.now().orders[clientOrderId] === undefined)
      tell.add([externalOrder(now, clientOrderId, fill, how)], positionId);
    tell.add([externalFill(clientOrderId, part)], positionId);
  }
  const after = tell.now().positions[positionId];
  if (tell.told.length === 0 || after === undefined) return [];
  const order = { intent: { instrumentId: position.instrumentId } as OrderIntent };
  const evidence = { position: positionId, was: position.quantity, is: after.quantity };
  if (how !== "expiry") {
    const cause = how === "liquidated" ? "liquidated" : "external_close";
    tell.add(breakerFacts(tell.now(), { order, cause, evidence }), positionId);
  }
  tell.add(endOf(after, how, positionFacts(tell.now(), positionId, applying)), positionId);
  return tell.told;
}

/** What the venue itself ended bears the venue's reason. */
function endOf(position: Position, how: Leaving, ends: readonly Fact[]): readonly Fact[] {
  return ends.length === 0 || how === "external" ? ends : [closedFact(position, how)];
}

type Leaving = "liquidated" | "expiry" | "external";

/** A payout is nobody's intervention: the question that was bet on has its answer, and there is nothing left to sell. */
function howItLeft(fills: readonly SeenFill[]): Leaving {
  if (fills.some((fill) => fill.isLiquidation === true)) {
    mark("V54.liquidated_by_the_venue");
    return "liquidated";
  }
  if (!fills.some((fill) => fill.isPayout === true)) return "external";
  mark("V55.market_resolved");
  return "expiry";
}

const leftBecause: Readonly<Record<Leaving, string>> = {
  liquidated: "liquidated by the venue",
  expiry: "paid out by the venue: the market is decided",
  external: "sold by somebody else",
};

function externalOrder(position: Position, clientOrderId: string, fill: SeenFill, how: Leaving): Fact {
  const { positionId, instrumentId, account, mode, strategy, attempts } = position;
  const intent: OrderIntent = {
    intentId: clientOrderId,
    tradeId: positionId,
    mode,
    venue: instrumentId.slice(0, instrumentId.indexOf(":")),
    account,
    instrumentId,
    leg: "exit",
    side: "sell",
    quantity: fill.quantity,
    reduceOnly: true,
    shape: { orderType: "limit", limitPrice: fill.price, timeInForce: "ioc" },
    exitPlan: null,
    strategy,
    signalId: null,
    attempt: attempts.exit + 1,
  };
  return {
    type: "order_adopted",
    clientOrderId,
    venueOrderId: fill.venueOrderId,
    origin: "external",
    intent,
    exitReason: how,
    referencePrice: fill.price,
    because: leftBecause[how],
  };
}

/** Only the part that was ours is booked, with its share of the fee. */
function externalFill(clientOrderId: string, fill: SeenFill): Fact {
  const { venueFillId, price: at, quantity, fee, feeAsset, liquidity, filledAt } = fill;
  const feeInQuote = feeWorth(fill, {});
  return {
    type: "fill_received",
    clientOrderId,
    venueFillId,
    price: at,
    quantity,
    fee,
    feeAsset,
    feeInQuote,
    liquidity,
    filledAt,
    // It may be listed again under its real name: then this one is given back, like one of ours.
    ...(fill.isProvisional === true ? { isProvisional: true } : {}),
  };
}
