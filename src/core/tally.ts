/** What the house counted of itself over a period, and how it is said: uptime, promises, alerts, answers, the outside monitor. */
import type { CardField } from "./card.ts";
import { lengthText } from "./facts.ts";
import { fromBps, showPercent } from "./money.ts";
import type { Period } from "./period.ts";
import { between, type Instant, instant } from "./time.ts";

export type Tally = {
  /** Half of the answers came within this, real ms; null = nobody was asked. */
  readonly medianAnswerMs: number | null;
  readonly alerts: { readonly critical: number; readonly warning: number; readonly info: number };
  /** House ms. */
  readonly upMs: number;
  readonly judged: number;
  readonly broken: number;
  readonly pings: number;
  readonly pingsMissed: number;
};

export const noTally: Tally = {
  medianAnswerMs: null,
  alerts: { critical: 0, warning: 0, info: 0 },
  upMs: 0,
  judged: 0,
  broken: 0,
  pings: 0,
  pingsMissed: 0,
};

/** Cut, so that one missing in a million never looks like none: "99.99 %". */
function percentText(part: number, whole: number): string {
  const hundredths = Math.floor((Math.min(part, whole) / whole) * 10_000);
  return showPercent(fromBps(hundredths), hundredths % 100 === 0 ? 0 : 2);
}

const countText = (count: number): string => count.toLocaleString("en-US");

/** How long the house could have worked in this period: since it began, or since there is a record. */
export function elapsedMs({ since, until }: Pick<Period, "since" | "until">, recordSince: Instant | null): number {
  return Math.max(0, between(instant(Math.max(since, recordSince ?? since)), until));
}

export function houseField(
  { upMs }: Pick<Tally, "upMs">,
  about: { readonly elapsedMs: number; readonly starts: number },
): CardField {
  const starts = about.starts === 1 ? "1 start" : `${countText(about.starts)} starts`;
  if (about.elapsedMs <= 0) return { name: "House", value: starts };
  const up = Math.min(upMs, about.elapsedMs);
  return { name: "House", value: `up ${lengthText(up)} · ${percentText(up, about.elapsedMs)}, ${starts}` };
}

export function tallyFields(
  tally: Pick<Tally, "alerts" | "judged" | "broken" | "pings" | "pingsMissed">,
): readonly CardField[] {
  const { alerts, judged, broken, pings, pingsMissed } = tally;
  const held = `${percentText(judged - broken, judged)} of ${countText(judged)} looks held`;
  const fields: readonly (CardField | null)[] = [
    judged === 0 ? null : { name: "Promises", value: broken === 0 ? held : `${held}, ${countText(broken)} did not` },
    { name: "Alerts", value: alertsText(alerts) },
    pings === 0
      ? null
      : {
          name: "Outside monitor",
          value:
            pingsMissed === 0
              ? `took all of ${countText(pings)} reports`
              : `missed ${countText(pingsMissed)} of ${countText(pings)} reports`,
        },
  ];
  return fields.filter((field) => field !== null);
}

function alertsText({ critical, warning, info }: Tally["alerts"]): string {
  const all = critical + warning + info;
  return all === 0 ? "none" : `${countText(all)}: ${critical} critical, ${warning} warnings, ${info} for information`;
}
