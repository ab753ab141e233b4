/** The reading half of the port: what the venue tells, which under some weather is late, old, doubled or another price than the true one. */
import type { Instrument } from "../../../src/core/instrument.ts";
import type { Notional } from "../../../src/core/money.ts";
import { fail, ok } from "../../../src/core/result.ts";
import { type Instant, instant } from "../../../src/core/time.ts";
import type { OrderRef, Read, Venue, VenueFill, VenueOrder } from "../../../src/ports/venue.ts";
import { formatFixed } from "../../../src/practice/fixed.ts";
import { rulesOf } from "./admission.ts";
import { bookOf, candlesOf } from "./market.ts";
import { asPrice, asQuantity, type Market, type SimFill, type SimOrder, strikes, type VenueState } from "./state.ts";
import { travel } from "./wire.ts";

const fillsPage = 100;

/** One question over the wire; `tell` runs when it arrives. */
export function question<Value>(
  state: VenueState,
  about: { readonly processId: string; readonly what: string },
  tell: () => Read<Value>,
): Promise<Read<Value>> {
  const unavailable = (because: string, retryAfterMs: number | null, trouble?: "banned" | "key"): Read<Value> => {
    const told = { kind: "unavailable", venue: state.quirks.profile, what: about.what, because, retryAfterMs } as const;
    return fail(trouble === undefined ? told : { ...told, trouble });
  };
  return travel<Read<Value>>(state, {
    label: about.what,
    processId: about.processId,
    lost: (because) => unavailable(because, null),
    unsent: unavailable,
    locked: (because) => unavailable(because, null, "key"),
    create: null,
    work: (reply) => reply(tell()),
  });
}

type Clock = { now(): number };
type Reads = Pick<
  Venue,
  | "time"
  | "instruments"
  | "keyRights"
  | "balances"
  | "candles"
  | "orderBook"
  | "findOrder"
  | "orderById"
  | "openOrders"
  | "fills"
>;

export function readsOf(state: VenueState, processId: string, clock: Clock): Reads {
  const ask = <Value>(what: string, tell: () => Read<Value>) => question(state, { processId, what }, tell);
  const missing = <Value>(what: string, because: string): Read<Value> =>
    fail({ kind: "unavailable", venue: state.quirks.profile, what, because, retryAfterMs: null });
  return {
    time: () => ask("the venue's clock", () => ok(instant(state.scheduler.now()))),
    instruments: (symbols) => ask("the instruments", () => instrumentsOf(state, symbols)),
    keyRights: () => ask("the rights of the key", () => ok({ accountId: "sim", mayTrade: true, mayWithdraw: false })),
    balances: () => ask("the balances", () => ok(balancesOf(state))),
    candles: (symbol, request) =>
      ask(`candles of ${symbol}`, () => {
        const market = state.markets.get(symbol);
        const now = market?.frozen?.at ?? state.scheduler.now();
        const chance = state.chanceOf("market");
        const candles = market === undefined ? null : candlesOf(market, { ...request, now, chance });
        return candles === null ? missing(`candles of ${symbol}`, "no such market or timeframe") : ok(candles);
      }),
    orderBook: (symbol) =>
      ask(`the order book of ${symbol}`, () => {
        const market = state.markets.get(symbol);
        return market === undefined || market.payout !== null
          ? missing(`the order book of ${symbol}`, "no such market")
          : ok(tellBook(state, market, clock));
      }),
    findOrder: (ref) => ask(`order ${ref.clientOrderId}`, () => ok(find(state, ref))),
    orderById: (venueOrderId) => ask(`order ${venueOrderId}`, () => ok(byVenueId(state, venueOrderId))),
    openOrders: (symbol) => ask(`open orders of ${symbol}`, () => ok(openOn(state, symbol))),
    fills: async (symbol, since) => {
      // Every page must arrive, or there is no answer at all.
      const pages = Math.floor(toldFills(state, symbol, since).length / fillsPage);
      for (let page = 0; page < pages; page += 1) {
        const read = await ask(`fills of ${symbol}`, () => ok([] as readonly VenueFill[]));
        if (!read.ok) return read;
      }
      return ask(`fills of ${symbol}`, () => ok(tellFills(state, symbol, since)));
    },
  };
}

function instrumentsOf(state: VenueState, symbols: readonly string[]): Read<readonly Instrument[]> {
  const found: Instrument[] = [];
  for (const symbol of symbols) {
    const market = state.markets.get(symbol);
    if (market === undefined) {
      const what = `instrument ${symbol}`;
      return fail({
        kind: "unavailable",
        venue: state.quirks.profile,
        what,
        because: "not listed",
        retryAfterMs: null,
      });
    }
    found.push(rulesOf(state, market));
  }
  return ok(found);
}

export function balancesOf(state: VenueState): { asset: string; free: Notional; held: Notional }[] {
  return [...state.accounts].map(([asset, { free, held }]) => ({
    asset,
    free: formatFixed(free) as Notional,
    held: formatFixed(held) as Notional,
  }));
}

