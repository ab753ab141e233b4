/** The facts of the test alarm, a part of the union in events.ts: who was called by it, and whether a person answered. */
import type { Chat } from "./events.ts";
import type { Instant } from "./time.ts";

export type DrillFact =
  | {
      readonly type: "drill_started";
      readonly drillId: string;
      /** Who asked for it; null = it is the one of the week. */
      readonly personId: string | null;
      /** Every chat that hears alerts at this moment. */
      readonly chats: readonly Chat[];
      /** Real time by which somebody has to have acknowledged it. */
      readonly dueAt: Instant;
    }
  | {
      readonly type: "drill_ended";
      readonly drillId: string;
      /** unreached: somebody acknowledged it, and yet not every chat took it. */
      readonly how: "acknowledged" | "unreached" | "missed";
      readonly personId: string | null;
      /** From the start to the acknowledgement, real ms; null = there was none. */
      readonly afterMs: number | null;
      /** Chats that never confirmed the message, as `platform:chat:thread`. */
      readonly unreached: readonly string[];
    };
