/** What every picture has: the title with its badges, and labels at the right edge that point at their heights. Pure. */
import { oneLine } from "../../core/clean_text.ts";
import type { Mode } from "../../core/intent.ts";
import { type Box, canvas, line, type Point, rect, type Shape, type Span, text } from "./drawing.ts";
import { placeLabels } from "./label_places.ts";
import type { Palette } from "./palette.ts";
import { heightOf } from "./scale.ts";
import { drawable, fittingSize, fittingText, textWidth } from "./type_widths.ts";

export const edge = 28;
/** The column of labels, and the air in which their pointers run. */
const labelLeft = 592;
const pointer = 16;
export const plotRight = labelLeft - pointer;
const titleY = 50;

type Badge = { readonly words: string; readonly fill: string; readonly ink: string; readonly stroke?: string };

/** Words in a rounded box; `left` or `right` is where it begins or ends. */
function badgeShapes(badge: Badge, place: { readonly left: number } | { readonly right: number }): readonly Shape[] {
  const type = { size: 23, isBold: true };
  const width = badgeWidth(badge.words);
  const left = "left" in place ? place.left : place.right - width;
  const box = { left, top: titleY - 21, width, height: 42 };
  const skin = { fill: badge.fill, radius: 9, ...(badge.stroke === undefined ? {} : { stroke: badge.stroke }) };
  return [rect(box, skin), text({ x: left + 13, y: titleY + 1 }, badge.words, { ...type, fill: badge.ink })];
}

const badgeWidth = (words: string): number => Math.round(textWidth(words, { size: 23, isBold: true })) + 26;

/** LIVE stands out as the one mode in which money moves. */
function modeBadge(mode: Mode, palette: Palette): Badge {
  const words = mode.replace("_", " ").toUpperCase();
  return mode === "live"
    ? { words, fill: palette.brass, ink: palette.onColour }
    : { words, fill: palette.ground, ink: palette.quiet, stroke: palette.line };
}

/** The first line of a picture: a badge, the name, something quiet behind it, and at the right the mode. */
export function titleShapes(
  title: { readonly badge: Badge | null; readonly name: string; readonly aside: string; readonly mode: Mode },
  palette: Palette,
): readonly Shape[] {
  const right = modeBadge(title.mode, palette);
  const end = canvas.width - edge - badgeWidth(right.words) - 18;
  const start = edge + (title.badge === null ? 0 : badgeWidth(title.badge.words) + 16);
  const aside = { size: 25, fill: palette.quiet };
  const asideWords = fittingText(title.aside, (end - start) / 2, aside);
  const asideRoom = asideWords === "" ? 0 : textWidth(asideWords, aside) + 14;
  const name = nameLines(title.name, end - start - asideRoom);
  const nameEnd = start + Math.max(...name.lines.map((words) => textWidth(words, { size: name.size, isBold: true })));
  return [
    ...(title.badge === null ? [] : badgeShapes(title.badge, { left: edge })),
    ...name.lines.map((words, index) =>
      text({ x: start, y: titleY + (index - (name.lines.length - 1) / 2) * 25 }, words, {
        size: name.size,
        isBold: true,
        fill: palette.ink,
      }),
    ),
    text({ x: nameEnd + 14, y: titleY + 3 }, asideWords, aside),
    ...badgeShapes(right, { right: canvas.width - edge }),
  ];
}

/** One large line, or two small ones: the question of a prediction market is a sentence. */
function nameLines(name: string, width: number): { readonly lines: readonly string[]; readonly size: number } {
  const size = fittingSize(name, width, { size: 36, isBold: true, least: 26 });
  if (textWidth(name, { size, isBold: true }) <= width) return { lines: [name], size };
  const small = { size: 21, isBold: true };
  const words = name.split(" ");
  let count = words.length;
  while (count > 1 && textWidth(words.slice(0, count).join(" "), small) > width) count -= 1;
  const first = words.slice(0, count).join(" ");
  if (count === words.length || textWidth(first, small) > width)
    return { lines: [fittingText(name, width, small)], size: 21 };
  return { lines: [first, fittingText(words.slice(count).join(" "), width, small)], size: 21 };
}

