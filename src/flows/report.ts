/** Reports from the record: reads what the books have let go of, and puts it into cards. Nothing is decided by them. */
import { type Card, type CardField, plainCard } from "../core/card.ts";
import { denials } from "../core/denial.ts";
import { equityShown } from "../core/equity_curve.ts";
import { cashText, shareText } from "../core/facts.ts";
import { isPositive, minus, type Notional, ratioBetween, showPercent, sum, zeroNotional } from "../core/money.ts";
import { type Period, type PeriodName, periodOf } from "../core/period.ts";
import { closedSince, type DayShown } from "../core/pnl.ts";
import { drawdownOf, equityOf, exposuresOf, heldPositions, openPnl, totalExposure } from "../core/portfolio.ts";
import {
  againstTarget,
  type Brought,
  broughtFields,
  closesCsv,
  deepestFall,
  namedFields,
  signedCash,
  startOf,
} from "../core/report_cards.ts";
import { utcDay } from "../core/time.ts";
import { type Archive, ArchiveAway } from "../ports/archive.ts";
import { currentLimits } from "./gather_view.ts";
import { marksOf } from "./memory.ts";
import type { Needs } from "./needs.ts";

const currencyOf = (needs: Needs): string => needs.ledger.books().house.account?.currency ?? needs.settings.currency;

/** A record that does not answer is said, and everything else goes on. */
export async function fromArchive(needs: Needs, show: (archive: Archive) => Promise<Card>): Promise<Card> {
  const { archive } = needs;
  if (archive === undefined)
    return plainCard("warning", "This process can't read the record; /status shows the present.");
  try {
    return await show(archive);
  } catch (error) {
    if (!(error instanceof ArchiveAway)) throw error;
    needs.log.warn("The record could not be read for a report", { because: error.message });
    return plainCard("warning", "The record does not answer at present. Try again in a minute.");
  }
}

const ofMode = (needs: Needs, archive: Archive, period: Period) =>
  archive
    .closes(period.since, period.until)
    .then((closes) => closes.filter(({ mode }) => mode === needs.settings.mode));

/** Today, seven days, the month; what the named period brought by strategy and by instrument. */
export function pnlCard(needs: Needs, detailed: PeriodName): Promise<Card> {
  return fromArchive(needs, async (archive) => {
    const periods = (["day", "7d", "month"] as const).map((name) => periodOf(name, needs.clock.now()));
    const longest = periods.reduce((one, other) => (other.since < one.since ? other : one));
    const [closes, days] = await Promise.all([ofMode(needs, archive, longest), archive.days(utcDay(longest.since))]);
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
      footer: `Trades by the UTC day of their close, after fees; lines by name: ${named?.period.title ?? "none"}. /report writes them to a file.`,
      chart: null,
    };
  });
}

function openField(needs: Needs, currency: string): CardField {
  const marks = marksOf(needs.memory);
  const held = heldPositions(needs.ledger.books());
  const pnl = sum(
    held.map((position) => openPnl(position, marks)),
    zeroNotional,
  );
  const count = held.length === 1 ? "1 open position" : `${held.length} open positions`;
  return { name: "Not closed yet", value: held.length === 0 ? "nothing" : `${signedCash(pnl, currency)} on ${count}` };
}

