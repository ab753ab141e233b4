/** Brings up the strict Telegram server and our adapter against it, with a memory for what was received and logged. */
import { afterEach, expect } from "vitest";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { openTelegram, type TelegramSettings } from "../../src/adapters/telegram/telegram.ts";
import type { Button, Card } from "../../src/core/card.ts";
import { instant } from "../../src/core/time.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { ChatRef, Delivery, Incoming, Receive } from "../../src/ports/messenger.ts";
import { startTelegramServer, type TelegramServer, type TelegramServerOptions } from "../servers/telegram/server.ts";
import type { Chat, Message } from "../servers/telegram/world.ts";

/** Real time, except that a test may let the machine sleep for a while. */
type TestClock = Clock & { skip(ms: number): void };

function testClock(): TestClock {
  const real = systemClock();
  let skipped = 0;
  return {
    ...real,
    wall: () => instant(real.wall() + skipped),
    skip: (ms) => {
      skipped += ms;
    },
  };
}

type Line = { readonly level: string; readonly text: string; readonly facts: unknown };

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

export async function telegramHouse(
  options: { server?: TelegramServerOptions; settings?: Partial<TelegramSettings> } = {},
) {
  const server = await startTelegramServer(options.server);
  closers.push(server.close);
  const ana = server.addUser({ first_name: "Ana", username: "ana" });
  const group = server.addChat({ title: "Operators" });
  const bot = openBot(server, options.settings);
  return { server, ana, group, ...bot };
}

/** One more bot on the same server, as after a restart or in a second process. */
export function openBot(server: TelegramServer, settings: Partial<TelegramSettings> = {}) {
  const lines: Line[] = [];
  const received: Incoming[] = [];
  const clock = testClock();
  const note = (level: string) => (text: string, facts?: unknown) => void lines.push({ level, text, facts });
  const messenger = openTelegram({
    token: server.token,
    apiRoot: server.apiRoot,
    clock,
    log: { info: note("info"), warn: note("warn"), error: note("error") },
    timing: { pollSeconds: 1, backoffFirstMs: 20, backoffMaxMs: 100, refusedTokenMs: 50, stopMaxMs: 500 },
    sendTimeoutSeconds: 5,
    answerTimeoutSeconds: 5,
    ...settings,
  });
  const take: Receive = async (incoming) => void received.push(incoming);
  closers.push(async () => {
    const health = JSON.stringify(messenger.health());
    await messenger.stop();
    // Fault M12: whatever happened in this test, the token stood nowhere.
    const secret = server.token.slice(server.token.indexOf(":") + 1);
    expect(`${JSON.stringify(lines)}${health}`).not.toContain(secret);
  });
  return { messenger, clock, lines, received, take };
}

export function chatRef(chat: Chat, threadId: number | null = null): ChatRef {
  return { platform: "telegram", chatId: String(chat.id), threadId: threadId === null ? null : String(threadId) };
}

/** The message that was posted, as it stands on the server. */
export function only<Item>(items: readonly Item[]): Item {
  expect(items).toHaveLength(1);
  return items[0] as Item;
}

export const tokens = { yes: "AAAAAAAAAAAAAAAA", no: "BBBBBBBBBBBBBBBB", later: "CCCCCCCCCCCCCCCC" } as const;

/** A message with buttons from the bot, made without the adapter, so that a test of hearing needs no speaking. */
export async function prompt(server: TelegramServer, chat: Chat): Promise<Message> {
  const body = {
    chat_id: chat.id,
    text: "Buy?",
    reply_markup: {
      inline_keyboard: [
        [
          { text: "Yes", callback_data: `a1.${tokens.yes}` },
          { text: "No", callback_data: `a1.${tokens.no}` },
        ],
      ],
    },
  };
  const answer = await callServer(server, "sendMessage", body);
  const message = server.message(chat, (answer.body.result as { message_id: number }).message_id);
  if (message === null) throw new Error("the prompt is not there");
  return message;
}

export async function callServer(server: TelegramServer, method: string, body: unknown, token = server.token) {
  const response = await fetch(`${server.apiRoot}/bot${token}/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const parsed = (await response.json()) as {
    ok: boolean;
    result?: unknown;
    description?: string;
    error_code?: number;
    parameters?: unknown;
  };
  return { status: response.status, body: parsed };
}

export async function until(what: () => boolean, ms = 5_000): Promise<void> {
  const end = performance.now() + ms;
  while (!what()) {
    if (performance.now() > end) throw new Error(`Waited ${ms} ms in vain for: ${what.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export function textsOf(received: readonly Incoming[]): string[] {
  return received.map((one) =>
    one.kind === "tap"
      ? `tap:${one.token}`
      : one.kind === "command"
        ? `/${one.name}`
        : one.kind === "text"
          ? one.text
          : "form",
  );
}

export const card: Card = {
  title: "Buy 0.5 BTC/USDT",
  tone: "waiting",
  lines: ["Breakout above <64,000> & rising"],
  fields: [
    { name: "Worst price", value: "64,210" },
    { name: "Stop", value: "62,900 (-2.0 %)" },
  ],
  footer: "Expires 14:08:00Z",
  chart: null,
};
export const buttons: readonly Button[] = [
  { label: "Approve", style: "yes", token: tokens.yes },
  { label: "Decline", style: "no", token: tokens.no },
  { label: "Snooze 5 min", style: "plain", token: tokens.later },
];
export const extra = { buttons, nonce: "n1", isQuiet: false };

export function kindOf(delivery: Delivery): string {
  return delivery.ok ? "ok" : delivery.problem.kind;
}
