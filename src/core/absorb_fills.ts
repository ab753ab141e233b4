/**
 * What the fills that a venue lists mean for one order of ours. A fill is booked once by its id; one that is not final is
 * marked and given back when the real one comes, so that the sum never exceeds what the venue says was traded.
 *
 *   stream, no id ----> provisional --real fill of the same size and price--> reversed, booked anew under its id
 *   order says more --> provisional --any real fill of the order-----------> reversed, what is still missing again
 *   matched ----------> provisional --settled--> booked | --failed--> reversed
 */
import type { BookedOrder } from "./books_orders.ts";
import type { CauseName } from "./breaker_causes.ts";
import type { Fact, FactOf } from "./events.ts";
import { feeWorth } from "./fee_worth.ts";
import { symbolOf } from "./instrument.ts";
import { mark } from "./mark.ts";
import {
  averagePrice,
  isMore,
  isPositive,
  minus,
  notionalOf,
  type Price,
  type Quantity,
  sum,
  zeroNotional,
  zeroQuantity,
} from "./money.ts";
import { mayStillTrade } from "./order.ts";
import type { SeenFill, SeenOrder } from "./snapshot.ts";
import type { Instant } from "./time.ts";

export type FillContext = {
  readonly marks: Readonly<Record<string, Price>>;
  /** What the order says of itself was seen long enough without its fills: what is missing is booked provisionally. */
  readonly mayProvision: boolean;
  /** Dates what the venue hasn't dated. */
  readonly at: Instant;
};

type Booked = FactOf<"fill_received">;

/** Two reports of one trade may differ by the path they took; this much at most. */
const sameTradeMs = 5_000;
/** Ids of fills that we derived from an order's own numbers. */
const derivedPrefix = "derived|";

export function fillFacts(
  order: BookedOrder,
  seen: SeenOrder | null,
  fills: readonly SeenFill[],
  context: FillContext,
): readonly Fact[] {
  const mine = oneOfEach(order, fillsOf(order, seen, fills));
  const waiting = Object.values(order.provisional ?? {});
  const failed = mine.filter((fill) => fill.settlement === "failed");
  const real = mine.filter((fill) => !isTentative(fill) && fill.settlement !== "failed" && isNews(order, fill));
  const tentative = mine.filter((fill) => isTentative(fill) && isUnheard(order, fill, real));
  const settled = takeBack(waiting, { real, tentative, failed, listed: new Set(mine.map((fill) => fill.venueFillId)) });
  const kept = waiting.filter((one) => !settled.some((fact) => fact.venueFillId === one.venueFillId));
  const booked = [...real, ...tentative].map((fill) => bookedFill(order, fill, context));
  const missing = missingFill(order, { seen, booked, settled, kept }, context);
  return [...settled, ...booked, ...(missing === null ? [] : [missing])];
}

function fillsOf(order: BookedOrder, seen: SeenOrder | null, fills: readonly SeenFill[]): readonly SeenFill[] {
  const ids = new Set([order.venueOrderId, seen?.venueOrderId, ...order.childOrderIds, ...(seen?.childOrderIds ?? [])]);
  return fills.filter((fill) => ids.has(fill.venueOrderId));
}

const isTentative = (fill: SeenFill): boolean => fill.isProvisional === true || fill.settlement === "pending";

function isNews(order: BookedOrder, fill: SeenFill): boolean {
  if (!order.fillIds.includes(fill.venueFillId)) return true;
  if (order.provisional?.[fill.venueFillId] !== undefined) return true;
  mark("V20.repeated_fill");
  return false;
}

/** A tentative report is dropped where the trade is known already, under whatever name. */
function isUnheard(order: BookedOrder, fill: SeenFill, real: readonly SeenFill[]): boolean {
  if (order.fillIds.includes(fill.venueFillId)) return false;
  const isBooked = Object.values(order.fillNumbers ?? {}).some((numbers) => {
    const [price, quantity, at] = numbers.split("|");
    return price === fill.price && quantity === fill.quantity && Math.abs(Number(at) - fill.filledAt) <= sameTradeMs;
  });
  return !isBooked && !real.some((one) => isSameTrade(one, fill));
}

