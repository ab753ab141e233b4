/**
 * What a world may be about. Most seeds draw every family of faults for itself; some have a theme, in which a few families that
 * make one another worse are frequent and all others are silent. A seed may name its theme itself: "mortal:17".
 *
 * In most themed worlds the faults of venue and chats come in gusts: what was begun in fair weather has to end in foul.
 */
import { type Chance, type FaultFamily, faultFamilies } from "./contract.ts";

type Theme = Partial<Readonly<Record<FaultFamily, readonly [least: number, most: number]>>>;

export const themes = {
  /** Processes die all the time, now and then while an answer is on its way. */
  mortal: { crash: [0.25, 0.5], answer_lost: [0, 0.1] },
  /** Requests and answers get lost, and somebody has to find out what came of them. */
  doubt: { write_lost: [0.1, 0.5], request_lost: [0, 0.2], answer_late: [0, 0.2], index_lag: [0, 0.1] },
  /** The lists of the venue know nothing of orders that live, and answers are lost. */
  lag: { index_lag: [0.2, 0.5], write_lost: [0.1, 0.4], answer_garbled: [0, 0.2], fill_quirks: [0, 0.3] },
  /** Somebody else takes the place of a process that does not know it yet. */
  zombie: { takeover: [0.2, 0.5], freeze: [0.1, 0.5], store_away: [0, 0.3], answer_late: [0, 0.3] },
  /** Orders fill in parts, some of which are told late, and while they are canceled. */
  parts: {
    partial_fills: [0, 0.4],
    split_fills: [0.2, 0.5],
    fill_quirks: [0.1, 0.5],
    cancel_race: [0, 0.3],
    async_cancel: [0, 0.2],
  },
  /** The venue takes no stops, and the market jumps. */
  refusal: { stop_refused: [0.2, 0.5], market_gap: [0, 0.3], filters_change: [0, 0.3] },
  /** People trade by hand in the same account. */
  hands: { human_at_venue: [0.2, 0.5], partial_fills: [0, 0.3] },
  /** Chats are away and repeat themselves, and processes die while they listen. */
  deaf: { chat_away: [0.05, 0.3], chat_doubled: [0.1, 0.5], crash: [0.1, 0.5], queue_lost: [0, 0.5] },
  /** People answer when it is too late, or are in doubt about what time it is. */
  slow: { people_slow: [0.6, 0.95], clock_jump: [0, 0.2], queue_lost: [0, 0.3] },
  /** The house is halted and let go. */
  halt: { people_kill_switch: [0.1, 0.5], clock_jump: [0, 0.4], crash: [0, 0.3] },
  /** The venue is away, busy or broken. */
  outage: { venue_outage: [0.1, 0.5], rate_limit: [0, 0.2], server_error: [0, 0.3], answer_lost: [0, 0.1] },
  /** The record is away while prices jump. */
  amnesia: { store_away: [0.1, 0.5], store_lost_before: [0, 0.2], store_lost_after: [0, 0.2], market_gap: [0, 0.2] },
} as const satisfies Readonly<Record<string, Theme>>;

export type ThemeName = keyof typeof themes;
export const themeNames = Object.keys(themes) as ThemeName[];

/** The theme that a seed names, or null. */
export function themeOf(seed: string): ThemeName | null {
  const named = seed.split(":")[0] ?? "";
  return themeNames.find((name) => name === named) ?? null;
}

export function ratesOf(name: ThemeName, chance: Chance): Map<FaultFamily, number> {
  const theme: Theme = themes[name];
  const rates = new Map<FaultFamily, number>();
  for (const family of faultFamilies) {
    const [least, most] = theme[family] ?? [0, 0];
    const rate = least + (most - least) * chance.next();
    if (rate > 0.01) rates.set(family, rate);
  }
  return rates;
}

/** These come at a pace of their own (faults.ts) and know no weather. */
const unweathered: ReadonlySet<FaultFamily> = new Set([
  "crash",
  "freeze",
  "takeover",
  "clock_jump",
  "clock_drift",
  "store_away",
  "queue_lost",
  "write_lost",
  "people_slow",
  "people_kill_switch",
]);

/** @returns whether a family is silent at this moment, because the weather is fair. */
export function openGusts(chance: Chance, now: () => number): (family: FaultFamily) => boolean {
  if (chance.hits(0.25)) return () => false;
  const [fairMs, foulMs] = [chance.pick([8_000, 20_000, 40_000]), chance.pick([4_000, 10_000, 25_000])];
  let isFair = true;
  let until = now() + chance.int(1_000, fairMs);
  return (family) => {
    if (unweathered.has(family)) return false;
    while (now() >= until) {
      isFair = !isFair;
      until += chance.int(1_000, isFair ? fairMs : foulMs);
    }
    return isFair;
  };
}