function tellBook(state: VenueState, market: Market, clock: Clock) {
  const now = state.scheduler.now();
  const { frozen, badTick } = market;
  if (frozen !== null && now < frozen.until)
    return { ...frozen.book, receivedAt: instant(clock.now() - (now - frozen.at)) };
  market.frozen = null;
  if (badTick !== null && now >= badTick.until) market.badTick = null;
  const book = bookOf(market, clock.now());
  // One print: the next one shows the truth again.
  market.badTick = null;
  return book;
}

const isKnown = (state: VenueState, order: SimOrder): boolean =>
  state.isCalm || order.visibleAt <= state.scheduler.now();

function find(state: VenueState, ref: OrderRef): VenueOrder | null {
  const known = (state.byClientId.get(ref.clientOrderId) ?? []).filter((order) => isKnown(state, order));
  const order = known.at(-1);
  if (order === undefined) return null;
  if (ref.kind === "limit") return tellOrder(order.child ?? order);
  return order.kind === "limit" ? null : tellOrder(order);
}

function byVenueId(state: VenueState, venueOrderId: string): VenueOrder | null {
  const order = state.orders.find((one) => one.id === venueOrderId && isKnown(state, one));
  return order === undefined ? null : tellOrder(order);
}

function openOn(state: VenueState, symbol: string): readonly VenueOrder[] {
  return [...state.live, ...state.siblings]
    .filter((order) => order.symbol === symbol && isKnown(state, order))
    .filter((order) => order.kind === "limit" || !order.hasTriggered)
    .map(tellOrder);
}

function tellOrder(order: SimOrder): VenueOrder {
  return {
    clientOrderId: order.clientOrderId,
    venueOrderId: order.id,
    instrumentId: order.instrumentId,
    kind: order.kind,
    side: order.side,
    quantity: asQuantity(formatFixed(order.quantity)),
    filledQuantity: asQuantity(formatFixed(order.filled + order.ghost + (order.child?.ghost ?? 0n))),
    state: order.child?.state ?? order.state,
    hasTriggered: order.kind !== "limit" && order.hasTriggered,
    childOrderIds: order.child === null ? [] : [order.child.id],
    createdAt: instant(order.createdAt),
    limitPrice: asPrice(formatFixed(order.limit)),
    triggerPrice: order.trigger === null ? null : asPrice(formatFixed(order.trigger)),
    filledNotional: formatFixed((order.child ?? order).funds) as Notional,
  };
}

function toldFills(state: VenueState, symbol: string, since: Instant): readonly SimFill[] {
  const now = state.scheduler.now();
  return state.fills.filter(
    ({ fill, visibleAt }) =>
      fill.filledAt >= since && (state.isCalm || visibleAt <= now) && fill.instrumentId.endsWith(`:${symbol}`),
  );
}

function tellFills(state: VenueState, symbol: string, since: Instant): readonly VenueFill[] {
  const now = state.scheduler.now();
  const rows: VenueFill[] = [];
  for (const kept of toldFills(state, symbol, since)) {
    const isUnderOtherId = !state.isCalm && now < kept.otherIdUntil;
    const { fill } = kept;
    const row = settledRow(
      isUnderOtherId ? { ...fill, venueFillId: provisionalId(fill), isProvisional: true } : fill,
      kept,
      now,
    );
    rows.push(row);
    kept.timesTold += 1;
    if (kept.timesTold === 1 || !strikes(state, "fill_quirks")) continue;
    // A replay: the same row again, or the same id with another quantity, told as if it were final.
    const isTampered = state.chanceOf("fill_quirks").hits(0.4);
    const twice = asQuantity(formatFixed((state.markets.get(symbol)?.step ?? 1n) * 7n));
    const { settlement: _, ...final } = row;
    rows.push(isTampered ? { ...final, quantity: twice } : row);
  }
  return rows;
}

function settledRow(row: VenueFill, kept: SimFill, now: number): VenueFill {
  if (now < kept.settlesAt) return { ...row, settlement: "pending" };
  return kept.willFail ? { ...row, settlement: "failed" } : row;
}

/** Deposits and withdrawals, completed when they are told. */
export function transfersOf(state: VenueState, processId: string): NonNullable<Venue["transfers"]> {
  return (since) =>
    question(state, { processId, what: "deposits and withdrawals" }, () =>
      ok(
        state.transfers.flatMap(({ at, asset, amount }, index) => {
          if (at < since) return [];
          const direction = amount.startsWith("-") ? "out" : "in";
          return [
            { recordId: `transfer-${index}`, asset, amount: asQuantity(amount.replace("-", "")), direction } as const,
          ];
        }),
      ),
    );
}

const provisionalId = (fill: VenueFill): string =>
  `${fill.venueOrderId}|${fill.filledAt}|${fill.price}|${fill.quantity}|1`;
