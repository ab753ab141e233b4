/** From a fact to a message that follows it: told once, taken on, called again, green when over, on every chat. */
import { describe, expect, test } from "vitest";
import { allAlerts } from "../../src/core/books_alerts.ts";
import type { FactOf, FactType } from "../../src/core/events.ts";
import { instant } from "../../src/core/time.ts";
import { handleNoticeTap } from "../../src/flows/acknowledge_alerts.ts";
import { deliverOutbox } from "../../src/flows/deliver_outbox.ts";
import type { Incoming } from "../../src/ports/messenger.ts";
import { type AlertHouse, back, closed, doubted, failing, gone, openAlertHouse } from "../fixtures/alert_house.ts";
import type { ScriptedChat, SeenMessage } from "../scenarios/scripted_chat.ts";

const quick = { startHoldMs: 0 };
const titles = (chat: ScriptedChat): readonly string[] => chat.messages.map(({ card }) => card.title);
const told = <Type extends FactType>(house: AlertHouse, type: Type): readonly FactOf<Type>[] =>
  house.facts.flatMap(({ fact }) => (fact.type === type ? [fact as FactOf<Type>] : []));
const reasons = (house: AlertHouse): readonly string[] => told(house, "alert_notified").map(({ reason }) => reason);
const started: FactOf<"house_started"> = {
  type: "house_started",
  mode: "paper",
  epoch: 1,
  configHash: "c",
  version: "v",
  account: "main",
  venue: "kucoin",
  currency: "USDT",
};
const chatsOf = (house: AlertHouse) => [house.telegram, house.discord, house.desk];

function tap(house: AlertHouse, message: SeenMessage | undefined, change: object = {}): Promise<string> {
  const token = message?.buttons[0]?.token ?? "";
  const hash = house.needs().vault.sha256(token);
  const notice = Object.values(house.books().chat.alerts.notices).find((one) => one.tokenHashes.includes(hash));
  if (notice === undefined || message === undefined) throw new Error("no button");
  const incoming = {
    kind: "tap",
    eventIds: ["e1"],
    chat: message.chat,
    isPrivate: true,
    guildId: null,
    sender: { userId: "111", displayName: "Ana", isPerson: true },
    answerRef: { platform: "telegram", id: "1", token: null },
    arrivedLate: false,
    messageId: message.messageId,
    token,
    tappedAt: null,
    isInline: false,
    ...change,
  } as Extract<Incoming, { kind: "tap" }>;
  return handleNoticeTap(house.needs(), incoming, notice);
}

describe("telling", () => {
  test("critical is told on every chat within the second, once, with a button; its reason is on record", async () => {
    const house = await openAlertHouse({ alerts: quick });
    await house.tell(gone("venue:kucoin"));
    await house.tell(gone("venue:kucoin"));
    await house.second(30);
    for (const chat of chatsOf(house)) {
      expect(titles(chat)).toEqual(["Venue kucoin does not answer"]);
      expect(chat.messages[0]?.buttons.map((button) => button.label)).toEqual(["Acknowledge"]);
    }
    expect(reasons(house)).toEqual(["first_notification"]);
  });

  test("warnings of one kind that come together are one message; one that comes later waits its minute", async () => {
    const house = await openAlertHouse({ alerts: quick });
    await house.tell(doubted("first"), doubted("second"), doubted("third"));
    await house.second(3);
    expect(titles(house.telegram)).toEqual([]);
    await house.second(4);
    expect(titles(house.telegram)).toEqual(["A promise is broken: first and 2 more"]);
    await house.tell(doubted("fourth"));
    await house.second(30);
    expect(house.telegram.messages).toHaveLength(1);
    await house.second(40);
    expect(titles(house.telegram)[1]).toBe("A promise is broken: fourth");
    expect(reasons(house)).toEqual(["first_notification", "new_alerts_in_group"]);
  });

  test("right after a start nothing is told but what could cost money; then all of it is", async () => {
    const house = await openAlertHouse();
    await house.tell(started);
    await house.tell(gone("venue:kucoin"), failing("stop_lost"));
    await house.second(13);
    expect(titles(house.telegram)).toEqual(["Breaker open: stop lost"]);
    await house.second(4);
    expect(titles(house.telegram)).toEqual(["Breaker open: stop lost", "Venue kucoin does not answer"]);
  });

  test("a restart does not call again for what still fires", async () => {
    const house = await openAlertHouse({ alerts: quick });
    await house.tell(failing("key_refused"));
    await house.second(5);
    house.restart();
    await house.second(60);
    expect(house.telegram.messages).toHaveLength(1);
  });

  test("a start forgets who does not answer: what is still gone after it is neither called over nor told again", async () => {
    const house = await openAlertHouse();
    await house.tell(gone("venue:kucoin"));
    await house.second(20);
    house.restart();
    await house.tell(started);
    expect(house.books().house.gone).toEqual({});
    await house.second(12);
    await house.tell(gone("venue:kucoin"));
    await house.second(60);
    expect(titles(house.telegram)).toEqual(["Venue kucoin does not answer"]);
    await house.tell(back("venue:kucoin"));
    await house.second(5);
    expect(titles(house.telegram)[1]).toBe("Venue kucoin answers again");
  });

  test("a venue that is gone explains its feeds; what stays after it is told", async () => {
    const house = await openAlertHouse({ alerts: quick });
    await house.tell(gone("venue:kucoin"), gone("data:kucoin:SOL/USDT"));
    await house.second(60);
    expect(titles(house.telegram)).toEqual(["Venue kucoin does not answer"]);
    await house.tell(back("venue:kucoin"));
    await house.second(5);
    expect(titles(house.telegram)).toContain("Market data of SOL/USDT does not come");
  });
});

