/**
 * The pretended platforms as programs of their own: started by themselves, they say how to reach them, a bot with the real
 * client talks there, and somebody plays the human on the page.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { afterEach, expect, test, vi } from "vitest";
import { openDiscord } from "../../src/adapters/discord/discord.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { openTelegram } from "../../src/adapters/telegram/telegram.ts";
import { plainCard } from "../../src/core/card.ts";
import type { ChatRef, Incoming, Messenger } from "../../src/ports/messenger.ts";
import { keptLog } from "../fixtures/kept_log.ts";
import { quickTimes } from "./discord/rig.ts";
import { portsOf } from "./human/alone.ts";
import type { Act, HumanState } from "./human/contract.ts";

const root = join(import.meta.dirname, "..", "..");
const executablePath = "/usr/bin/chromium";
const closers: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const soon = (holds: () => unknown) =>
  vi.waitFor(() => expect(holds()).toBeTruthy(), { timeout: 10_000, interval: 20 });

/** Starts one and reads what it prints: settings for the bot, and the page. */
async function startAlone(name: "telegram" | "discord"): Promise<(setting: string) => string> {
  const main = join(root, "test", "servers", name, "main.ts");
  const child: ChildProcess = spawn(process.execPath, ["--import", "tsx", main], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  closers.push(async () => {
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
  });
  let text = "";
  child.stdout?.on("data", (data: Buffer) => {
    text += data.toString();
  });
  await soon(() => text.includes("Ctrl-C"));
  return (setting) => {
    const found = new RegExp(`^ {2}${setting}(?:=| +)(\\S+)`, "m").exec(text);
    if (found?.[1] === undefined) throw new Error(`${setting} was not printed: ${text}`);
    return found[1];
  };
}

function human(page: string) {
  const get = async () => (await (await fetch(`${page}/state?person=`)).json()) as HumanState;
  return {
    get,
    act: async (act: Act) =>
      (await (await fetch(`${page}/act?person=`, { method: "POST", body: JSON.stringify(act) })).json()) as {
        problem?: string;
      },
  };
}

const heard: Incoming[] = [];
async function started(bot: Messenger): Promise<Messenger> {
  heard.length = 0;
  closers.push(() => bot.stop());
  await bot.start((incoming) => Promise.resolve(void heard.push(incoming)));
  return bot;
}
const yes = { label: "Approve", style: "yes", token: "AAAAAAAAAAAAAAAA" } as const;
const ask = plainCard("waiting", "Buy 0.5 BTC/USDT?", ["breakout: new high"]);

test("fake:telegram: words and a tap of the page reach the real grammY, and its edit reaches the page", async () => {
  const printed = await startAlone("telegram");
  const { get, act } = human(printed("Page"));
  const bot = await started(
    openTelegram({
      token: printed("TELEGRAM_BOT_TOKEN"),
      apiRoot: printed("TELEGRAM_API_ROOT"),
      clock: systemClock(),
      log: keptLog(),
      timing: { pollSeconds: 1, stopMaxMs: 500 },
    }),
  );
  const [dm] = (await get()).chats;
  const chatId = dm?.id ?? "";
  expect(await act({ kind: "say", chatId, text: "/status now", replyTo: null })).toEqual({});
  await soon(() => heard.length === 1);
  expect(heard[0]).toMatchObject({ kind: "command", name: "status", text: "now", isPrivate: true });
  const chat: ChatRef = { platform: "telegram", chatId, threadId: null };
  const posted = await bot.post(chat, ask, { buttons: [yes], nonce: "n", isQuiet: false });
  const messageId = posted.ok ? posted.value.messageId : "";
  const shown = async () => (await get()).chats[0]?.messages.find((message) => message.id === messageId);
  expect(await shown()).toMatchObject({ isFromBot: true, rows: [[{ label: "Approve", style: "yes" }]], note: null });
  expect(await act({ kind: "tap", chatId, messageId, label: "Sell" })).toMatchObject({
    problem: expect.stringMatching("no button"),
  });
  await act({ kind: "tap", chatId, messageId, label: "Approve" });
  await soon(() => heard.length === 2);
  await bot.acknowledge(heard[1]?.answerRef ?? { platform: "telegram", id: "", token: null }, {
    text: "Counted",
    isRefusal: false,
  });
  // As strict as the platform: a second message to a chat within the second waits, and says for how long.
  const edit = () => bot.edit(chat, messageId, { ...ask, tone: "ok", footer: "APPROVED" }, []);
  expect(await edit()).toMatchObject({ ok: false, problem: { kind: "later", retryAfterMs: 1_000 } });
  await vi.waitFor(async () => expect(await edit()).toMatchObject({ ok: true }), { timeout: 5_000, interval: 300 });
  expect((await shown())?.note).toBe("edited");
  expect((await shown())?.rows).toEqual([]);
  expect((await get()).notices).toEqual(["Counted"]);
}, 30_000);

test("fake:discord: a slash command, a button, values while typing and a form go through the real discord.js", async () => {
  const printed = await startAlone("discord");
  const { get, act } = human(printed("Page"));
  const { close } = await import("../../commands/close.ts");
  const bot = await started(
    openDiscord({
      token: printed("DISCORD_BOT_TOKEN"),
      apiRoot: printed("DISCORD_API_ROOT"),
      guildId: printed("DISCORD_GUILD_ID"),
      commands: [close as never],
      complete: () => [{ value: "SOL/USDT", label: null }],
      clock: systemClock(),
      log: keptLog(),
      times: quickTimes,
    }),
  );
  await vi.waitFor(async () => expect((await get()).commands.map(({ name }) => name)).toEqual(["close", "sell"]));
  const [channel] = (await get()).chats;
  const chatId = channel?.id ?? "";
  const offered = await fetch(
    `${printed("Page")}/complete?person=&chat=${chatId}&text=${encodeURIComponent("/close so")}`,
  );
  expect(await offered.json()).toEqual(["SOL/USDT"]);
  expect(await act({ kind: "say", chatId, text: "/close", replyTo: null })).toMatchObject({
    problem: expect.stringMatching("needs what"),
  });
  await act({ kind: "say", chatId, text: "/close SOL/USDT", replyTo: null });
  await soon(() => heard.length === 1);
  expect(heard[0]).toMatchObject({ kind: "command", name: "close", options: { what: "SOL/USDT" } });
  const chat: ChatRef = { platform: "discord", chatId, threadId: null };
  const posted = await bot.post(chat, ask, { buttons: [yes], nonce: "n", isQuiet: false });
  await act({ kind: "tap", chatId, messageId: posted.ok ? posted.value.messageId : "", label: "Approve" });
  await soon(() => heard.length === 2);
  const ref = heard[1]?.answerRef;
  if (ref === undefined) return;
  const form = {
    title: "Prove it",
    token: "BBBBBBBBBBBBBBBB",
    fields: [{ name: "phrase", label: "Type: YES", hint: "YES", isSecret: false }],
  };
  expect((await bot.ask(chat, ref, ask, form)).ok).toBe(true);
  const [open] = (await get()).forms;
  expect(open).toMatchObject({ title: "Prove it", fields: [{ name: "phrase", label: "Type: YES", hint: "YES" }] });
  await act({ kind: "submit", formId: open?.id ?? "", values: { phrase: "YES" } });
  await soon(() => heard.length === 3);
  expect(heard[2]).toMatchObject({ kind: "form", values: { phrase: "YES" } });
  expect((await get()).forms).toEqual([]);
}, 30_000);

test("the page answers this machine's own pages alone, and says what is wrong with its ports", async () => {
  const printed = await startAlone("telegram");
  const page = printed("Page");
  expect((await fetch(page)).headers.get("content-type")).toContain("text/html");
  expect((await fetch(`${page}/elsewhere`)).status).toBe(404);
  expect(await statusOf(page, { host: "evil.example" })).toBe(403);
  expect(await statusOf(page, { "sec-fetch-site": "cross-site" })).toBe(403);
  expect(portsOf(["--port", "8081", "--page", "0"])).toEqual({ port: 8081, page: 0 });
  for (const words of [["--port"], ["--prot", "1"], ["8081"], ["--page", "70000"]])
    expect(() => portsOf(words)).toThrow("npm run fake:");
}, 30_000);

/** `fetch` refuses to lie about its host. */
function statusOf(page: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    request(page, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on("error", reject)
      .end();
  });
}