type Numbers = Pick<SeenFill, "price" | "quantity" | "filledAt">;
function isSameTrade(left: Numbers, right: Numbers): boolean {
  return (
    left.price === right.price &&
    left.quantity === right.quantity &&
    Math.abs(left.filledAt - right.filledAt) <= sameTradeMs
  );
}

/** Which provisional fills end by this news. One that we derived ourselves stands for any: it ends with the first real one. */
function takeBack(
  waiting: readonly Booked[],
  news: {
    readonly real: readonly SeenFill[];
    readonly tentative: readonly SeenFill[];
    readonly failed: readonly SeenFill[];
    readonly listed: ReadonlySet<string>;
  },
): readonly FactOf<"fill_reversed">[] {
  // A report under its own name is that trade; only what has none at the venue may be another name of an equal one.
  const named = new Set(waiting.map((one) => one.venueFillId));
  const free = news.real.filter((fill) => !named.has(fill.venueFillId));
  return waiting.flatMap((one) => {
    if (news.failed.some((fill) => fill.venueFillId === one.venueFillId || isOtherNameOf(one, fill, news.listed))) {
      mark("V25.settlement_failed");
      return [reversalOf(one, null, "its settlement failed at the venue")];
    }
    const itself = news.real.find((fill) => fill.venueFillId === one.venueFillId);
    const index = news.listed.has(one.venueFillId) ? -1 : free.findIndex((fill) => isSameTrade(fill, one));
    const match = itself ?? (index === -1 ? [] : free.splice(index, 1))[0];
    const isDerived = one.venueFillId.startsWith(derivedPrefix);
    const by = match ?? (isDerived ? (news.real[0] ?? news.tentative[0]) : undefined);
    if (by === undefined) return [];
    mark("V22.real_fill_supersedes");
    return [reversalOf(one, by.venueFillId, "the venue lists the real fill")];
  });
}

/** A stream names no fill, and what we derived has no name at the venue: that it failed is told under the real one. */
function isOtherNameOf(waiting: Booked, failed: SeenFill, listed: ReadonlySet<string>): boolean {
  if (waiting.venueFillId.startsWith(derivedPrefix)) return waiting.quantity === failed.quantity;
  return !listed.has(waiting.venueFillId) && isSameTrade(failed, waiting);
}

function reversalOf(fill: Booked, supersededBy: string | null, because: string): FactOf<"fill_reversed"> {
  const { clientOrderId, venueFillId, price, quantity, fee, feeAsset, feeInQuote } = fill;
  return {
    type: "fill_reversed",
    clientOrderId,
    venueFillId,
    supersededBy,
    price,
    quantity,
    fee,
    feeAsset,
    feeInQuote,
    because,
  };
}

function bookedFill(order: BookedOrder, fill: SeenFill, context: FillContext): Booked {
  const { venueFillId, price, quantity, fee, feeAsset, liquidity, filledAt } = fill;
  return {
    type: "fill_received",
    clientOrderId: order.clientOrderId,
    venueFillId,
    price,
    quantity,
    fee,
    feeAsset,
    feeInQuote: feeWorth({ ...fill, instrumentId: order.intent.instrumentId }, context.marks),
    liquidity,
    filledAt,
    ...(isTentative(fill) ? { isProvisional: true } : {}),
  };
}

type Known = {
  readonly seen: SeenOrder | null;
  readonly booked: readonly Booked[];
  readonly settled: readonly FactOf<"fill_reversed">[];
  readonly kept: readonly Booked[];
};

