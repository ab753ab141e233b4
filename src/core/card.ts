/** A message as data, before a chat renders it. Discord, Telegram and the desk draw the same card. */
import type { CardPicture, PictureCandle } from "./card_picture.ts";
import type { Side } from "./instrument.ts";
import type { Mode } from "./intent.ts";
import type { Price } from "./money.ts";
import type { Instant } from "./time.ts";

export type Severity = "info" | "warning" | "critical";
export type Tone = "ok" | "info" | "waiting" | "warning" | "critical" | "closed";

/** One fact a line, with money beside percent; `value` is plain text, never markup. */
export type CardField = { readonly name: string; readonly value: string };

export type Card = {
  readonly title: string;
  readonly tone: Tone;
  /** Free sentences above the fields. */
  readonly lines: readonly string[];
  readonly fields: readonly CardField[];
  /** The last line: a status, who and when. */
  readonly footer: string | null;
  readonly chart: CardChart | null;
  /** What chats that show pictures paint beside the words; nothing is said by it alone. Absent = the chart, or none. */
  readonly picture?: CardPicture;
  /** Wall time at which an open prompt stops counting. The desk counts down to it; other chats print it in a field. Absent on all other cards. */
  readonly expiresAt?: Instant;
  /** What is shown happens at `expiresAt` unless somebody says no. Absent = silence means no. */
  readonly isDoneBySilence?: true;
  /** What chats attach beside the words; it is written only when the message leaves. */
  readonly file?: CardFile;
  /** A square to be scanned with a phone: rows of dark and light. Only the desk draws it; it is never kept. */
  readonly qr?: readonly (readonly boolean[])[];
  /** Whoever reads it can sign in or sign as somebody: shown once, where it was asked for, and kept by nobody. */
  readonly isSecret?: true;
  /** One of `lines` is this address of our own, meant to be opened; every other address in a card is only text. */
  readonly link?: string;
};

export const holdsSecret = ({ isSecret, qr }: Card): boolean => isSecret === true || qr !== undefined;

/** What stands in its place for whoever comes later. */
export const shownOnce = ({ title, tone }: Card): Card =>
  plainCard(tone, title, ["Shown once, on the page that asked for it. Ask again for a new one."]);

/** The closed trades of a period as CSV. `period` is a name that core/period.ts knows for ever: "2026-02-06", "2026-W06", "2026-02". */
export type CardFile = { readonly kind: "closes"; readonly period: string };

/** Under which it is attached and saved. */
export const fileName = ({ period }: CardFile): string => `countersign_${period}.csv`;

/** What a chart of a prompt shows: closed candles, and the lines of the order. Chats without pictures leave it out. */
export type CardChart = {
  readonly instrumentId: string;
  readonly candles: readonly PictureCandle[];
  readonly entryPrice: Price;
  readonly stopPrice: Price;
  readonly targetPrice: Price | null;
  /** The four are absent on cards of before pictures were painted: such a chart is drawn at the desk alone. */
  readonly mode?: Mode;
  readonly side?: Side;
  readonly timeframeMs?: number;
  /** The worst price that the order accepts. */
  readonly limitPrice?: Price;
};

/** `token` is 16 base64url characters; the wire carries "a1." + token (19 bytes, the limit of Telegram is 64). */
export type Button = { readonly label: string; readonly style: "yes" | "no" | "plain"; readonly token: string };

export const buttonPrefix = "a1.";

/** What to paint beside a card; null = nothing. */
export function pictureOf({ chart, picture }: Card): CardPicture | null {
  if (picture !== undefined) return picture;
  if (chart?.mode === undefined || chart.side === undefined || chart.timeframeMs === undefined) return null;
  const { mode, side, timeframeMs, limitPrice = null, ...shown } = chart;
  return { kind: "prompt", ...shown, mode, side, timeframeMs, limitPrice };
}

/**
 * What the picture of a card says, its candles aside: as long as it is the same, one that was painted before is still right.
 * null = no picture.
 */
export function pictureSays(card: Card): string | null {
  const picture = pictureOf(card);
  if (picture?.kind !== "prompt") return picture === null ? null : JSON.stringify(picture);
  const { candles: _candles, ...lines } = picture;
  return JSON.stringify(lines);
}

export function plainCard(tone: Tone, title: string, lines: readonly string[] = []): Card {
  return { title, tone, lines, fields: [], footer: null, chart: null };
}

/** One thing more in the last line. */
export const withFooter = (card: Card, text: string): Card => ({
  ...card,
  footer: card.footer === null ? text : `${card.footer} · ${text}`,
});

/** The same message may stand there already: whoever sees it twice knows why. */
export const sentAgainText = "sent again, the first try got no answer";
