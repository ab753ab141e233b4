/**
 * The loop of one position: what the watcher sees, what the one decision function says, what protection needs; one step at
 * a time, single-threaded per position, every step recorded before it is done.
 *
 *   observe --> exit facts --> decideExit --> cancel | sell | close | wait
 *                                  '-- nothing asks --> decideProtection --> place | replace | guard | exit
 */
import { soldBecause } from "../core/absorb.ts";
import { unreachable } from "../core/assert.ts";
import type { Books } from "../core/books.ts";
import { liveOrderOf, ordersOf } from "../core/books_positions.ts";
import type { Fact } from "../core/events.ts";
import {
  decideExit,
  type ExitInput,
  type ExitStep,
  isBareLong,
  isThroughStop,
  mayRestInstead,
  observeExit,
  trailedStop,
} from "../core/exit_plan.ts";
import type { Instrument } from "../core/instrument.ts";
import { isSelling } from "../core/kill.ts";
import { mark } from "../core/mark.ts";
import { isPositive, type Price } from "../core/money.ts";
import { mayStillTrade } from "../core/order.ts";
import { openPositions } from "../core/portfolio.ts";
import { type ExitReason, type Position, strongestFact } from "../core/position.ts";
import { decideProtection, type ProtectionInput, type ProtectionStep } from "../core/protection.ts";
import type { Draft } from "../ports/ledger.ts";
import { closedFact } from "./absorb_order.ts";
import { cancelOrder, lookBriefly } from "./follow_order.ts";
import type { Needs } from "./needs.ts";
import { isStopHeldBack, placeStop } from "./place_stop.ts";
import { protectAgain } from "./protect_again.ts";
import { isQuarantined } from "./quarantine.ts";
import { draft, record } from "./record.ts";
import { isHeldBack, sendExit } from "./send_exit.ts";
import { heldMs, steadyOrder, steadyPosition } from "./steady.ts";
import { takeBook } from "./take_book.ts";
import { within } from "./within.ts";

/** Steps that one visit may take: cancel, read, sell, read, close, with room for one upgrade. */
const stepsMax = 10;
const refusalsMax = 2;

/**
 * Starts a visit of every open position and returns: each goes its own way behind its own lock, so that a venue that hangs
 * for one never keeps a stop from another.
 */
export function tendPositions(needs: Needs): void {
  const books = needs.ledger.books();
  // While everything is being sold, the kill procedure knows which goes first; it visits them itself.
  // A house that stops begins no further round of it: then whoever is bare is visited here.
  const isDriven = isSelling(books.house.kill) && !needs.memory.isStopping;
  for (const position of openPositions(books))
    if (!isDriven || !isLeavingByKill(position)) startVisit(needs, position.positionId);
}

const isLeavingByKill = ({ exitFacts }: Position): boolean =>
  exitFacts.some((fact) => fact.kind === "emergency" || fact.kind === "kill_flatten");

/** One visit in the background; whatever fails, the watcher comes again within a second. */
export function startVisit(needs: Needs, positionId: string): void {
  void tendPosition(needs, positionId).catch((error: unknown) => {
    needs.log.warn("A visit of a position failed; the next one follows", {
      positionId,
      error: error instanceof Error ? error.message : String(error),
    });
  });
}

/** A book younger than this is as good as a new one for a decision about an exit. */
const bookAgeMaxMs = 400;

/** While everything is sold the first try may use one of this age: its collar is wide, and every question costs others time. */
const killBookAgeMaxMs = 2_000;

/** Real ms that a position waits for a book: one without a stop hardly, one with a stop not so long that nobody looks whether it rests. */
const bookWaitMs = { bare: 1_000, protected: 3_000 } as const;

async function refreshBook(needs: Needs, { instrumentId, attempts, unprotectedSince }: Position): Promise<void> {
  const instrument = needs.memory.instruments.get(instrumentId);
  const known = needs.memory.books.get(instrumentId);
  const isFirstOfKill = attempts.exit === 0 && isSelling(needs.ledger.books().house.kill);
  const maxMs = isFirstOfKill ? killBookAgeMaxMs : bookAgeMaxMs;
  const isFresh = known !== undefined && heldMs(needs, known) < maxMs / needs.clock.speed;
  if (instrument === undefined || isFresh) return;
  const read = needs.venue.orderBook(instrument.symbol).then((book) => {
    if (book.ok) takeBook(needs, book.value);
  });
  // A book that does not come must keep no position from its next step; one that comes later is taken all the same.
  await within(needs.clock, bookWaitMs[unprotectedSince === null ? "protected" : "bare"], read);
}

export async function tendPosition(needs: Needs, positionId: string): Promise<void> {
  await needs.locks.tryRun(`position:${positionId}`, async () => {
    for (let step = 0; step < stepsMax; step += 1) {
      if (needs.memory.isFenced || needs.memory.isStandingBack || !(await oneStep(needs, positionId))) return;
    }
  });
}

