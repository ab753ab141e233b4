/** Limits that make no sense beside the account or the venue are told at the start, not at the first refused trade (G03). */
import type { Instrument } from "./instrument.ts";
import { mark } from "./mark.ts";
import { isLess, isMore, type Notional, scale, smallest } from "./money.ts";
import type { ProfileLimits } from "./profiles.ts";
import type { Limits } from "./risk_view.ts";

export type Consistency = {
  /** Nothing can be right before these are mended: the house opens nothing. */
  readonly fatal: readonly string[];
  /** Instruments whose smallest order is larger than the largest position. */
  readonly untradable: readonly string[];
};

export function consistencyOf(about: {
  readonly limits: Limits;
  /** Names of the limits that the settings give instead of the profile. */
  readonly told: readonly (keyof ProfileLimits)[];
  readonly equity: Notional;
  readonly instruments: readonly Instrument[];
  readonly currency: string;
}): Consistency {
  const { limits, told, equity, instruments, currency } = about;
  const caps = (["positionNotional", "dailyLossNotional", "sessionLossNotional"] as const).flatMap((name) => {
    const cap = limits[name];
    if (cap === null || !told.includes(name) || !isMore(cap, equity)) return [];
    return [
      `The limit ${name} is ${cap} ${currency}, more than the account holds (${equity}); lower it in the settings`,
    ];
  });
  const largest = largestPosition(limits, equity);
  const untradable = instruments
    .filter((instrument) => isLess(largest, instrument.notionalMin))
    .map((instrument) => instrument.symbol);
  const none =
    instruments.length > 0 && untradable.length === instruments.length
      ? [
          `The largest position is ${largest} ${currency}, and the venue takes nothing that small on any watched instrument; raise position_share or position_notional, or use a larger account`,
        ]
      : [];
  if (caps.length + none.length > 0) mark("G03.limits_do_not_fit");
  return { fatal: [...caps, ...none], untradable };
}

function largestPosition(limits: Limits, equity: Notional): Notional {
  const byShare = limits.positionShare === null ? equity : scale(equity, limits.positionShare);
  return limits.positionNotional === null ? byShare : smallest(byShare, limits.positionNotional);
}
