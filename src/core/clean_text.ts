/**
 * Makes text from people and platforms safe to store and to show in any chat. Pure.
 *
 *   storableText   what people typed: loses only what Postgres can't hold (NUL, half a surrogate pair) and what is too long
 *   oneLine        no line breaks, and no invisible character that could reorder or forge what a person approves
 *   cutText        whole characters only, and "…" where something was left out
 */

import { mark } from "./mark.ts";

/** Half a surrogate pair: valid in a JavaScript string, refused by Postgres and by UTF-8. */
const halfPairs = /\p{Cs}/gu;
const lineBreakers = /[\p{Cc}\u2028\u2029]+/gu;

/**
 * Characters that change how neighbours are drawn, or can't be seen: soft hyphen, bidi marks, embeddings, overrides and
 * isolates, fillers, zero-width space, word joiner, byte order mark, interlinear marks, tag characters. The zero-width joiner
 * stays: emoji need it.
 */
const deceivers =
  /[\u00AD\u061C\u115F\u1160\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\u3164\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/gu;

const rightToLeft =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** At most `max` UTF-16 units; never ends in half a character. */
export function storableText(text: string, max: number): string {
  const clean = text.replaceAll("\u0000", "").replace(halfPairs, "\uFFFD");
  return clean.slice(0, max).replace(/[\uD800-\uDBFF]$/, "");
}

/** One visible line. Text with right-to-left letters is isolated, so that it can't pull the numbers beside it to its other end. */
export function oneLine(text: string): string {
  const honest = text.replace(halfPairs, "\uFFFD").replace(lineBreakers, " ").replace(deceivers, "");
  if (honest !== text) mark("M04.deceiving_text");
  const clean = honest.replace(/ {2,}/g, " ").trim();
  return rightToLeft.test(clean) ? `\u2068${clean}\u2069` : clean;
}

/**
 * The longest beginning of `text` that is at most `max` UTF-16 units after `encode`, "…" included when something was left out.
 * Cuts between whole characters as people see them, so a family emoji or an escaped "&lt;" is kept or dropped whole.
 * `encode` must not make a character shorter.
 */
export function cutText(text: string, max: number, encode: (part: string) => string = (part) => part): string {
  const whole = encode(text);
  if (whole.length <= max) return whole;
  const closing = text.startsWith("\u2068") ? "\u2069" : "";
  const room = max - 1 - closing.length;
  if (room < 0) return "";
  let kept = "";
  // Characters beyond `max` can't matter. One that is made of very many marks and fills the room alone is left out.
  for (const { segment } of graphemes.segment(text.slice(0, max))) {
    const next = encode(segment);
    if (kept.length + next.length > room) break;
    kept += next;
  }
  return `${kept.trimEnd()}…${closing}`;
}
