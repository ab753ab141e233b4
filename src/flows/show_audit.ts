/** The record as a person can look at it from a phone: is it whole, and what exactly happened to one trade. */
import { type Card, plainCard } from "../core/card.ts";
import { cutText } from "../core/clean_text.ts";
import type { Fact } from "../core/events.ts";
import { lengthText } from "../core/facts.ts";
import { storyLine } from "../core/story_text.ts";
import { isoTime } from "../core/time.ts";
import type { Needs } from "./needs.ts";
import { fromArchive } from "./read_archive.ts";

export function auditHeadCard(needs: Needs): Card {
  const books = needs.ledger.books();
  const { integrity, recordReadMono } = needs.memory;
  const problem = integrity?.problem ?? null;
  const checked =
    integrity === null || recordReadMono === null
      ? "not yet in this life"
      : `${lengthText(Math.round(needs.clock.mono() - recordReadMono))} ago, to fact ${integrity.checkedTo}`;
  return {
    title: problem === null ? "Audit head" : "The record is not whole",
    tone: problem === null ? "info" : "critical",
    lines: problem === null ? [] : [problem],
    fields: [
      { name: "Head", value: books.hash },
      { name: "Facts", value: `${books.seq}, the newest at ${isoTime(books.wallAt)}` },
      { name: "Last check", value: checked },
      { name: "Chain and rows", value: verdictOf(needs) },
    ],
    footer: "npm run audit -- verify walks every fact. /audit trade ID shows one trade.",
    chart: null,
  };
}

function verdictOf({ memory }: Needs): string {
  const { integrity } = memory;
  if (integrity === null) return "not checked yet";
  return integrity.headOk && integrity.gapFree && integrity.rowsOk
    ? "no gap, no changed fact, the tables agree"
    : "do NOT agree";
}

const factsRead = 1_000;
/** A message takes about this many lines; the middle of a long story is left to the export. */
const linesAtStart = 8;
const linesAtEnd = 12;
const lineMax = 120;

/** What only says who was told: of no interest to whoever asks what happened. */
const isTelling = ({ type }: Fact): boolean => /^(prompt|card|notice|alert)_/.test(type);

export function auditTradeCard(needs: Needs, wanted: string): Promise<Card> {
  if (wanted === "")
    return Promise.resolve(plainCard("warning", "Which trade?", ["Type /audit trade ID; /positions shows ids."]));
  return fromArchive(needs, async (archive) => {
    const ids = await archive.tradesLike(wanted);
    const [tradeId, ...others] = ids;
    if (tradeId === undefined) return plainCard("warning", `No trade ends with ${wanted}`);
    if (others.length > 0) return plainCard("warning", `Several trades end with ${wanted}`, ids);
    const all = await archive.story(tradeId, factsRead);
    const story = all.filter(({ fact }) => !isTelling(fact));
    const lines = story.map((recorded, index) => cutText(storyLine(recorded, story[index - 1] ?? null), lineMax));
    const hidden = lines.length - linesAtStart - linesAtEnd;
    const first = all[0];
    const last = all.at(-1);
    return {
      title: `Trade ${tradeId}`,
      tone: "info",
      lines: hidden > 1 ? [...lines.slice(0, linesAtStart), `… ${hidden} more …`, ...lines.slice(-linesAtEnd)] : lines,
      fields: [],
      footer:
        first === undefined || last === undefined
          ? null
          : `${all.length} facts, ${all.length - story.length} of them about messages, on ${isoTime(first.at).slice(0, 10)}, hash of the last ${last.hash.slice(0, 8)}`,
      chart: null,
    };
  });
}
