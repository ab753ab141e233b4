/**
 * The risk profiles as data, and how the three layers of a limit become one: hard constants of the order manager, the
 * profile with the overrides of the configuration, runtime controls. The tightest wins; no layer loosens one below it.
 *
 *   hard_limits.ts ──┐
 *   profile + config ┼── tightest of each ──> Limits of the RiskView
 *   runtime controls ┘
 */
import { z } from "zod";
import { assert } from "./assert.ts";
import { hardLimits, liveHardLimits } from "./hard_limits.ts";
import type { Mode } from "./intent.ts";
import {
  compare,
  isDecimalText,
  isNegative,
  isPositive,
  type Notional,
  notional,
  type Ratio,
  ratio,
  scale,
} from "./money.ts";
import type { Limits } from "./risk_view.ts";
import { hour } from "./time.ts";

/** Money of a profile is in dollars; the caller knows how many units of the accounting currency one dollar is. */
export type Usd = { readonly usd: string };
type MoneyLimit = "positionNotional" | "dailyLossNotional" | "sessionLossNotional";
export type ProfileLimits = Omit<Limits, MoneyLimit | "openPositionsMax"> & {
  readonly [Key in MoneyLimit]: Usd | null;
} & { readonly openPositionsMax: { readonly live: number; readonly rehearsal: number } };

const graduation: ProfileLimits = {
  riskPerTrade: ratio("0.01"),
  positionShare: ratio("0.05"),
  positionNotional: null,
  exposureShare: ratio("0.2"),
  assetShare: ratio("0.3"),
  openPositionsMax: { live: 1, rehearsal: 3 },
  strengthMin: ratio("0.1"),
  stopDistanceMax: ratio("0.03"),
  isStopMandatory: true,
  drawdownMax: ratio("0.1"),
  dailyLossShare: ratio("0.03"),
  dailyLossNotional: null,
  sessionLossShare: ratio("0.05"),
  sessionLossNotional: null,
  tradesPerMinute: 10,
  ordersPerWindow: 2,
  volatilityMax: ratio("0.2"),
  isDowntrendGuarded: true,
  quoteAgeMaxMs: 2_000,
  candleAgeMaxCycles: 2,
  losingStreakMax: 3,
  cooldownMs: 4 * hour,
  balanceGapMax: ratio("0.01"),
};

/** A tiny account that proves the wiring: one position, which may take the whole free balance but never risk more than 1 %. */
const integration: ProfileLimits = {
  ...graduation,
  positionShare: null,
  exposureShare: ratio("1"),
  assetShare: null,
  openPositionsMax: { live: 1, rehearsal: 1 },
  dailyLossShare: null,
  dailyLossNotional: { usd: "10" },
  sessionLossShare: null,
  sessionLossNotional: { usd: "15" },
};

/** Canary and drills: the stop is what is being tried, so its distance and presence follow the variant. Never in LIVE. */
const drill: ProfileLimits = {
  ...graduation,
  strengthMin: ratio("0"),
  stopDistanceMax: hardLimits.stopDistanceMax,
  isStopMandatory: false,
  cooldownMs: 0,
};

export const profiles = { graduation, integration, drill } as const;
export type ProfileName = keyof typeof profiles;

/** Which way a limit gets stricter. null (no such limit) is always the loosest value. */
type Tighter = "lower" | "higher" | "on";
const tighterWay = {
  riskPerTrade: "lower",
  positionShare: "lower",
  positionNotional: "lower",
  exposureShare: "lower",
  assetShare: "lower",
  openPositionsMax: "lower",
  strengthMin: "higher",
  stopDistanceMax: "lower",
  isStopMandatory: "on",
  drawdownMax: "lower",
  dailyLossShare: "lower",
  dailyLossNotional: "lower",
  sessionLossShare: "lower",
  sessionLossNotional: "lower",
  tradesPerMinute: "lower",
  ordersPerWindow: "lower",
  volatilityMax: "lower",
  isDowntrendGuarded: "on",
  quoteAgeMaxMs: "lower",
  candleAgeMaxCycles: "lower",
  losingStreakMax: "lower",
  cooldownMs: "higher",
  balanceGapMax: "lower",
} as const satisfies Record<keyof Limits, Tighter>;

export const limitNames = Object.keys(tighterWay) as readonly (keyof Limits)[];

export type LimitChange = "tightens" | "loosens" | "same";
type LimitValue = Limits[keyof Limits];

/** Says what a change of one limit does. Tightening is anybody's at once; loosening needs step-up, a reason and is announced. */
export function changeOf<Name extends keyof Limits>(
  name: Name,
  change: { from: Limits[Name]; to: Limits[Name] },
): LimitChange {
  const order = strictness(tighterWay[name], change.from, change.to);
  if (order === 0) return "same";
  return order > 0 ? "tightens" : "loosens";
}

