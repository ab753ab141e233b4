/** Storms, silent networks, refusals: nothing is lost, nothing is told twice, and a person who asks is answered at once. */
import { describe, expect, test } from "vitest";
import { allAlerts } from "../../src/core/books_alerts.ts";
import { plainCard } from "../../src/core/card.ts";
import type { Fact, FactOf, FactType } from "../../src/core/events.ts";
import type { Delivery } from "../../src/ports/messenger.ts";
import { type AlertHouse, back, closed, doubted, failing, gone, openAlertHouse } from "../fixtures/alert_house.ts";
import type { ScriptedChat } from "../scenarios/scripted_chat.ts";

const quick = { startHoldMs: 0 };
const titles = (chat: ScriptedChat): readonly string[] => chat.messages.map(({ card }) => card.title);
const told = <Type extends FactType>(house: AlertHouse, type: Type): readonly FactOf<Type>[] =>
  house.facts.flatMap(({ fact }) => (fact.type === type ? [fact as FactOf<Type>] : []));
const waiting = (house: AlertHouse): number => Object.keys(house.books().chat.outbox).length;
const storm = (count: number): readonly Fact[] =>
  Array.from({ length: count }, (_, number) => failing(`cause_${number}`));

/** As Telegram counts: so many a minute to one chat, posts and edits and replies alike, and 429 with the time that is left. */
function limited(house: AlertHouse, chat: ScriptedChat, perMinute: number): { refused: number } {
  const taken: number[] = [];
  const seen = { refused: 0 };
  const counted =
    <Told extends readonly unknown[]>(call: (...told: Told) => Promise<Delivery>) =>
    (...args: Told): Promise<Delivery> => {
      const now = house.clock.mono();
      while (taken[0] !== undefined && now - taken[0] >= 60_000) taken.shift();
      if (taken.length < perMinute) {
        taken.push(now);
        return call(...args);
      }
      seen.refused += 1;
      const retryAfterMs = 60_000 - (now - (taken[0] ?? now));
      return Promise.resolve({ ok: false, problem: { kind: "later", because: "429", retryAfterMs } });
    };
  chat.post = counted(chat.post);
  chat.edit = counted(chat.edit);
  chat.reply = counted(chat.reply);
  return seen;
}

describe("a storm", () => {
  test("of a thousand alerts is a handful of messages and one digest that counts them, in every chat [H08]", async () => {
    const house = await openAlertHouse({ alerts: quick });
    await house.tell(...storm(1_000));
    // Beyond two hundred groups they are one, which is told once a minute.
    await house.second(90);
    expect(waiting(house)).toBe(0);
    for (const chat of [house.telegram, house.discord, house.desk]) {
      expect(chat.messages.length).toBeLessThanOrEqual(8);
      const digest = chat.messages.find((message) => /alerts, \d+ group/.test(message.card.title));
      const alone = chat.messages.filter((message) => message !== digest).length;
      expect(digest?.card.title).toBe(`${1_000 - alone} alerts, 1 group`);
      expect(digest?.buttons[0]?.label).toBe("Acknowledge all");
    }
    expect(allAlerts(house.books().chat.alerts).every((alert) => alert.announced === "firing")).toBe(true);
  }, 60_000);

  test("one tap takes on all of its digest; when all are over it turns green in place", async () => {
    const house = await openAlertHouse({ alerts: quick });
    await house.tell(...storm(40));
    await house.second(30);
    expect(await house.acknowledge()).toBe(40);
    await house.second(30);
    const digest = () => house.telegram.messages.find((message) => message.card.title.includes("alerts,"));
    expect(digest()?.card.footer).toContain("all acknowledged");
    expect(digest()?.buttons).toEqual([]);
    await house.tell(...Array.from({ length: 40 }, (_, number) => closed(`cause_${number}`)));
    await house.second(60);
    expect(digest()?.card.tone).toBe("ok");
  });

  test("with 429s delays the answer to /emergency by less than a second, and none is lost [H08]", async () => {
    const house = await openAlertHouse({ alerts: quick });
    const counted = limited(house, house.telegram, 20);
    const ref = { platform: "telegram", id: "1", token: null } as const;
    const chat = { platform: "telegram", chatId: "-100", threadId: null } as const;
    const late: number[] = [];
    for (let minute = 0; minute < 10; minute += 1) {
      await house.tell(...storm(1_000).slice(minute * 100, minute * 100 + 100));
      await house.second(30);
      const askedAt = house.clock.mono();
      let answer = await house.telegram.reply(chat, ref, plainCard("critical", "Emergency"));
      while (!answer.ok) {
        await house.second();
        answer = await house.telegram.reply(chat, ref, plainCard("critical", "Emergency"));
      }
      late.push(house.clock.mono() - askedAt);
      await house.second(30);
    }
    expect(Math.max(...late)).toBeLessThan(1_000);
    expect(counted.refused).toBe(0);
    await house.second(120);
    expect(waiting(house)).toBe(0);
    expect(allAlerts(house.books().chat.alerts).every((alert) => alert.announced === "firing")).toBe(true);
  }, 60_000);

  test("leaves in this order: an answer somebody waits for, what is critical, warnings, all else [H08]", async () => {
    const house = await openAlertHouse({ alerts: quick });
    house.telegram.isDeaf = true;
    const queued = (alert: string, severity: "critical" | "warning" | "info"): Fact => ({
      type: "card_queued",
      cardId: `card ${alert}`,
      chat: { platform: "telegram", chatId: "-100", threadId: null },
      severity,
      alert,
      foldKey: alert,
      card: plainCard("info", alert),
    });
    await house.tell(queued("summary", "info"), queued("warned", "warning"), queued("paged", "critical"));
    await house.second();
    await house.tell(queued("paged later", "critical"), queued("reply", "info"));
    house.telegram.isDeaf = false;
    await house.second();
    expect(titles(house.telegram)).toEqual(["reply", "paged", "paged later", "warned", "summary"]);
  });

  test("does not fold a position without a stop until twenty of them wait", async () => {
    const house = await openAlertHouse({ alerts: quick });
    house.telegram.isDeaf = true;
    await house.tell(...storm(10), failing("stop_lost"));
    const posted = told(house, "card_queued").filter(({ chat }) => chat.platform === "telegram");
    expect(posted.at(-1)?.card.title).toBe("Breaker open: stop lost");
    expect(posted.at(-1)?.notice?.kind).toBe("group");
  });

  test("of more groups than the cap goes on in a group named other, and drops nothing", async () => {
    const house = await openAlertHouse({ alerts: { ...quick, groupsMax: 3, groupIntervalMs: 2_000 } });
    await house.tell(...storm(10));
    await house.second(20);
    const keys = new Set(allAlerts(house.books().chat.alerts).map((alert) => alert.groupKey));
    expect([...keys].filter((key) => key.endsWith("/other"))).toHaveLength(1);
    expect(keys.size).toBe(4);
    expect(allAlerts(house.books().chat.alerts).every((alert) => alert.announced === "firing")).toBe(true);
  });
});

