/**
 * Pictures for chats: plain data in, a PNG out. A painter never throws and never keeps a message waiting for long: what can't
 * be painted is a problem with one sentence, and the message goes out without a picture.
 */
import type { Card } from "../core/card.ts";
import type { EquityShown, PositionShown, PromptShown } from "../core/card_picture.ts";
import type { Result } from "../core/result.ts";

export type Look = "dark" | "light";

export type PromptPicture = PromptShown & { readonly look: Look };
export type EquityPicture = EquityShown & { readonly look: Look };
export type PositionPicture = PositionShown & { readonly look: Look };

export type Picture = {
  readonly png: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
  /** What it shows, for people who can't see it; at most 1,000 characters. */
  readonly description: string;
};

export type PictureProblem =
  /** The data make no picture: a price that is no number, a stop on the wrong side. Asking again gives the same answer. */
  | { readonly kind: "unusable"; readonly because: string }
  /** Too many pictures wait already. */
  | { readonly kind: "busy"; readonly because: string }
  /** It took too long, or the part that draws has died. */
  | { readonly kind: "failed"; readonly because: string };

export type Painted = Result<Picture, PictureProblem>;

export interface Painter {
  paintPrompt(wish: PromptPicture): Promise<Painted>;
  paintEquity(wish: EquityPicture): Promise<Painted>;
  paintPosition(wish: PositionPicture): Promise<Painted>;
  /** Ends what is being painted; every later wish is a problem. */
  close(): Promise<void>;
}

/** The picture of a card, for a chat that is about to show it; null = it has none, or none in time. Never throws, never waits long. */
export type PaintCard = (card: Card) => Promise<Picture | null>;
