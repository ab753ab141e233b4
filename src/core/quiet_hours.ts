/** When a person wants no sound: "22:00-07:00" in his own time zone. What is large or critical sounds all the same. */
import type { Tier } from "./authority.ts";
import type { Severity } from "./card.ts";
import type { Instant } from "./time.ts";

export type QuietHours = { readonly fromMinute: number; readonly toMinute: number };

/** null = not of the form HH:MM-HH:MM, or of no length. */
export function parseQuietHours(text: string): QuietHours | null {
  const found = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/.exec(text.trim());
  if (found === null) return null;
  const [, fromHour = "", fromRest = "", toHour = "", toRest = ""] = found;
  const fromMinute = Number(fromHour) * 60 + Number(fromRest);
  const toMinute = Number(toHour) * 60 + Number(toRest);
  return fromMinute === toMinute ? null : { fromMinute, toMinute };
}

export function isWithin({ fromMinute, toMinute }: QuietHours, minuteOfDay: number): boolean {
  return fromMinute < toMinute
    ? minuteOfDay >= fromMinute && minuteOfDay < toMinute
    : minuteOfDay >= fromMinute || minuteOfDay < toMinute;
}

/** Minutes since midnight in that zone. */
export function minuteOfDay(at: Instant, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone });
  const [hours = "0", minutes = "0"] = parts.format(at).split(":");
  return Number(hours) * 60 + Number(minutes);
}

/** A small request, and what is less than critical; all else sounds at night too. */
const waitsForMorning: ReadonlySet<Tier | Severity> = new Set<Tier | Severity>(["T1", "warning", "info"]);

/** Whether this person is left in peace about something of this tier or severity at this moment. */
export function isAtPeace(
  person: { readonly timeZone: string; readonly quietHours?: QuietHours | null },
  about: Tier | Severity,
  at: Instant,
): boolean {
  if (!waitsForMorning.has(about) || person.quietHours == null) return false;
  return isWithin(person.quietHours, minuteOfDay(at, person.timeZone));
}
