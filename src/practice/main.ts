/**
 * The practice exchange on its own, for anybody's bot:
 *
 *   npm run practice -- kucoin --port 9000 --balance USDT=123
 */
import { parseArgs } from "node:util";
import { systemClock } from "../adapters/system/clock.ts";
import { instant } from "../core/time.ts";
import { hexOf } from "./chance.ts";
import { type PracticeHandle, startPractice } from "./exchange.ts";
import { parseFixed } from "./fixed.ts";
import { lastJournalTime } from "./journal.ts";
import { csvMarket } from "./market/csv_market.ts";
import { liveMarket } from "./market/live_market.ts";
import type { MarketSource } from "./market/source.ts";
import { syntheticMarket } from "./market/synthetic.ts";

const HELP = `practice exchange: a venue on this machine that speaks the real protocol and refuses what the real one refuses

  npm run practice -- kucoin [options]

  --port N            port on 127.0.0.1 (default 9000; 0 takes a free one)
  --balance A=N       starting balance, may be repeated (default 10000 of the quote asset)
  --market PATH       candle file or folder (timestamp,open,high,low,close,volume); may be repeated
  --live ID           public prices of a ccxt exchange instead, with --symbol
  --symbol A/B        symbol for --live, may be repeated
  --speed N           market time runs N times faster (default 1; with --market 60)
  --warm-up N         candles of a file that are history at the start (default 60)
  --seed TEXT         same seed, same market (default "practice")
  --volatility N      of the market without a file (default 1)
  --journal PATH      keep orders and balances over a restart
  --strict on|off     refuse what no document allows (default on)
  --admin             open the fault routes under /practice/ (loopback only)
  --help              this text
`;

const FLAGS = {
  port: { type: "string" },
  balance: { type: "string", multiple: true },
  market: { type: "string", multiple: true },
  live: { type: "string" },
  symbol: { type: "string", multiple: true },
  speed: { type: "string" },
  "warm-up": { type: "string" },
  seed: { type: "string" },
  volatility: { type: "string" },
  journal: { type: "string" },
  strict: { type: "string" },
  admin: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

const numberFlag = (text: string | undefined, name: string, fallback: number, min: number): number => {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < min)
    throw new Error(`--${name} "${text}" is not a number of at least ${min}; write it like --${name} ${fallback}`);
  return value;
};

const balancesFrom = (texts: readonly string[], quoteAsset: string): Record<string, string> => {
  if (texts.length === 0) return { [quoteAsset]: "10000" };
  const out: Record<string, string> = {};
  for (const text of texts) {
    const [asset = "", amount = ""] = text.split("=");
    if (!/^[A-Za-z0-9]+$/.test(asset) || parseFixed(amount) === null)
      throw new Error(`--balance "${text}" is not ASSET=AMOUNT; write it like --balance USDT=123`);
    out[asset.toUpperCase()] = amount;
  }
  return out;
};

type Flags = ReturnType<typeof readFlags>;

const readFlags = (args: readonly string[]) => {
  const { values, positionals } = parseArgs({ args: [...args], options: FLAGS, allowPositionals: true });
  const [venue = "", ...files] = positionals;
  return { ...values, venue, files };
};

const marketFrom = async (flags: Flags, seed: string): Promise<MarketSource> => {
  // A shell turns --market data/*.csv into one flag value and loose words; both are files.
  const paths = [...(flags.market ?? []), ...flags.files];
  if (paths.length > 0) return csvMarket({ paths, seed, warmUp: numberFlag(flags["warm-up"], "warm-up", 60, 0) });
  if (flags.live !== undefined) {
    if (flags.symbol === undefined) throw new Error("--live needs at least one --symbol such as SOL/USDT");
    return liveMarket({ exchange: flags.live, symbols: flags.symbol });
  }
  return syntheticMarket({ seed, volatility: numberFlag(flags.volatility, "volatility", 1, 0) });
};

