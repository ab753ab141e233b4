/** One message or one chat that can't be served must cost nothing but itself. */
import { describe, expect, test } from "vitest";
import { allAlerts } from "../../src/core/books_alerts.ts";
import { plainCard, type Severity } from "../../src/core/card.ts";
import type { Fact, FactOf, FactType } from "../../src/core/events.ts";
import { hour } from "../../src/core/time.ts";
import { alertsUnheard } from "../../src/flows/alerts_heard.ts";
import { outboxLag } from "../../src/flows/gather_readings.ts";
import type { DeliveryProblem } from "../../src/ports/messenger.ts";
import { type AlertHouse, failing, openAlertHouse } from "../fixtures/alert_house.ts";
import type { ScriptedChat } from "../scenarios/scripted_chat.ts";

const quick = { startHoldMs: 0 };
const titles = (chat: ScriptedChat): readonly string[] => chat.messages.map(({ card }) => card.title);
const told = <Type extends FactType>(house: AlertHouse, type: Type): readonly FactOf<Type>[] =>
  house.facts.flatMap(({ fact }) => (fact.type === type ? [fact as FactOf<Type>] : []));
const card = (title: string, severity: Severity): Fact => ({
  type: "card_queued",
  cardId: title,
  chat: { platform: "telegram", chatId: "-100", threadId: null },
  severity,
  alert: "test",
  foldKey: title,
  card: plainCard("info", title, ["A line of its own."]),
});

/** Whatever has this line is never taken. */
function refuseIn(
  chat: ScriptedChat,
  isRefused: (title: string, lines: readonly string[], chatId: string) => boolean,
  problem: DeliveryProblem,
): void {
  const { post } = chat;
  chat.post = (to, shown, ...rest) =>
    isRefused(shown.title, shown.lines, to.chatId) ? Promise.resolve({ ok: false, problem }) : post(to, shown, ...rest);
}

const poisons: readonly DeliveryProblem[] = [
  { kind: "unknown_outcome", because: "500" },
  { kind: "chat_refused", because: "blocked by automatic moderation" },
];

test.each(poisons)(
  "a card that $kind meets each time lets the others of its lane pass, and leaves as bare words",
  async (problem) => {
    const house = await openAlertHouse({ alerts: quick });
    refuseIn(house.telegram, (title, [line]) => title === "poison" && line === "A line of its own.", problem);
    await house.tell(
      card("poison", "warning"),
      card("next", "warning"),
      card("paged", "critical"),
      card("summary", "info"),
    );
    await house.minutes(8);
    expect(titles(house.telegram)).toEqual(expect.arrayContaining(["paged", "next", "summary", "poison"]));
    expect(house.telegram.messages.find((message) => message.card.title === "poison")?.card.lines).toEqual([
      "The whole text is on the desk.",
    ]);
    expect(Object.keys(house.books().chat.outbox).filter((id) => !id.startsWith("card"))).toEqual([]);
  },
);

test("a chat that takes nothing at all is no fault of the card: nothing is dropped", async () => {
  const house = await openAlertHouse({ alerts: quick });
  refuseIn(house.telegram, () => true, { kind: "chat_refused", because: "403: kicked" });
  await house.tell(card("one", "warning"), card("two", "warning"));
  await house.minutes(60);
  expect(Object.keys(house.books().chat.outbox)).toEqual(expect.arrayContaining(["one", "two"]));
});

test("one of two chats of a platform that refuses is said once, and not taken back while it does", async () => {
  const house = await openAlertHouse({ alerts: quick });
  const chat = { platform: "telegram", chatId: "-200", threadId: null };
  await house.tell({ type: "chat_linked", personId: "ana", platform: "telegram", userId: "112", chat });
  const { post } = house.telegram;
  refuseIn(house.telegram, (_title, _lines, chatId) => chatId === "-200", {
    kind: "chat_refused",
    because: "403: kicked",
  });
  await house.tell(failing("key_refused"));
  await house.minutes(20);
  expect(told(house, "source_gone").map(({ because }) => because)).toEqual(["403: kicked (chat -200)"]);
  expect(told(house, "source_back")).toEqual([]);
  house.telegram.post = post;
  await house.minutes(3);
  expect(told(house, "source_back")).toHaveLength(1);
});

test("a private chat that was only a way out and refuses is not asked for ever", async () => {
  const house = await openAlertHouse({ alerts: quick });
  refuseIn(house.telegram, () => true, { kind: "chat_refused", because: "403: can't initiate conversation" });
  refuseIn(house.discord, () => true, { kind: "chat_refused", because: "50007" });
  await house.tell(failing("key_refused"));
  await house.minutes(5);
  expect(told(house, "alert_escalated").length).toBeGreaterThan(0);
  const chats = Object.values(house.books().chat.outbox).map((waiting) => waiting.chat.chatId);
  expect(new Set(chats)).toEqual(new Set(["-100", "900"]));
});

const unlinked = (platform: string, userId: string): Fact => ({
  type: "chat_unlinked",
  platform,
  userId,
  reason: "a test",
});

test("a critical alert that the only chat refuses as a text goes other ways after 30 s", async () => {
  const house = await openAlertHouse({ alerts: quick });
  await house.tell(unlinked("discord", "222"));
  refuseIn(house.telegram, (_title, _lines, chatId) => chatId === "-100", {
    kind: "chat_refused",
    because: "400",
    isText: true,
  });
  await house.tell(failing("key_refused"));
  await house.second(29);
  expect(house.called).toEqual([]);
  await house.second(5);
  expect(house.called[0]).toContain("no chat confirmed it within 30 s");
  expect(house.telegram.messages.map(({ chat }) => chat.chatId)).toContain("111");
});

