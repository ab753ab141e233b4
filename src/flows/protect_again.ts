/**
 * A position that should leave and can't, because there is no price, no answer or no leave to send, is not bare meanwhile:
 * the stop that was taken away for its exit rests again, and is taken away once more when the exit can be sent.
 */
import { ordersOf } from "../core/books_positions.ts";
import type { Instrument } from "../core/instrument.ts";
import { mark } from "../core/mark.ts";
import { floorToStep, isAtLeast, isPositive, notionalOf, type Quantity } from "../core/money.ts";
import { mayStillTrade } from "../core/order.ts";
import { type ExitReason, type Position, strongestFact } from "../core/position.ts";
import { shapeOf } from "../core/protection.ts";
import { isStopContested } from "../core/stop_lost.ts";
import type { Needs } from "./needs.ts";
import { isStopHeldBack, placeStop } from "./place_stop.ts";

/** The market is through the stop, or none can be had, or nothing is held any more. */
const hopeless: ReadonlySet<ExitReason> = new Set(["stop", "protection_failed", "liquidated"]);

/** A stop that the venue has just refused is asked for again after this long (real ms), as long as the position is bare. */
const refusedWaitMs = 5_000;

/** Places the stop unless one of its orders is alive, or none would help. */
export async function protectAgain(needs: Needs, positionId: string, because: string): Promise<void> {
  const now = needs.ledger.books().positions[positionId];
  const instrument = now === undefined ? undefined : needs.memory.instruments.get(now.instrumentId);
  if (now === undefined || instrument === undefined || isStopHeldBack(needs, positionId)) return;
  const reason = strongestFact(now.exitFacts)?.kind;
  if (reason === undefined || hopeless.has(reason) || isBusy(needs, now)) return;
  const quantity = stoppable(now, instrument);
  if (quantity === null) return;
  mark("V35.reprotect");
  needs.log.warn("It can't be sold now, so its stop is placed again", { positionId, because });
  await placeStop(needs, now, { quantity, shape: shapeOf(now, instrument), attempt: now.attempts.protect + 1 });
  if (needs.memory.stopRefusedFor.has(positionId))
    needs.memory.stopNotBefore.set(positionId, needs.clock.mono() + refusedWaitMs);
}

/** One that rests, or an exit that may still sell: two of them would sell twice. */
function isBusy({ ledger }: Needs, { positionId, state }: Position): boolean {
  const live = ordersOf(ledger.books(), positionId).filter((order) => mayStillTrade(order.state));
  return state === "closed" || live.some((order) => order.intent.leg !== "entry");
}

function stoppable(position: Position, instrument: Instrument): Quantity | null {
  if (instrument.protection === "none" || isStopContested(position)) return null;
  const quantity = floorToStep(position.quantity, instrument.stepSize);
  if (!isPositive(quantity) || !isAtLeast(quantity, instrument.quantityMin)) return null;
  const { limitPrice } = shapeOf(position, instrument);
  return isAtLeast(notionalOf(limitPrice, quantity), instrument.notionalMin) ? quantity : null;
}
