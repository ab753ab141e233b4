/** The part of the books about reports: which were made, whether any chat took them, and who acknowledged the reviews. */
import { fingerprintOf } from "./alerting.ts";
import type { Recorded } from "./events.ts";
import type { Instant } from "./time.ts";

export type ReportKind = "day" | "week" | "month";

export type MadeReport = {
  readonly kind: ReportKind;
  /** "2026-02-06", "2026-W06", "2026-02". */
  readonly key: string;
  readonly madeAt: Instant;
  /** Its cards that have not left yet. */
  readonly waiting: readonly string[];
  /** Some chat took it. */
  readonly isReceived: boolean;
  readonly isResent: boolean;
  /** Who has acknowledged it; only reviews of a week are. Real time. */
  readonly ack: { readonly personId: string; readonly at: Instant } | null;
};

export type ReportBooks = {
  /** House time of the first fact on record; null before it. */
  readonly since: Instant | null;
  /** Oldest first. */
  readonly made: readonly MadeReport[];
};

export const noReports: ReportBooks = { since: null, made: [] };

/** How a card of each kind is called in the outbox; its fold key is the key of the period. */
export const reportAlerts = { day: "daily_summary", week: "weekly_review", month: "monthly_report" } as const;

/** Enough to know what was told lately, and whether the reviews of a whole phase were read. */
const kept: Readonly<Record<ReportKind, number>> = { day: 14, week: 60, month: 24 };

export function evolveReports(reports: ReportBooks, { fact, at, wallAt }: Recorded): ReportBooks {
  const known = reports.since === null ? { ...reports, since: at } : reports;
  switch (fact.type) {
    case "day_summarized":
      return withReport(known, { kind: "day", key: fact.day, madeAt: at });
    case "report_made":
      return withReport(known, { kind: fact.kind, key: fact.key, madeAt: at });
    case "report_resent":
      return changed(known, isNamed(fact.kind, fact.key), (one) => ({ ...one, isResent: true }));
    case "card_queued": {
      const { alert, foldKey, cardId } = fact;
      const isOf = (one: MadeReport): boolean => reportAlerts[one.kind] === alert && one.key === foldKey;
      return changed(known, isOf, (one) => ({ ...one, waiting: [...one.waiting, cardId] }));
    }
    case "card_sent":
      return changed(known, waitsFor(fact.cardId), (one) => ({ ...without(one, fact.cardId), isReceived: true }));
    case "card_dropped":
      return changed(known, waitsFor(fact.cardId), (one) => without(one, fact.cardId));
    case "alert_acked": {
      const { fingerprints, personId } = fact;
      const isOf = ({ kind, key, ack }: MadeReport): boolean =>
        kind === "week" && ack === null && fingerprints.includes(reviewFingerprint(key));
      return changed(known, isOf, (one) => ({ ...one, ack: { personId, at: wallAt } }));
    }
    default:
      return known;
  }
}

export const reviewFingerprint = (key: string): string => fingerprintOf(reportAlerts.week, { about: key });

const isNamed = (kind: ReportKind, key: string) => (one: MadeReport) => one.kind === kind && one.key === key;
const waitsFor = (cardId: string) => (one: MadeReport) => one.waiting.includes(cardId);
const without = (one: MadeReport, cardId: string): MadeReport => ({
  ...one,
  waiting: one.waiting.filter((id) => id !== cardId),
});

function withReport(reports: ReportBooks, made: Pick<MadeReport, "kind" | "key" | "madeAt">): ReportBooks {
  if (reports.made.some(isNamed(made.kind, made.key))) return reports;
  const all = [...reports.made, { ...made, waiting: [], isReceived: false, isResent: false, ack: null }];
  const excess = all.filter(({ kind }) => kind === made.kind).length - kept[made.kind];
  const oldest = excess > 0 ? all.find(({ kind }) => kind === made.kind) : undefined;
  return { ...reports, made: oldest === undefined ? all : all.filter((one) => one !== oldest) };
}

function changed(
  reports: ReportBooks,
  isOf: (one: MadeReport) => boolean,
  change: (one: MadeReport) => MadeReport,
): ReportBooks {
  if (!reports.made.some(isOf)) return reports;
  return { ...reports, made: reports.made.map((one) => (isOf(one) ? change(one) : one)) };
}