/** @returns true when something was done and the position should be looked at again. */
async function oneStep(needs: Needs, positionId: string): Promise<boolean> {
  const before = needs.ledger.books().positions[positionId];
  if (before !== undefined && isPositive(before.quantity)) await refreshBook(needs, before);
  // The venue may have taken seconds to answer: what is decided is decided on the books of now.
  const seen = seenOf(needs, needs.ledger.books(), positionId);
  if (seen === null) return false;
  const { position } = seen;
  if (await observe(needs, seen)) return true;
  if (isHeldBack(needs, position)) return waitHeldBack(needs, position);
  const exit = decideExit(seen);
  if (exit !== null) return leave(needs, seen, exit);
  const protection = decideProtection(seen);
  return protection === null ? settleQuietly(needs, position) : doProtection(needs, position, protection);
}

type Seen = ExitInput & ProtectionInput;

/** One open position on these books, with the newest market: all that its two decisions are made of. null = nothing to decide. */
function seenOf(needs: Needs, books: Books, positionId: string): Seen | null {
  const position = books.positions[positionId];
  const instrument = position === undefined ? undefined : needs.memory.instruments.get(position.instrumentId);
  if (position === undefined || instrument === undefined || position.state === "closed") return null;
  const wallAt = needs.clock.wall();
  const live = ordersOf(books, positionId).filter((order) => mayStillTrade(order.state));
  return {
    position: steadyPosition(needs, position),
    instrument,
    live: live.map((order) => steadyOrder(needs, order)),
    bid: freshBid(needs, position.instrumentId),
    ask: freshAsk(needs, position.instrumentId),
    window: needs.venue.window?.() ?? "open",
    atVenue: books.house.shortOf?.[instrument.base] ?? null,
    wallAt,
    at: wallAt,
    refusalsMax,
    refusedFor: needs.memory.stopRefusedFor.get(positionId) ?? null,
  };
}

/**
 * Records what was decided only if it is decided again on the books that take it: a fill may have landed meanwhile.
 * @returns true: either it is done or something has changed, and the position should be looked at again.
 */
async function recordIfStill(
  needs: Needs,
  positionId: string,
  decide: (seen: Seen, books: Books) => Fact | null,
): Promise<boolean> {
  await record(needs, (books) => {
    const seen = seenOf(needs, books, positionId);
    const fact = seen === null ? null : decide(seen, books);
    return { drafts: fact === null ? [] : [draft("house", fact, positionId)], value: undefined };
  });
  return true;
}

async function leave(needs: Needs, seen: Seen, exit: ExitStep): Promise<boolean> {
  const { position, live, bid } = seen;
  if (exit.do === "wait" && bid === null && live.length === 0) return restMeanwhile(needs, position);
  // A cancel waits until the last process can't reach the venue. Where no order of the position can arrive late any more,
  // nothing can sell it twice: what has no stop leaves at once instead of being bare meanwhile.
  const isAlone = live.length === 0 && exit.do === "sell";
  if (isQuarantined(needs) && !isAlone) return settleQuietly(needs, position);
  return doExit(needs, position, exit, bid);
}

/** It should leave, and there is no price to sell at: a stop rests again until there is one. */
async function restMeanwhile(needs: Needs, position: Position): Promise<boolean> {
  const reason = strongestFact(position.exitFacts)?.kind;
  if (reason === undefined || !mayRestInstead(reason) || !isBareLong(position, needs.clock.wall())) return false;
  mark("V35.rests_again_without_a_price");
  await protectAgain(needs, position.positionId, "there is no price to sell at");
  return false;
}

/** A refused exit waits before it is asked again; what rests at the venue meanwhile goes on protecting, and is listened to. */
async function waitHeldBack(needs: Needs, position: Position): Promise<boolean> {
  if (isBareLong(position, needs.clock.wall())) await protectAgain(needs, position.positionId, "its exit has to wait");
  return settleQuietly(needs, position);
}

/** A bid older than this says nothing about the present market: an exit waits for a fresh one rather than act on it. */
const bidAgeMaxMs = 5_000;

function freshBid(needs: Needs, instrumentId: string): Price | null {
  const book = needs.memory.books.get(instrumentId);
  if (book === undefined || heldMs(needs, book) > bidAgeMaxMs) return null;
  return book.bids[0]?.price ?? null;
}

function freshAsk(needs: Needs, instrumentId: string): Price | null {
  const book = needs.memory.books.get(instrumentId);
  if (book === undefined || heldMs(needs, book) > bidAgeMaxMs) return null;
  return book.asks[0]?.price ?? null;
}

