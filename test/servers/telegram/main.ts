/**
 * The strict Telegram server alone, with a page to play the humans and a prompt for bad weather:
 * `npm run fake:telegram -- [--port 8081] [--page 8082]`. Start the bot with the settings that it prints.
 */
import { createInterface } from "node:readline";
import { greet, portsOf } from "../human/alone.ts";
import type { Fault } from "./faults.ts";
import { telegramHands } from "./hands.ts";
import { startTelegramServer } from "./server.ts";

const say = (text: string) => process.stdout.write(`${text}\n`);
const help = `late <minutes> <text>: Ana said it that long ago
fail <method or *> <fault> [times]: drop_before, drop_after, delay, flood, server_error, garbage, refuse, conflict
mend: ends all faults · away: no network · back: the network again · block, unblock: Ana blocks the bot · quit`;

const ports = portsOf(process.argv.slice(2));
const server = await startTelegramServer({ port: ports.port, flood: "platform" });
const [ana, bo] = [
  server.addUser({ first_name: "Ana", username: "ana" }),
  server.addUser({ first_name: "Bo", username: "bo" }),
];
const chat = server.privateChat(ana);
server.privateChat(bo);
const group = server.addChat({ title: "Operators" });
const page = await greet(
  {
    name: "Telegram",
    settings: { TELEGRAM_API_ROOT: server.apiRoot, TELEGRAM_BOT_TOKEN: server.token },
    people: `Ana ${ana.id}, Bo ${bo.id}, group Operators ${group.id}`,
    hands: telegramHands(server, [ana, bo], group),
  },
  ports.page,
);

const verbs: Readonly<Record<string, (words: string[]) => unknown>> = {
  late: ([minutes, ...words]) =>
    server.sendText(ana, chat, words.join(" "), { at: Date.now() - Number(minutes) * 60_000 }),
  fail: ([method = "*", kind = "drop_after", times = "1"]) => {
    const fault = { ms: 5_000, retryAfter: 5, when: "after", code: 400, description: "Bad Request: on order", kind };
    server.fail(method, fault as unknown as Fault, Number(times));
  },
  mend: () => server.mend(),
  away: () => server.goAway(),
  back: () => server.comeBack(),
  block: () => server.block(chat),
  unblock: () => server.unblock(chat),
  quit: () => end(),
};

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const [verb = "", ...words] = line.trim().split(/\s+/);
  const known = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  try {
    if (known === undefined) say(help);
    else known(words);
  } catch (error) {
    say(String(error));
  }
});
const end = () => {
  lines.close();
  void page.close();
  void server.close();
};
// Without a terminal the prompt ends at once; the platform goes on until it is told to stop.
lines.on("close", () => process.stdin.isTTY === true && end());
process.once("SIGINT", end);
process.once("SIGTERM", end);
