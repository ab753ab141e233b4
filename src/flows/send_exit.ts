/**
 * Sends one exit and lives with what the venue says to it: money that a canceled stop has not given back yet is waited for, a
 * wallet that holds less than the books is sold as far as it goes, a named wait is kept to the millisecond, and a position
 * whose exit was refused or could not leave gets its stop back.
 */
import { ordersOf, refusedExits } from "../core/books_positions.ts";
import type { ExitStep } from "../core/exit_plan.ts";
import type { Instrument } from "../core/instrument.ts";
import { isSelling } from "../core/kill.ts";
import { mark } from "../core/mark.ts";
import { floorToStep, isAtLeast, isLess, isPositive, type Price, type Quantity, smallest } from "../core/money.ts";
import { mayStillTrade } from "../core/order.ts";
import { type ExitReason, outranks, type Position, strongestFact } from "../core/position.ts";
import { between } from "../core/time.ts";
import { followOrder } from "./follow_order.ts";
import type { Needs } from "./needs.ts";
import { relearnRules } from "./place_stop.ts";
import { protectAgain } from "./protect_again.ts";
import { steadyOrder } from "./steady.ts";
import { reducing, submitReducing } from "./submit_reducing.ts";

/** A venue may need this long (real ms) to free what a canceled stop had held. */
const clearingMs = 3_000;
const clearingTries = 5;
const clearingEveryMs = 600;

/** A wait that the venue names and that is no longer than this is kept on the spot: the price of the sale is still good. */
const shortWaitMs = 1_000;

type Sale = Extract<ExitStep, { do: "sell" }> & { readonly referencePrice: Price };

/** @returns true when it left or may have left, and the position should be looked at again. */
export async function sendExit(needs: Needs, position: Position, sale: Sale): Promise<boolean> {
  const until = needs.clock.mono() + clearingMs;
  for (let tries = 1; ; tries += 1) {
    const sent = await submitOne(needs, position, { ...sale, attempt: sale.attempt + tries - 1 });
    if (sent === null) return waitProtected(needs, position, null, "our own checks hold the exit back");
    if (!("because" in sent)) return follow(needs, sent.clientOrderId, sale);
    const waitMs = waitOf(needs, position.positionId, sent, { tries, until });
    if (waitMs === null) return giveUp(needs, position, sent, { ...sale, attempt: sale.attempt + tries });
    await needs.clock.sleep(waitMs);
    // A stronger reason that came meanwhile decides anew, at its own price.
    if (isOutranked(needs, position.positionId, sale.reason)) return true;
  }
}

type Refused = Extract<Awaited<ReturnType<typeof submitReducing>>, { because: string }>;

/** How long to wait before it is sent once more; null = it is not. */
function waitOf(
  needs: Needs,
  positionId: string,
  sent: Refused,
  { tries, until }: { tries: number; until: number },
): number | null {
  if (tries >= clearingTries) return null;
  if (sent.outcome === "not_sent") {
    const named = sent.retryAfterMs ?? null;
    if (named === null || named > shortWaitMs) return null;
    mark("V30.short_wait");
    return named;
  }
  if (sent.reason !== "balance" || !hasJustCanceled(needs, positionId) || needs.clock.mono() >= until) return null;
  mark("V44.funds_still_held");
  return clearingEveryMs;
}

function giveUp(needs: Needs, position: Position, sent: Refused, sale: Sale): boolean | Promise<boolean> {
  if (sent.outcome === "not_sent") return waitProtected(needs, position, sent.retryAfterMs ?? null, sent.because);
  return sent.reason === "balance"
    ? sellWhatIsThere(needs, position, sale)
    : refused(needs, position, sent.reason ?? "other");
}

function isOutranked({ ledger }: Needs, positionId: string, reason: ExitReason): boolean {
  const strongest = strongestFact(ledger.books().positions[positionId]?.exitFacts ?? []);
  return strongest !== null && strongest.kind !== reason;
}

async function submitOne(needs: Needs, position: Position, sale: Sale): ReturnType<typeof submitReducing> {
  // Its turn first: the stamp must be as young as possible when the request leaves.
  await needs.venue.whenFree?.();
  const timeInForce = sale.isPassive === true ? ("gtc" as const) : ("ioc" as const);
  const intent = reducing(needs, position, {
    leg: "exit",
    attempt: sale.attempt,
    quantity: sale.quantity,
    shape: { orderType: "limit", limitPrice: sale.limitPrice, timeInForce },
  });
  return submitReducing(needs, intent, { referencePrice: sale.referencePrice, exitReason: sale.reason });
}

async function follow(needs: Needs, clientOrderId: string, sale: Sale): Promise<boolean> {
  // One that rests waits for the market; nobody stands beside it.
  if (sale.isPassive === true) return false;
  await followOrder(needs, clientOrderId);
  return true;
}

function hasJustCanceled(needs: Needs, positionId: string): boolean {
  const now = needs.clock.wall();
  return ordersOf(needs.ledger.books(), positionId).some(
    (order) =>
      order.intent.leg === "protect" &&
      !mayStillTrade(order.state) &&
      between(steadyOrder(needs, order).changedAt, now) < clearingMs + clearingTries * clearingEveryMs,
  );
}

