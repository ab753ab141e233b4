/** Whether somebody would be called: chats that hear, a monitor that answers, and what LIVE does when there is neither. */
import { describe, expect, test } from "vitest";
import { fail, ok } from "../../src/core/result.ts";
import { alertsText, alertsUnheard, isMonitored, nobodyIsCalled } from "../../src/flows/alerts_heard.ts";
import { findTrouble } from "../../src/flows/find_trouble.ts";
import { makeMemory } from "../../src/flows/memory.ts";
import type { Needs } from "../../src/flows/needs.ts";
import type { Monitor } from "../../src/ports/monitor.ts";
import { quiet } from "../fixtures/house_in_order.ts";
import { startStory } from "../fixtures/story.ts";
import { watchMarks } from "../fixtures/watch_marks.ts";

const marks = watchMarks();

type Around = { linked?: readonly string[]; hearing?: readonly string[]; deaf?: readonly string[]; monitor?: Monitor };

function houseWith({ linked = [], hearing = [], deaf = [], monitor }: Around): Needs {
  const story = startStory();
  story.tell({ type: "person_set", personId: "ana", name: "ana", role: "owner", timeZone: "UTC", isActive: true });
  for (const platform of ["desk", ...linked])
    story.tell({
      type: "chat_linked",
      personId: "ana",
      platform,
      userId: "1",
      chat: { platform, chatId: "1", threadId: null },
    });
  const chat = (platform: string, isHearing: boolean) =>
    [
      platform,
      { platform, health: () => ({ isHearing, lastHeardAt: null, problem: isHearing ? null : "401" }) },
    ] as const;
  return {
    ledger: { books: () => story.books() },
    messengers: new Map([
      chat("desk", true),
      ...hearing.map((one) => chat(one, true)),
      ...deaf.map((one) => chat(one, false)),
    ]),
    memory: makeMemory(),
    clock: { mono: () => 1_000_000 },
    assertions: [],
    strategies: [],
    settings: { profile: "graduation", mode: "live" },
    ...(monitor === undefined ? {} : { monitor }),
  } as unknown as Needs;
}

const silent: Monitor = { report: () => Promise.resolve(fail("the monitor does not answer")) };
const well: Monitor = { report: () => Promise.resolve(ok(null)) };

describe("alerts", () => {
  test.each<[string, Around, boolean, boolean]>([
    ["nothing linked, only the desk", {}, false, true],
    ["a chat that hears", { linked: ["telegram"], hearing: ["telegram"] }, false, false],
    ["its token taken out of the settings [O11]", { linked: ["telegram"] }, true, true],
    ["its token revoked [O11]", { linked: ["telegram"], deaf: ["telegram"] }, true, true],
    [
      "one of two is enough",
      { linked: ["telegram", "discord"], deaf: ["telegram"], hearing: ["discord"] },
      false,
      false,
    ],
    [
      "a chat that hears and that nobody linked",
      { linked: ["telegram"], deaf: ["telegram"], hearing: ["discord"] },
      true,
      false,
    ],
  ])("%s", (_, around, isUnheard, isNobody) => {
    const needs = houseWith(around);
    expect([alertsUnheard(needs) !== null, nobodyIsCalled(needs) !== null]).toEqual([isUnheard, isNobody]);
    if (isUnheard) expect(alertsText(needs)).toMatch(/no alert leaves this machine: .*telegram/);
  });

  test("a chat that the bot was put out of takes nothing, though its platform answers", () => {
    const needs = houseWith({ linked: ["telegram"], hearing: ["telegram"] });
    needs.memory.telling.refusingChats.add("telegram:1:");
    expect(alertsUnheard(needs)).toBe("no alert leaves this machine: telegram linked, none takes messages");
    expect(nobodyIsCalled(needs)).toBe(alertsUnheard(needs));
    needs.memory.telling.refusingChats.delete("telegram:1:");
    expect(alertsUnheard(needs)).toBeNull();
  });

  test.each<[string, Monitor, number | null, boolean]>([
    ["answered a moment ago", well, 990_000, true],
    ["answered three minutes ago", silent, 820_000, false],
    ["never answered", silent, null, false],
  ])("a monitor that %s counts: %s", (_, monitor, heardMono, counts) => {
    const needs = houseWith({ monitor });
    needs.memory.monitor.heardMono = heardMono;
    expect(isMonitored(needs)).toBe(counts);
    expect(nobodyIsCalled(needs) === null).toBe(counts);
  });

  test("nobody to call stops what opens in LIVE, by itself and until somebody hears again; in paper it is only said [O11]", () => {
    const needs = houseWith({ linked: ["telegram"] });
    const readings = quiet({ nobodyCalled: nobodyIsCalled(needs) });
    expect(findTrouble(needs, { ...readings, mode: "live" })).toMatchObject([
      { key: "alerts_unheard@global", class: "transient", evidence: { because: expect.stringContaining("telegram") } },
    ]);
    expect(findTrouble(needs, { ...readings, mode: "paper" })).toEqual([]);
    expect(findTrouble(needs, { ...readings, mode: "live", nobodyCalled: null })).toEqual([]);
    expect(marks.reached()).toContain("O11.nobody_would_be_called");
  });
});
