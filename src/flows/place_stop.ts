/** Places the protective order of a position, and learns from a refusal: the rules of the instrument are read anew before the one second try. */

import type { Fact } from "../core/events.ts";
import { symbolOf } from "../core/instrument.ts";
import type { OrderShape } from "../core/intent.ts";
import { mark } from "../core/mark.ts";
import { isPositive, type Quantity } from "../core/money.ts";
import type { Position } from "../core/position.ts";
import { lookBriefly } from "./follow_order.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";
import { reducing, submitReducing } from "./submit_reducing.ts";

export type StopWish = { readonly shape: OrderShape; readonly quantity: Quantity; readonly attempt: number };

/** A wait that the venue names and that is no longer than this is kept on the spot, so often: meanwhile the position is bare. */
const shortWaitMs = 1_000;
const triesMax = 5;

export async function placeStop(needs: Needs, position: Position, wish: StopWish): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const sent = await placeOnce(needs, position, { ...wish, attempt: wish.attempt + tries - 1 });
    const waitMs = sent?.outcome === "not_sent" ? (sent.retryAfterMs ?? null) : null;
    if (waitMs === null || waitMs > shortWaitMs || tries === triesMax) {
      if (sent?.outcome === "not_sent") await guardMeanwhile(needs, position, sent);
      return;
    }
    mark("V30.stop_waits_on_the_spot");
    await needs.clock.sleep(waitMs);
  }
}

async function placeOnce(needs: Needs, position: Position, wish: StopWish): ReturnType<typeof submitReducing> {
  const { shape, quantity, attempt } = wish;
  // Before every look that waits, and before it is stamped.
  await needs.venue.whenFree?.();
  const intent = reducing(needs, position, { leg: "protect", attempt, quantity, shape });
  const sent = await submitReducing(needs, intent, { referencePrice: position.exitPlan.stopPrice, exitReason: null });
  if (sent?.outcome === "acknowledged" || sent?.outcome === "unknown") {
    needs.memory.stopRefusedFor.delete(position.positionId);
    await lookBriefly(needs, sent.clientOrderId);
  }
  if (sent?.outcome === "rejected") await learn(needs, position, sent.reason ?? "other");
  return sent;
}

/** A venue that names no wait is asked again after this long (real ms). */
const againMs = 1_000;

/** Nothing could leave, e.g. because the venue told us to stay away: the price is watched here until it may be asked again. */
async function guardMeanwhile(
  needs: Needs,
  { positionId }: Position,
  { because, retryAfterMs }: { because: string; retryAfterMs?: number | null },
): Promise<void> {
  needs.memory.stopNotBefore.set(positionId, needs.clock.mono() + (retryAfterMs ?? againMs));
  mark("V31.guarded_here_meanwhile");
  await record(needs, (books) => {
    const now = books.positions[positionId];
    const isNews = now !== undefined && now.protection === "none" && now.state !== "closed" && isPositive(now.quantity);
    const fact: Fact = {
      type: "position_protected",
      positionId,
      protection: "local_guard",
      clientOrderId: null,
      because: `the stop could not be sent: ${because}`,
    };
    return { drafts: isNews ? [draft("house", fact, positionId)] : [], value: undefined };
  });
}

/** The wait that the venue named, or ours, is not over. */
export function isStopHeldBack({ memory, clock }: Needs, positionId: string): boolean {
  return (memory.stopNotBefore.get(positionId) ?? 0) > clock.mono();
}

/** Reasons that new rules of the instrument may explain: its tick, its lot, its band, its minimum. */
const ruleReasons: ReadonlySet<string> = new Set(["increment", "too_small", "price_band", "instrument"]);

/** Coins that were missing twice are missing: the comparison says why, and needs two looks with nothing of ours under way. */
const missingWaitMs = 3_000;

async function learn(needs: Needs, position: Position, reason: string): Promise<void> {
  const { stopRefusedFor, stopNotBefore } = needs.memory;
  const { positionId } = position;
  if (reason === "balance" && stopRefusedFor.get(positionId) === "balance")
    stopNotBefore.set(positionId, needs.clock.mono() + missingWaitMs);
  stopRefusedFor.set(positionId, reason);
  if (reason === "would_trigger") mark("V36.stop_would_trigger");
  await relearnRules(needs, position.instrumentId, reason);
}

/** Reads the rules of an instrument anew where they may be why the venue refused. @returns true when they are other ones now. */
export async function relearnRules(needs: Needs, instrumentId: string, reason: string): Promise<boolean> {
  if (!ruleReasons.has(reason)) return false;
  if (reason === "price_band") mark("V35.stop_out_of_band");
  else mark("V34.rules_changed");
  const before = JSON.stringify(needs.memory.instruments.get(instrumentId));
  const read = await needs.venue.instruments([symbolOf(instrumentId)]);
  if (!read.ok) return false;
  for (const instrument of read.value) needs.memory.instruments.set(instrument.instrumentId, instrument);
  return JSON.stringify(needs.memory.instruments.get(instrumentId)) !== before;
}