/** The wallet holds less than our books say: what is free is sold, never more, and the rest is a finding for people. */
async function sellWhatIsThere(needs: Needs, position: Position, sale: Sale): Promise<boolean> {
  const instrument = needs.memory.instruments.get(position.instrumentId);
  const free = instrument === undefined ? null : await freeOf(needs, instrument);
  if (instrument === undefined || free === null)
    return waitProtected(needs, position, null, "the account's balances can't be read");
  if (isOutranked(needs, position.positionId, sale.reason)) return true;
  const quantity = floorToStep(smallest(free, sale.quantity), instrument.stepSize);
  const isWorthIt = isPositive(quantity) && isAtLeast(quantity, instrument.quantityMin);
  if (!isWorthIt || !isLess(quantity, sale.quantity)) return holdBack(needs, position, null);
  mark("O04.sell_what_is_there");
  needs.log.warn("The account holds less than the books; selling what is there", {
    positionId: position.positionId,
    books: position.quantity,
    free,
  });
  const sent = await submitOne(needs, position, { ...sale, quantity });
  if (sent?.outcome === "acknowledged" || sent?.outcome === "unknown") return follow(needs, sent.clientOrderId, sale);
  return holdBack(needs, position, null);
}

async function freeOf(needs: Needs, instrument: Instrument): Promise<Quantity | null> {
  const read = await needs.venue.balances();
  if (!read.ok) return null;
  const row = read.value.find((one) => one.asset === instrument.base);
  return (row?.free ?? "0") as string as Quantity;
}

/**
 * The exit is refused for good: what was taken away for it comes back at once, unless the market is through it already. One
 * that only broke rules which have changed is formed anew by the new ones.
 */
async function refused(needs: Needs, position: Position, reason: string): Promise<boolean> {
  if (await relearnRules(needs, position.instrumentId, reason)) return true;
  return waitProtected(needs, position, null, `the exit was refused: ${reason}`);
}

/** It is tried again later; what was taken away for it comes back until then. @returns false, for the visit. */
async function waitProtected(
  needs: Needs,
  position: Position,
  retryAfterMs: number | null,
  because: string,
): Promise<boolean> {
  holdBack(needs, position, retryAfterMs);
  await protectAgain(needs, position.positionId, because);
  return false;
}

/** Real ms between tries of an exit that keeps being refused: a venue that says no every second is not asked every second. */
const exitBackOffMs = [1_000, 2_000, 5_000, 15_000, 60_000] as const;
/** While everything is being sold nothing waits longer than this. */
const killBackOffMs = 5_000;

/** @returns false, for the visit: there is nothing more to do now. */
function holdBack(needs: Needs, { positionId, exitFacts, quantity }: Position, retryAfterMs: number | null): boolean {
  const books = needs.ledger.books();
  // What never reached the venue counts like what it refused: the stop must not be taken away every second for another try.
  const tries = triesOf(needs, positionId) + 1;
  const refusals = Math.max(refusedExits(books, positionId), tries);
  const patience = exitBackOffMs[Math.min(Math.max(refusals - 1, 0), exitBackOffMs.length - 1)] ?? 60_000;
  const ours = isSelling(books.house.kill) ? Math.min(patience, killBackOffMs) : patience;
  if (retryAfterMs !== null) mark("V30.retry_after");
  const sinceMono = needs.clock.mono();
  needs.memory.exitNotBefore.set(positionId, {
    sinceMono,
    untilMono: sinceMono + (retryAfterMs ?? ours),
    isNamed: retryAfterMs !== null,
    reason: strongestFact(exitFacts)?.kind ?? null,
    quantity,
    tries,
  });
  return false;
}

/** Real ms after the end of a wait for which the next one belongs to the same trouble. */
const sameTroubleMs = 10_000;

function triesOf({ memory, clock }: Needs, positionId: string): number {
  const last = memory.exitNotBefore.get(positionId);
  return last === undefined || clock.mono() - last.untilMono > sameTroubleMs ? 0 : last.tries;
}

/**
 * A wait of our own ends with a stronger reason to leave, with a kill, and when the books have learned that another amount is
 * held: what was refused was the sale of the old one. A wait that the venue named is kept.
 */
export function isHeldBack(needs: Needs, { positionId, exitFacts, quantity }: Position): boolean {
  const held = needs.memory.exitNotBefore.get(positionId);
  if (held === undefined) return false;
  const { sinceMono, untilMono, isNamed, reason } = held;
  const now = needs.clock.mono();
  if (isNamed) return untilMono > now;
  if (quantity !== held.quantity) return false;
  const wanted = strongestFact(exitFacts)?.kind ?? null;
  if (wanted !== null && (reason === null || outranks(wanted, reason))) return false;
  const isKill = isSelling(needs.ledger.books().house.kill);
  return (isKill ? Math.min(untilMono, sinceMono + killBackOffMs) : untilMono) > now;
}
