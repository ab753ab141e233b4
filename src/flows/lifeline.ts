/**
 * The house and the emergency process. Each minute a snapshot is left for it. When its note is found, this house stops
 * sending at once; when that process is done or has died, its sales are taken into the books under their own names, the level
 * is emergency, and the procedure goes on with what is left.
 */
import { type EmergencyNotice, lifelineOf } from "../core/lifeline.ts";
import { mark } from "../core/mark.ts";
import { addMs, between } from "../core/time.ts";
import type { UnreadableNotice } from "../ports/lifeline.ts";
import { raiseLevel } from "./halt_trading.ts";
import type { Needs } from "./needs.ts";
import { takeIn } from "./take_in_emergency.ts";
import { tellRefused } from "./tell_refused.ts";

export async function writeLifeline(needs: Needs): Promise<void> {
  const { lifeline, ledger, settings, clock, log, memory } = needs;
  if (lifeline === undefined) return;
  const compared = memory.comparedAt ?? ledger.books().house.comparedUntil ?? null;
  // House time may run faster than the wall; the emergency process knows only the latter.
  const comparedAt =
    compared === null ? null : addMs(clock.wall(), -Math.max(0, between(compared, clock.now())) / clock.speed);
  const { symbols, mode } = settings;
  const about = { at: clock.wall(), symbols, baseUrl: lifeline.baseUrl, mode, comparedAt };
  const problem = lifeline.write(lifelineOf(ledger.books(), about));
  if (problem !== null) log.error("The snapshot for the emergency process is old now", { problem });
}

/** A process whose note says the same for this long (real ms) has died. */
const beatMaxMs = 15_000;
/** No more than this is counted between two looks: whoever was frozen himself knows nothing of that time. */
const lookGapMaxMs = 5_000;
/** What can't be read or taken in for this long calls a person. */
const callAfterMs = 30_000;

export type Hold = "none" | "standing_back" | "taken_in";

/** Asked every second, and at start before anything is sent. */
export async function heedEmergency(needs: Needs): Promise<Hold> {
  const { memory } = needs;
  const notice = needs.lifeline?.notice() ?? null;
  if (notice === null) {
    memory.isStandingBack = false;
    memory.emergency = null;
    return "none";
  }
  standBack(needs, notice);
  if ("problem" in notice) {
    if (silentMs(needs, "not readable") >= callAfterMs)
      await tellRefused(needs, "the note of the emergency process", notice.problem);
    return "standing_back";
  }
  const isWorking = silentMs(needs, `${notice.id} ${notice.beatAt}`) < beatMaxMs;
  await raiseLevel(needs, "emergency", { actor: "emergency_process", reason: `${notice.by}: ${notice.reason}` });
  if (isWorking && !notice.isDone) return "standing_back";
  await takeInOrCall(needs, notice);
  needs.lifeline?.settle(notice);
  memory.isStandingBack = false;
  memory.emergency = null;
  return "taken_in";
}

function standBack(needs: Needs, notice: EmergencyNotice | UnreadableNotice): void {
  if (!needs.memory.isStandingBack) {
    mark("P14.emergency_took_over");
    const about = "problem" in notice ? { problem: notice.problem } : { by: notice.by, reason: notice.reason };
    needs.log.error("The emergency process is closing everything; this one sends nothing", about);
  }
  needs.memory.isStandingBack = true;
}

/**
 * Real ms for which the note has said the same, by looks of this life. Its times are those of a wall clock that anybody may
 * set: they only tell one sign of life from the next.
 */
function silentMs({ memory, clock }: Needs, sign: string): number {
  const now = clock.mono();
  const before = memory.emergency;
  const isSame = before?.sign === sign;
  const silent = isSame ? before.silentMs + Math.min(now - before.lookedMono, lookGapMaxMs) : 0;
  memory.emergency = { sign, silentMs: silent, lookedMono: now };
  return silent;
}

/** While the venue does not tell what was sold, nothing is sent; a person is called when that lasts. */
async function takeInOrCall(needs: Needs, notice: EmergencyNotice): Promise<void> {
  const failing = needs.memory.emergencyUntoldMono;
  try {
    await takeIn(needs, notice);
    needs.memory.emergencyUntoldMono = null;
  } catch (error) {
    needs.memory.emergencyUntoldMono = failing ?? needs.clock.mono();
    if (failing !== null && needs.clock.mono() - failing >= callAfterMs)
      await tellRefused(needs, "what the emergency process did", error);
    throw error;
  }
}
