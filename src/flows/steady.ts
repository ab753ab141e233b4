/**
 * Ages by the monotonic clock. Rows bear wall times, and a wall clock can be set: then an order of a minute ago would be an
 * hour old, or not yet born. What this life has seen for the first time ages by mono() from there on; only what happened
 * before that is taken from the wall, and never as less than nothing.
 */
import type { Books } from "../core/books.ts";
import type { BookedOrder } from "../core/books_orders.ts";
import type { KillProcedure } from "../core/kill.ts";
import type { Position } from "../core/position.ts";
import { addMs, between, type Instant } from "../core/time.ts";
import type { OrderBook } from "../ports/venue.ts";
import type { Needs } from "./needs.ts";

type Clocks = Pick<Needs, "clock" | "memory">;

/** More rows than this were never alive at once: the map is begun anew, and ages are taken from the wall once more. */
const rowsMax = 20_000;

/** @returns the wall time that `since` would bear, had nobody set the clock after we first saw it. */
export function steadyAt({ clock, memory }: Clocks, key: string, since: Instant): Instant {
  const known = memory.firstSeen.get(key);
  if (known?.since === since) return addMs(clock.wall(), -Math.round(clock.mono() - known.bornMono));
  const ageMs = Math.max(0, Math.min(clock.wall() - since, unsetWall({ clock, memory }) - since));
  if (memory.firstSeen.size > rowsMax) memory.firstSeen.clear();
  memory.firstSeen.set(key, { since, bornMono: clock.mono() - ageMs });
  return addMs(clock.wall(), -ageMs);
}

/** Real ms since then, by both clocks: one that was set forward shortens nobody's time to say no. To be asked for from the first second on. */
export function waitedMs(clocks: Clocks, key: string, since: Instant): number {
  const now = clocks.clock.wall();
  return Math.min(between(since, now), between(steadyAt(clocks, key, since), now));
}

/** What the wall clock would say had nobody set it since it was last looked at: between two looks it may have been. */
function unsetWall({ clock, memory }: Clocks): number {
  return memory.wallMinusMono === null ? clock.wall() : memory.wallMinusMono + clock.mono();
}

/** The order with its times as the present wall clock would have told them. For judging ages, never for the record. */
export function steadyOrder(clocks: Clocks, order: BookedOrder): BookedOrder {
  const { clientOrderId, changedAt, probes } = order;
  const lastAt = probes.lastAt === null ? null : steadyAt(clocks, `${clientOrderId}|looked`, probes.lastAt);
  const firstAbsentAt =
    probes.firstAbsentAt === null ? null : steadyAt(clocks, `${clientOrderId}|absent`, probes.firstAbsentAt);
  return {
    ...order,
    changedAt: steadyAt(clocks, `${clientOrderId}|changed`, changedAt),
    probes: { ...probes, lastAt, firstAbsentAt },
  };
}

export function steadyPosition(clocks: Clocks, position: Position): Position {
  const { positionId, unprotectedSince } = position;
  if (unprotectedSince === null) return position;
  return { ...position, unprotectedSince: steadyAt(clocks, `${positionId}|bare`, unprotectedSince) };
}

/** The procedure of this moment; to be asked for in each of its rounds, so that every time is known before somebody sets a clock. */
export function steadyKill(clocks: Clocks, kill: KillProcedure): KillProcedure {
  const { procedureId, raisedAt, stepAt, verifiedAt } = kill;
  return {
    ...kill,
    raisedAt: steadyAt(clocks, `${procedureId}|raised`, raisedAt),
    stepAt: steadyAt(clocks, `${procedureId}|step`, stepAt),
    verifiedAt: verifiedAt === null ? null : steadyAt(clocks, `${procedureId}|verified`, verifiedAt),
  };
}

/** The books for whoever judges ages of orders and positions. */
export function steadyBooks(clocks: Clocks, books: Books): Books {
  const each = <Row>(rows: Readonly<Record<string, Row>>, steady: (row: Row) => Row): Readonly<Record<string, Row>> =>
    Object.fromEntries(Object.entries(rows).map(([id, row]) => [id, steady(row)]));
  const { startedAt } = books.house;
  return {
    ...books,
    house: { ...books.house, startedAt: startedAt === null ? null : steadyAt(clocks, "house|started", startedAt) },
    orders: each(books.orders, (order) => steadyOrder(clocks, order)),
    positions: each(books.positions, (position) => steadyPosition(clocks, position)),
  };
}

/** Real ms since we have this book; one that was never noted ages by the wall, and is old when that says nonsense. */
export function heldMs({ clock, memory }: Clocks, book: OrderBook): number {
  const receivedMono = memory.receivedMono.get(book);
  if (receivedMono !== undefined) return clock.mono() - receivedMono;
  const ageMs = clock.wall() - book.receivedAt;
  return ageMs < 0 ? Number.POSITIVE_INFINITY : ageMs;
}

export function noteReceived({ clock, memory }: Clocks, book: OrderBook): void {
  memory.receivedMono.set(book, clock.mono() - Math.max(0, clock.wall() - book.receivedAt));
}

/** The wall clock was set: what we hold of the market bears the time that the new one would have told. */
export function redateBooks({ memory }: Clocks, jumpedMs: number): void {
  for (const [instrumentId, book] of memory.books) {
    const redated = { ...book, receivedAt: addMs(book.receivedAt, jumpedMs) };
    const receivedMono = memory.receivedMono.get(book);
    if (receivedMono !== undefined) memory.receivedMono.set(redated, receivedMono);
    memory.books.set(instrumentId, redated);
  }
}

/** Notes a look that found nothing. The proof of absence spans looks of this life, by the monotonic clock. */
export function noteAbsence({ clock, memory }: Clocks, { clientOrderId, probes }: BookedOrder): void {
  if (probes.firstAbsentAt === null) return;
  const known = memory.absences.get(clientOrderId);
  const isSame = known?.firstAbsentAt === probes.firstAbsentAt;
  const firstMono = isSame ? known.firstMono : clock.mono();
  memory.absences.set(clientOrderId, { firstAbsentAt: probes.firstAbsentAt, firstMono, lastMono: clock.mono() });
}

/** Real ms between the first and the newest look of this life that found nothing of it. */
export function absentSpanOf({ memory }: Pick<Needs, "memory">, { clientOrderId, probes }: BookedOrder): number {
  const known = memory.absences.get(clientOrderId);
  return known === undefined || known.firstAbsentAt !== probes.firstAbsentAt ? 0 : known.lastMono - known.firstMono;
}
