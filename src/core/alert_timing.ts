/** When people are told: the reasons, and the lengths of time that decide between them. All times are real ones. */
import type { Severity } from "./card.ts";
import { hour, minute } from "./time.ts";

export const notifyReasons = [
  "first_notification",
  "new_alerts_in_group",
  "all_alerts_resolved",
  "new_resolved_alerts",
  "repeat_interval_elapsed",
] as const;
export type NotifyReason = (typeof notifyReasons)[number];
export type NotifyDecision = NotifyReason | "do_not_notify";

type BySeverity<Value> = Readonly<Record<Severity, Value>>;

export type AlertTiming = {
  /** How long a new group waits for more of its kind. */
  readonly groupWaitMs: BySeverity<number>;
  /** Least time between two messages of one group. */
  readonly groupIntervalMs: number;
  /** Time after which what still stands is told again; null = never. */
  readonly repeatMs: BySeverity<number | null>;
  /** How long an acknowledgement holds; null = until it is over. */
  readonly ackMs: BySeverity<number | null>;
  /** From the reminder to the moment at which it counts no more. */
  readonly ackGraceMs: number;
  /** Right after a start much looks wrong that is only not there yet. */
  readonly startHoldMs: number;
  /** So many changes within the window are one message and then silence. */
  readonly flapsMin: number;
  readonly flapWindowMs: number;
  /** Groups beyond this many become one, named other; nothing is dropped. */
  readonly groupsMax: number;
  /** Cards that wait for one chat, above which they become one digest; the second number is for those never folded early. */
  readonly stormAt: number;
  readonly vitalStormAt: number;
  /** A digest that has not grown for this long is finished; the next storm has its own message. */
  readonly digestOpenMs: number;
  /** Critical and confirmed by no chat for this long: other ways are tried. */
  readonly confirmMs: number;
  /** Calls about something critical that nobody has acknowledged, after which the same ways are tried. */
  readonly callsMax: number;
};

export const defaultTiming: AlertTiming = {
  groupWaitMs: { critical: 0, warning: 5_000, info: 5_000 },
  groupIntervalMs: minute,
  repeatMs: { critical: 5 * minute, warning: 4 * hour, info: null },
  ackMs: { critical: 30 * minute, warning: null, info: null },
  ackGraceMs: 5 * minute,
  startHoldMs: 15_000,
  flapsMin: 4,
  flapWindowMs: 10 * minute,
  groupsMax: 200,
  stormAt: 5,
  vitalStormAt: 20,
  digestOpenMs: 3 * minute,
  confirmMs: 30_000,
  callsMax: 3,
};

/** The log of what was told is kept for twice the longest repeat, so that a late look still knows it. */
export const toldKeptMs = 2 * 4 * hour;

export function timingOf(settings: { readonly alerts?: Partial<AlertTiming> } | undefined): AlertTiming {
  return settings?.alerts === undefined ? defaultTiming : { ...defaultTiming, ...settings.alerts };
}
