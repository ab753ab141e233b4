/**
 * The strict Telegram server alone, with a line prompt to play the human: `npx tsx test/servers/telegram/main.ts [port]`.
 * Start the bot with TELEGRAM_API_ROOT and the token it prints.
 */
import { createInterface } from "node:readline";
import type { Fault } from "./faults.ts";
import { startTelegramServer } from "./server.ts";
import { contentOf, type Message } from "./world.ts";

const say = (text: string) => process.stdout.write(`${text}\n`);
const help = `say <text> · tap <message> <button> · list · late <minutes> <text> · fail <method> <fault> [times] · mend · block · unblock · quit`;

const server = await startTelegramServer({ port: Number(process.argv[2] ?? 0), flood: "platform" });
const human = server.addUser({ first_name: "Ana", username: "ana" });
const chat = server.privateChat(human);
say(
  `TELEGRAM_API_ROOT=${server.apiRoot}\ntoken ${server.token}\nyou are ${human.first_name}, user and chat ${human.id}\n${help}`,
);

const shown = new Map<Message, number>();
const timer = setInterval(() => {
  for (const message of server.botMessages(chat)) {
    if (shown.get(message) === message.history.length) continue;
    shown.set(message, message.history.length);
    say(draw(message));
  }
}, 200);

function draw(message: Message): string {
  const content = contentOf(message);
  const buttons = (content.keyboard ?? []).map((row) => row.map((button) => `[${button.text}]`).join(" ")).join("\n");
  return `--- message ${message.messageId}${message.history.length > 1 ? " (edited)" : ""}\n${content.text}\n${buttons}`;
}

const verbs: Readonly<Record<string, (words: string[]) => void>> = {
  say: (words) => void server.sendText(human, chat, words.join(" ")),
  late: ([minutes, ...words]) =>
    void server.sendText(human, chat, words.join(" "), { at: Date.now() - Number(minutes) * 60_000 }),
  tap: ([number = "", ...words]) => {
    const message = server.message(chat, number);
    if (message === null) return void say("no such message");
    const { queryId } = server.tap(human, message, words.join(" "));
    setTimeout(() => say(`answer: ${JSON.stringify(server.answerOf(queryId))}`), 1_000);
  },
  fail: ([method = "*", kind = "drop_after", times = "1"]) => {
    const fault = { ms: 5_000, retryAfter: 5, when: "after", code: 400, description: "Bad Request: on order", kind };
    server.fail(method, fault as unknown as Fault, Number(times));
  },
  list: () => say(server.botMessages(chat).map(draw).join("\n")),
  mend: () => server.mend(),
  block: () => server.block(chat),
  unblock: () => server.unblock(chat),
  quit: () => lines.close(),
};

function act(line: string): void {
  const [verb = "", ...words] = line.trim().split(/\s+/);
  const known = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (known === undefined) say(help);
  else known(words);
}

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  try {
    act(line);
  } catch (error) {
    say(String(error));
  }
});
lines.on("close", () => {
  clearInterval(timer);
  void server.close();
});
