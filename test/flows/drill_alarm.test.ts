/** The test alarm: it takes the way of a real one, a person has to answer it, and whatever it does not reach is told. */
import { beforeEach, describe, expect, test } from "vitest";
import { drill as drillCommand } from "../../commands/drill.ts";
import { allAlerts } from "../../src/core/books_alerts.ts";
import type { Card } from "../../src/core/card.ts";
import { type DrillRule, drillText } from "../../src/core/drill.ts";
import { instant } from "../../src/core/time.ts";
import { startDrill, tendDrill } from "../../src/flows/drill_alarm.ts";
import type { Needs } from "../../src/flows/needs.ts";
import { type AlertHouse, failing, openAlertHouse } from "../fixtures/alert_house.ts";
import { houseStarted } from "../fixtures/facts.ts";
import { cardsWith, textOf } from "../scenarios/conversation.ts";

/** Saturday at 11, as the settings have it by default. A story begins on Friday, 2026-02-06, at 12:00 UTC. */
const saturday: DrillRule = { weekday: 5, hour: 11, ackMs: 30 * 60_000 };
const hours = (count: number) => count * 60;

let house: AlertHouse;
beforeEach(async () => {
  house = await openAlertHouse();
});
const needsWith = (rule: DrillRule | undefined, timeZone = "UTC"): Needs => {
  const needs = house.needs();
  const drill = rule === undefined ? {} : { drill: rule };
  return { ...needs, settings: { ...needs.settings, people: [{ timeZone }], ...drill } } as unknown as Needs;
};
const look = async (rule: DrillRule | undefined = saturday, zone = "UTC") => {
  await tendDrill(needsWith(rule, zone));
  await house.second();
};
/** Lets time pass with a look every quarter of an hour. */
const pass = async (minutes: number, rule: DrillRule | undefined = saturday, zone = "UTC") => {
  for (let passed = 0; passed < minutes; passed += 15) {
    await house.clock.advance(15 * 60_000 - 1_000);
    await look(rule, zone);
  }
};
const kinds = () => house.facts.map(({ fact }) => fact.type).filter((type) => type.startsWith("drill_"));
const end = () => house.books().drills.last?.end ?? null;
const chats = () => [house.telegram, house.discord, house.desk];
const newest = (title: string): Card | undefined => cardsWith(house.telegram, title).at(-1);

describe("a test alarm that somebody asks for", () => {
  const ask = () => startDrill(needsWith(undefined), "ana");

  test("reaches every chat with a button, and passes once a person has acknowledged it", async () => {
    const answer = await ask();
    expect(textOf(answer)).toMatch(/Test alarm sent to 3 chats\nSomebody must acknowledge it by 12:30 UTC/);
    expect(textOf(answer)).toContain("Undo: /ack alarm_drill ends its calls");
    const begun = house.facts.find(({ fact }) => fact.type === "drill_started");
    expect(answer.footer).toBe(`By Ana · since 12:00:00 UTC · fact ${begun?.seq}`);
    await house.second();
    for (const chat of chats()) {
      const message = chat.messages.find(({ card }) => card.title === "Test alarm: acknowledge it");
      expect(message?.buttons.map(({ label }) => label)).toEqual(["Acknowledge"]);
      expect(message?.card.tone).toBe("critical");
    }
    expect(drillText(house.books())).toBe("runs since 12:00 UTC; acknowledge it by 12:30 UTC");
    await house.second(40);
    expect(await house.acknowledge("alarm_drill")).toBe(1);
    await look();
    expect(end()).toMatchObject({ how: "acknowledged", personId: "ana", unreached: [] });
    expect(drillText(house.books())).toMatch(/^2026-02-06: acknowledged by Ana after 4[0-2] s$/);
    await house.minutes(2);
    for (const chat of chats()) {
      expect(cardsWith(chat, "The test alarm was heard")).toHaveLength(1);
      expect(cardsWith(chat, "Over: Test alarm")[0]?.footer).toContain("by Ana");
      expect(cardsWith(chat, "Nobody heard")).toEqual([]);
    }
    expect(house.called).toEqual([]);
  });

  test("calls again every five minutes, and once its time is over everybody and the monitor hear that nobody answered", async () => {
    await ask();
    await house.second();
    await house.minutes(28);
    const inGroup = house.telegram.messages.filter(({ chat }) => chat.chatId === "-100");
    expect(inGroup.map(({ card }) => card.title)).toEqual(
      Array.from({ length: 6 }, () => "Test alarm: acknowledge it"),
    );
    // Three calls that nobody answered: the private chat hears it, and the monitor that may ring a phone.
    expect(house.telegram.messages.filter(({ chat }) => chat.chatId === "111")).toHaveLength(1);
    expect(house.called).toEqual([expect.stringMatching(/nobody acknowledged it after 3 calls$/)]);
    house.called.length = 0;
    await look();
    expect(end()).toBeNull();
    await house.minutes(2);
    await look();
    await look();
    expect(end()).toMatchObject({ how: "missed", personId: null, afterMs: null });
    expect(house.called).toEqual([expect.stringMatching(/^[0-9a-f]{64}\nnobody acknowledged the test alarm$/)]);
    await house.minutes(2);
    for (const chat of chats()) expect(cardsWith(chat, "Nobody heard the test alarm")).toHaveLength(1);
    expect(drillText(house.books())).toContain("nobody acknowledged it in time");

    await house.minutes(hours(1));
    expect(allAlerts(house.books().chat.alerts).find(({ name }) => name === "drill_failed")?.state).toBe("firing");
    await ask();
    await house.second();
    await house.acknowledge("alarm_drill");
    await look();
    await house.minutes(2);
    expect(newest("Over: Nobody heard the test alarm")?.tone).toBe("ok");
  });

  test("that one chat never takes is heard, and still not passed", async () => {
    house.discord.isDeaf = true;
    await ask();
    await house.second();
    await house.acknowledge("alarm_drill");
    await look();
    expect(end()).toBeNull();
    await house.minutes(31);
    await look();
    expect(end()).toMatchObject({ how: "unreached", personId: "ana", unreached: ["discord:900:"] });
    await house.minutes(2);
    expect(textOf(newest("did not reach every chat"))).toContain("Not reached: discord:900:");
    expect(drillText(house.books())).toMatch(/acknowledged by Ana after .*, but it never reached discord:900:$/);
    // The monitor hears of the chat that is gone, which nobody acknowledged, and nothing of the test.
    expect(house.called).toEqual([expect.stringMatching(/nobody acknowledged it after 3 calls$/)]);
    expect(cardsWith(house.telegram, "Chat discord does not answer").length).toBeGreaterThan(3);
  });

  test("is not begun twice, neither by a second word nor by a process that starts anew", async () => {
    await ask();
    expect((await ask()).title).toBe("A test alarm runs already");
    house.restart();
    await look();
    expect((await ask()).title).toBe("A test alarm runs already");
    expect(kinds()).toEqual(["drill_started"]);
  });

  test("that ran out while the house was away gives people ten minutes more after the start", async () => {
    await ask();
    await house.second();
    await house.clock.advance(hours(2) * 60_000);
    house.restart();
    await house.tell(houseStarted);
    await look();
    expect(end()).toBeNull();
    await house.acknowledge("alarm_drill");
    await look();
    expect(end()?.how).toBe("acknowledged");
  });

  test("takes a linked person", async () => {
    const call = { needs: needsWith(undefined), personId: null, options: { what: "alarm" } } as never;
    expect((await drillCommand.run(call)).title).toContain("Only a linked person");
    expect(kinds()).toEqual([]);
  });
});