/** Positive when `to` is stricter than `from`, 0 when they are equal. */
function strictness(way: Tighter, from: LimitValue, to: LimitValue): number {
  if (from === null || to === null) return Number(to !== null) - Number(from !== null);
  const rise = difference(to, from);
  return way === "lower" ? -rise : rise;
}

function difference(left: NonNullable<LimitValue>, right: NonNullable<LimitValue>): number {
  if (typeof left === "string" || typeof right === "string") return compare(left as Ratio, right as Ratio);
  return Number(left) - Number(right);
}

/** Each limit at its strictest of the two; what `controls` doesn't name stays. */
export function tightest(limits: Limits, controls: Partial<Limits>): Limits {
  const stricter = limitNames.filter((name) => {
    const value = controls[name];
    return value !== undefined && strictness(tighterWay[name], limits[name], value) > 0;
  });
  return { ...limits, ...Object.fromEntries(stricter.map((name) => [name, controls[name]])) };
}

export type LimitsRequest = {
  readonly mode: Mode;
  /** Units of the accounting currency that one dollar is worth: "1" for USDT. */
  readonly usdRate: Ratio;
  /** What the configuration says instead of the profile; may be looser than the profile, never than the hard constants. */
  readonly overrides?: LimitOverrides;
  /** What chat and dashboard have tightened, in the accounting currency. */
  readonly controls?: Partial<Limits>;
};

/**
 * The limits that hold now. In LIVE the profile `drill` is read as `graduation`: nobody is exempt there.
 * @throws InvariantError for a rate that is not positive or a limit that is negative or no number.
 */
export function limitsOf(name: ProfileName, request: LimitsRequest): Limits {
  assert(isPositive(request.usdRate), `A dollar is worth something, got the rate ${request.usdRate}`);
  const isLive = request.mode === "live";
  const profile = profiles[isLive && name === "drill" ? "graduation" : name];
  const told = { ...profile, ...withoutUndefined(request.overrides ?? {}) };
  const configured: Limits = {
    ...told,
    openPositionsMax: positionsMax(told.openPositionsMax, isLive),
    positionNotional: inCurrency(told.positionNotional, request.usdRate),
    dailyLossNotional: inCurrency(told.dailyLossNotional, request.usdRate),
    sessionLossNotional: inCurrency(told.sessionLossNotional, request.usdRate),
  };
  const layers: readonly Partial<Limits>[] = [hardLimits, isLive ? liveHardLimits : {}, request.controls ?? {}];
  for (const layer of [configured, ...layers]) assertSound(layer);
  return layers.reduce<Limits>(tightest, configured);
}

function withoutUndefined(overrides: LimitOverrides): Partial<ProfileLimits> {
  return Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined));
}

const positionsMax = (told: ProfileLimits["openPositionsMax"] | number, isLive: boolean): number =>
  typeof told === "number" ? told : told[isLive ? "live" : "rehearsal"];

function inCurrency(money: Usd | null, usdRate: Ratio): Notional | null {
  return money === null ? null : scale(notional(money.usd), usdRate);
}

/** Infinity, NaN or a negative value would switch a check off instead of tightening it. */
function assertSound(limits: Partial<Limits>): void {
  for (const [name, value] of Object.entries(limits)) {
    const isSound =
      typeof value === "string"
        ? isDecimalText(value) && !isNegative(value)
        : typeof value !== "number" || (Number.isFinite(value) && value >= 0);
    assert(isSound, `The limit ${name} must be a number that is not negative, got ${String(value)}; 0 means zero`);
  }
}

const plainNumber = z
  .string()
  .regex(/^\d{1,20}(\.\d{1,18})?$/, "must be a plain number that is not negative; 0 means zero");
const share = plainNumber.transform((text) => ratio(text));
const usd = z.object({ usd: plainNumber }).strict();
const count = z.number().int().min(0);

/** What a configuration may say about limits. An unknown name is refused, so that a misspelled limit is never ignored. */
export const limitOverridesSchema = z
  .object({
    riskPerTrade: share,
    positionShare: share.nullable(),
    positionNotional: usd.nullable(),
    exposureShare: share,
    assetShare: share.nullable(),
    openPositionsMax: count,
    strengthMin: share,
    stopDistanceMax: share,
    isStopMandatory: z.boolean(),
    drawdownMax: share,
    dailyLossShare: share.nullable(),
    dailyLossNotional: usd.nullable(),
    sessionLossShare: share.nullable(),
    sessionLossNotional: usd.nullable(),
    tradesPerMinute: count,
    ordersPerWindow: count,
    volatilityMax: share,
    isDowntrendGuarded: z.boolean(),
    quoteAgeMaxMs: count,
    candleAgeMaxCycles: count,
    losingStreakMax: count,
    cooldownMs: count,
    balanceGapMax: share,
  })
  .partial()
  .strict();
export type LimitOverrides = z.output<typeof limitOverridesSchema>;
