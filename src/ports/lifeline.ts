/** Two files between the house and whoever must close everything without it: the snapshot that it writes, the note that it finds. */
import type { EmergencyNotice, Lifeline } from "../core/lifeline.ts";

/** There is a note that this process may not read or does not understand: the emergency process may be at work. */
export type UnreadableNotice = { readonly problem: string };

export interface LifelineFiles {
  /** Where the venue is reached; null = its live host. */
  readonly baseUrl: string | null;
  /** Whole or not at all. A sentence when it could not be written. */
  write(lifeline: Lifeline): string | null;
  /** The note of an emergency process; null = there is certainly none. Cheap: asked every second. */
  notice(): EmergencyNotice | UnreadableNotice | null;
  /** It has been taken in: it is kept under another name and not found again. */
  settle(notice: EmergencyNotice): void;
}
