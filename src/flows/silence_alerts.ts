/**
 * Silencing: what is matched is not told for a while. Somebody is named for it with a reason, its end is set at once and at
 * most a day away, and what could cost money unseen is told all the same.
 */
import { matcherText } from "../core/alert_mutes.ts";
import { type Alert, type Matcher, matchersIn, matches } from "../core/alerting.ts";
import { openAlerts } from "../core/books_alerts.ts";
import { type Card, plainCard } from "../core/card.ts";
import { type Change, changeCard } from "../core/change_card.ts";
import { lengthText } from "../core/facts.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { addMs, day, hour, isoTime, minute } from "../core/time.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";

export type SilenceWish = {
  readonly what: string;
  readonly length: string;
  readonly reason: string;
  readonly personId: string | null;
};

const silenceMaxMs = day;
const units: Readonly<Record<string, number>> = { s: 1_000, m: minute, h: hour };

/** "feed_gap" or "alert=feed_gap,venue=kucoin". */
export function parseMatchers(text: string): Result<readonly Matcher[], string> {
  const made = matchersIn(text);
  const wrong = made.find(({ label, value }) => label === "" || value === "");
  if (made.length === 0) return fail("Say what: /silence feed_gap 2h REASON, or label=value,label=value.");
  return wrong === undefined ? ok(made) : fail(`"${matcherText([wrong])}" is no label=value.`);
}

/** @returns milliseconds; null when the words are no length. */
export function parseLength(text: string): number | null {
  const found = /^(\d{1,5})(s|m|h)$/.exec(text);
  return found === null ? null : Number(found[1]) * (units[found[2] ?? ""] ?? 0);
}

export function silencesCard({ ledger, clock }: Needs): Card {
  const books = ledger.books();
  const standing = Object.values(books.chat.alerts.silences).filter((silence) => silence.until > clock.wall());
  const fields = standing.map(({ silenceId, matchers, personId, reason, until }) => ({
    name: silenceId,
    value: `${matcherText(matchers)} until ${isoTime(until).slice(0, 16).replace("T", " ")} UTC by ${books.people.persons[personId]?.name ?? personId}: ${reason}`,
  }));
  return {
    title: fields.length === 0 ? "Nothing is silenced" : "Silenced",
    tone: fields.length === 0 ? "ok" : "warning",
    lines: ["/silence WHAT shows what it would match; /silence WHAT 2h REASON silences it."],
    fields,
    footer: fields.length === 0 ? null : "/silence lift ID ends one.",
    chart: null,
  };
}

/** What would be matched now, before anything is silenced. */
export function previewCard({ ledger }: Needs, matchers: readonly Matcher[]): Card {
  const books = ledger.books();
  const open = openAlerts(books.chat.alerts, books.at).filter((alert) => matches(alert, matchers));
  return {
    title: `${matcherText(matchers)} matches ${countText(open)}`,
    tone: "info",
    lines: open.slice(0, 10).map((alert) => alert.card.title),
    fields: [],
    footer: `Type a length of at most 24h and a reason to silence it.${vitalText(open)}`,
    chart: null,
  };
}

const countText = (alerts: readonly Alert[]): string =>
  alerts.length === 0
    ? "nothing at present"
    : `${alerts.length} ${alerts.length === 1 ? "alert" : "alerts"} at present`;

function vitalText(open: readonly Alert[]): string {
  const vital = open.filter((alert) => alert.isVital).length;
  return vital === 0 ? "" : ` ${vital} of them can't be silenced and are told all the same.`;
}

export async function silenceAlerts(needs: Needs, wish: SilenceWish): Promise<Card> {
  const { personId, reason, length, what } = wish;
  const parsed = parseMatchers(what);
  if (!parsed.ok) return plainCard("warning", parsed.problem);
  const matchers = parsed.value;
  if (length === "") return previewCard(needs, matchers);
  const lengthMs = parseLength(length);
  if (lengthMs === null || lengthMs <= 0 || lengthMs > silenceMaxMs)
    return plainCard("warning", "A silence has an end at most 24 hours away.", ["Type it as 30m, 2h or 24h."]);
  if (reason.trim() === "")
    return plainCard("warning", "A silence needs a reason.", [`/silence ${what} ${length} WHY`]);
  if (personId === null) return plainCard("warning", "Only a linked person can silence alerts.");
  const silenceId = needs.ids.next("sil");
  const actor = `person:${personId}`;
  const { until, recorded } = await record(needs, (books, { wallAt }) => {
    const end = addMs(wallAt, lengthMs);
    const fact = { type: "alert_silenced", silenceId, matchers, personId, reason, until: end } as const;
    return {
      drafts: [draft(actor, fact)],
      value: { until: end, recorded: { since: wallAt, seq: books.seq + 1 } },
    };
  });
  const books = needs.ledger.books();
  const open = openAlerts(books.chat.alerts, books.at).filter((alert) => matches(alert, matchers));
  const end = `${isoTime(until).slice(0, 16).replace("T", " ")} UTC`;
  const change: Change = {
    title: `Silenced for ${lengthText(lengthMs)}: ${matcherText(matchers)}`,
    tone: "warning",
    lines: [
      `It matches ${countText(open)}.${vitalText(open)}`,
      `It ends by itself at ${end}, and every chat is told then.`,
    ],
    now: `silent until ${end}`,
    fields: [{ name: "Reason", value: reason }],
    running: "the alerts are kept and counted; what could cost money is told all the same",
    notDone: "nothing was acknowledged or mended by it",
    undo: `/silence lift ${silenceId}`,
    actor,
  };
  return changeCard(books, change, recorded);
}

/** @param word a silence; empty = the only one. */
export function liftSilence(needs: Needs, word: string, actor: string): Promise<Card> {
  return record<Card>(needs, (books, { wallAt }) => {
    const { silences } = books.chat.alerts;
    const ids = Object.keys(silences);
    const silenceId = word === "" && ids.length === 1 ? (ids[0] ?? "") : word;
    const silence = silences[silenceId];
    if (silence === undefined) return { drafts: [], value: noSilence(silenceId, ids) };
    const card = changeCard(
      books,
      {
        title: "The silence is over.",
        lines: ["What it held back is told now."],
        now: `${matcherText(silence.matchers)} is told again`,
        running: "other silences, until they end",
        notDone: "nothing was acknowledged by it",
        undo: "/silence WHAT LENGTH REASON",
        actor,
      },
      { since: wallAt, seq: books.seq + 1 },
    );
    return { drafts: [draft(actor, { type: "silence_ended", silenceId, how: "lifted" })], value: card };
  });
}

function noSilence(word: string, ids: readonly string[]): Card {
  if (ids.length === 0) return plainCard("info", "Nothing is silenced, so there is nothing to lift.");
  const title = word === "" ? `Which of ${ids.length} silences?` : `There is no silence ${word}.`;
  return plainCard("warning", title, [`Type: ${ids.map((id) => `/silence lift ${id}`).join(" · ")}`]);
}
