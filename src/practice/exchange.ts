/**
 * The practice exchange as others use it: start it with a market and accounts, point any KuCoin client at `url`.
 *
 *   market source --prints--> core <--commands-- KuCoin skin <--HTTP, WebSocket-- a bot
 *                              |
 *                           journal
 *
 * Two times: wire time is real (signatures, /timestamp, rates); market time is the house's and may run fast.
 */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { adminRoutes } from "./admin.ts";
import { hexOf } from "./chance.ts";
import { createFaultPlan } from "./faults.ts";
import { formatFixed } from "./fixed.ts";
import { type House, openHouse } from "./house.ts";
import type { Instrument } from "./instrument.ts";
import { amountOf, faultsOf, must, type PracticeFaults } from "./knobs.ts";
import type { KeyHolder } from "./kucoin/auth.ts";
import { fireDeadMen } from "./kucoin/dead_man.ts";
import type { Skin } from "./kucoin/route.ts";
import { createKucoinServer } from "./kucoin/server.ts";
import { openStreams } from "./kucoin/socket.ts";
import type { MarketSource } from "./market/source.ts";
import { lenientSwitches, type Switches, strictSwitches } from "./switches.ts";
import { createVisibility } from "./visibility.ts";
import { createWireLog, type WireLog } from "./wire_log.ts";

export interface PracticeClock {
  /** Real time, ms. */
  wireNow(): number;
  /** Market time, ms; never goes back. */
  marketNow(): number;
  /** Calls `work` every `ms` of real time until the returned function is called. */
  every(ms: number, work: () => void): () => void;
}

export interface PracticeAccount {
  key: string;
  secret: string;
  passphrase: string;
  /** Starting balances as plain decimals; paid in once, when the account is new. */
  balances: Readonly<Record<string, string>>;
  /** Default General and Spot: no key of the practice exchange can withdraw unless a test says so. */
  permissions?: readonly string[];
  ipWhitelist?: string;
}

export interface PracticeOptions {
  venue: "kucoin";
  /** 0 takes a free port. */
  port: number;
  /** Loopback only; default 127.0.0.1. */
  host?: string;
  market: MarketSource;
  accounts: readonly PracticeAccount[];
  seed: string;
  clock: PracticeClock;
  journalPath?: string;
  /** False puts every unconfirmed rule on its lenient side; default true. */
  strict?: boolean;
  switches?: Partial<Switches>;
  /** Opens the fault routes under /practice/; default off. */
  admin?: boolean;
  log?: (line: string) => void;
}

export interface PracticeHandle {
  url: string;
  port: number;
  credentials: readonly { key: string; secret: string; passphrase: string }[];
  market: {
    readonly instruments: readonly Instrument[];
    /** Most common quote asset: what a balance should be in. */
    readonly quoteAsset: string;
    readonly warnings: readonly string[];
    now(): number;
    lastPrice(symbol: string): string | null;
    isEnded(): boolean;
    /** Resolves when the data is over; never for a market without end. */
    ended: Promise<void>;
  };
  faults: PracticeFaults;
  wireLog: WireLog;
  /** Balances of the first account, or of the one with this key. */
  balances(key?: string): Record<string, { free: string; held: string }>;
  /** For tests that look inside. */
  house: House;
  stop(): Promise<void>;
}

/** How often the market advances by itself, real ms. */
const PUMP_MS = 50;
const PRINTS_KEPT = 100;
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;

const listen = (server: Server, port: number, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", (problem: NodeJS.ErrnoException) => {
      const isTaken = problem.code === "EADDRINUSE";
      const text = isTaken
        ? `practice exchange: port ${port} on ${host} is in use; stop the other program or choose another port (0 takes a free one)`
        : `practice exchange: cannot listen on ${host}:${port} (${problem.code ?? problem.message}); choose another port`;
      reject(new Error(text));
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });

