/**
 * The venue's clock against ours: orders are stamped with it, and proofs of absence are counted on it. Asked every minute,
 * at once when our own wall clock jumps or the venue refuses a stamp, and every two seconds while an answer is in doubt.
 */
import { mark } from "../core/mark.ts";
import { isUncertain } from "../core/order.ts";
import { addMs, between, type Instant, instant } from "../core/time.ts";
import {
  agreeingSources,
  type ClockSample,
  measured,
  uncertaintyOf,
  uncertaintyWarnMs,
  venueTimeAt,
} from "../core/venue_clock.ts";
import type { Needs } from "./needs.ts";
import { redateBooks, steadyBooks, steadyKill } from "./steady.ts";

const samplesPerRound = 5;
const everyMs = 60_000;
const inDoubtEveryMs = 2_000;
/** One answer that hangs must not keep the others from counting. */
const roundMaxMs = 15_000;
/** A wall clock that moves by more than this against the monotonic one was set by somebody. */
const jumpMinMs = 250;

/** @returns false when the venue gave no answer at all; the last measurement then grows older. */
export async function measureOffset(needs: Needs): Promise<boolean> {
  const { clock, memory } = needs;
  const samples: ClockSample[] = [];
  const until = clock.mono() + roundMaxMs;
  for (let asked = 0; asked < samplesPerRound && clock.mono() < until; asked += 1) {
    const sentMono = clock.mono();
    const read = await needs.venue.time();
    if (read.ok) samples.push({ venueAt: read.value, sentMono, receivedMono: clock.mono() });
    else if (samples.length === 0 && asked > 0) break;
  }
  const before = memory.venueClock;
  memory.venueClock = measured(before, samples, clock.mono());
  memory.offsetMeasuredMono = clock.mono();
  // A clock that is set between this and the first look at it is noticed there.
  memory.wallMinusMono ??= clock.wall() - clock.mono();
  memory.venueOffsetMs = Math.round(venueNow(needs) - clock.wall());
  if (Math.abs(memory.venueOffsetMs) > wallOffMs) tellWallOff(needs);
  const uncertainty = uncertaintyOf(memory.venueClock, clock.mono());
  if (uncertainty !== null && uncertainty > uncertaintyWarnMs) {
    mark("C03.uncertain_venue_clock");
    needs.log.warn("The venue's clock is uncertain", { uncertaintyMs: Math.round(uncertainty) });
  }
  return samples.length > 0;
}

/** A wall clock that differs this much from the venue's is set wrong. */
const wallOffMs = 10_000;

function tellWallOff({ ledger, log, memory }: Needs): void {
  if (Object.values(ledger.books().orders).some((order) => isUncertain(order.state)))
    mark("K01.doubt_while_the_wall_clock_is_off");
  log.warn("The clock of this machine is off; what leaves is stamped in the venue's time, and proofs count in it", {
    offsetMs: memory.venueOffsetMs,
  });
}

export async function measureOffsetWhenDue(needs: Needs): Promise<void> {
  const last = needs.memory.offsetMeasuredMono;
  const dueMs = needs.memory.venueClock.pending === null ? everyMs : inDoubtEveryMs;
  if (last === null || needs.clock.mono() - last >= dueMs) await measureOffset(needs);
}

/** Venue time now: from the monotonic clock once it was measured, from our wall clock before. */
export function venueNow({ memory, clock }: Pick<Needs, "memory" | "clock">): Instant {
  const known = venueTimeAt(memory.venueClock, clock.mono());
  return known === null ? clock.wall() : instant(known);
}

/** House time, put right by how far the wall clock of this machine is off: what candles are dated in. */
export function marketNow(needs: Pick<Needs, "memory" | "clock">): Instant {
  return addMs(needs.clock.now(), between(needs.clock.wall(), venueNow(needs)));
}

/** ms by which our idea of the venue's time may be off; null = unknown. */
export function venueClockUncertainty({ memory, clock }: Pick<Needs, "memory" | "clock">): number | null {
  return uncertaintyOf(memory.venueClock, clock.mono());
}

/** Each second or two: notices a wall clock that was set, asks the venue when that is due, and counts who agrees on the time. */
export async function keepTime(needs: Needs): Promise<void> {
  const { clock, memory, log } = needs;
  const drift = clock.wall() - clock.mono();
  const jumpedMs = memory.wallMinusMono === null ? 0 : Math.round(drift - memory.wallMinusMono);
  if (Math.abs(jumpedMs) > jumpMinMs) {
    mark("C02.wall_clock_jumped");
    // What nobody has asked the age of yet ages from here on as if the clock had not been set.
    const books = needs.ledger.books();
    steadyBooks(needs, books);
    if (books.house.kill !== null) steadyKill(needs, books.house.kill);
    memory.wallMinusMono = drift;
    redateBooks(needs, jumpedMs);
    log.warn("The wall clock of this machine was set; the venue's time is kept and asked for anew", { jumpedMs });
    await measureOffset(needs);
  } else {
    memory.wallMinusMono = drift;
    await measureOffsetWhenDue(needs);
  }
  noteAgreement(needs);
}

const aloneMaxMs = 10 * 60_000;

/** With fewer than two sources that agree nobody knows which one is wrong; LIVE opens nothing after ten minutes of that. */
function noteAgreement({ clock, memory }: Needs): void {
  const offset = venueTimeAt(memory.venueClock, clock.mono());
  const agreeing = agreeingSources(offset === null ? [] : [between(clock.wall(), instant(offset))]);
  if (agreeing >= 2) memory.timeAloneSinceMono = null;
  else memory.timeAloneSinceMono ??= clock.mono();
}

/** True when LIVE may open nothing because nobody confirms the time. */
export function isTimeUnconfirmed({ memory, clock, settings }: Pick<Needs, "memory" | "clock" | "settings">): boolean {
  if (settings.mode !== "live" || memory.timeAloneSinceMono === null) return false;
  const isLong = clock.mono() - memory.timeAloneSinceMono > aloneMaxMs;
  if (isLong) mark("C08.nobody_confirms_the_time");
  return isLong;
}
