/**
 * A thousand alerts at once in a chat that counts what it is told: how long /emergency takes to be done and
 * answered there, beside the same in a quiet chat. The real grammY against the strict server, which sends its 429s.
 */
import { openTelegram } from "../src/adapters/telegram/telegram.ts";
import { allAlerts } from "../src/core/books_alerts.ts";
import { issueCode, useCode } from "../src/flows/link_people.ts";
import { recordFacts } from "../src/flows/record.ts";
import type { Messenger } from "../src/ports/messenger.ts";
import { keptLog } from "../test/fixtures/kept_log.ts";
import { startTelegramServer, type TelegramServer } from "../test/servers/telegram/server.ts";
import type { Chat, User } from "../test/servers/telegram/world.ts";
import { type BenchHouse, realClock as clock, openBenchHouse } from "./bench_house.ts";
import { median, milliseconds, percentile, printRows } from "./figures.ts";

const alerts = 1_000;
const rounds = 8;

/** Both from the moment at which a person typed it, in ms. */
type Said = { readonly doneMs: number[]; readonly answeredMs: number[] };
type Stage = {
  readonly bench: BenchHouse;
  readonly server: TelegramServer;
  readonly ana: User;
  readonly chat: Chat;
  readonly done: { at: number };
};

export async function run(): Promise<void> {
  const server = await startTelegramServer({ flood: "platform" });
  const ana = server.addUser({ first_name: "Ana" });
  const chat = server.privateChat(ana);
  const bot = openTelegram({ token: server.token, apiRoot: server.apiRoot, clock, log: keptLog() });
  const done = { at: 0 };
  // The command has done its work when its answer is to leave.
  const noted: Messenger = {
    ...bot,
    reply(...told) {
      done.at = clock.mono();
      return bot.reply(...told);
    },
  };
  const bench = await openBenchHouse(undefined, { clock, messengers: [noted] });
  const stage = { bench, server, ana, chat, done };
  try {
    const { needs } = bench.house;
    await bench.house.run();
    const at = { platform: "telegram", chatId: String(chat.id), threadId: null };
    const code = await issueCode(needs, "owner", "house");
    await useCode(needs, code, { platform: "telegram", userId: String(ana.id), chat: at });
    await clock.sleep(2_000);
    const quiet = await said(stage);
    const storm = rage(bench);
    await until(() => allAlerts(needs.ledger.books().chat.alerts).length > 100);
    const stormy = await said(stage);
    await storm;
    const refused = server.callsOf("sendMessage").length - server.botMessages(chat).length;
    print(quiet, stormy, { refused, seen: server.botMessages(chat).length });
  } finally {
    await bench.close();
    await server.close();
  }
}

async function rage({ house: { needs } }: BenchHouse): Promise<void> {
  for (let number = 0; number < alerts; number += 1)
    await recordFacts(needs, "house", [
      { type: "source_gone", source: `data:kucoin:COIN${number}/USDT`, because: "a storm" },
    ]);
}

/** The first one halts, all others find the house halted. */
async function said({ server, ana, chat, done }: Stage): Promise<Said> {
  const found: Said = { doneMs: [], answeredMs: [] };
  for (let round = 0; round < rounds; round += 1) {
    const before = answers(server, chat);
    const typedAt = clock.mono();
    server.sendText(ana, chat, `/emergency round ${round}`);
    await until(() => answers(server, chat) > before);
    found.answeredMs.push(clock.mono() - typedAt);
    found.doneMs.push(done.at - typedAt);
    await clock.sleep(1_500);
  }
  return found;
}

const answers = (server: TelegramServer, chat: Chat): number =>
  server.botMessages(chat).filter((one) => one.history[0]?.content.text.includes("Emergency\n")).length;

async function until(holds: () => boolean): Promise<void> {
  const begun = clock.mono();
  while (!holds()) {
    if (clock.mono() - begun > 60_000) throw new Error(`Waited a minute in vain for ${holds.toString()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function print(quiet: Said, stormy: Said, about: { readonly refused: number; readonly seen: number }): void {
  const later = percentile(stormy.doneMs, 0.99) - median(quiet.doneMs);
  const answered = median(stormy.answeredMs) - median(quiet.answeredMs);
  printRows(`/emergency in a storm of ${alerts.toLocaleString("en")} alerts, one chat, platform limits`, [
    { name: "quiet: done", value: milliseconds(quiet.doneMs), target: "no bound" },
    { name: "quiet: answered in the chat", value: milliseconds(quiet.answeredMs), target: "no bound" },
    { name: "storm: done", value: milliseconds(stormy.doneMs), target: "no bound" },
    { name: "storm: answered in the chat", value: milliseconds(stormy.answeredMs), target: "no bound" },
    { name: "the storm delays it by, worst", value: `${later.toFixed(0)} ms`, target: "< 1,000 ms" },
    { name: "and its answer by, p50", value: `${answered.toFixed(0)} ms`, target: "< 1,000 ms" },
    { name: "messages in the chat, refused with 429", value: `${about.seen}, ${about.refused}`, target: "no bound" },
  ]);
}
