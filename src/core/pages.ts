/**
 * A long card as pages that every chat shows whole: nothing is cut, and each page says which of how many it is. Pure.
 *
 *   lines first, then fields, in their order; a page ends where the next piece would not fit on Telegram or Discord
 *   a piece that is too long for one field is shown in several, each after the first marked as going on
 */
import type { Card, CardField } from "./card.ts";
import { oneLine } from "./clean_text.ts";

/** What a page may cost. Telegram holds 4,096 with its markup, a field on Discord 1,024; both with room for title and footer. */
const pageCostMax = 2_900;
const pieceCostMax = 900;
/** More than this is hard to read on a phone; Discord takes 25 fields. */
const fieldsMax = 20;
const linesMax = 20;

/** At least one. Title, tone and footer stand on each; chart and picture on the first. */
export function pagesOf(card: Card): readonly Card[] {
  const pieces: readonly Piece[] = [
    ...card.lines.flatMap((line) => split(line).map((text): Piece => ({ kind: "line", text }))),
    ...card.fields.flatMap(splitField),
  ];
  const pages: Piece[][] = [[]];
  let cost = 0;
  for (const piece of pieces) {
    const page = pages.at(-1) ?? [];
    const next = costOf(piece);
    const isFull = page.length > 0 && (cost + next > pageCostMax || countOf(page, piece.kind) >= mostOf(piece.kind));
    if (isFull) pages.push([piece]);
    else page.push(piece);
    cost = isFull ? next : cost + next;
  }
  return pages.map((page, index) => pageCard(card, page, { index, count: pages.length }));
}

type Piece =
  | { readonly kind: "line"; readonly text: string }
  | { readonly kind: "field"; readonly name: string; readonly value: string };

const mostOf = (kind: Piece["kind"]): number => (kind === "line" ? linesMax : fieldsMax);
const countOf = (page: readonly Piece[], kind: Piece["kind"]): number =>
  page.filter((piece) => piece.kind === kind).length;

function pageCard(card: Card, page: readonly Piece[], { index, count }: { index: number; count: number }): Card {
  const { picture, chart, ...rest } = card;
  const shown = index === 0 ? { chart, ...(picture === undefined ? {} : { picture }) } : { chart: null };
  const number = count === 1 ? null : `Page ${index + 1} of ${count}`;
  const footer = [card.footer, number].filter((part) => part !== null).join(" · ");
  return {
    ...rest,
    ...shown,
    lines: page.flatMap((piece) => (piece.kind === "line" ? [piece.text] : [])),
    fields: page.flatMap((piece): CardField[] => (piece.kind === "field" ? [piece].map(fieldOf) : [])),
    footer: footer === "" ? null : footer,
  };
}

const fieldOf = ({ name, value }: Extract<Piece, { kind: "field" }>): CardField => ({ name, value });

function splitField({ name, value }: CardField): readonly Piece[] {
  return split(value).map((text, index) => ({
    kind: "field",
    name: index === 0 ? name : `${name}, going on`,
    value: text,
  }));
}

/** Cut at a space where there is one, never within a character. */
function split(text: string): readonly string[] {
  const line = oneLine(text);
  if (costOfText(line) <= pieceCostMax) return [text];
  const parts: string[] = [];
  let part = "";
  for (const word of line.split(/(?<= )/).flatMap(breakWord)) {
    if (part !== "" && costOfText(part + word) > pieceCostMax) {
      parts.push(part.trim());
      part = "";
    }
    part += word;
  }
  return [...parts, part.trim()].filter((one) => one !== "");
}

/** A word without a space that is longer than a piece. */
function breakWord(word: string): readonly string[] {
  if (costOfText(word) <= pieceCostMax) return [word];
  const parts: string[] = [""];
  for (const { segment } of graphemes.segment(word)) {
    const last = parts.at(-1) ?? "";
    if (costOfText(last + segment) > pieceCostMax) parts.push(segment);
    else parts[parts.length - 1] = last + segment;
  }
  return parts;
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Markup around a name, a line break and a colon, in whichever chat takes more. */
const markupCost = 12;

const costOf = (piece: Piece): number =>
  piece.kind === "line"
    ? costOfText(oneLine(piece.text)) + 1
    : costOfText(oneLine(piece.name)) + costOfText(oneLine(piece.value)) + markupCost;

/** The longest that a chat makes of it: HTML escapes up to six units, Markdown two. */
function costOfText(text: string): number {
  const html = (text.match(/[<>&"]/g) ?? []).length;
  const markdown = (text.match(/[\\`*_~|[\](){}#+\-.!>:@]/g) ?? []).length;
  return text.length + html * 5 + markdown;
}