test("a rule of the settings sends an alert to its chat, and what could cost money unseen to every other one as well", async () => {
  const routes = [
    { matchers: [], chats: [{ platform: "telegram", chatId: "-555", threadId: "7" }], people: [], goesOn: false },
  ];
  const house = await openAlertHouse({ alerts: quick, routes });
  await house.tell(gone("venue:kucoin"));
  await house.second(2);
  expect(house.telegram.messages.map(({ chat }) => [chat.chatId, chat.threadId])).toEqual([["-555", "7"]]);
  expect(titles(house.discord)).toEqual([]);
  expect(titles(house.desk)).toEqual(["Venue kucoin does not answer"]);
  await house.tell(failing("stop_lost"));
  await house.second(2);
  expect(titles(house.discord)).toEqual(["Breaker open: stop lost"]);
  expect(house.telegram.messages.map(({ chat }) => chat.chatId)).toEqual(["-555", "-100", "-555"]);
});

describe("taking on", () => {
  test("one tap is shown on every copy, by whom and since when, and ends the calls [M01]", async () => {
    const house = await openAlertHouse({ alerts: quick });
    await house.tell(failing("key_refused"));
    await house.second(5);
    expect(await tap(house, house.telegram.messages[0])).toBe("acknowledged");
    await house.second(5);
    for (const chat of chatsOf(house)) {
      expect(chat.messages[0]?.card.footer).toContain("acknowledged 12:00 UTC by Ana, asked again 12:30 UTC");
      expect(chat.messages[0]?.buttons).toEqual([]);
    }
    await house.minutes(28);
    expect(house.telegram.messages).toHaveLength(1);
  });

  test("unacknowledged it calls every five minutes", async () => {
    const house = await openAlertHouse({ alerts: quick });
    await house.tell(failing("key_refused"));
    await house.second();
    await house.minutes(16);
    expect(house.telegram.messages.filter(({ chat }) => chat.chatId === "-100")).toHaveLength(4);
    expect(reasons(house).slice(1)).toEqual(Array.from({ length: 3 }, () => "repeat_interval_elapsed"));
  });

  test("nobody answers three calls: private chats and the outside monitor, once; a lapsed acknowledgement begins it anew", async () => {
    const house = await openAlertHouse({ alerts: quick });
    await house.tell(failing("key_refused"));
    await house.second();
    await house.minutes(9);
    expect(house.called).toEqual([]);
    await house.minutes(2);
    expect(house.called.map((body) => body.split("\n")[1])).toEqual([
      "a critical alert: nobody acknowledged it after 3 calls",
    ]);
    const inPrivate = house.telegram.messages.filter(({ chat }) => chat.chatId === "111");
    expect(inPrivate.map(({ card }) => card.footer)).toEqual([
      expect.stringContaining("told in private chats and outside since 12:1"),
    ]);
    await house.minutes(20);
    expect(house.called).toHaveLength(1);
    expect(await house.acknowledge()).toBe(1);
    await house.minutes(36 + 16);
    expect(house.called).toHaveLength(2);
  });

  test("an acknowledgement grows old: a reminder, then the calls begin anew; renewed in time it holds again", async () => {
    const house = await openAlertHouse({ alerts: quick });
    await house.tell(failing("key_refused"));
    await house.second(2);
    await house.acknowledge();
    await house.minutes(31);
    expect(told(house, "alert_ack_aged").map(({ stage }) => stage)).toEqual(["reminded"]);
    expect(house.telegram.messages).toHaveLength(2);
    expect(house.telegram.messages[1]?.buttons).toHaveLength(1);
    await house.acknowledge();
    await house.minutes(20);
    expect(house.telegram.messages).toHaveLength(2);
    await house.minutes(17);
    expect(told(house, "alert_ack_aged").map(({ stage }) => stage)).toEqual(["reminded", "reminded", "lapsed"]);
    await house.minutes(5);
    expect(house.telegram.messages.length).toBeGreaterThanOrEqual(4);
    expect(allAlerts(house.books().chat.alerts)[0]?.state).toBe("firing");
  });

  test("what only happened is not called again when its acknowledgement runs out: it is long past", async () => {
    const house = await openAlertHouse({ alerts: quick });
    const until = instant(house.clock.wall() + 15 * 60_000);
    await house.tell({ type: "authenticator_locked", personId: "ana", wrong: 5, until });
    await house.second(2);
    expect(await house.acknowledge()).toBe(1);
    await house.minutes(80);
    expect(told(house, "alert_ack_aged")).toEqual([]);
    for (const chat of chatsOf(house)) expect(titles(chat)).toEqual(["Wrong codes of Ana"]);
    expect(house.called).toEqual([]);
  });

  test("a late tap on what is over does not open it again, and is told so", async () => {
    const house = await openAlertHouse({ alerts: quick });
    await house.tell(failing("key_refused"));
    await house.second(2);
    const before = { ...(house.telegram.messages[0] as SeenMessage) };
    await house.tell(closed("key_refused"));
    await house.second(2);
    expect(await tap(house, before)).toBe("over");
    expect(allAlerts(house.books().chat.alerts)[0]).toMatchObject({ state: "resolved", ack: null });
    expect(house.telegram.messages.at(-1)?.card.title).toContain("It was over at 12:00 UTC already");
    expect(told(house, "alert_acked")).toEqual([]);
  });

  test.each([
    ["a stranger", { sender: { userId: "666", displayName: "Ana", isPerson: true } }, "not linked"],
    ["a bot", { sender: { userId: "111", displayName: "Ana", isPerson: false } }, "Bots"],
    ["another chat", { chat: { platform: "telegram", chatId: "9", threadId: null } }, "another chat"],
    ["an inline message", { isInline: true }, "other bots"],
  ])("%s changes nothing", async (_who, change, because) => {
    const house = await openAlertHouse({ alerts: quick });
    await house.tell(failing("key_refused"));
    await house.second(2);
    expect(await tap(house, house.telegram.messages[0], change)).toBe("refused");
    expect(told(house, "alert_acked")).toEqual([]);
    expect(told(house, "tap_refused")[0]?.because).toContain(because);
  });

  test("a message whose answer was lost is known by its button, and is not posted again [H11]", async () => {
    const house = await openAlertHouse({ alerts: quick });
    house.telegram.failures.post.push({ kind: "unknown_outcome", because: "cut" });
    await house.tell(failing("key_refused"));
    await deliverOutbox(house.needs());
    expect(house.telegram.messages).toHaveLength(1);
    expect(await tap(house, house.telegram.messages[0])).toBe("acknowledged");
    await house.second(20);
    expect(house.telegram.messages).toHaveLength(1);
    expect(house.telegram.messages[0]?.card.footer).toContain("by Ana");
  });
});