async function observe(needs: Needs, { position, instrument, bid }: Seen): Promise<boolean> {
  const protect = liveOrderOf(needs.ledger.books(), position.positionId, "protect");
  const throughStopMs = throughFor(needs, position, instrument, bid);
  const seen = observeExit(
    position,
    { bid, at: needs.clock.now(), throughStopMs, level: needs.ledger.books().house.level },
    protect,
  );
  if (seen !== null) {
    await addExitFact(needs, position.positionId, {
      reason: seen.reason,
      source: "house",
      note: seen.note,
      observedPrice: bid,
    });
    return true;
  }
  if (movedStop({ position, instrument, bid }) === null) return false;
  return recordIfStill(needs, position.positionId, movedStop);
}

function movedStop({ position, instrument, bid }: Pick<Seen, "position" | "instrument" | "bid">): Fact | null {
  const moved = bid === null || position.exitFacts.length > 0 ? null : trailedStop(position, bid, instrument);
  return moved === null ? null : { type: "stop_moved", positionId: position.positionId, ...moved };
}

function throughFor(needs: Needs, position: Position, instrument: Instrument, bid: Price | null): number {
  const since = needs.memory.throughStopSince;
  if (bid === null || !isThroughStop(position, bid, instrument)) {
    since.delete(position.positionId);
    return 0;
  }
  const started = since.get(position.positionId) ?? needs.clock.mono();
  since.set(position.positionId, started);
  return Math.round(needs.clock.mono() - started);
}

export type ExitWish = {
  readonly reason: ExitReason;
  readonly source: string;
  readonly note: string;
  readonly observedPrice: Price | null;
};

/** The fact of one exit reason, once per position and reason; none when it is known or the position is closed. */
export function exitDraft(books: Books, positionId: string, wish: ExitWish): readonly Draft[] {
  const position = books.positions[positionId];
  const isKnown =
    position === undefined ||
    position.state === "closed" ||
    position.exitFacts.some((fact) => fact.kind === wish.reason);
  if (isKnown) return [];
  const fact = { type: "exit_triggered", positionId, ...wish } as const;
  return [{ actor: wish.source, tradeId: positionId, causedBy: null, fact }];
}

/** Adds one exit fact, once per reason. The position loop does the rest. */
export function addExitFact(needs: Needs, positionId: string, wish: ExitWish): Promise<boolean> {
  return record(needs, (books) => {
    const drafts = exitDraft(books, positionId, wish);
    return { drafts, value: drafts.length > 0 };
  });
}

async function doExit(needs: Needs, position: Position, step: ExitStep, bid: Price | null): Promise<boolean> {
  switch (step.do) {
    case "wait":
      return settleQuietly(needs, position);
    case "cancel":
      return cancelOrder(needs, step.clientOrderId, step.because);
    case "close":
      return recordIfStill(needs, position.positionId, dustClosed);
    case "sell":
      return sendExit(needs, position, { ...step, referencePrice: bid ?? step.limitPrice });
    default:
      return unreachable(step);
  }
}

function dustClosed(seen: Seen, books: Books): Fact | null {
  const step = decideExit(seen);
  return step?.do === "close" ? closedFact(seen.position, soldBecause(books, seen.position) ?? step.reason) : null;
}

function guardedHere(seen: Seen): Fact | null {
  const step = decideProtection(seen);
  if (step?.do !== "guard") return null;
  const { positionId } = seen.position;
  const { because } = step;
  return { type: "position_protected", positionId, protection: "local_guard", clientOrderId: null, because };
}

async function doProtection(needs: Needs, position: Position, step: ProtectionStep): Promise<boolean> {
  switch (step.do) {
    case "wait":
      return false;
    case "guard":
      return recordIfStill(needs, position.positionId, guardedHere);
    case "exit":
      return addExitFact(needs, position.positionId, {
        reason: "protection_failed",
        source: "house",
        note: step.because,
        observedPrice: null,
      });
    case "replace":
      return cancelOrder(needs, step.clientOrderId, step.because, true);
    case "place":
      if (isStopHeldBack(needs, position.positionId)) return settleQuietly(needs, position);
      await placeStop(needs, position, step);
      // Coins that are missing are counted by the next reconcile; asking again within this visit would only be refused again.
      return (
        needs.memory.stopRefusedFor.get(position.positionId) !== "balance" &&
        !isStopHeldBack(needs, position.positionId)
      );
    default:
      return unreachable(step);
  }
}

/** Orders at the venue whose news nobody waits for are looked at again on the next visit. */
async function settleQuietly(needs: Needs, position: Position): Promise<boolean> {
  const live = ordersOf(needs.ledger.books(), position.positionId).filter(
    (order) =>
      mayStillTrade(order.state) && order.state !== "intent" && order.state !== "sending" && order.state !== "unknown",
  );
  for (const order of live) await lookBriefly(needs, order.clientOrderId);
  return false;
}
