/**
 * The note for the house: rewritten with every order before it leaves, and each second as a sign of life. Once it was there
 * and is not any more, or is another's, the house has taken over: this run was frozen for too long, and writes none again.
 */
import type { EmergencyNotice } from "../core/lifeline.ts";
import { mark } from "../core/mark.ts";
import { type Instant, isoTime } from "../core/time.ts";
import type { EmergencyFiles } from "./files.ts";
import type { Call } from "./serve.ts";

export type Note = {
  /** Also true while none could be written: a full disk must not keep anybody from getting out. */
  isOurs(): boolean;
  tell(change: Partial<Pick<EmergencyNotice, "orders" | "left" | "isDone">>): void;
  stop(): void;
};

type NoteClock = { wall(): Instant; mono(): number; every(ms: number, run: () => void): () => void };

const beatEveryMs = 1_000;
/** Less than the silence after which the house takes over: whoever needed longer between looking and writing looks again. */
const freshMs = 5_000;

export function openNote(
  files: EmergencyFiles,
  about: { call: Call; id: string; clock: NoteClock; say: (line: string) => void },
): Note {
  const { call, id, clock, say } = about;
  const at = isoTime(clock.wall());
  let isWritten = false;
  let isLost = false;
  let now: EmergencyNotice = {
    form: "emergency-1",
    id,
    at,
    beatAt: at,
    by: call.by,
    reason: call.reason,
    isDone: false,
    // What an earlier run sent and the house has not taken in yet stays in the note.
    orders: files.notedOrders,
    left: [],
  };
  const isOurs = (): boolean => {
    if (isWritten && !isLost && !files.holdsNotice(id)) {
      mark("P14.emergency_was_taken_over");
      isLost = true;
      say("The note of this process is gone: the bot has taken over. Nothing more is sent.");
    }
    return !isLost;
  };
  const save = (): void => {
    const begun = clock.mono();
    if (!isOurs()) return;
    now = { ...now, beatAt: isoTime(clock.wall()) };
    try {
      files.writeNotice(now, () => clock.mono() - begun < freshMs);
      isWritten ||= files.holdsNotice(id);
    } catch (error) {
      say(`The note for the bot could not be written: ${(error as Error).message}`);
    }
  };
  save();
  const stop = clock.every(beatEveryMs, save);
  return {
    isOurs,
    stop,
    tell(change) {
      now = { ...now, ...change, orders: [...now.orders, ...(change.orders ?? [])] };
      save();
    },
  };
}