test("a critical alert of a house that only its desk shows reaches the outside monitor after 30 s, once", async () => {
  const house = await openAlertHouse({ alerts: quick });
  await house.tell(unlinked("discord", "222"), unlinked("telegram", "111"));
  await house.tell(failing("key_refused"));
  await house.second(29);
  expect(house.called).toEqual([]);
  await house.minutes(12);
  expect(house.called).toHaveLength(1);
});

test("a chat that asks to wait for long is late after two minutes; one that refuses is no lag but no ear either", async () => {
  const house = await openAlertHouse({ alerts: quick });
  await house.tell(unlinked("discord", "222"));
  const { post } = house.telegram;
  refuseIn(house.telegram, () => true, { kind: "later", because: "429", retryAfterMs: 131_000 });
  await house.tell(failing("key_refused"));
  await house.second(60);
  expect(outboxLag(house.needs())).toBe(0);
  await house.second(70);
  expect(outboxLag(house.needs())).toBeGreaterThan(120_000);
  house.telegram.post = post;
  refuseIn(house.telegram, () => true, { kind: "chat_refused", because: "403: kicked" });
  await house.second(10);
  expect(outboxLag(house.needs())).toBe(0);
  expect(alertsUnheard(house.needs())).toContain("telegram linked, none takes messages");
  house.telegram.post = post;
  await house.minutes(2);
  expect(alertsUnheard(house.needs())).toBeNull();
});

test("a critical alert that a rule sends to one chat, which does not confirm it, goes to the other linked chats", async () => {
  const routes = [
    { matchers: [], chats: [{ platform: "telegram", chatId: "-555", threadId: null }], people: [], goesOn: false },
  ];
  const house = await openAlertHouse({ alerts: quick, routes });
  refuseIn(house.telegram, (_title, _lines, chatId) => chatId === "-555", { kind: "chat_refused", because: "403" });
  await house.tell(failing("key_refused"));
  await house.second(29);
  expect(titles(house.discord)).toEqual([]);
  await house.second(5);
  expect(titles(house.discord)).toContain("Breaker open: key refused");
  expect(house.telegram.messages.map(({ chat }) => chat.chatId).sort()).toEqual(
    expect.arrayContaining(["-100", "111"]),
  );
});

test.each<[string, boolean]>([
  ["whose edits are taken is confirmed by the edit", true],
  ["whose edits are lost goes other ways after 30 s", false],
])("a critical alert that comes to a digest %s", async (_, isTaken) => {
  const house = await openAlertHouse({ alerts: quick });
  await house.tell(...Array.from({ length: 12 }, (_one, number) => failing(`cause_${number}`)));
  await house.second(20);
  expect(house.telegram.messages.filter((message) => message.card.title.includes("alerts,"))).toHaveLength(1);
  const posted = house.telegram.messages.length;
  if (!isTaken)
    for (const chat of [house.telegram, house.discord])
      chat.edit = () => Promise.resolve({ ok: false, problem: { kind: "unknown_outcome", because: "cut" } });
  await house.tell(failing("key_refused"));
  await house.second(29);
  expect(house.telegram.messages).toHaveLength(posted);
  expect(house.called).toEqual([]);
  await house.second(3);
  expect(house.called.map((body) => body.includes("no chat confirmed it within 30 s"))).toEqual(isTaken ? [] : [true]);
  const escalated = told(house, "alert_escalated").flatMap(({ fingerprints }) => fingerprints);
  const names = allAlerts(house.books().chat.alerts).filter(({ fingerprint }) => escalated.includes(fingerprint));
  expect(names.map(({ labels }) => labels["cause"] ?? labels["about"])).toEqual(
    isTaken ? [] : [expect.stringContaining("key_refused")],
  );
});

describe("a start without the token of a platform", () => {
  /** @returns what waits after it: the same house, which Telegram is no part of. */
  const withoutTelegram = async (house: AlertHouse): Promise<readonly string[]> => {
    house.restart();
    (house.needs().messengers as Map<string, unknown>).delete("telegram");
    await house.second(3);
    return Object.keys(house.books().chat.outbox);
  };

  test("keeps what waits: the next one that has it delivers it", async () => {
    const house = await openAlertHouse({ alerts: quick });
    house.telegram.isDeaf = true;
    await house.tell(card("kept", "critical"));
    expect(await withoutTelegram(house)).toEqual(["kept"]);
    await house.clock.advance(23 * hour);
    await house.second(2);
    expect(Object.keys(house.books().chat.outbox)).toEqual(["kept"]);
    house.telegram.isDeaf = false;
    house.restart();
    await house.second(2);
    expect(titles(house.telegram)).toEqual(["kept"]);
  });

  test("drops it after a day, on record, and holds up no other chat meanwhile", async () => {
    const house = await openAlertHouse({ alerts: quick });
    house.telegram.isDeaf = true;
    await house.tell(card("too old", "warning"));
    await withoutTelegram(house);
    await house.tell(failing("key_refused"));
    await house.second(2);
    expect(titles(house.discord)).toEqual(["Breaker open: key refused"]);
    await house.clock.advance(24 * hour);
    await house.second(2);
    const dropped = told(house, "card_dropped").find(({ cardId }) => cardId === "too old");
    expect(dropped?.because).toBe("telegram has not been configured for 24 h");
  });
});
