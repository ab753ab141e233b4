/** Stretches of accounting time that a report covers: whole UTC days, the present one as far as it has gone. */
import { addMs, day, type Instant, instant, utcDay } from "./time.ts";

export const periodNames = ["day", "7d", "week", "month"] as const;
export type PeriodName = (typeof periodNames)[number];

export type Period = {
  readonly name: PeriodName;
  /** "Today", "Last 7 days", "Week since 2026-02-02", "Month 2026-02". */
  readonly title: string;
  /** The UTC midnight with which it begins. */
  readonly since: Instant;
  /** The present moment: no later fact counts. */
  readonly until: Instant;
};

const midnight = (date: string): Instant => instant(Date.parse(`${date}T00:00:00Z`));

/** A week begins on Monday; 7d are seven dates with today as the last. */
export function periodOf(name: PeriodName, at: Instant): Period {
  const today = midnight(utcDay(at));
  const until = addMs(at, 1);
  switch (name) {
    case "day":
      return { name, title: "Today", since: today, until };
    case "7d":
      return { name, title: "Last 7 days", since: addMs(today, -6 * day), until };
    case "week": {
      // The first day of the epoch was a Thursday.
      const monday = addMs(today, -day * ((today / day + 3) % 7));
      return { name, title: `Week since ${utcDay(monday)}`, since: monday, until };
    }
    case "month": {
      const month = utcDay(at).slice(0, 7);
      return { name, title: `Month ${month}`, since: midnight(`${month}-01`), until };
    }
  }
}
