/** The loop of the watchdog: ask, judge, tell. No question and no answer may end it. */
import type { Seal } from "../core/beacon.ts";
import { isoTime } from "../core/time.ts";
import type { Clock } from "../ports/clock.ts";
import { askHouse } from "./ask.ts";
import { judge, newWatch, type Patience, patience } from "./judge.ts";
import type { Teller } from "./tell.ts";

export type Watching = {
  readonly house: string;
  /** Asked before each question: the key may come later than the watchdog. */
  readonly seal: () => Seal | null;
  readonly nonce: () => string;
  readonly clock: Clock;
  readonly teller: Pick<Teller, "tell">;
  readonly say: (line: string) => void;
  readonly everyMs: number;
  readonly limits?: Patience;
};

/** An answer that takes longer is none. */
const answerMs = 5_000;

export async function watchHouseFromOutside(watching: Watching, signal: AbortSignal): Promise<void> {
  const { house, clock, teller, say, everyMs, limits = patience } = watching;
  let watch = newWatch;
  while (!signal.aborted) {
    const heard = await askHouse({
      house,
      seal: watching.seal(),
      nonce: watching.nonce(),
      wall: () => clock.wall(),
      patienceMs: answerMs,
    });
    const judged = judge(watch, heard, clock.mono(), limits);
    watch = judged.watch;
    for (const line of judged.lines) {
      say(`${isoTime(clock.wall())} ${line}`);
      teller.tell(line);
    }
    await clock.sleep(everyMs, signal);
  }
}
