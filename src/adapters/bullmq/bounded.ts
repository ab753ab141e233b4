/** A store that has vanished answers nothing, for ever: whoever asks it waits only so long. */
import type { Clock } from "../../ports/clock.ts";
import type { Opening } from "./backends.ts";

const openMsMax = 4_000;

/** Waits at most `ms`; a late failure is nobody's concern. @returns whether it ended in time. */
export async function bounded(clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> {
  const done = new AbortController();
  const ended = work.then(
    () => true,
    () => true,
  );
  const isEnded = await Promise.race([ended, clock.sleep(ms, done.signal).then(() => false)]);
  done.abort();
  return isEnded;
}

/** @throws when there is no answer in time, or what the work threw. */
export async function within<Value>(clock: Clock, ms: number, work: Promise<Value>): Promise<Value> {
  if (!(await bounded(clock, ms, work))) throw new Error(`no answer within ${ms / 1000} s`);
  return await work;
}

/** @returns it once it can be used; what does not open in time is closed again. @throws why it can't be used. */
export async function whenReady<Thing>(clock: Clock, opened: Opening<Thing>): Promise<Opening<Thing>> {
  try {
    await within(clock, openMsMax, opened.ready);
    return opened;
  } catch (error) {
    await bounded(clock, 1_000, opened.close(true));
    throw error;
  }
}
