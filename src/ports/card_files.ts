/** Files beside the words of a message: written when it leaves, never waited for long, never the reason why it does not arrive. */
import type { Card } from "../core/card.ts";

export type AttachedFile = {
  /** What it is saved as: letters, digits, "_", "-" and ".". */
  readonly name: string;
  readonly contentType: string;
  readonly data: Uint8Array;
};

/** The file of a card; null = it has none, or none in time. Never throws. */
export type WriteFile = (card: Card) => Promise<AttachedFile | null>;

export const noFile: WriteFile = () => Promise.resolve(null);
