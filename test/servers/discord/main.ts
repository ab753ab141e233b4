/**
 * The strict Discord server alone, with a page to play the humans and a prompt for bad weather:
 * `npm run fake:discord -- [--port 8083] [--page 8084]`. Start the bot with the settings that it prints.
 */
import { createInterface } from "node:readline";
import { greet, portsOf } from "../human/alone.ts";
import { discordHands } from "./hands.ts";
import { openDiscordServer } from "./server.ts";

const say = (text: string) => process.stdout.write(`${text}\n`);
const help = `cut: the gateway's line breaks · reconnect: it asks for another · session: it ends for good
fail <path> <status> [times]: REST answers so, after it was done · mend: ends all faults · skip <minutes>: time passes · quit`;

const ports = portsOf(process.argv.slice(2));
const server = await openDiscordServer({ port: ports.port });
const [ana, bo] = [server.addUser("ana", { globalName: "Ana" }), server.addUser("bo", { globalName: "Bo" })];
const guildId = server.addGuild("Practice", [ana, bo]);
const channelId = server.addChannel(guildId, "trading");
const page = await greet(
  {
    name: "Discord",
    settings: {
      DISCORD_API_ROOT: server.apiRoot,
      DISCORD_BOT_TOKEN: server.token,
      DISCORD_GUILD_ID: guildId,
    },
    people: `Ana ${ana}, Bo ${bo}, channel #trading ${channelId}`,
    hands: discordHands(server, { people: [ana, bo], guildId, channelId }),
  },
  ports.page,
);

const verbs: Readonly<Record<string, (words: string[]) => unknown>> = {
  cut: () => server.gateway.cut(),
  reconnect: () => server.gateway.askToReconnect(),
  session: () => server.gateway.invalidateSession(false),
  fail: ([path = "", status = "502", times = "1"]) =>
    server.fault({
      path: new RegExp(path),
      times: Number(times),
      how: { kind: "status", status: Number(status), isStored: true },
    }),
  mend: () => server.clearFaults(),
  skip: ([minutes = "1"]) => server.skip(Number(minutes) * 60_000),
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
  void server.stop();
};
// Without a terminal the prompt ends at once; the platform goes on until it is told to stop.
lines.on("close", () => process.stdin.isTTY === true && end());
process.once("SIGINT", end);
process.once("SIGTERM", end);