/** What the order says was traded beyond every fill that is listed: booked at its average price, until the list has it. */
function missingFill(order: BookedOrder, known: Known, { mayProvision, at }: FillContext): Booked | null {
  const { seen, booked, settled } = known;
  const wasDerived = settled.some((fact) => fact.venueFillId.startsWith(derivedPrefix));
  if (seen === null || !(mayProvision || wasDerived)) return null;
  const quantities = <Item extends { readonly quantity: Quantity }>(items: readonly Item[]) =>
    sum(
      items.map((item) => item.quantity),
      zeroQuantity,
    );
  const have = minus(sum([order.filledQuantity, quantities(booked)], zeroQuantity), quantities(settled));
  if (!isMore(seen.filledQuantity, have)) return null;
  mark("V11.fills_lag_behind_the_order");
  const quantity = minus(seen.filledQuantity, have);
  return {
    type: "fill_received",
    clientOrderId: order.clientOrderId,
    venueFillId: `${derivedPrefix}${seen.venueOrderId}|${have}|${seen.filledQuantity}`,
    price: missingPrice(order, known, quantity),
    quantity,
    fee: zeroNotional,
    feeAsset: symbolOf(order.intent.instrumentId).split("/")[1] ?? "",
    feeInQuote: zeroNotional,
    liquidity: "taker",
    filledAt: at,
    isProvisional: true,
  };
}

/** From the order's own money where it tells it; else the worst price that it could trade at. */
function missingPrice(order: BookedOrder, { seen, booked, settled }: Known, quantity: Quantity): Price {
  const worst = order.intent.shape.limitPrice;
  if (seen?.filledNotional == null) return worst;
  const money = (items: readonly { price: Price; quantity: Quantity }[]) =>
    sum(
      items.map((item) => notionalOf(item.price, item.quantity)),
      zeroNotional,
    );
  const known = minus(sum([order.filledNotional, money(booked)], zeroNotional), money(settled));
  const left = minus(seen.filledNotional, known);
  return isPositive(left) ? averagePrice(left, quantity) : worst;
}

/** The same id with other numbers, now or earlier: one of the two reports is wrong, and nobody here can know which. */
export function contradiction(
  order: BookedOrder,
  seen: SeenOrder | null,
  fills: readonly SeenFill[],
): FactOf<"order_suspected"> | null {
  if (order.suspectedBecause !== undefined) return null;
  const first = new Map<string, string>(
    Object.entries(order.fillNumbers ?? {}).map(([id, told]) => [id, shortOf(told)]),
  );
  for (const fill of fillsOf(order, seen, fills)) {
    const now = `${fill.price}|${fill.quantity}`;
    const before = first.get(fill.venueFillId);
    if (before === undefined) first.set(fill.venueFillId, now);
    if (before === undefined || before === now) continue;
    mark("V21.same_fill_other_numbers");
    return {
      type: "order_suspected",
      clientOrderId: order.clientOrderId,
      because: `fill ${fill.venueFillId} was told twice with different numbers`,
      evidence: { first: inWords(before), second: inWords(now), fill: fill.venueFillId },
    };
  }
  return null;
}

/** Of what the books keep of a fill, price and size. */
const shortOf = (numbers: string): string => numbers.split("|").slice(0, 2).join("|");

function inWords(numbers: string): string {
  const [price, quantity] = numbers.split("|");
  return `${quantity} at ${price}`;
}

/** More was traded than we asked for, or a fill came to an order that had ended: booked, and a person looks at the instrument. */
export function excess(
  before: BookedOrder,
  after: BookedOrder,
): { readonly cause: CauseName; readonly said: string } | null {
  if (before.origin === "external" || !isMore(after.filledQuantity, before.filledQuantity)) return null;
  if (isMore(after.filledQuantity, after.intent.quantity)) {
    mark("V23.overfill");
    return { cause: "overfill", said: `${after.filledQuantity} traded of ${after.intent.quantity} asked for` };
  }
  if (mayStillTrade(before.state) || before.state === "filled" || before.state === "reopened_by_fill") return null;
  mark("V17.late_fill_of_an_ended_order");
  return { cause: "late_fill", said: `a fill came to an order that was ${before.state}` };
}

/** One report of each fill. Of two that contradict each other the one that was told first counts, until the venue's list agrees with it. */
function oneOfEach(order: BookedOrder, fills: readonly SeenFill[]): readonly SeenFill[] {
  const first = new Map<string, SeenFill>();
  for (const fill of fills) {
    const told = order.fillNumbers?.[fill.venueFillId];
    const isOther = told !== undefined && shortOf(told) !== `${fill.price}|${fill.quantity}`;
    if (!isOther && !first.has(fill.venueFillId)) first.set(fill.venueFillId, fill);
  }
  return [...first.values()];
}