const unseen = existsSync(executablePath) ? "" : ` (skipped: there is no browser at ${executablePath})`;
test.skipIf(unseen !== "")(
  `a person sees the message in a browser, taps its button and writes${unseen}`,
  async () => {
    const printed = await startAlone("telegram");
    const bot = await started(
      openTelegram({
        token: printed("TELEGRAM_BOT_TOKEN"),
        apiRoot: printed("TELEGRAM_API_ROOT"),
        clock: systemClock(),
        log: keptLog(),
        timing: { pollSeconds: 1, stopMaxMs: 500 },
      }),
    );
    const [dm] = (await human(printed("Page")).get()).chats;
    const chat: ChatRef = { platform: "telegram", chatId: dm?.id ?? "", threadId: null };
    await bot.post(chat, ask, { buttons: [yes], nonce: "n", isQuiet: false });
    const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
    closers.push(() => browser.close());
    const page = await browser.newPage();
    await page.goto(printed("Page"));
    await page.getByText("Buy 0.5 BTC/USDT?").waitFor();
    await page.getByRole("button", { name: "Approve" }).click();
    await soon(() => heard.some((incoming) => incoming.kind === "tap" && incoming.token === yes.token));
    await page.getByPlaceholder("Words, or / and a command").fill("/pause dentist");
    await page.keyboard.press("Enter");
    await soon(() => heard.some((incoming) => incoming.kind === "command" && incoming.text === "dentist"));
    await page.getByText("/pause dentist").waitFor();
  },
  60_000,
);
