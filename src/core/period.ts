/** Stretches of accounting time that a report covers: whole UTC days; the present one as far as it has gone, or one that is over. */
import { dateAfter } from "./local_time.ts";
import { addMs, day, type Instant, instant, utcDay } from "./time.ts";

export const periodNames = ["day", "7d", "week", "month", "yesterday", "last_week", "last_month"] as const;
export type PeriodName = (typeof periodNames)[number];

export type Period = {
  /** Names its file: "day", "7d", "2026-02-06", "2026-W06", "2026-02". */
  readonly name: string;
  readonly kind: "day" | "7d" | "week" | "month";
  /** "Today", "Last 7 days", "Week since 2026-02-02", "Month 2026-02". */
  readonly title: string;
  /** The UTC midnight with which it begins. */
  readonly since: Instant;
  /** No fact of this moment or later counts: the end, or right after now. */
  readonly until: Instant;
  /** Nothing more can be added to it. */
  readonly isOver: boolean;
};

const midnight = (date: string): Instant => instant(Date.parse(`${date}T00:00:00Z`));

/** The first day of the epoch was a Thursday, and a week begins on Monday. */
export const mondayOf = (at: Instant): Instant => {
  const today = midnight(utcDay(at));
  return addMs(today, -day * ((today / day + 3) % 7));
};

/** "2026-W06" by ISO 8601: a week belongs to the year of its Thursday. */
export function weekKey(at: Instant): string {
  const thursday = addMs(mondayOf(at), 3 * day);
  const year = utcDay(thursday).slice(0, 4);
  const number = 1 + Math.floor((thursday - midnight(`${year}-01-01`)) / (7 * day));
  return `${year}-W${String(number).padStart(2, "0")}`;
}

export const monthKey = (at: Instant): string => utcDay(at).slice(0, 7);

/** 7d are seven dates with today as the last. */
export function periodOf(name: PeriodName, at: Instant): Period {
  const today = midnight(utcDay(at));
  const until = addMs(at, 1);
  switch (name) {
    case "day":
      return { name, kind: "day", title: "Today", since: today, until, isOver: false };
    case "7d":
      return { name, kind: "7d", title: "Last 7 days", since: addMs(today, -6 * day), until, isOver: false };
    case "week": {
      const monday = mondayOf(at);
      return { name, kind: "week", title: `Week since ${utcDay(monday)}`, since: monday, until, isOver: false };
    }
    case "month": {
      const month = monthKey(at);
      return { name, kind: "month", title: `Month ${month}`, since: midnight(`${month}-01`), until, isOver: false };
    }
    case "yesterday":
      return wholeDay(utcDay(addMs(today, -day)));
    case "last_week":
      return wholeWeek(addMs(mondayOf(at), -day));
    case "last_month":
      return wholeMonth(monthKey(addMs(midnight(`${monthKey(at)}-01`), -day)));
  }
}

/** The day of this date, from midnight to midnight. */
export const wholeDay = (date: string): Period => ({
  name: date,
  kind: "day",
  title: date,
  since: midnight(date),
  until: midnight(dateAfter(date, 1)),
  isOver: true,
});

/** The week that this moment is in, from Monday to Monday. */
export function wholeWeek(at: Instant): Period {
  const since = mondayOf(at);
  const title = `Week ${utcDay(since)} to ${utcDay(addMs(since, 6 * day))}`;
  return { name: weekKey(at), kind: "week", title, since, until: addMs(since, 7 * day), isOver: true };
}

/** The month of this key, from its first midnight to that of the next one. */
export function wholeMonth(key: string): Period {
  const since = midnight(`${key}-01`);
  const until = midnight(`${monthKey(addMs(since, 31 * day))}-01`);
  return { name: key, kind: "month", title: `Month ${key}`, since, until, isOver: true };
}

/** How its file is called, so that the name means the same tomorrow; "7d" alone always ends today. */
export function fileKey({ kind, since }: Pick<Period, "kind" | "since">): string {
  if (kind === "7d") return kind;
  return kind === "day" ? utcDay(since) : kind === "week" ? weekKey(since) : monthKey(since);
}

/** Of a name, a date, a week or a month as reports write them; null = none of them, or it has not begun. */
export function periodNamed(text: string, at: Instant): Period | null {
  const name = periodNames.find((one) => one === text);
  const period = name === undefined ? wholeNamed(text) : periodOf(name, at);
  if (period === null || period.since > at) return null;
  return period.until <= at ? period : { ...period, until: addMs(at, 1), isOver: false };
}

function wholeNamed(text: string): Period | null {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return isDate(text) ? wholeDay(text) : null;
  if (/^\d{4}-\d\d$/.test(text)) return isDate(`${text}-01`) ? wholeMonth(text) : null;
  const [, year = "", number = ""] = /^(\d{4})-W(\d\d)$/.exec(text) ?? [];
  if (year === "") return null;
  // The fourth of January is always in the first week.
  const week = wholeWeek(addMs(midnight(`${year}-01-04`), (Number(number) - 1) * 7 * day));
  return week.name === text ? week : null;
}

/** A month of 13, or the 30th of February, is no date. */
const isDate = (date: string): boolean => {
  const ms = Date.parse(`${date}T00:00:00Z`);
  return Number.isFinite(ms) && utcDay(instant(ms)) === date;
};
