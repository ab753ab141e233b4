/** A word about alerts means what its speaker had on the screen, never what came since. */
import { expect, test } from "vitest";
import { ack } from "../../commands/ack.ts";
import type { Card } from "../../src/core/card.ts";
import type { Instant } from "../../src/core/time.ts";
import { type AlertHouse, closed, failing, openAlertHouse } from "../fixtures/alert_house.ts";

const quick = { startHoldMs: 0 };
const say = (house: AlertHouse, what: string, change: { userId?: string; sentAt?: Instant } = {}): Promise<Card> =>
  ack.run({
    options: { what },
    needs: house.needs(),
    actor: "person:ana",
    personId: "ana",
    origin: { platform: "telegram", chatId: "-100", userId: change.userId ?? "111", isPrivate: false },
    sentAt: change.sentAt ?? house.clock.wall(),
  });
const taken = (house: AlertHouse): readonly string[] =>
  house.facts.flatMap(({ fact }) => {
    if (fact.type !== "alert_acked") return [];
    const alerts = Object.values(house.books().chat.alerts.shelf).flatMap((storey) => Object.values(storey));
    return fact.fingerprints.map((one) => alerts.find((alert) => alert.fingerprint === one)?.card.title ?? one);
  });

/** Two that stand, the newest first in the list. */
async function troubled(): Promise<AlertHouse> {
  const house = await openAlertHouse({ alerts: quick });
  await house.tell(failing("older"));
  await house.second();
  await house.tell(failing("newer"));
  await house.second();
  return house;
}

test("number 1 is what was number 1 when it was listed, whatever fired since", async () => {
  const house = await troubled();
  expect((await say(house, "")).lines[0]).toContain("1. Breaker open: newer");
  await house.second();
  await house.tell(failing("newest"));
  await house.second();
  expect((await say(house, "1")).title).toBe("1 acknowledged");
  expect(taken(house)).toEqual(["Breaker open: newer"]);
});

test.each<[string, (house: AlertHouse) => Promise<Card>]>([
  ["no list was shown", (house) => say(house, "1")],
  [
    "only somebody else was shown one",
    async (house) => {
      await say(house, "", { userId: "333" });
      return say(house, "1");
    },
  ],
  [
    "the list has no such number",
    async (house) => {
      await say(house, "");
      return say(house, "7");
    },
  ],
  [
    "the word was said before the list was shown",
    async (house) => {
      const sentAt = house.clock.wall();
      await house.second();
      await say(house, "");
      return say(house, "1", { sentAt });
    },
  ],
  [
    "somebody else was shown another one since",
    async (house) => {
      await say(house, "");
      await house.tell(failing("newest"));
      await house.second();
      await say(house, "", { userId: "333" });
      return say(house, "1");
    },
  ],
  [
    "a restart forgot it",
    async (house) => {
      await say(house, "");
      house.restart();
      return say(house, "1");
    },
  ],
])("a number is answered by the list of now where %s", async (_, asked) => {
  const house = await troubled();
  const card = await asked(house);
  expect(card.title).toMatch(/^Nothing taken on: \d alerts stand$/);
  expect(taken(house)).toEqual([]);
  await house.second();
  expect((await say(house, "1")).title).toBe("1 acknowledged");
});

test("a number of something that is over by now takes on nothing, also not what fired again", async () => {
  const house = await troubled();
  await say(house, "");
  await house.tell(closed("newer"));
  await house.second(2);
  expect((await say(house, "1")).title).toBe("0 acknowledged");
  await house.tell(failing("newer"));
  await house.second(2);
  expect((await say(house, "1")).title).toBe("0 acknowledged");
  expect(taken(house)).toEqual([]);
});

test("all is what was listed or stands in this chat; what nobody was shown is told to be left", async () => {
  const house = await troubled();
  house.telegram.isDeaf = true;
  await house.tell(failing("unseen"));
  const card = await say(house, "all");
  expect(card.title).toBe("2 acknowledged");
  expect(card.fields.find(({ name }) => name === "Not done")?.value).toContain(
    "1 not taken on: never shown to you here",
  );
  expect(taken(house)).not.toContain("Breaker open: unseen");
  await say(house, "");
  await house.second();
  expect((await say(house, "all")).title).toBe("3 acknowledged");
  expect(taken(house)).toContain("Breaker open: unseen");
});

test("all where nothing was shown yet is answered by the list, and counts when it is said again", async () => {
  const house = await openAlertHouse({ alerts: quick });
  house.telegram.isDeaf = true;
  await house.tell(failing("unseen"));
  const card = await say(house, "all");
  expect(card.title).toBe("Nothing taken on: 1 alert stands");
  expect(card.lines.join(" ")).toContain("Breaker open: unseen");
  expect(taken(house)).toEqual([]);
  await house.second();
  expect((await say(house, "all")).title).toBe("1 acknowledged");
});
