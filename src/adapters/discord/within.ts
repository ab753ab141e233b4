/** Waits for work, but not for ever. */
import type { Clock } from "../../ports/clock.ts";

/** Resolves when `work` has settled, or after `ms` of real time. */
export async function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<void> {
  const done = new AbortController();
  const settled = work.then(
    () => done.abort(),
    () => done.abort(),
  );
  await Promise.race([settled, clock.sleep(ms, done.signal)]);
}