test.each([
  [[], "Nothing that it matched stands now."],
  [["feed"], "1 alert that it matched stands now."],
  [["feed", "other"], "2 alerts that it matched stand now."],
])("the end of a silence counts what it matched and nothing else: %s", async (feeds, expected) => {
  const house = await openAlertHouse({ alerts: quick });
  const until = instant(house.clock.wall() + 60 * 60_000);
  await house.tell(failing("key_refused"), ...feeds.map((name) => gone(`data:kucoin:${name.toUpperCase()}/USDT`)), {
    type: "alert_silenced",
    silenceId: "s",
    matchers: [{ label: "alert", value: "feed_gap" }],
    personId: "ana",
    reason: "they mend it",
    until,
  });
  await house.minutes(61);
  const card = house.telegram.messages.find((message) => message.card.title === "A silence is over")?.card;
  expect(card?.lines).toEqual(["alert=feed_gap: they mend it.", expected]);
});

describe("the end", () => {
  test("the first message turns green in place, and who was called gets one short new one", async () => {
    const house = await openAlertHouse({ alerts: quick });
    await house.tell(gone("venue:kucoin"));
    await house.second(40);
    await house.tell(back("venue:kucoin"));
    await house.second(10);
    for (const chat of chatsOf(house)) {
      expect(titles(chat)).toEqual(["Over: Venue kucoin does not answer", "Venue kucoin answers again"]);
      expect(chat.messages.map(({ card }) => card.tone)).toEqual(["ok", "ok"]);
      expect(chat.messages[0]?.card.footer).toMatch(/over 12:00 UTC after 4\d(\.\d)? s/);
      expect(chat.messages[0]?.buttons).toEqual([]);
    }
    expect(reasons(house)).toEqual(["first_notification", "all_alerts_resolved"]);
  });

  test("a warning that nobody was called for only turns green", async () => {
    const house = await openAlertHouse({ alerts: quick });
    await house.tell(doubted("clock_off"));
    await house.second(8);
    await house.tell({ ...closed("clock_off"), how: "recovered" } as never);
    await house.second(40);
    expect(titles(house.telegram)).toEqual(["Over: A promise is broken: clock off"]);
  });

  test("what was over before anybody was told is never told", async () => {
    const house = await openAlertHouse({ alerts: quick });
    await house.tell(doubted("clock_off"));
    await house.second(2);
    await house.tell({ ...closed("clock_off"), how: "recovered" } as never);
    await house.second(40);
    expect(house.telegram.messages).toEqual([]);
    expect(reasons(house)).toEqual([]);
  });

  test("what comes and goes four times in ten minutes is told as that once, and its end when it has settled", async () => {
    const house = await openAlertHouse({ alerts: quick });
    for (let turn = 0; turn < 8; turn += 1) {
      await house.tell(gone("queue"));
      await house.second(8);
      await house.tell(back("queue"));
      await house.second(8);
    }
    const during = house.telegram.messages.length;
    expect(during).toBeLessThanOrEqual(3);
    expect(house.telegram.messages.at(-1)?.card.footer).toContain("changes too often");
    await house.minutes(12);
    expect(house.telegram.messages.length - during).toBeLessThanOrEqual(1);
    expect(house.telegram.messages.at(-1)?.card.tone).toBe("ok");
  });
});

