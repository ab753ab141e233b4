/**
 * Makes text safe to show in Discord. Pure.
 *
 *   oneLine         no line breaks, and no invisible character that could reorder or forge what a person approves
 *   escapeMarkdown  what was plain text stays plain text: no bold, no link, no mention, no heading, no timestamp
 *   cutText         whole characters only, and "…" where something was left out
 */

const halfPairs = /\p{Cs}/gu;
const breaks = /[\p{Cc}\u2028\u2029]+/gu;

/** Soft hyphen, bidi marks and overrides, zero-width space, joiners of words, tags. The zero-width joiner stays: emoji need it. */
const invisible =
  /[\u00AD\u061C\u115F\u1160\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\u3164\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/gu;

const writtenFromTheRight =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;

const characters = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Right-to-left text is isolated, so that it can't pull the numbers beside it to its other end. */
export function oneLine(text: string): string {
  const clean = text
    .replace(halfPairs, "\uFFFD")
    .replace(breaks, " ")
    .replace(invisible, "")
    .replace(/ {2,}/g, " ")
    .trim();
  return writtenFromTheRight.test(clean) ? `\u2068${clean}\u2069` : clean;
}

/** Discord shows a backslash and any punctuation as that punctuation, so more is escaped than would be needed. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\\*_~`|<>#[\]@]/g, "\\$&")
    .replace(/:(?=\/\/)/g, "\\:")
    .replace(/^([-+])(?= )/, "\\$1")
    .replace(/^(\d+)\.(?= )/, "$1\\.");
}

/** The longest beginning of `text` whose `encode` is at most `max` UTF-16 units, "…" included when something was left out. */
export function cutText(text: string, max: number, encode: (part: string) => string = (part) => part): string {
  const whole = encode(text);
  if (whole.length <= max) return whole;
  const closing = text.startsWith("\u2068") ? "\u2069" : "";
  const room = max - 1 - closing.length;
  if (room < 0) return "";
  let kept = "";
  // No encoded character is shorter than the plain one, so characters beyond `max` can't matter.
  for (const { segment } of characters.segment(text.slice(0, max))) {
    const next = encode(segment);
    if (kept.length + next.length > room) break;
    kept += next;
  }
  return `${kept.trimEnd()}…${closing}`;
}

/** At most `max` UTF-16 units, not ending in half a character; only what Postgres can't hold is taken away. */
export function storableText(text: string, max: number): string {
  return text
    .replaceAll("\u0000", "")
    .replace(halfPairs, "\uFFFD")
    .slice(0, max)
    .replace(/[\uD800-\uDBFF]$/, "");
}
