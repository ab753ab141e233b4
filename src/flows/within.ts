/** Waits for an answer only so long: what hangs goes on by itself, and nobody stands beside it. */
import type { Clock } from "../ports/clock.ts";

/** @returns what came within `ms` of real time, or "late"; a failure after that is nobody's any more. */
export async function within<Value>(
  clock: Pick<Clock, "sleep">,
  ms: number,
  asked: Promise<Value>,
): Promise<Value | "late"> {
  const stopWaiting = new AbortController();
  asked.catch(() => undefined);
  try {
    return await Promise.race([asked, clock.sleep(ms, stopWaiting.signal).then(() => "late" as const)]);
  } finally {
    stopWaiting.abort();
  }
}
