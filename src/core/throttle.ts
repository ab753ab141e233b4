/**
 * The repeated execution throttle (L07): a strategy that enters one instrument more often than is natural for it opens
 * nothing more until a person lets it. Counted from sent entries of the books, in house time, since the last reset.
 */
import type { Books } from "./books.ts";
import { breakerKey } from "./breaker.ts";
import { between, day, hour, type Instant } from "./time.ts";

const entriesPerHourDefault = 5;
const entriesPerDayDefault = 20;

export type Throttled = {
  readonly scope: string;
  readonly cause: "repeated_execution";
  readonly evidence: Readonly<Record<string, string>>;
};

/** @param declared entries a day that a strategy says of itself; twice that rate on one instrument is its limit. */
export function throttled(
  books: Books,
  at: Instant,
  declared: (strategy: string) => number | null,
): readonly Throttled[] {
  const times = new Map<string, Instant[]>();
  for (const { intent, sentAt, decidedAt } of Object.values(books.orders)) {
    if (intent.leg !== "entry" || sentAt === null || sentAt <= resetAt(books, intent.strategy)) continue;
    const key = `${intent.strategy} ${intent.instrumentId}`;
    times.set(key, [...(times.get(key) ?? []), decidedAt]);
  }
  return [...times].flatMap(([key, entries]): readonly Throttled[] => {
    const [strategy = "", instrument = ""] = key.split(" ");
    const natural = (declared(strategy) ?? 0) * 2;
    const perHour = Math.max(entriesPerHourDefault, Math.ceil(natural / 24));
    const perDay = Math.max(entriesPerDayDefault, natural);
    const inHour = entries.filter((when) => between(when, at) < hour).length;
    const inDay = entries.filter((when) => between(when, at) < day).length;
    if (inHour <= perHour && inDay <= perDay) return [];
    const evidence = {
      instrument,
      "within an hour": `${inHour}, limit ${perHour}`,
      "within a day": `${inDay}, limit ${perDay}`,
    };
    return [{ scope: `strategy:${strategy}`, cause: "repeated_execution", evidence }];
  });
}

/** Real time of the last reset by a person. */
function resetAt(books: Books, strategy: string): number {
  const history = books.house.breakerHistory[breakerKey(`strategy:${strategy}`, "repeated_execution")];
  return history?.reset.at(-1) ?? 0;
}