describe("a network that is away", () => {
  test("for a day loses nothing and tells nothing twice; what waited says how late it is [H06] [H11]", async () => {
    const house = await openAlertHouse({ alerts: quick });
    for (const chat of [house.telegram, house.discord]) chat.isDeaf = true;
    await house.tell(failing("key_refused"), gone("venue:kucoin"));
    for (let hours = 0; hours < 24; hours += 1) {
      await house.minutes(60);
      if (hours === 5) house.restart();
      if (hours === 8) await house.tell(back("venue:kucoin"));
    }
    for (const chat of [house.telegram, house.discord]) chat.isDeaf = false;
    await house.second(120);
    expect(waiting(house)).toBe(0);
    for (const chat of [house.telegram, house.discord]) {
      const inChat = chat.messages.filter(
        (message) => message.chat.chatId === (chat === house.telegram ? "-100" : "900"),
      );
      const about = (title: string) => inChat.filter(({ card }) => card.title.includes(title));
      expect(about("Breaker open: key refused")).toHaveLength(1);
      expect(about("Breaker open: key refused")[0]?.card.footer).toContain("delivered late by 24 h");
      expect(about("Over: Venue kucoin does not answer")).toHaveLength(1);
      expect(inChat.length).toBeLessThanOrEqual(6);
    }
  }, 60_000);

  test("makes a critical alert go to private chats and to the outside monitor after 30 s, once [H06] [H12]", async () => {
    const house = await openAlertHouse({ alerts: quick });
    for (const chat of [house.telegram, house.discord]) {
      const { post } = chat;
      const isGroup = (chatId: string): boolean => chatId === "-100" || chatId === "900";
      chat.post = (to, ...rest) =>
        isGroup(to.chatId)
          ? Promise.resolve({ ok: false, problem: { kind: "chat_refused", because: "403: kicked" } })
          : post(to, ...rest);
    }
    await house.tell(failing("key_refused"));
    await house.second(29);
    expect(house.called).toEqual([]);
    await house.second(10);
    expect(house.called).toHaveLength(1);
    expect(house.called[0]).toContain("a critical alert: no chat confirmed it within 30 s");
    expect(told(house, "alert_escalated")[0]?.to).toEqual(["telegram:111:", "discord:user:222:"]);
    expect(house.telegram.messages.map(({ chat }) => chat.chatId)).toEqual(["111"]);
    await house.minutes(3);
    const called = told(house, "alert_escalated").flatMap(({ fingerprints }) => fingerprints);
    expect(new Set(called).size).toBe(called.length);
  });
});

