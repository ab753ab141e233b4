/**
 * Why an alert that fires is not told now. What could cost money unseen is on the list of `isVital` and is always told:
 * the kill switch, a broken audit chain, the dead-man switch, a mismatch with the venue, a position without a stop.
 */
import type { AlertTiming } from "./alert_timing.ts";
import { type Alert, type Matcher, matches } from "./alerting.ts";
import { addMs, type Instant, isoTime } from "./time.ts";

export type Silence = {
  readonly silenceId: string;
  readonly matchers: readonly Matcher[];
  readonly personId: string;
  readonly reason: string;
  readonly since: Instant;
  readonly until: Instant;
};

/** What of the house decides about telling, gathered once for many alerts. */
export type MuteView = {
  readonly startedAt: Instant | null;
  /** Venues that do not answer. */
  readonly venuesGone: readonly string[];
  readonly isHalted: boolean;
  readonly silences: readonly Silence[];
};

type Rule = { readonly because: string; mutes(alert: Alert, view: MuteView): boolean };

/** What a silent venue explains by itself. */
const causedByVenue: ReadonlySet<string> = new Set(["stale_price", "entry_refused", "feed_gap"]);

/** The alert that is the source of a rule is none of those that it mutes, so no rule can silence its own cause. */
export const inhibitions: readonly Rule[] = [
  {
    because: "the venue itself does not answer, which is told",
    mutes: ({ name, labels }, { venuesGone }) =>
      causedByVenue.has(name) && labels["venue"] !== undefined && venuesGone.includes(labels["venue"]),
  },
  {
    because: "trading is halted, which is told",
    mutes: ({ isMutedByHalt }, { isHalted }) => isHalted && isMutedByHalt === true,
  },
];

export function matcherText(matchers: readonly Matcher[]): string {
  return matchers.map(({ label, value }) => `${label}=${value}`).join(" ");
}

/** One sentence, or null: it may be told. */
export function whyMuted(alert: Alert, view: MuteView, timing: AlertTiming, now: Instant): string | null {
  if (alert.isVital) return null;
  if (view.startedAt !== null && now < addMs(view.startedAt, timing.startHoldMs)) return "the house has just started";
  const rule = inhibitions.find((one) => one.mutes(alert, view));
  if (rule !== undefined) return rule.because;
  const silence = view.silences.find((one) => one.until > now && matches(alert, one.matchers));
  return silence === undefined
    ? null
    : `silenced by ${silence.personId} until ${isoTime(silence.until).slice(11, 16)} UTC: ${silence.reason}`;
}
