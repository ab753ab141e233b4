/** Quiet hours belong to people: what is not critical waits for the morning without a sound where everybody has them. */
import { expect, test } from "vitest";
import { plainCard, type Severity } from "../../src/core/card.ts";
import type { Fact } from "../../src/core/events.ts";
import { reminderAlert } from "../../src/core/ladder.ts";
import { notional } from "../../src/core/money.ts";
import type { ExitReason } from "../../src/core/position.ts";
import type { HouseSettings } from "../../src/core/settings.ts";
import { doubted, failing, openAlertHouse } from "../fixtures/alert_house.ts";
import { closed, requested, settledAs } from "../fixtures/facts.ts";
import { held } from "../golden/alert_cases.ts";
import type { ScriptedChat } from "../scenarios/scripted_chat.ts";

const night = { fromMinute: 0, toMinute: 1_439 };
const morning = { fromMinute: 0, toMinute: 60 };
type Hours = typeof night | null;

const person = (personId: string, quietHours: Hours): HouseSettings["people"][number] => ({
  personId,
  name: personId,
  role: "owner",
  timeZone: "UTC",
  quietHours,
  telegramUserId: null,
  discordUserId: null,
});

/** Titles of what was posted from now on, each with whether it rang. */
function heard(chat: ScriptedChat): Map<string, "rang" | "silent"> {
  const posts = new Map<string, "rang" | "silent">();
  const { post } = chat;
  chat.post = (to, card, extra) => {
    posts.set(card.title, extra.isQuiet ? "silent" : "rang");
    return post(to, card, extra);
  };
  return posts;
}

const bo = (isActive: boolean): readonly Fact[] => [
  { type: "person_set", personId: "bo", name: "Bo", role: "approver", timeZone: "UTC", isActive },
  {
    type: "chat_linked",
    personId: "bo",
    platform: "telegram",
    userId: "333",
    chat: { platform: "telegram", chatId: "-100", threadId: null },
  },
];

test.each<[string, Hours, readonly Fact[], "rang" | "silent"]>([
  ["nobody has quiet hours", null, [], "rang"],
  ["everybody has them, now", night, [], "silent"],
  ["everybody has them, at another time", morning, [], "rang"],
  ["somebody else in the chat has none", night, bo(true), "rang"],
  ["somebody else in the chat has none and is not here any more", night, bo(false), "silent"],
])("a warning where %s", async (_, hours, others, expected) => {
  const house = await openAlertHouse({
    alerts: { startHoldMs: 0, groupWaitMs: { critical: 0, warning: 0, info: 0 } },
    people: [person("ana", hours)],
  });
  await house.tell(...others);
  const posts = heard(house.telegram);
  await house.tell(doubted("position_unprotected"));
  await house.second(3);
  expect([...posts.values()]).toEqual([expected]);
});

test("what is critical rings at night too, and so does a reminder, whose people were chosen by their hours", async () => {
  const house = await openAlertHouse({ alerts: { startHoldMs: 0 }, people: [person("ana", night)] });
  const posts = heard(house.telegram);
  const card = (alert: string, severity: Severity): Fact => ({
    type: "card_queued",
    cardId: `card ${alert}`,
    chat: { platform: "telegram", chatId: "-100", threadId: null },
    severity,
    alert,
    foldKey: alert === reminderAlert ? "apr-1/v1/2" : alert,
    card: plainCard("warning", alert),
  });
  await house.tell(requested({ approvalId: "apr-1" }));
  await house.tell(failing("key_refused"), card(reminderAlert, "warning"), card("back_again", "warning"));
  await house.second(3);
  expect(Object.fromEntries(posts)).toEqual({
    "Breaker open: key refused": "rang",
    [reminderAlert]: "rang",
    back_again: "silent",
  });
});

test("a chat of the settings that is nobody's rings: no hours are known of it", async () => {
  const chat = { platform: "telegram", chatId: "-555", threadId: null };
  const house = await openAlertHouse({
    alerts: { startHoldMs: 0, groupWaitMs: { critical: 0, warning: 0, info: 0 } },
    routes: [{ matchers: [], chats: [chat], people: [], goesOn: false }],
    people: [person("ana", night)],
  });
  const posts = heard(house.telegram);
  await house.tell(doubted("position_unprotected"));
  await house.second(3);
  expect([...posts.values()]).toEqual(["rang"]);
});

const exit = (reason: ExitReason, pnl: string): readonly Fact[] => [
  ...held,
  closed("trade-1", { reason, pnl: notional(pnl) }),
];
const decided = (tier: "T1" | "T2", to: "approved" | "declined", isVeto?: true): readonly Fact[] => [
  requested({ tier, ...(isVeto === undefined ? {} : { isVeto }) }),
  settledAs(to, { by: [isVeto === undefined ? "Ana (telegram)" : "policy:veto_window"] }),
];

test.each<[string, readonly Fact[], readonly ("rang" | "silent")[]]>([
  ["a stop with a loss", exit("stop", "-9.33"), ["rang"]],
  ["a stop that had been drawn up into a gain", exit("stop", "4.10"), ["silent"]],
  ["a position for which no stop could be placed, at a loss", exit("protection_failed", "-1"), ["rang"]],
  ["a target", exit("target", "22.16"), ["silent"]],
  ["a loss that a person took", exit("operator", "-9.33"), ["silent"]],
  ["something large that was signed", decided("T2", "approved"), ["rang"]],
  ["something large that was refused", decided("T2", "declined"), ["rang"]],
  ["a veto window that nobody stopped", decided("T1", "approved", true), ["rang"]],
  ["something small that was signed, where the prompt says it all", decided("T1", "approved"), []],
])("how it ended: %s", async (_what, facts, expected) => {
  const house = await openAlertHouse({ alerts: { startHoldMs: 0 } });
  const posts = heard(house.telegram);
  await house.tell(...facts);
  await house.second(8);
  expect([...posts.values()]).toEqual(expected);
  expect(house.telegram.messages.flatMap(({ buttons }) => buttons)).toEqual([]);
});