export type LevelLabel = {
  readonly value: number;
  readonly word: string;
  /** Behind the word: a distance. */
  readonly aside: string;
  readonly figure: string;
  readonly colour: string;
  /** A filled label is one of the order's own; a hollow one is only where things stand. */
  readonly isFilled: boolean;
};

const labelHeight = 62;

type Labelled = { readonly labels: readonly LevelLabel[]; readonly box: Box; readonly y: Span };

/** Labels in the right column, pushed apart where they would touch, each with a pointer from its true height. Plots from top to bottom. */
export function labelShapes(plots: readonly Labelled[], palette: Palette): readonly Shape[] {
  const labels = plots.flatMap(({ labels: own, box, y }) =>
    own.map((label) => ({ label, from: heightOf(label.value, y, box) })),
  );
  const [first, last] = [plots[0]?.box, plots.at(-1)?.box];
  // At the edges of the plots a label may stand out by a little less than half its height.
  const room = { min: (first?.top ?? 0) - 24, max: (last === undefined ? 0 : last.top + last.height) + 24 };
  const middles = placeLabels(
    labels.map(({ from }) => ({ middle: from, height: labelHeight })),
    room,
    7,
  );
  return labels.flatMap(({ label, from }, index) => oneLabel(label, { from, to: middles[index] ?? 0 }, palette));
}

function oneLabel(label: LevelLabel, at: { from: number; to: number }, palette: Palette): readonly Shape[] {
  const width = canvas.width - 14 - labelLeft;
  const inner = width - 22;
  const ink = label.isFilled ? palette.onColour : label.colour;
  const left = labelLeft + 12;
  const size = fittingSize(label.figure, inner, { size: 27, isBold: true, least: 14 });
  const wordSize = fittingSize(`${label.word} ${label.aside}`, inner, { size: 19, isBold: true, least: 13 });
  const route: readonly Point[] = [
    [plotRight, at.from],
    [plotRight + 4, at.from],
    [labelLeft - 3, at.to],
    [labelLeft, at.to],
  ];
  return [
    line(route, { stroke: label.colour, width: 2 }),
    rect(
      { left: labelLeft, top: at.to - labelHeight / 2, width, height: labelHeight },
      { radius: 8, ...(label.isFilled ? { fill: label.colour } : { fill: palette.ground, stroke: label.colour }) },
    ),
    text({ x: left, y: at.to - 15 }, label.word, { size: wordSize, isBold: true, fill: ink }),
    text({ x: left + inner, y: at.to - 15, align: "right" }, label.aside, { size: wordSize, fill: ink }),
    text({ x: left, y: at.to + 13 }, label.figure, { size, isBold: true, fill: ink }),
  ];
}

/** The two ends of the axis of time. */
export function timeShapes(
  ends: { readonly from: string; readonly to: string },
  on: { readonly left: number; readonly right: number; readonly y: number },
  palette: Palette,
): readonly Shape[] {
  const type = { size: 20, fill: palette.quiet };
  return [
    text({ x: on.left, y: on.y }, ends.from, type),
    text({ x: on.right, y: on.y, align: "right" }, ends.to, type),
  ];
}

/** "kucoin:SOL/USDT" as what stands large and what stands quietly beside it. */
export function namesOf(instrumentId: string): { readonly symbol: string; readonly venue: string } {
  const cut = instrumentId.indexOf(":");
  return { symbol: drawable(instrumentId.slice(cut + 1)), venue: drawable(cut > 0 ? instrumentId.slice(0, cut) : "") };
}

/** A currency behind an amount: no more of it than leaves the amount its room. */
export function currencyOf(currency: string): string {
  return fittingText(drawable(currency), 150, { size: 30, isBold: true });
}

/** A sentence of a picture for people who can't see it. */
export function described(parts: readonly (string | null)[]): string {
  return oneLine(parts.filter((part) => part !== null && part !== "").join(", ")).slice(0, 1_000);
}
