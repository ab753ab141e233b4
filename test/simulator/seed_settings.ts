/** What one seed is about: the venue's profile, what the house is told to trade, who decides, and which faults may happen. */
import type { Instrument } from "../../src/core/instrument.ts";
import { ratio } from "../../src/core/money.ts";
import type { HouseSettings } from "../../src/core/settings.ts";
import { strategies } from "../../src/strategies/index.ts";
import {
  type Chance,
  type FaultFamily,
  faultFamilies,
  type QuirkProfile,
  quirkProfiles,
  type SimPeople,
  type Weather,
} from "./contract.ts";
import { openGusts, ratesOf, type ThemeName } from "./themes.ts";

export type Climate = Weather & {
  /** The families of this seed with their rates. */
  readonly families: ReadonlyMap<FaultFamily, number>;
  /** From now on it goes wrong as often as told. */
  set(family: FaultFamily, rate: number): void;
  /** From now on nothing goes wrong any more. */
  clear(): void;
};

export const drawProfile = (chance: Chance): QuirkProfile => chance.pick(quirkProfiles);

/** A subset, and low rates more often than high ones: under a storm nothing is ever traded, and then nothing is shown. */
export function drawClimate(
  chance: Chance,
  theme: { readonly name: ThemeName | null; readonly now: () => number },
): Climate {
  if (theme.name !== null) return climateOf(ratesOf(theme.name, chance), openGusts(chance.fork("gusts"), theme.now));
  const share = chance.pick([0, 0.1, 0.2, 0.3, 0.5, 0.8]);
  const families = new Map<FaultFamily, number>();
  for (const family of faultFamilies) {
    const isChosen = chance.hits(share);
    const rate = 0.5 * chance.next() ** 4;
    if (isChosen) families.set(family, rate);
  }
  return climateOf(families);
}

/** @param isSilent whether a family is silent at this moment. */
export function climateOf(
  families: Map<FaultFamily, number>,
  isSilent: (family: FaultFamily) => boolean = () => false,
): Climate {
  let isClear = false;
  return {
    families,
    rate: (family) => (isClear || isSilent(family) ? 0 : (families.get(family) ?? 0)),
    set: (family, rate) => void families.set(family, rate),
    clear() {
      isClear = true;
    },
  };
}

/** A cap that is never reached shows nothing. */
const capsThatAreReached = { openPositionsMax: 1 };

export function drawSettings(
  chance: Chance,
  world: {
    readonly venue: string;
    readonly instruments: readonly Instrument[];
    readonly people: SimPeople;
    readonly seed: string;
    readonly theme: ThemeName | null;
  },
): HouseSettings {
  const all = world.instruments.map((instrument) => instrument.symbol);
  const symbols = all.slice(0, chance.int(1, Math.min(3, all.length)));
  const isCoarse = world.venue === "polymarket";
  const canary = strategies.find((strategy) => strategy.name === "always_trade_canary");
  const params = canary?.params.parse({
    strength: 0.5,
    // Prices of one or two digits move in steps of whole percents there.
    stopPercent: chance.pick(isCoarse ? [4, 8, 15] : [0.3, 0.5, 1, 2]),
    targetPercent: chance.pick(isCoarse ? [null, 3, 6] : [null, 0.3, 0.6, 1, 3]),
    holdCandles: chance.int(1, 3),
  }) as Readonly<Record<string, unknown>>;
  const isSlow = world.theme === "slow";
  const caps = world.theme !== null && chance.fork("caps").hits(0.5) ? capsThatAreReached : {};
  return {
    mode: "paper",
    version: "0.0.0-sim",
    configHash: `sim-${world.seed}`,
    venue: world.venue,
    account: "main",
    currency: world.instruments[0]?.quote ?? "USDT",
    usdRate: ratio("1"),
    // Short candles: a trade should begin and end within the steps of one seed.
    ...(chance.hits(0.95) ? { timeframe: "15s", timeframeMs: 15_000 } : { timeframe: "1m", timeframeMs: 60_000 }),
    cycleMs: chance.pick([2_000, 5_000, 15_000]),
    strategies: [{ name: "always_trade_canary", params, symbols }],
    symbols,
    restricted: [],
    kill: {
      resumeWaitMs: chance.pick([0, 60_000]),
      flattenOnSilence: chance.hits(0.3),
      emergencyOnSilence: chance.hits(0.7),
    },
    profile: isCoarse ? "drill" : chance.pick(["drill", "drill", "graduation"]),
    overrides: { cooldownMs: 0, isDowntrendGuarded: false, volatilityMax: ratio("1"), ordersPerWindow: 5, ...caps },
    approvals: {
      policy: chance.hits(0.4) && !isSlow ? "automatic" : "ask",
      expiresMs: isSlow ? 30_000 : chance.pick([30_000, 120_000, 300_000]),
      quoteTtlMs: 15_000,
      execDeadlineMs: 20_000,
      softBps: 10,
      hardBps: 50,
    },
    people: world.people.people,
    allowedChats: world.people.allowedChats,
    discordGuildId: null,
    summaryHour: 8,
    volatilitySymbol: null,
    declaredBalance: null,
  };
}
