/**
 * Starts the pretended Discord alone, for trying the bot by hand: one guild, one channel, one person whose hands are this prompt.
 *   tap LABEL            on the newest message with such a button
 *   /name key=value ...  a slash command
 *   say WORDS            a direct message to the bot
 *   see                  what the channel shows
 */
import { createInterface } from "node:readline/promises";
import { openDiscordServer } from "./server.ts";

const server = await openDiscordServer({ port: Number(process.argv[2] ?? 0) });
const ana = server.addUser("ana", { globalName: "Ana" });
const guildId = server.addGuild("Practice", [ana]);
const channelId = server.addChannel(guildId, "trading");
const print = (text: string) => process.stdout.write(`${text}\n`);
print(`DISCORD_API_ROOT=${server.apiRoot}\nDISCORD_BOT_TOKEN=${server.token}\nDISCORD_GUILD_ID=${guildId}`);
print(`channel ${channelId}, you are ana (${ana})`);

const lines = createInterface({ input: process.stdin, output: process.stdout, prompt: "> " });
lines.prompt();
for await (const line of lines) {
  try {
    obey(line.trim());
  } catch (error) {
    print(String(error));
  }
  lines.prompt();
}
await server.stop();

function obey(line: string): void {
  const [word = "", ...rest] = line.split(" ");
  if (word === "see") {
    for (const message of server.see(channelId, ana)) print(JSON.stringify(message, null, 1));
    return;
  }
  if (word === "say") server.sendText(ana, server.openDm(ana), rest.join(" "));
  if (word.startsWith("/")) server.slash(ana, channelId, word.slice(1), optionsOf(rest));
  if (word !== "tap") return;
  const label = rest.join(" ");
  const shown = server
    .see(channelId, ana)
    .filter((message) => JSON.stringify(message.components).includes(JSON.stringify(label)));
  const newest = shown.at(-1);
  if (newest === undefined) print(`No message has a button "${label}".`);
  else server.tap(ana, newest.id, label);
}

function optionsOf(words: string[]): Record<string, string | number | boolean> {
  const pairs = words.map((word): [string, string | number | boolean] => {
    const [key = "", value = ""] = word.split("=");
    if (value === "true" || value === "false") return [key, value === "true"];
    return [key, /^-?\d+$/.test(value) ? Number(value) : value];
  });
  return Object.fromEntries(pairs);
}
