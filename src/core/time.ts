/** Points and lengths of time. Both are plain milliseconds with a brand, so that neither is taken for the other. */
import type { Brand } from "./brand.ts";

/** Milliseconds since the Unix epoch, always read from the Clock port. */
export type Instant = Brand<number, "Instant">;
/** A length of time in milliseconds. */
export type DurationMs = Brand<number, "DurationMs">;

export const minute = 60_000 as DurationMs;
export const hour = 3_600_000 as DurationMs;
export const day = 86_400_000 as DurationMs;

export function instant(ms: number): Instant {
  return ms as Instant;
}

export function addMs(start: Instant, lengthMs: number): Instant {
  return (start + lengthMs) as Instant;
}

/** Milliseconds from `start` to `end`; negative when `end` is earlier. */
export function between(start: Instant, end: Instant): DurationMs {
  return (end - start) as DurationMs;
}

/** The accounting day in UTC, e.g. "2026-02-06". */
export function utcDay(at: Instant): string {
  return isoTime(at).slice(0, 10);
}

/**
 * Whether `at` begins another accounting day than `known` ("" = none was begun). A clock that steps back over midnight, as
 * after a leap second, begins no day a second time; one that had been wrong by more than a day is followed.
 */
export function beginsDay(known: string, at: Instant): boolean {
  const date = utcDay(at);
  return date > known || utcDay(addMs(at, day)) < known;
}

/** ISO 8601 in UTC with milliseconds. */
export function isoTime(at: Instant): string {
  return new Date(at).toISOString();
}
