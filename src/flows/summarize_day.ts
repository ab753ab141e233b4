/** The daily summary: one card a day on every chat, from the ledger's own counts, with the head of the audit chain. Late rather than lost. */
import type { Books } from "../core/books.ts";
import type { Day } from "../core/books_days.ts";
import { linkedChats } from "../core/books_people.ts";
import type { Card, CardField } from "../core/card.ts";
import { equityShown } from "../core/equity_curve.ts";
import { cashText, lengthText, shareText } from "../core/facts.ts";
import { isPositive, minus, type Notional, ratioBetween, showPercent, zeroNotional } from "../core/money.ts";
import { drawdownOf, exposuresOf, totalExposure } from "../core/portfolio.ts";
import { beginsDay, type Instant, utcDay } from "../core/time.ts";
import type { Draft } from "../ports/ledger.ts";
import { currentLimits } from "./gather_view.ts";
import { marksOf } from "./memory.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";

/** @returns the day that was summarized now; null when none is due. */
export function summarizeDay(needs: Needs): Promise<string | null> {
  return record(needs, (books, { at }) => {
    const day = dueDay(needs, books, at);
    if (day === null) return { drafts: [], value: null };
    const card = summaryCard(books, day, needs);
    const fact = {
      type: "day_summarized",
      day: day.date,
      equity: day.endEquity,
      trades: day.trades,
      pnl: day.pnl,
      fees: day.fees,
    } as const;
    const cards = linkedChats(books.people).map(
      (chat): Draft =>
        draft("house", {
          type: "card_queued",
          cardId: needs.ids.next("card"),
          chat,
          severity: "info",
          alert: "daily_summary",
          foldKey: day.date,
          card,
        }),
    );
    return { drafts: [draft("house", fact), ...cards], value: day.date };
  });
}

/** A day is due once it is over in UTC and the owner's clock has reached the hour of the summary. */
function dueDay(needs: Needs, books: Books, at: Instant): Day | null {
  const { today, previous, isPreviousSummarized } = books.days;
  const isOver = today.date !== "" && beginsDay(today.date, at);
  // The next fact begins a new day and the day before the last leaves the books: it is told now or never.
  if (isOver && previous !== null && !isPreviousSummarized) return previous;
  const finished = isOver ? today : isPreviousSummarized ? null : previous;
  if (finished === null) return null;
  const zone = needs.settings.people[0]?.timeZone ?? "UTC";
  const hour = Number.parseInt(
    new Intl.DateTimeFormat("en-GB", { hour: "2-digit", hourCycle: "h23", timeZone: zone }).format(at),
    10,
  );
  const daysBehind = (Date.parse(`${utcDay(at)}T00:00:00Z`) - Date.parse(`${finished.date}T00:00:00Z`)) / 86_400_000;
  return daysBehind > 1 || hour >= needs.settings.summaryHour ? finished : null;
}

/** What requests that nobody answered would have brought, as far as it is known. */
function silenceField({ silence }: Day, currency: string): readonly CardField[] {
  if (silence === undefined) return [];
  const requests = silence.count === 1 ? "1 unanswered request" : `${silence.count} unanswered requests`;
  const word = isPositive(silence.pnl) ? "would have brought" : "would have lost";
  const amount = isPositive(silence.pnl) ? silence.pnl : negated(silence.pnl);
  return [{ name: "Silence", value: `${requests} ${word} ${cashText(amount, currency)}` }];
}

const negated = (amount: Notional): Notional => minus(zeroNotional, amount);

export function summaryCard(books: Books, day: Day, needs: Pick<Needs, "settings" | "memory">): Card {
  const currency = books.house.account?.currency ?? needs.settings.currency;
  const change = minus(day.endEquity, day.startEquity);
  const share = isPositive(day.startEquity) ? ` · ${showPercent(ratioBetween(change, day.startEquity))}` : "";
  const answers = [...day.answersMs].sort((left, right) => left - right);
  const median = answers[Math.floor(answers.length / 2)];
  const equityHigh = books.house.account?.equityHigh ?? day.endEquity;
  const exposure = totalExposure(exposuresOf(books, marksOf(needs.memory)));
  const shown = equityShown(books.days.curve ?? [], {
    mode: needs.settings.mode,
    currency,
    equityHigh,
    drawdownMax: currentLimits(needs, books).drawdownMax,
  });
  const wins = day.trades === 0 ? "" : ` (${day.winners} won)`;
  return {
    title: `Daily summary ${day.date} · ${needs.settings.mode.toUpperCase()}`,
    tone: "info",
    lines: [],
    fields: [
      { name: "Equity", value: `${cashText(day.endEquity, currency)}, ${cashText(change, currency)}${share}` },
      { name: "Trades", value: `${day.trades}${wins}, ${day.entries} entries` },
      { name: "P&L", value: `${cashText(day.pnl, currency)} after fees of ${cashText(day.fees, currency)}` },
      {
        name: "Approvals",
        value: `${day.asked} asked, ${day.approved} approved, ${day.declined} declined, ${day.expired} expired${median === undefined ? "" : `, median answer ${lengthText(median)}`}`,
      },
      ...silenceField(day, currency),
      { name: "Signals", value: `${day.signals} raised, ${day.denied} denied (see /why)` },
      {
        name: "Exposure now",
        value: isPositive(day.endEquity)
          ? shareText(ratioBetween(exposure, day.endEquity))
          : cashText(exposure, currency),
      },
      { name: "Drawdown", value: showPercent(drawdownOf(day.endEquity, equityHigh)) },
      { name: "Unknown orders", value: String(day.unknownOrders) },
      { name: "Starts", value: String(day.starts) },
    ],
    footer: `Audit head ${books.hash.slice(0, 8)} at fact ${books.seq}`,
    chart: null,
    ...(shown === null ? {} : { picture: { kind: "equity", ...shown } }),
  };
}
