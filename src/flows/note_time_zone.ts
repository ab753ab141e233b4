/** Which clock a person lives by: the settings say so, else the browser at their desk does. Quiet hours and reports follow it. */
import type { Books } from "../core/books.ts";
import type { FactOf } from "../core/events.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";

/** @param timeZone an IANA name that was checked. Heard again and again, recorded once. */
export async function noteTimeZone(needs: Needs, personId: string, timeZone: string): Promise<void> {
  if (zoneFact(needs, needs.ledger.books(), personId, timeZone) === null) return;
  await record(needs, (books) => {
    const fact = zoneFact(needs, books, personId, timeZone);
    return { drafts: fact === null ? [] : [draft(`person:${personId}`, fact)], value: undefined };
  });
}

function zoneFact(
  { settings }: Pick<Needs, "settings">,
  { people }: Books,
  personId: string,
  timeZone: string,
): FactOf<"person_set"> | null {
  const person = people.persons[personId];
  const named = settings.people.find((one) => one.personId === personId);
  const isNamed = named !== undefined && named.isZoneOpen !== true;
  if (person?.isActive !== true || isNamed || person.timeZone === timeZone) return null;
  return { type: "person_set", ...person, timeZone, isZoneHeard: true };
}

/** By which clock the house reports and drills: that of the first person of the settings. */
export function houseZone({ settings, ledger }: Pick<Needs, "settings" | "ledger">): string {
  const [first] = settings.people;
  return ledger.books().people.persons[first?.personId ?? ""]?.timeZone ?? first?.timeZone ?? "UTC";
}