describe("a process that dies between a message and its record", () => {
  const summary: Fact = {
    type: "card_queued",
    cardId: "card-summary",
    chat: { platform: "telegram", chatId: "-100", threadId: null },
    severity: "info",
    alert: "daily_summary",
    foldKey: "2026-02-06",
    card: plainCard("info", "Daily summary"),
  };
  const footers = (house: AlertHouse) => house.telegram.messages.map(({ card }) => card.footer);

  test("posts it once more, also without a button, and says that it may stand there twice [H11]", async () => {
    const house = await openAlertHouse({ alerts: quick });
    await house.tell(summary);
    const { post } = house.telegram;
    // The message stands there, and nobody is told any more.
    house.telegram.post = (...told) => post(...told).then(() => new Promise<never>(() => undefined));
    void house.second();
    await house.clock.advance(1_000);
    house.telegram.post = post;
    house.restart();
    await house.second(2);
    expect(footers(house)).toEqual([null, "sent again, the first try got no answer"]);
    expect(waiting(house)).toBe(0);
  });

  test("says nothing of the kind of what never left", async () => {
    const house = await openAlertHouse({ alerts: quick });
    house.telegram.isDeaf = true;
    await house.tell(summary);
    await house.second(2);
    house.restart();
    house.telegram.isDeaf = false;
    await house.second(2);
    expect(footers(house)).toEqual([null]);
  });
});

describe("a text that a chat refuses", () => {
  const refusal = { kind: "chat_refused", because: "400: strange", isText: true } as const;

  test("is sent as bare words once; the chat goes on", async () => {
    const house = await openAlertHouse({ alerts: quick });
    house.telegram.failures.post.push(refusal);
    await house.tell(failing("key_<b>refused</b>"));
    await house.second(3);
    expect(titles(house.telegram)).toEqual(["Breaker open: key b refused /b"]);
    expect(told(house, "card_sent").find((fact) => fact.tries === 2)).toBeDefined();
  });

  test("also as bare words is given up there, told in the other chats, and blocks nothing", async () => {
    const house = await openAlertHouse({ alerts: quick });
    house.telegram.failures.post.push(refusal, refusal);
    await house.tell(failing("key_refused"));
    await house.second(5);
    expect(titles(house.discord)).toEqual(["Breaker open: key refused", "A message could not be delivered"]);
    expect(house.discord.messages[1]?.card.lines.join(" ")).toContain("It said: Breaker open: key refused");
    expect(titles(house.telegram)).toEqual([]);
    await house.tell(gone("venue:kucoin"));
    await house.second(5);
    expect(titles(house.telegram)).toEqual(["Venue kucoin does not answer"]);
  });

  test("and whose notice is refused as well ends there: no alert about the alert", async () => {
    const house = await openAlertHouse({ alerts: quick });
    house.telegram.failures.post.push(refusal, refusal);
    house.discord.failures.post.push(refusal, refusal, refusal, refusal);
    await house.tell(failing("key_refused"));
    await house.second(30);
    expect(told(house, "alert_fired").filter(({ name }) => name === "card_undeliverable").length).toBeLessThanOrEqual(
      2,
    );
    expect(waiting(house)).toBe(0);
  });
});

test("a lane of its own: a summary and a warning leave within their time while critical ones never end", async () => {
  const house = await openAlertHouse({ alerts: { ...quick, stormAt: 1_000, vitalStormAt: 1_000 } });
  const chat = { platform: "telegram", chatId: "-100", threadId: null };
  await house.tell(...storm(60));
  const card = (title: string, severity: "warning" | "info"): Fact => ({
    type: "card_queued",
    cardId: title,
    chat,
    severity,
    alert: "test",
    foldKey: title,
    card: plainCard("info", title),
  });
  await house.tell(card("the warning", "warning"), card("the summary", "info"));
  await house.second(20);
  expect(titles(house.telegram)).toContain("the warning");
  await house.second(40);
  expect(titles(house.telegram)).toContain("the summary");
  expect(waiting(house)).toBeGreaterThan(10);
});

test("a critical alert in a storm of warnings is a message with sound of its own, and no silent edit of their digest", async () => {
  const house = await openAlertHouse({
    alerts: { ...quick, groupWaitMs: { critical: 0, warning: 0, info: 0 }, groupIntervalMs: 0 },
  });
  house.telegram.isDeaf = true;
  for (let each = 0; each < 8; each += 1) {
    await house.tell(doubted(`cause_${each}`));
    await house.second();
  }
  await house.tell(gone("venue:kucoin"));
  house.telegram.isDeaf = false;
  await house.second(2);
  expect(titles(house.telegram)[0]).toBe("Chat telegram does not answer");
  expect(titles(house.telegram)[1]).toBe("Venue kucoin does not answer");
  await house.second(30);
  expect(titles(house.telegram)).toContain("3 alerts, 1 group");
  await house.tell(failing("key_refused"));
  await house.second(2);
  expect(titles(house.telegram).at(-1)).toBe("Breaker open: key refused");
});