/** One period in full, with what asked, answered and refused. */
export function reportCard(needs: Needs, name: PeriodName): Promise<Card> {
  return fromArchive(needs, async (archive) => {
    const period = periodOf(name, needs.clock.now());
    const [closes, days, refused] = await Promise.all([
      ofMode(needs, archive, period),
      archive.days(utcDay(period.since)),
      archive.refusals(period.since, period.until),
    ]);
    const brought: Brought = { period, closes, startEquity: startOf(days, period) };
    const books = needs.ledger.books();
    const currency = currencyOf(needs);
    const equity = equityOf(books, marksOf(needs.memory));
    const equityHigh = books.house.account?.equityHigh ?? equity;
    const drawdownMax = currentLimits(needs, books).drawdownMax;
    const curve = (books.days.curve ?? []).filter(({ at }) => at >= period.since);
    const shown = equityShown(curve, { mode: needs.settings.mode, currency, equityHigh, drawdownMax });
    const fall = deepestFall([...(books.days.curve ?? []), { at: needs.clock.now(), equity }], period.since);
    return {
      title: `Report · ${period.title} · ${needs.settings.mode.toUpperCase()}`,
      tone: "info",
      lines: [],
      fields: [
        equityField(equity, brought.startEquity, currency),
        ...(name === "month" ? [{ name: "Return", value: againstTarget(brought.startEquity, equity) }] : []),
        ...broughtFields(brought, currency),
        openField(needs, currency),
        ...namedFields(brought, currency),
        { name: "Drawdown", value: `now ${showPercent(drawdownOf(equity, equityHigh))}, deepest ${showPercent(fall)}` },
        exposureField(needs, equity, currency),
        ...countFields(days),
        ...refusedFields(refused),
        { name: "File", value: `/api/reports/${name}.csv at the desk's address` },
      ],
      footer: `Audit head ${books.hash.slice(0, 8)} at fact ${books.seq}`,
      chart: null,
      ...(shown === null ? {} : { picture: { kind: "equity", ...shown } }),
    };
  });
}

function equityField(equity: Notional, start: Notional | null, currency: string): CardField {
  const change = minus(equity, start ?? equity);
  const share = start !== null && isPositive(start) ? ` · ${showPercent(ratioBetween(change, start))}` : "";
  return { name: "Equity", value: `${cashText(equity, currency)}, ${signedCash(change, currency)}${share}` };
}

function exposureField(needs: Needs, equity: Notional, currency: string): CardField {
  const exposure = totalExposure(exposuresOf(needs.ledger.books(), marksOf(needs.memory)));
  const share = isPositive(equity) ? ` · ${shareText(ratioBetween(exposure, equity))}` : "";
  return { name: "Exposure now", value: `${cashText(exposure, currency)}${share}` };
}

function countFields(days: readonly DayShown[]): readonly CardField[] {
  const total = (countOf: (day: DayShown) => number): number => days.reduce((all, day) => all + countOf(day), 0);
  return [
    {
      name: "Approvals",
      value: `${total((day) => day.asked)} asked, ${total((day) => day.approved)} approved, ${total((day) => day.declined)} declined, ${total((day) => day.expired)} expired`,
    },
    {
      name: "Signals",
      value: `${total((day) => day.signals)} raised, ${total((day) => day.denied)} denied, ${total((day) => day.entries)} entries`,
    },
    { name: "Unknown orders", value: String(total((day) => day.unknownOrders)) },
    { name: "Starts", value: String(total((day) => day.starts)) },
  ];
}

const refusedShown = 4;

function refusedFields(refused: readonly { readonly code: string; readonly count: number }[]): readonly CardField[] {
  if (refused.length === 0) return [];
  const texts = refused.slice(0, refusedShown).map(({ code, count }) => `${count} × ${wordsOf(code)}`);
  return [{ name: "Denied most", value: texts.join("; ") }];
}

const wordsOf = (code: string): string =>
  Object.hasOwn(denials, code) ? denials[code as keyof typeof denials].summary : code.replaceAll("_", " ");

/** The closes of a period as a file; null = the record does not answer. */
export async function reportFile(needs: Needs, name: PeriodName): Promise<string | null> {
  if (needs.archive === undefined) return null;
  try {
    const closes = await ofMode(needs, needs.archive, periodOf(name, needs.clock.now()));
    return closesCsv(closes, currencyOf(needs));
  } catch (error) {
    if (!(error instanceof ArchiveAway)) throw error;
    needs.log.warn("The record could not be read for a file", { because: error.message });
    return null;
  }
}
