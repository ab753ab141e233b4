/**
 * Makes our books equal to the venue's truth, every 10 s and at start. It only reads and absorbs; what needs the wire goes
 * through the position loop. Own orders only: foreign ones are counted and reported, never touched.
 */
import type { Books } from "../core/books.ts";
import type { BookedOrder } from "../core/books_orders.ts";
import { epochOfClientOrderId } from "../core/client_order_id.ts";
import type { Fact } from "../core/events.ts";
import { instrumentIdOf, symbolOf } from "../core/instrument.ts";
import {
  absolute,
  isMore,
  isPositive,
  minus,
  type Notional,
  plus,
  ratio,
  ratioBetween,
  zeroNotional,
  zeroRatio,
} from "../core/money.ts";
import { isUncertain, mayStillTrade } from "../core/order.ts";
import { equityOf, openPositions } from "../core/portfolio.ts";
import { between } from "../core/time.ts";
import type { Read, VenueOrder } from "../ports/venue.ts";
import { absorbOrder } from "./absorb_order.ts";
import { lookUp } from "./follow_order.ts";
import { measureOffsetWhenDue } from "./measure_offset.ts";
import { marksOf } from "./memory.ts";
import type { Needs } from "./needs.ts";
import { openBreaker } from "./open_breaker.ts";
import { recordFacts } from "./record.ts";
import { sourceAnswered, sourceFailed } from "./watch_sources.ts";

/** A difference counts only when nothing of ours happened to the order within this long. */
const quietMs = 5_000;
const gapWorthSaying = ratio("0.001");

export type Reconciled = { readonly isClean: boolean; readonly findings: readonly string[] };

export function reconcile(needs: Needs): Promise<Reconciled> {
  return needs.locks.run("reconcile", async () => {
    await measureOffsetWhenDue(needs);
    const symbols = symbolsToLookAt(needs, needs.ledger.books());
    const results = await Promise.all(symbols.map((symbol) => reconcileSymbol(needs, symbol)));
    const balance = await compareBalance(needs);
    const findings = [...results.flatMap((result) => result.findings), ...balance.findings];
    const isClean = balance.wasRead && results.every((result) => result.wasRead);
    if (isClean) needs.memory.lastCleanReconcileMono = needs.clock.mono();
    return { isClean, findings };
  });
}

function symbolsToLookAt(needs: Needs, books: Books): readonly string[] {
  const open = Object.values(books.orders).filter((order) => mayStillTrade(order.state));
  const held = openPositions(books).map((position) => position.instrumentId);
  return [
    ...new Set([
      ...needs.settings.symbols,
      ...[...open.map((order) => order.intent.instrumentId), ...held].map(symbolOf),
    ]),
  ];
}

type SymbolResult = { readonly wasRead: boolean; readonly findings: readonly string[] };

async function reconcileSymbol(needs: Needs, symbol: string): Promise<SymbolResult> {
  const open = await needs.venue.openOrders(symbol);
  if (!open.ok) {
    await sourceFailed(needs, `venue:${needs.venue.name}`, open.problem.because);
    return { wasRead: false, findings: [] };
  }
  await sourceAnswered(needs, `venue:${needs.venue.name}`);
  const ours = ordersOn(needs.ledger.books(), instrumentIdOf(needs.venue.name, symbol));
  const wasRead = await absorbOurs(needs, ours, open.value);
  return { wasRead, findings: await foreignFindings(needs, symbol, open.value) };
}

function ordersOn(books: Books, instrumentId: string): readonly BookedOrder[] {
  return Object.values(books.orders).filter(
    (order) => order.intent.instrumentId === instrumentId && mayStillTrade(order.state) && order.state !== "intent",
  );
}

/** Listed orders are taken as listed; one that is missing from the list is asked for by name, and then the answer counts. */
async function absorbOurs(needs: Needs, ours: readonly BookedOrder[], listed: readonly VenueOrder[]): Promise<boolean> {
  let wasRead = true;
  for (const order of ours) {
    if (
      order.state === "unknown" ||
      (isUncertain(order.state) && between(order.changedAt, needs.clock.wall()) < quietMs)
    )
      continue;
    const seen = listed.find(
      (one) => one.clientOrderId === order.clientOrderId || one.venueOrderId === order.venueOrderId,
    );
    const isQuietlyOpen = seen !== undefined && !isPositive(seen.filledQuantity) && !seen.hasTriggered;
    if (isQuietlyOpen) await absorbOrder(needs, order.clientOrderId, { order: seen, fills: [] });
    else wasRead = (await lookUp(needs, order.clientOrderId)) && wasRead;
  }
  return wasRead;
}

async function foreignFindings(
  needs: Needs,
  symbol: string,
  listed: readonly VenueOrder[],
): Promise<readonly string[]> {
  const books = needs.ledger.books();
  const known = new Set(
    Object.values(books.orders).flatMap((order) => [order.clientOrderId, order.venueOrderId, ...order.childOrderIds]),
  );
  const findings: string[] = [];
  for (const one of listed) {
    if (known.has(one.clientOrderId) || known.has(one.venueOrderId)) continue;
    const epoch = one.clientOrderId === null ? null : epochOfClientOrderId(one.clientOrderId);
    if (epoch !== null && epoch > books.house.epoch) {
      const evidence = { order: one.venueOrderId, theirEpoch: String(epoch), ourEpoch: String(books.house.epoch) };
      await openBreaker(needs, { scope: "global", cause: "two_writers", class: "sticky", evidence });
    }
    const whose = epoch === null ? "foreign" : "of ours, unknown to the books";
    findings.push(`${symbol}: order ${one.venueOrderId} is ${whose}; it is left alone`);
  }
  return findings;
}

/** Our cash against the venue's, as a share of equity. An unexplained gap above the limit stops entries by a check. */
async function compareBalance(needs: Needs): Promise<SymbolResult> {
  const read = await needs.venue.balances();
  const account = needs.ledger.books().house.account;
  if (!read.ok) return { wasRead: false, findings: [] };
  if (account === null) return { wasRead: true, findings: [] };
  if (hasLocalActivity(needs)) return { wasRead: true, findings: [] };
  const { currency } = account;
  const theirs = totalOf(read, currency);
  const ours = plus(account.openingEquity, account.deltas[currency] ?? zeroNotional);
  const equity = equityOf(needs.ledger.books(), marksOf(needs.memory));
  const gap = isPositive(equity) ? ratioBetween(absolute(minus(theirs, ours)), equity) : zeroRatio;
  if (gap !== needs.ledger.books().house.balanceGap) {
    await recordFacts(needs, "house", [
      { type: "balance_compared", asset: currency, ours, theirs, gap } satisfies Fact,
    ]);
  }
  const isLarge = isMore(gap, gapWorthSaying);
  return { wasRead: true, findings: isLarge ? [`${currency}: our books say ${ours}, the venue says ${theirs}`] : [] };
}

function totalOf(
  read: Extract<Read<readonly { asset: string; free: Notional; held: Notional }[]>, { ok: true }>,
  asset: string,
): Notional {
  const row = read.value.find((balance) => balance.asset === asset);
  return row === undefined ? zeroNotional : plus(row.free, row.held);
}

function hasLocalActivity(needs: Needs): boolean {
  const wall = needs.clock.wall();
  return Object.values(needs.ledger.books().orders).some(
    (order) => isUncertain(order.state) || order.state === "cancel_pending" || between(order.changedAt, wall) < quietMs,
  );
}
