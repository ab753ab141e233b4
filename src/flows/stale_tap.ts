/** Whether a tap is fresh enough to add risk. Discord and the desk tell when it happened; Telegram only whether it may still be answered. */
import { mark } from "../core/mark.ts";
import type { Incoming } from "../ports/messenger.ts";
import type { Needs } from "./needs.ts";

export type TapIn = Extract<Incoming, { kind: "tap" }>;

/** A tap that adds risk counts only when it is younger than this; a replay after a reconnect is older. */
export const tapAgeMaxMs = 15_000;
const acknowledgeWaitMs = 2_000;

/** What can be told of its age before the platform was asked. */
export function whySurelyStale(needs: Needs, tap: TapIn, isReplay: boolean): string | null {
  if (isReplay || tap.arrivedLate) return "it was tapped while I was away";
  if (tap.tappedAt === null) return null;
  const ageMs = needs.clock.wall() - tap.tappedAt;
  return ageMs > tapAgeMaxMs ? `it arrived ${Math.round(ageMs / 1_000)} s late` : null;
}

export async function whyStale(
  needs: Needs,
  tap: TapIn,
  how: { acknowledged: Promise<"ok" | "stale" | "failed">; isReplay: boolean },
): Promise<string | null> {
  const surely = whySurelyStale(needs, tap, how.isReplay);
  if (surely !== null || tap.tappedAt !== null) return surely;
  // This platform tells no tap time: whether it still lets us answer is the only sign of age.
  const waiting = new AbortController();
  const told = await Promise.race([
    how.acknowledged,
    needs.clock.sleep(acknowledgeWaitMs, waiting.signal).then(() => "failed" as const),
  ]);
  waiting.abort();
  if (told === "ok") return null;
  mark("H07.not_acknowledged_in_time");
  return told === "stale" ? "the tap is too old" : "the platform did not confirm it in time";
}