const greeting = (handle: PracticeHandle, speed: number): string => {
  const { key, secret, passphrase } = handle.credentials[0] ?? { key: "", secret: "", passphrase: "" };
  const symbols = handle.market.instruments.map((one) => one.symbol).join(", ");
  return `practice exchange (KuCoin spot) on ${handle.url}
  key        ${key}
  secret     ${secret}
  passphrase ${passphrase}
  symbols    ${symbols}
  speed      ${speed}
${handle.market.warnings.map((line) => `  note       ${line}\n`).join("")}
ccxt:
  const e = new ccxt.kucoin({ apiKey: "${key}", secret: "${secret}", password: "${passphrase}" });
  for (const name of Object.keys(e.urls.api)) e.urls.api[name] = "${handle.url}";
  Object.assign(e.options, { uta: false, hf: true });

This money is not real. Stop with Ctrl-C.
`;
};

const checkFlags = (flags: Flags): void => {
  if (flags.venue !== "kucoin") throw new Error(`there is no practice venue "${flags.venue}"; use kucoin`);
  if (flags.strict !== undefined && flags.strict !== "on" && flags.strict !== "off") {
    throw new Error(`--strict "${flags.strict}" is neither on nor off`);
  }
};

/** House time starts at the wall, or where a played file starts, or where its journal stopped. */
const clockFor = (flags: Flags, market: MarketSource): ReturnType<typeof systemClock> => {
  const isPlayed = market.startsAt !== null;
  const speed = flags.live === undefined ? numberFlag(flags.speed, "speed", isPlayed ? 60 : 1, 0.001) : 1;
  const kept = flags.journal === undefined || !isPlayed ? null : lastJournalTime(flags.journal);
  const houseStart = kept ?? market.startsAt;
  return systemClock(houseStart === null ? { speed } : { speed, houseStart: instant(houseStart) });
};

const open = async (flags: Flags): Promise<{ handle: PracticeHandle; speed: number }> => {
  const seed = flags.seed ?? "practice";
  const market = await marketFrom(flags, seed);
  const clock = clockFor(flags, market);
  const secret = `${hexOf(`${seed}/secret`, 8)}-practice-${hexOf(`${seed}/secret2`, 12)}`;
  const balances = balancesFrom(flags.balance ?? [], market.instruments[0]?.quote ?? "USDT");
  const handle = await startPractice({
    venue: "kucoin",
    port: numberFlag(flags.port, "port", 9000, 0),
    market,
    accounts: [{ key: hexOf(`${seed}/key`, 24), secret, passphrase: "practice", balances }],
    seed,
    clock: { wireNow: () => clock.wall(), marketNow: () => clock.now(), every: (ms, work) => clock.every(ms, work) },
    strict: flags.strict !== "off",
    ...(flags.journal === undefined ? {} : { journalPath: flags.journal }),
    admin: flags.admin === true,
    log: (line) => process.stderr.write(`${line}\n`),
  });
  return { handle, speed: clock.speed };
};

const run = async (args: readonly string[]): Promise<number> => {
  const flags = readFlags(args);
  if (flags.help || flags.venue === "") {
    process.stdout.write(HELP);
    return flags.help ? 0 : 2;
  }
  checkFlags(flags);
  const { handle, speed } = await open(flags);
  process.stdout.write(greeting(handle, speed));
  void handle.market.ended.then(() => process.stdout.write("The market data is over; the last prices stay.\n"));
  await new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  await handle.stop();
  return 0;
};

/** Runs until it is stopped; gives the exit code. Mistakes of the caller are one line on stderr and code 2. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    return await run(args);
  } catch (problem) {
    process.stderr.write(`${problem instanceof Error ? problem.message : String(problem)}\n`);
    return 2;
  }
}

// Only when this very file is run; inside a bundle the starter calls main.
if (process.argv[1]?.endsWith("practice/main.ts")) {
  void main(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  });
}