describe("the test alarm of the week", () => {
  test("comes on its day at its hour, once, and again a week later", async () => {
    await pass(hours(22));
    expect(kinds()).toEqual([]);
    await pass(hours(2));
    expect(kinds()[0]).toBe("drill_started");
    const begun = house.facts.find(({ fact }) => fact.type === "drill_started");
    expect(new Date(begun?.wallAt ?? 0).toISOString()).toMatch(/^2026-02-07T11:/);
    await pass(hours(24 * 6));
    expect(kinds()).toEqual(["drill_started", "drill_ended"]);
    await pass(hours(26));
    expect(kinds().filter((kind) => kind === "drill_started")).toHaveLength(2);
  });

  test("keeps to the clock of the owner", async () => {
    await pass(hours(12), saturday, "Pacific/Auckland");
    const begun = house.facts.find(({ fact }) => fact.type === "drill_started");
    // 11:00 in Auckland is 22:00 UTC of the day before.
    expect(new Date(begun?.wallAt ?? 0).toISOString()).toMatch(/^2026-02-06T22:/);
    expect(textOf(newest("Test alarm"))).toContain("by 22:4");
    house = await openAlertHouse();
    await pass(hours(20), undefined);
    expect(kinds()).toEqual([]);
  });

  test.each<[string, () => Promise<void>]>([
    ["while something critical stands", () => house.tell(failing("daily_loss_reached"))],
    ["when only the desk is linked", () => unlinkPhones()],
    ["when one was tried out that morning", () => tryOut()],
  ])("does not come %s", async (_, before) => {
    await pass(hours(21));
    await before();
    await pass(hours(10));
    const begun = house.facts.filter(({ fact }) => fact.type === "drill_started" && fact.personId === null);
    expect(begun).toEqual([]);
  });

  test("that was missed by a house that was away comes on the next day, and not at night", async () => {
    await pass(60);
    // From Friday to the small hours of Sunday.
    await house.clock.advance(hours(37) * 60_000);
    await pass(hours(8));
    expect(kinds()).toEqual([]);
    await pass(hours(3));
    expect(kinds()[0]).toBe("drill_started");
    expect(new Date(house.books().drills.last?.startedAt ?? instant(0)).toISOString()).toMatch(/^2026-02-08T11:/);
  });

  test("does not come for a day before the house existed", async () => {
    const thursday: DrillRule = { ...saturday, weekday: 3 };
    await pass(hours(24 * 5), thursday);
    expect(kinds()).toEqual([]);
  });
});

async function unlinkPhones(): Promise<void> {
  const gone = (platform: string, userId: string) =>
    ({ type: "chat_unlinked", platform, userId, reason: "for a test" }) as const;
  await house.tell(gone("telegram", "111"), gone("discord", "222"));
}

async function tryOut(): Promise<void> {
  await startDrill(needsWith(undefined), "ana");
  await house.second();
  await house.acknowledge("alarm_drill");
  await look();
}
