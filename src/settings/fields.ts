/**
 * The kinds of value a setting can have. All read text: the environment, the command line and countersign.yaml (whose
 * scalars stay text, so that 0.10 is not rounded) are one thing here. Each names its bounds when it refuses.
 */
import { z } from "zod";
import { isDecimalText, isLess, isMore, type Notional, notional, type Ratio, ratio, scale } from "../core/money.ts";
import { Secret } from "../core/secret.ts";
import type { DurationMs } from "../core/time.ts";

const name = /^[a-z][a-z0-9_]{0,31}$/;
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** "250ms", "30s", "5m", "1h", "1d" as milliseconds; null for anything else, a bare number too. */
export function parseDuration(text: string): DurationMs | null {
  const found = /^(\d{1,9})\s*(ms|s|m|h|d)$/.exec(text.trim().toLowerCase());
  const unit = found?.[2] === undefined ? undefined : unitMs[found[2]];
  return found?.[1] === undefined || unit === undefined ? null : ((Number(found[1]) * unit) as DurationMs);
}

/** Text that `parse` understands; null from `parse` is refused with `expected`. */
function field<Value>(expected: string, parse: (text: string) => Value | null) {
  return z.string({ error: expected }).transform((text, context): Value => {
    const value = parse(text.trim());
    if (value !== null) return value;
    context.addIssue({ code: "custom", message: expected });
    return z.NEVER;
  });
}

export function duration(min: string, max: string) {
  const [least, most] = [parseDuration(min) ?? 0, parseDuration(max) ?? 0];
  return field(`must be a duration from ${min} to ${max}, such as 30s, 5m or 1h`, (text) => {
    const ms = parseDuration(text);
    return ms !== null && ms >= least && ms <= most ? ms : null;
  });
}

export function whole(min: number, max: number) {
  return field(`must be a whole number from ${min} to ${max}`, (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : null;
  });
}

/** A share of something: 0.01 and 1% are the same. */
export function share(min: string, max: string) {
  return field(`must be a share from ${min} to ${max}, written 0.01 or 1%`, (text): Ratio | null => {
    const bare = text.replace(/\s*%$/, "");
    if (!isDecimalText(bare)) return null;
    const value = bare === text ? ratio(bare) : scale(ratio(bare), ratio("0.01"));
    return isLess(value, ratio(min)) || isMore(value, ratio(max)) ? null : value;
  });
}

/** An amount of money above 0. */
export function money() {
  return field("must be an amount above 0 in plain digits, such as 123.45", (text): Notional | null => {
    if (!isDecimalText(text)) return null;
    const value = notional(text);
    return isMore(value, notional("0")) ? value : null;
  });
}

/** One of a few words; case and the dash of `dry-run` don't matter. */
export function choice<const Word extends string>(words: readonly Word[]) {
  return field(`must be one of ${words.join(", ")}`, (text): Word | null => {
    const wanted = text.toLowerCase().replaceAll("-", "_");
    return words.find((word) => word.toLowerCase().replaceAll("-", "_") === wanted) ?? null;
  });
}

export function yesNo() {
  return field("must be true or false", (text) => (text === "true" ? true : text === "false" ? false : null));
}

export function matching(pattern: RegExp, expected: string) {
  return field(expected, (text) => (pattern.test(text) ? text : null));
}

export const houseName = () =>
  matching(name, "must be lower-case letters, digits and underscores, at most 32, beginning with a letter");

export const symbol = () =>
  matching(/^[A-Z0-9]{1,20}\/[A-Z0-9]{1,20}$/, "must be BASE/QUOTE in capitals, such as BTC/USDT");

/** A numeric id of a chat platform, kept as text: it is longer than a number can hold. */
export const platformId = () => matching(/^-?\d{1,20}$/, "must be the numeric id, not a name");

export const httpUrl = () =>
  matching(/^https?:\/\/[^\s/]+(\/[^\s]*[^\s/])?$/, "must begin with http:// or https:// and not end with a slash");

export const timeZone = () =>
  field("must be a time zone name such as Europe/Berlin or UTC", (text) => {
    try {
      return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone;
    } catch {
      // Intl knows no other way to say that a zone does not exist.
      return null;
    }
  });

export const anyText = () => field("must be text", (text) => (text === "" ? null : text));

/** A value that never shows itself again. `pattern` may check its shape, never what it says. */
export const secret = (pattern: RegExp = /^\S+$/, expected = "must be one word without spaces") =>
  field(expected, (text) => (pattern.test(text) ? new Secret(text) : null));

/** Several of one kind: a YAML list, or words with commas between them. */
export function list<Item extends z.ZodType>(item: Item) {
  const words = (given: unknown): unknown =>
    typeof given === "string"
      ? given
          .split(",")
          .map((word) => word.trim())
          .filter((word) => word !== "")
      : given;
  return z.preprocess(words, z.array(item, { error: "must be a list" }));
}

/** A map from names we don't know beforehand, such as assets. */
export function mapOf<Value extends z.ZodType>(key: RegExp, keyExpected: string, value: Value) {
  return z.record(z.string().regex(key, keyExpected), value, {
    error: (issue) => (issue.code === "invalid_type" ? "must be a map of names to values" : keyExpected),
  });
}

/** Parameters whose own schema lives elsewhere: numbers and true/false are read as such, all else stays text. */
export function loose() {
  const read = (given: unknown): unknown => {
    if (typeof given === "string") {
      if (given === "true" || given === "false") return given === "true";
      return isDecimalText(given) ? Number(given) : given;
    }
    if (Array.isArray(given)) return given.map(read);
    if (typeof given !== "object" || given === null) return given;
    return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, read(value)]));
  };
  return z.preprocess(read, z.record(z.string(), z.unknown(), { error: "must be a map of names to values" }));
}
