/** What waited for somebody is not told to whoever sits in that chat after they lost their power. */
import { expect, test } from "vitest";
import { plainCard } from "../../src/core/card.ts";
import type { Fact } from "../../src/core/events.ts";
import type { HouseSettings } from "../../src/core/settings.ts";
import { failing, openAlertHouse } from "../fixtures/alert_house.ts";
import { personSet } from "../fixtures/facts.ts";

const group = { platform: "telegram", chatId: "-100", threadId: null } as const;
const unlinked = (userId: string): Fact => ({ type: "chat_unlinked", platform: "telegram", userId, reason: "a test" });
const person = (personId: string, isActive: boolean): Fact => personSet(personId, "owner", { isActive });
const linked = (personId: string, userId: string): Fact => ({
  type: "chat_linked",
  personId,
  platform: "telegram",
  userId,
  chat: group,
});
const answer = (title: string): Fact => ({
  type: "card_queued",
  cardId: title,
  chat: group,
  severity: "info",
  alert: "reply",
  foldKey: title,
  card: plainCard("info", title),
});
const toGroup: HouseSettings["routes"] = [{ matchers: [], chats: [group], people: [], goesOn: true }];
const alarm = "Breaker open: key refused";

test.each<[string, readonly Fact[], HouseSettings["routes"], readonly Fact[], readonly string[]]>([
  ["the last one is unlinked", [], [], [unlinked("111")], ["You are out"]],
  ["the last one is not here any more", [], [], [person("ana", false)], ["You are out"]],
  ["another one reads there", [person("bo", true), linked("bo", "333")], [], [unlinked("111")], ["You are out", alarm]],
  [
    "the other one is not here any more",
    [person("bo", false), linked("bo", "333")],
    [],
    [unlinked("111")],
    ["You are out"],
  ],
  ["the settings send alerts there", [], toGroup, [unlinked("111")], ["You are out", alarm]],
])("what waits for a chat: %s", async (_, others, routes, ends, expected) => {
  const house = await openAlertHouse({ alerts: { startHoldMs: 0 }, routes });
  await house.tell(...others);
  house.telegram.isDeaf = true;
  await house.tell(failing("key_refused"), ...(expected.length === 1 ? [answer("Positions: 3")] : []));
  await house.second();
  await house.tell(...ends, answer("You are out"));
  house.telegram.isDeaf = false;
  await house.second(3);
  const inGroup = house.telegram.messages.filter(({ chat }) => chat.chatId === "-100").map(({ card }) => card.title);
  expect(inGroup.filter((title) => title !== "Chat telegram does not answer")).toEqual(expected);
  const dropped = house.facts.flatMap(({ fact }) => (fact.type === "card_dropped" ? [fact.because] : []));
  expect(new Set(dropped)).toEqual(new Set(expected.length === 1 ? ["nobody in this chat is linked any more"] : []));
});

test("a card whose reader goes while its button is put on record does not leave", async () => {
  const house = await openAlertHouse({ alerts: { startHoldMs: 0 } });
  await house.tell(failing("key_refused"));
  const waiting = Object.values(house.books().chat.outbox).find(({ chat }) => chat.chatId === "-100");
  const { ledger } = house.needs();
  const { commit } = ledger;
  let times = 0;
  ledger.commit = async (decide) => {
    let isPrepared = false;
    const done = await commit((...now) => {
      const decision = decide(...now);
      isPrepared = decision.drafts.some(
        ({ fact }) => fact.type === "notice_prepared" && fact.cardId === waiting?.cardId,
      );
      return decision;
    });
    if (isPrepared) times += 1;
    if (isPrepared) await house.tell(unlinked("111"));
    return done;
  };
  await house.second(2);
  expect(times).toBe(1);
  expect(house.telegram.messages.filter(({ chat }) => chat.chatId === "-100")).toEqual([]);
});
