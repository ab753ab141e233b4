/** The hosts that the settings name: database, queue, chats, venue, and the market that is followed. Nobody else is spoken to. */
import { guardEgress } from "../adapters/system/egress.ts";
import type { Config } from "../config.ts";
import type { Secret } from "../core/secret.ts";
import type { Log } from "../ports/log.ts";
import { venues } from "../venues/index.ts";
import { dryRunMarket } from "./venue.ts";

/** Discord names the host of its gateway anew with each session; all of them lie below this one. */
const discordGateways = ".discord.gg";

/** @returns puts everything back as it was. */
export async function onlyToOurHosts(config: Config, log: Log): Promise<() => void> {
  const egress = guardEgress(await hostsOf(config), (host) =>
    log.error("A connection was refused: this house has no business with that host", { host }),
  );
  return egress.release;
}

async function hostsOf(config: Config): Promise<readonly string[]> {
  const { environment } = config;
  const { telegramApiRoot, discordApiRoot, kucoinApiRoot } = environment;
  const urls = [
    environment.databaseUrl?.reveal() ?? null,
    environment.redisUrl?.reveal() ?? null,
    environment.heartbeatUrl?.reveal() ?? null,
    environment.telegramBotToken === null ? null : telegramApiRoot,
    environment.discordBotToken === null ? null : discordApiRoot,
    kucoinApiRoot,
  ];
  const named = urls.flatMap((url) => (url === null ? [] : hostsIn(url)));
  const live = config.mode === "live" || config.mode === "dry_run" ? liveHostsOf(config.venue) : [];
  const gateways = isGiven(environment.discordBotToken) ? [discordGateways] : [];
  return [...new Set([...named, ...live, ...gateways, ...(await marketHosts(config))])];
}

const isGiven = (secret: Secret | null): boolean => secret !== null;

const liveHostsOf = (name: string): readonly string[] => venues.find((one) => one.name === name)?.liveHosts ?? [];

/** The host of an address, and the one that PostgreSQL takes from its options instead. */
function hostsIn(text: string): readonly string[] {
  if (!URL.canParse(text)) return [];
  const url = new URL(text);
  return [url.hostname, ...(url.searchParams.get("host")?.split(",") ?? [])].filter((host) => host !== "");
}

/** What the client library of a followed market calls its own addresses. */
async function marketHosts(config: Config): Promise<readonly string[]> {
  const followed = /^live:([a-z0-9]+)$/.exec(config.practice.market[0] ?? "")?.[1];
  const exchange = config.mode === "dry_run" ? dryRunMarket(config).exchange : followed;
  if (exchange === undefined) return [];
  const { default: ccxt } = await import("ccxt");
  const Client = (ccxt as unknown as Record<string, (new () => { urls: unknown; hostname?: string }) | undefined>)[
    exchange
  ];
  if (Client === undefined) return [];
  const { urls, hostname = "" } = new Client();
  const texts = JSON.stringify(urls).match(/https?:\/\/[^"/]+/g) ?? [];
  return texts.flatMap((text) => hostsIn(text.replaceAll("{hostname}", hostname)));
}
