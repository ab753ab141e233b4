/**
 * Where PAPER trades: the practice exchange inside this process, over loopback HTTP, with an invented market or one played
 * from files. A played market brings its own symbols, candle length, accounting currency, time and state folder.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../config.ts";
import { liveFolder } from "../core/lifeline.ts";
import { fail, ok, type Result } from "../core/result.ts";
import type { HouseSettings } from "../core/settings.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Vault } from "../ports/vault.ts";
import { type PracticeHandle, startPractice } from "../practice/exchange.ts";
import { csvMarket } from "../practice/market/csv_market.ts";
import { liveMarket } from "../practice/market/live_market.ts";
import type { MarketSource } from "../practice/market/source.ts";
import { firstMarket } from "./first_market.ts";
import { dryRunMarket } from "./venue.ts";

/** Quote currencies that are worth about a dollar: an account in one of them starts with the dollar balance. */
const dollarLike: ReadonlySet<string> = new Set(["USDT", "USDC", "USD", "BUSD", "DAI", "TUSD"]);

/** "live:kucoin" practises with the public prices of a real venue; anything else is files; nothing is an invented market. */
const liveForm = /^live:([a-z0-9]+)$/;

export async function openMarket(config: Config, wallMs: number): Promise<Result<MarketSource, string>> {
  const { market, seed } = config.practice;
  if (config.mode === "dry_run") return openDryRunMarket(config);
  const exchange = market.length === 1 ? liveForm.exec(market[0] ?? "")?.[1] : undefined;
  try {
    if (exchange !== undefined) return ok(await liveMarket({ exchange, symbols: config.watchList }));
    if (market.length > 0) return ok(csvMarket({ paths: market, seed: String(seed) }));
    return ok(await firstMarket(config.environment.countersignHome, seed, wallMs));
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

/** A dry run follows the market of its venue, whatever the practice settings say. */
async function openDryRunMarket(config: Config): Promise<Result<MarketSource, string>> {
  try {
    return ok(await liveMarket({ ...dryRunMarket(config), symbols: config.watchList }));
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Real money has records of its own, and so has every played or live market: none of them may meet the positions, losses and
 * breakers of another. A finished market begins anew.
 */
export function homeOf(config: Config, source: MarketSource | null, vault: Vault): string {
  const home = config.environment.countersignHome;
  if (config.mode === "live") return join(home, liveFolder);
  if (source === null) return home;
  if (config.mode === "dry_run") return join(home, `dry-run-${vault.sha256(source.identity).slice(0, 8)}`);
  if (source.identity.startsWith("live ")) return join(home, `live-${vault.sha256(source.identity).slice(0, 8)}`);
  if (source.startsAt === null) return home;
  const name = `replay-${vault.sha256(source.identity).slice(0, 8)}`;
  for (let run = 1; ; run += 1) {
    const folder = join(home, run === 1 ? name : `${name}-${run}`);
    if (!existsSync(join(folder, finishedMark))) return folder;
  }
}

const finishedMark = "replay-finished";

export function markFinished(home: string): void {
  writeFileSync(join(home, finishedMark), "This replay has reached the end of its data.\n");
}

const slashed = (symbol: string): string => symbol.replace("-", "/");

/** The settings as a played market needs them: its symbols where none of the watch list is there, its candle length, its currency. */
export function settingsFor(settings: HouseSettings, source: MarketSource): Result<HouseSettings, string> {
  const offered = source.instruments.map((instrument) => slashed(instrument.symbol));
  const wanted = settings.symbols.filter((symbol) => offered.includes(symbol));
  if (source.startsAt === null) {
    const missing = settings.symbols.filter((symbol) => !offered.includes(symbol));
    return missing.length === 0
      ? ok(settings)
      : fail(
          `watch_list: ${missing.join(", ")} is not traded at the practice exchange, which has ${offered.join(", ")}`,
        );
  }
  const symbols = wanted.length > 0 ? wanted : offered;
  const currencies = [...new Set(symbols.map((symbol) => symbol.split("/")[1] ?? ""))];
  if (currencies.length !== 1)
    return fail(
      `The market files are quoted in ${currencies.join(" and ")}; one account needs one quote currency, so give files of one of them`,
    );
  const frameMs = frameOf(source);
  const bitcoin = `BTC/${currencies[0]}`;
  return ok({
    ...settings,
    symbols,
    currency: currencies[0] ?? "",
    timeframe: frameName(frameMs),
    timeframeMs: frameMs,
    cycleMs: frameMs,
    strategies: settings.strategies.map((strategy) => {
      const kept = strategy.symbols.filter((symbol) => symbols.includes(symbol));
      return { ...strategy, symbols: kept.length > 0 ? kept : symbols };
    }),
    volatilitySymbol: symbols.includes(bitcoin) ? bitcoin : null,
  });
}

function frameOf(source: MarketSource): number {
  return source.frameMs ?? 60_000;
}

function frameName(ms: number): string {
  const units = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["m", 60_000],
  ] as const;
  const unit = units.find(([, length]) => ms % length === 0 && ms >= length) ?? ["m", 60_000];
  return `${ms / unit[1]}${unit[0]}`;
}

export type OpenPractice = {
  readonly config: Config;
  readonly source: MarketSource;
  readonly settings: HouseSettings;
  readonly home: string;
  readonly clock: Clock;
  readonly vault: Vault;
  readonly log: Log;
};

export async function openPractice(opening: OpenPractice): Promise<Result<PracticeHandle, string>> {
  const { config, source, settings, home, clock, vault, log } = opening;
  mkdirSync(home, { recursive: true, mode: 0o711 });
  const secret = vault.sha256(`practice|${source.identity}`);
  const wanted = config.practice.balance;
  const balances =
    wanted[settings.currency] === undefined
      ? { ...wanted, [settings.currency]: dollarLike.has(settings.currency) ? "10000" : "10" }
      : wanted;
  try {
    return ok(
      await startPractice({
        venue: "kucoin",
        port: 0,
        market: source,
        accounts: [
          { key: secret.slice(0, 24), secret: secret.slice(24, 60), passphrase: secret.slice(0, 12), balances },
        ],
        seed: String(config.practice.seed),
        clock: {
          wireNow: () => clock.wall(),
          marketNow: () => clock.now(),
          every: (ms, work) => clock.every(ms, work),
        },
        journalPath: join(home, "practice.journal"),
        log: (line) => log.info(line),
      }),
    );
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}