test("a tap on a message takes on what it showed, not what came to it since", async () => {
  const house = await openAlertHouse({ alerts: { ...quick, stormAt: 1 } });
  house.telegram.isDeaf = true;
  await house.tell(failing("first"), failing("second"));
  house.telegram.isDeaf = false;
  await house.second(3);
  const digest = house.telegram.messages.find(({ card }) => card.title.includes("1 alert,"));
  await house.tell(failing("third"));
  expect(await tap(house, digest)).toBe("acknowledged");
  const acked = () => allAlerts(house.books().chat.alerts).filter(({ state }) => state === "acked");
  expect(acked().map(({ labels }) => labels["cause"])).toEqual(["second"]);
  await house.second(5);
  expect(digest?.buttons).toHaveLength(1);
  expect(await tap(house, digest)).toBe("acknowledged");
  expect(acked()).toHaveLength(2);
});

test("a position without a stop that came and went goes on calling while it stands", async () => {
  const house = await openAlertHouse({ alerts: quick });
  for (let turn = 0; turn < 3; turn += 1) {
    await house.tell(failing("stop_lost"));
    await house.second(20);
    await house.tell(closed("stop_lost"));
    await house.second(20);
  }
  await house.tell(failing("stop_lost"));
  const inGroup = () => house.telegram.messages.filter(({ chat }) => chat.chatId === "-100").length;
  await house.second(2);
  const during = inGroup();
  await house.minutes(6);
  expect(inGroup()).toBe(during + 1);
  await house.minutes(60);
  expect(inGroup()).toBe(during + 13);
});

test("a message that somebody deleted is told anew with the next call, not edited for ever [H09]", async () => {
  const house = await openAlertHouse({ alerts: quick });
  await house.tell(failing("key_refused"));
  await house.second(2);
  house.telegram.failures.edit.push({ kind: "message_gone", because: "deleted" });
  await house.acknowledge();
  await house.second(10);
  expect(told(house, "notice_lost")).toHaveLength(1);
  await house.minutes(31);
  expect(house.telegram.messages).toHaveLength(2);
});

test("a warning that nobody took on is told again in its time, however many newer ones of its kind came meanwhile", async () => {
  const repeatMs = { critical: 300_000, warning: 3_600_000, info: null };
  const house = await openAlertHouse({ alerts: { ...quick, repeatMs } });
  for (let each = 0; each < 8; each += 1) {
    await house.tell(doubted(`cause_${each}`));
    await house.minutes(10);
  }
  const again = told(house, "alert_notified").filter(({ reason }) => reason === "repeat_interval_elapsed");
  expect(again).toHaveLength(1);
  expect(again[0]?.because).toMatch(/not acknowledged for 6[01] min/);
});
