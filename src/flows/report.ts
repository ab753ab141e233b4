/** What people ask of the record: money by period, one period in full, and its trades as a file. Nothing is decided by it. */
import { type Card, type CardField, plainCard } from "../core/card.ts";
import { type PeriodName, periodNamed, periodNames, periodOf } from "../core/period.ts";
import { closedSince } from "../core/pnl.ts";
import { type Brought, broughtFields, closesCsv, namedFields, startOf } from "../core/report_cards.ts";
import { utcDay } from "../core/time.ts";
import type { Archive } from "../ports/archive.ts";
import type { Needs } from "./needs.ts";
import { periodCard } from "./period_card.ts";
import { closesOfMode, currencyOf, fromArchive, openField, whileItAnswers } from "./read_archive.ts";

/** Today, seven days, the month; what the named period brought by strategy and by instrument. */
export function pnlCard(needs: Needs, detailed: PeriodName): Promise<Card> {
  return fromArchive(needs, async (archive) => {
    const periods = (["day", "7d", "month"] as const).map((name) => periodOf(name, needs.clock.now()));
    const longest = periods.reduce((one, other) => (other.since < one.since ? other : one));
    const [closes, days] = await Promise.all([
      closesOfMode(needs, archive, longest),
      archive.days(utcDay(longest.since)),
    ]);
    const brought = periods.map(
      (period): Brought => ({ period, closes: closedSince(closes, period.since), startEquity: startOf(days, period) }),
    );
    const currency = currencyOf(needs);
    const named = brought.find(({ period }) => period.name === detailed);
    return {
      title: `P&L · ${needs.settings.mode.toUpperCase()}`,
      tone: "info",
      lines: [],
      fields: [
        ...brought.flatMap((one) => broughtFields(one, currency)),
        openField(needs, currency),
        ...(named === undefined ? [] : namedFields(named, currency)),
      ],
      footer: `Trades by the UTC day of their close, after fees; lines by name: ${named?.period.title ?? "none"}. /report brings them as a file.`,
      chart: null,
    };
  });
}

/** One period in full, by its name or as "2026-02-06", "2026-W06", "2026-02". */
export function reportCard(needs: Needs, name: string): Promise<Card> {
  const period = periodNamed(name, needs.clock.now());
  if (period !== null)
    return fromArchive(needs, (archive) => periodCard(needs, archive, { period, title: `Report · ${period.title}` }));
  return Promise.resolve(
    plainCard("warning", `"${name.slice(0, 40)}" is no period that has begun.`, [
      `Type ${periodNames.join(", ")}, a date (2026-02-06), a week (2026-W06) or a month (2026-02).`,
    ]),
  );
}

/** The closes of a period as a file; null = no such period, or the record does not answer. */
export async function reportFile(needs: Needs, name: string): Promise<string | null> {
  const period = periodNamed(name, needs.clock.now());
  if (period === null) return null;
  const closes = await whileItAnswers(needs, (archive) => closesOfMode(needs, archive, period));
  return closes === null ? null : closesCsv(closes, currencyOf(needs));
}

/** One line of the daily summary: what the last seven days brought; null = the record does not answer. */
export function lastWeekField(needs: Needs): Promise<CardField | null> {
  return whileItAnswers(needs, async (archive: Archive) => {
    const period = periodOf("7d", needs.clock.now());
    const [closes, days] = await Promise.all([
      closesOfMode(needs, archive, period),
      archive.days(utcDay(period.since)),
    ]);
    return broughtFields({ period, closes, startEquity: startOf(days, period) }, currencyOf(needs))[0] ?? null;
  });
}
