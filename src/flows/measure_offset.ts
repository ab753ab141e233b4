/** The venue's clock against ours: orders are stamped with it, and proofs of absence are counted on it. */
import { between } from "../core/time.ts";
import type { Needs } from "./needs.ts";

const samples = 3;
const everyMs = 60_000;

/** Venue clock minus ours from a few samples; the fastest answer tells most. Without an answer the last offset stays. */
export async function measureOffset(needs: Needs): Promise<void> {
  let best = Number.POSITIVE_INFINITY;
  for (let sample = 0; sample < samples; sample += 1) {
    const sentMono = needs.clock.mono();
    const read = await needs.venue.time();
    const tripMs = needs.clock.mono() - sentMono;
    if (!read.ok || tripMs >= best) continue;
    best = tripMs;
    needs.memory.venueOffsetMs = Math.round(between(needs.clock.wall(), read.value) + tripMs / 2);
    needs.memory.offsetMeasuredMono = needs.clock.mono();
  }
}

export async function measureOffsetWhenDue(needs: Needs): Promise<void> {
  const last = needs.memory.offsetMeasuredMono;
  if (last === null || needs.clock.mono() - last >= everyMs) await measureOffset(needs);
}
