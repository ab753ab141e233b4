/** The watchdog's mouth against the strict Telegram server: nothing is lost, order is kept, lateness is said, no token is shown. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { readWatchdogSettings } from "../../src/watchdog/settings.ts";
import { openTeller, type Teller } from "../../src/watchdog/tell.ts";
import { startTelegramServer, type TelegramServer } from "../servers/telegram/server.ts";
import { until } from "../smoke/until.ts";

let telegram: TelegramServer;
let said: string[];
let ended: AbortController;
let running: Promise<void> = Promise.resolve();

beforeEach(async () => {
  telegram = await startTelegramServer();
  said = [];
  ended = new AbortController();
});
afterEach(async () => {
  ended.abort();
  await running;
  await telegram.close();
});

function open(clock: { mono(): number } = systemClock()) {
  const ana = telegram.addUser();
  const chat = telegram.privateChat(ana);
  const teller: Teller = openTeller({
    apiRoot: telegram.apiRoot,
    token: telegram.token,
    chat: String(chat.id),
    clock: { mono: () => clock.mono(), sleep: systemClock().sleep },
    say: (line) => said.push(line),
    waitsMs: [20, 50],
  });
  running = teller.run(ended.signal);
  const texts = () => telegram.botMessages(chat).map(({ history }) => history.at(-1)?.content.text);
  return { teller, chat, texts };
}

test("lines arrive as they are, in their order", async () => {
  const { teller, texts } = open();
  teller.tell("🔴 one <b>& two");
  teller.tell("🟢 two");
  await until("both", () => texts().length === 2);
  expect(texts()).toEqual(["🔴 one <b>& two", "🟢 two"]);
  expect(teller.waiting()).toBe(0);
});

describe("what can't be sent waits", () => {
  test.each<[string, () => void]>([
    ["429", () => telegram.fail("sendMessage", { kind: "flood", retryAfter: 1 })],
    ["500", () => telegram.fail("sendMessage", { kind: "server_error", when: "before" }, 3)],
    ["a cut connection", () => telegram.fail("sendMessage", { kind: "drop_before" }, 3)],
    [
      "403",
      () =>
        telegram.fail(
          "sendMessage",
          { kind: "refuse", code: 403, description: "Forbidden: bot was blocked by the user" },
          3,
        ),
    ],
  ])("%s, and comes once, in its order", async (_, spoil) => {
    const { teller, texts } = open();
    spoil();
    teller.tell("one");
    teller.tell("two");
    await until("both", () => texts().length === 2);
    expect(texts()).toEqual(["one", "two"]);
    expect(said).toHaveLength(1);
    expect(said.join()).not.toContain(telegram.token);
  });

  test("through hours without Telegram, and says how late it is", async () => {
    const time = { ms: 0 };
    await telegram.goAway();
    const { teller, texts } = open({ mono: () => time.ms });
    teller.tell("🔴 The house is silent");
    await until("a failure", () => said.length > 0);
    time.ms = 3 * 3_600_000;
    await telegram.comeBack();
    await until("the line", () => texts().length === 1);
    expect(texts()).toEqual(["🔴 The house is silent (told late, by 3 h 0 min)"]);
    expect(said).toEqual(["The watchdog's chat does not take its messages: Telegram is not reached. Tried again."]);
  });

  test("and of very many the newest hundred", async () => {
    await telegram.goAway();
    const { teller, texts } = open();
    for (let number = 1; number <= 150; number += 1) teller.tell(`line ${number}`);
    expect(teller.waiting()).toBe(100);
    await telegram.comeBack();
    await until("all", () => texts().length === 100);
    expect(texts().at(-1)).toBe("line 150");
  });
});

describe("settings of the watchdog", () => {
  const token = "123456789:watchdog-token-0123456789";
  const given = { WATCHDOG_TELEGRAM_TOKEN: token, WATCHDOG_TELEGRAM_CHAT: "-1001" };

  test("two variables are enough", () => {
    expect(readWatchdogSettings(given, "/nowhere")).toEqual({
      ok: true,
      value: {
        house: "http://127.0.0.1:7373",
        home: ".countersign",
        key: null,
        token,
        chat: "-1001",
        apiRoot: "https://api.telegram.org",
      },
    });
  });

  test.each<[string, Record<string, string>, string]>([
    ["no token", { ...given, WATCHDOG_TELEGRAM_TOKEN: "" }, "WATCHDOG_TELEGRAM_TOKEN"],
    ["the bot of the house", { ...given, TELEGRAM_BOT_TOKEN: token }, "another bot"],
    ["a name in place of a number", { ...given, WATCHDOG_TELEGRAM_CHAT: "@ana" }, "WATCHDOG_TELEGRAM_CHAT"],
    ["a short key", { ...given, BEACON_KEY: "short" }, "BEACON_KEY"],
    ["an address that is none", { ...given, WATCHDOG_HOUSE: "127.0.0.1" }, "WATCHDOG_HOUSE"],
  ])("%s is refused by name, without its value", (_, env, name) => {
    const read = readWatchdogSettings(env, "/nowhere");
    expect(read).toMatchObject({ ok: false, problem: expect.stringContaining(name) });
    expect(JSON.stringify(read)).not.toContain(token);
  });
});