const openAccounts = (house: House, accounts: readonly PracticeAccount[], now: number): Map<string, KeyHolder> => {
  const holders = new Map<string, KeyHolder>();
  for (const account of accounts) {
    const accountId = `account-${account.key}`;
    const isNew = !house.core.state.accounts.has(accountId);
    if (isNew) must(house, { do: "open_account", accountId });
    for (const [asset, text] of Object.entries(account.balances)) {
      if (isNew) must(house, { do: "deposit", accountId, asset, amount: amountOf(text, `balance of ${asset}`) });
    }
    const { key, secret, passphrase } = account;
    const permissions = [...(account.permissions ?? ["General", "Spot"])];
    holders.set(key, {
      key,
      secret,
      passphrase,
      accountId,
      permissions,
      ipWhitelist: account.ipWhitelist ?? "127.0.0.1",
      isRevoked: false,
      createdAt: now,
    });
  }
  return holders;
};

const quoteAssetOf = (instruments: readonly Instrument[]): string => {
  const counts = new Map<string, number>();
  for (const { quote } of instruments) counts.set(quote, (counts.get(quote) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? "USDT";
};

const sleepOn =
  (clock: PracticeClock) =>
  (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const stop = clock.every(Math.max(1, ms), () => {
        stop();
        resolve();
      });
    });

/** Keeps the last prints of each symbol for /market/histories. */
const rememberPrints = (house: House): Skin["recentPrints"] => {
  const prints = new Map<string, { at: number; price: bigint; volume: bigint }[]>();
  house.listen((event) => {
    if (event.kind !== "print") return;
    const kept = prints.get(event.symbol) ?? [];
    kept.push({ at: event.at, price: event.price, volume: event.volume });
    if (kept.length > PRINTS_KEPT) kept.shift();
    prints.set(event.symbol, kept);
  });
  return (symbol) => prints.get(symbol) ?? [];
};

const tokenDesk = (seed: string): { owners: Map<string, KeyHolder | null>; streamToken: Skin["streamToken"] } => {
  const owners = new Map<string, KeyHolder | null>();
  const streamToken = (holder: KeyHolder | null): string => {
    const token = hexOf(`${seed}/token/${owners.size}/${holder?.secret ?? ""}`, 48);
    owners.set(token, holder);
    return token;
  };
  return { owners, streamToken };
};

const checkOptions = (options: PracticeOptions): string => {
  const host = options.host ?? "127.0.0.1";
  if (!LOOPBACK.test(host))
    throw new Error(
      `practice exchange: host ${host} is not loopback; anybody who reaches it could trade, so use 127.0.0.1`,
    );
  // Plain JavaScript may hand over any word.
  const venue: string = options.venue;
  if (venue !== "kucoin") throw new Error(`practice exchange: there is no venue "${venue}"; use kucoin`);
  return host;
};

const balanceTexts = (house: House, accountId: string): Record<string, { free: string; held: string }> => {
  const out: Record<string, { free: string; held: string }> = {};
  for (const [asset, { free, held }] of house.core.state.accounts.get(accountId)?.balances ?? []) {
    out[asset] = { free: formatFixed(free), held: formatFixed(held) };
  }
  return out;
};

/** Walks the market every 50 ms. A fault of our own takes the venue out instead of taking the caller's process along. */
const startPump = (
  options: PracticeOptions,
  house: House,
  knobs: { isOut: boolean },
  also: { readonly work: () => void; readonly whenEnded: () => void },
): (() => void) =>
  options.clock.every(PUMP_MS, () => {
    try {
      house.pump();
      also.work();
    } catch (problem) {
      knobs.isOut = true;
      options.log?.(
        `practice exchange is out of order: ${problem instanceof Error ? (problem.stack ?? problem.message) : String(problem)}`,
      );
    }
    if (options.market.state(options.clock.marketNow()) === "ended") also.whenEnded();
  });

const marketHandle = (
  house: House,
  market: MarketSource,
  clock: PracticeClock,
  ended: Promise<void>,
): PracticeHandle["market"] => ({
  get instruments() {
    return [...house.core.state.instruments.values()];
  },
  quoteAsset: quoteAssetOf(market.instruments),
  warnings: market.warnings,
  now: () => house.core.state.now,
  lastPrice: (symbol) => {
    const last = house.core.state.last.get(symbol);
    return last === undefined ? null : formatFixed(last.price);
  },
  isEnded: () => market.state(clock.marketNow()) === "ended",
  ended,
});

interface Parts {
  house: House;
  skin: Skin;
  server: Server;
  faults: PracticeFaults;
  wireLog: WireLog;
  knobs: { isOut: boolean; skewMs: number };
  balances(key?: string): Record<string, { free: string; held: string }>;
  /** Where the server is reached; set once it listens. */
  place: { url: string };
  close(): void;
}

/** Puts market, core, skin and faults together; nothing listens yet. */
const buildParts = (options: PracticeOptions, switches: Switches): Parts => {
  const { clock, market, seed } = options;
  const log = options.log ?? (() => undefined);
  const knobs = { isOut: false, skewMs: 0 };
  const place = { url: "" };
  const journal = options.journalPath === undefined ? {} : { journalPath: options.journalPath };
  const house = openHouse({ market, seed, switches, marketNow: clock.marketNow, ...journal });
  const visibility = createVisibility(clock.wireNow);
  house.listen((event) => visibility.note(event));
  const holders = openAccounts(house, options.accounts, clock.wireNow());
  const plan = createFaultPlan();
  const wireLog = createWireLog();
  const { owners, streamToken } = tokenDesk(seed);
  const wireNow = (): number => clock.wireNow() + knobs.skewMs;
  const recentPrints = rememberPrints(house);
  const skin: Skin = {
    house,
    market,
    switches,
    holders,
    visibility,
    deadMen: new Map(),
    wireNow,
    url: () => place.url,
    recentPrints,
    streamToken,
  };
  const isOut = (): boolean => knobs.isOut || market.state(clock.marketNow()) === "gone";
  const holderOf = (key?: string) => (key === undefined ? [...holders.values()][0] : holders.get(key));
  const balances = (key?: string) => balanceTexts(house, holderOf(key)?.accountId ?? "");
  // The admin's verbs exist only after the streams do, which need the server.
  let admin: ReturnType<typeof adminRoutes> = () => null;
  const server = createKucoinServer({
    skin,
    faults: plan,
    wireLog,
    isOut,
    sleep: sleepOn(clock),
    log,
    admin: (...call) => admin(...call),
  });
  const streams = openStreams({ skin, server, owners, isOut, log });
  const faults = faultsOf({ house, holders, knobs, visibility, plan, streams });
  if (options.admin) admin = adminRoutes({ faults, wireLog, balances });
  const close = (): void => {
    streams.close();
    server.closeAllConnections();
    house.close();
  };
  return { house, skin, server, faults, wireLog, knobs, balances, place, close };
};

/** Starts the exchange. @throws one clear error for a taken port, a host that is not loopback, or a foreign journal. */
export const startPractice = async (options: PracticeOptions): Promise<PracticeHandle> => {
  const { clock, market } = options;
  const host = checkOptions(options);
  const switches: Switches = { ...(options.strict === false ? lenientSwitches : strictSwitches), ...options.switches };
  const tools = { wireNow: clock.wireNow, every: clock.every, log: options.log ?? (() => undefined) };
  const stopSource = (await market.start?.(tools)) ?? (() => undefined);
  let parts: Parts | null = null;
  let port = 0;
  try {
    parts = buildParts(options, switches);
    port = await listen(parts.server, options.port, host);
  } catch (problem) {
    stopSource();
    parts?.close();
    throw problem;
  }
  const { house, skin, faults, wireLog, balances, server, close } = parts;
  const url = `http://${host === "::1" ? "[::1]" : host}:${port}`;
  parts.place.url = url;
  let announceEnd: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    announceEnd = resolve;
  });
  const stopPump = startPump(options, house, parts.knobs, {
    work: () => fireDeadMen(skin, switches),
    whenEnded: () => announceEnd(),
  });
  const stop = async (): Promise<void> => {
    stopPump();
    stopSource();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    close();
    await closed;
  };
  const credentials = options.accounts.map(({ key, secret, passphrase }) => ({ key, secret, passphrase }));
  return {
    url,
    port,
    credentials,
    market: marketHandle(house, market, clock, ended),
    faults,
    wireLog,
    balances,
    house,
    stop,
  };
};
