/** The clock on somebody's wall: hours and weekdays in a time zone, and moments as that person and the record both read them. */
import { addMs, day, type Instant, instant, isoTime, minute, utcDay } from "./time.ts";

export const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

export type LocalTime = {
  /** 0 is Monday. */
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
};

/** Making one takes longer than asking it a hundred times. */
const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  const form = { weekday: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone } as const;
  const made = new Intl.DateTimeFormat("en-GB", form);
  clocks.set(timeZone, made);
  return made;
}

export function localTime(at: Instant, timeZone: string): LocalTime {
  const parts = clockOf(timeZone).formatToParts(at);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? "0";
  const weekday = (weekdays as readonly string[]).indexOf(part("weekday").toLowerCase());
  return { weekday, hour: Number(part("hour")), minute: Number(part("minute")) };
}

/** "08:00 Europe/Berlin, 07:00 UTC"; in UTC alone "08:00 UTC". */
export function clockText(at: Instant, timeZone: string): string {
  const utc = `${isoTime(at).slice(11, 16)} UTC`;
  if (timeZone === "UTC") return utc;
  const local = localTime(at, timeZone);
  const two = (count: number): string => String(count).padStart(2, "0");
  return `${two(local.hour)}:${two(local.minute)} ${timeZone}, ${utc}`;
}

const quarter = 15 * minute;

/**
 * When an accounting day is told: at the first moment after its end in UTC at which the clock in this zone reaches the hour.
 * A clock that skips the hour reaches it by its jump, and one that repeats it tells once.
 */
export function toldAt(
  date: string,
  { hour, timeZone }: { readonly hour: number; readonly timeZone: string },
): Instant {
  const over = addMs(instant(Date.parse(`${date}T00:00:00Z`)), day);
  let before = localTime(addMs(over, -quarter), timeZone).hour;
  for (let at = over; at < addMs(over, day); at = addMs(at, quarter)) {
    const now = localTime(at, timeZone).hour;
    if (now >= hour && (before < hour || before > now)) return at;
    before = now;
  }
  return addMs(over, day);
}

/** The UTC date so many days after another one. */
export const dateAfter = (date: string, days: number): string =>
  utcDay(addMs(instant(Date.parse(`${date}T00:00:00Z`)), days * day));
