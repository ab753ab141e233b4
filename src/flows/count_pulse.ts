/** What this process sees of itself, counted in memory and recorded each quarter of an hour: a crash loses that much of it at most. */
import type { FactOf } from "../core/events.ts";
import { minute } from "../core/time.ts";
import type { Needs } from "./needs.ts";
import { recordFacts } from "./record.ts";

const everyMs = 15 * minute;

/** One look of the watch: how many promises were judged, and how many of them were not kept. */
export function countLook({ memory, clock }: Pick<Needs, "memory" | "clock">, judged: number, broken: number): void {
  const { pulse } = memory;
  pulse.sinceMono ??= clock.mono();
  pulse.judged += judged;
  pulse.broken += broken;
}

export function countPing({ memory }: Pick<Needs, "memory">, isTaken: boolean): void {
  memory.pulse.pings += 1;
  memory.pulse.pingsMissed += isTaken ? 0 : 1;
}

/** What was recorded, with what this process has counted since. */
export function withPulse<Counted extends Omit<FactOf<"pulse_counted">, "type">>(
  { memory: { pulse }, clock }: Pick<Needs, "memory" | "clock">,
  recorded: Counted,
): Counted {
  const upMs = pulse.sinceMono === null ? 0 : Math.round((clock.mono() - pulse.sinceMono) * clock.speed);
  return {
    ...recorded,
    upMs: recorded.upMs + upMs,
    judged: recorded.judged + pulse.judged,
    broken: recorded.broken + pulse.broken,
    pings: recorded.pings + pulse.pings,
    pingsMissed: recorded.pingsMissed + pulse.pingsMissed,
  };
}

/** @param isEnd the process stops: whatever was counted is recorded now. */
export async function recordPulse(needs: Needs, isEnd = false): Promise<void> {
  const { pulse } = needs.memory;
  const { clock } = needs;
  const { sinceMono, judged, broken, pings, pingsMissed } = pulse;
  if (sinceMono === null || needs.memory.isFenced) return;
  const now = clock.mono();
  if (!isEnd && now - sinceMono < everyMs) return;
  const upMs = Math.round((now - sinceMono) * clock.speed);
  await recordFacts(needs, "house", [{ type: "pulse_counted", upMs, judged, broken, pings, pingsMissed }]);
  // What was counted while the commit was under way stays for the next one.
  pulse.sinceMono = now;
  pulse.judged -= judged;
  pulse.broken -= broken;
  pulse.pings -= pings;
  pulse.pingsMissed -= pingsMissed;
}
