/** The browser at the desk says by which clock somebody lives, unless the settings do; a restart forgets it not. */
import { expect, test } from "vitest";
import { deskDoor } from "../../src/boot/desk_sight.ts";
import type { Fact } from "../../src/core/events.ts";
import { enrolPeople } from "../../src/flows/link_people.ts";
import { reportRule } from "../../src/flows/summarize_day.ts";
import { everyFact } from "../fixtures/every_fact.ts";
import { openRunningHouse } from "../fixtures/running_house.ts";

const ana = {
  personId: "ana",
  name: "ana",
  role: "owner",
  timeZone: "UTC",
  telegramUserId: "111",
  discordUserId: "222",
} as const;

const bo: Fact = { ...everyFact.person_set, personId: "bo", name: "bo", timeZone: "UTC", origin: "chat" };

async function opened(zone: { readonly isZoneOpen?: true } = {}) {
  const settings = { people: [{ ...ana, ...zone }] };
  const { house, run } = await openRunningHouse(1, (same) => ({ ...same, ...settings }), [bo]);
  const door = deskDoor(() => ({ needs: house.needs }) as never);
  const enrol = (change: object = {}) => {
    Object.assign(settings.people[0] ?? {}, change);
    return run(enrolPeople(house.needs));
  };
  await enrol();
  const hello = async (timeZone: string, personId = "ana") => {
    door.noteTimeZone(personId, timeZone);
    await run(Promise.resolve());
  };
  const zoneOf = (personId = "ana") => house.books().people.persons[personId]?.timeZone;
  return { house, enrol, hello, zoneOf };
}

test("what the browser says counts for quiet hours and reports, is recorded once, and outlives a start", async () => {
  const { house, enrol, hello, zoneOf } = await opened({ isZoneOpen: true });
  await hello("Europe/Berlin");
  const { seq } = house.books();
  await hello("Europe/Berlin");
  await enrol();
  expect(house.books().seq).toBe(seq);
  expect([zoneOf(), reportRule(house.needs).timeZone]).toEqual(["Europe/Berlin", "Europe/Berlin"]);
  expect(house.books().people.persons["ana"]).toMatchObject({ name: "ana", role: "owner", isActive: true });
});

test("a zone of the settings stands, whatever a browser says, and takes the place of what one said before", async () => {
  const named = await opened();
  await named.hello("Europe/Berlin");
  expect(named.zoneOf()).toBe("UTC");
  const later = await opened({ isZoneOpen: true });
  await later.hello("Europe/Berlin");
  await later.enrol({ timeZone: "Asia/Tokyo", isZoneOpen: undefined });
  expect(later.zoneOf()).toBe("Asia/Tokyo");
});

test("who was let in by chat has the zone of their own browser; a stranger has none", async () => {
  const { house, hello, zoneOf } = await opened();
  await hello("America/New_York", "bo");
  await hello("America/New_York", "nobody");
  expect([zoneOf("bo"), zoneOf("nobody")]).toEqual(["America/New_York", undefined]);
  expect(reportRule(house.needs).timeZone).toBe("UTC");
});
