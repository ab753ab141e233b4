/**
 * One message after a start: how long the house was away, what became of the requests that were open, and how each tap of that
 * time was treated, so that nobody has to wonder whether a tap counted.
 */
import type { ApprovalState } from "../core/approval.ts";
import { linkedChats } from "../core/books_people.ts";
import type { Card, CardField } from "../core/card.ts";
import { lengthText } from "../core/facts.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";
import { openApprovals } from "./request_approval.ts";

/** What this process remembers of its own start. */
export type Return = {
  readonly awayMs: number;
  /** Requests that were open, or signed and not yet carried out. */
  readonly open: readonly string[];
  /** How taps of before were treated: how many, by word. */
  readonly taps: Map<string, number>;
  dueMono: number | null;
};

/** A shorter absence in which nothing was open is nobody's business. */
const awayMinMs = 60_000;
/** A platform that keeps what people did delivers it with its first answers. */
const settleMs = 10_000;

/** Before the first fact of this start: the newest one tells when the house was last alive. */
export function noteReturn({ ledger, clock, memory }: Needs): void {
  const books = ledger.books();
  if (books.seq === 0) return;
  const signed = Object.values(books.approvals).filter(({ state }) => state === "approved");
  const open = [...openApprovals(books), ...signed].map(({ approvalId }) => approvalId);
  memory.back = { awayMs: Math.max(0, clock.wall() - books.wallAt), open, taps: new Map(), dueMono: null };
}

export function noteLateTap({ memory }: Needs, outcome: string): void {
  const taps = memory.back?.taps;
  const how = wordOf(outcome);
  taps?.set(how, (taps.get(how) ?? 0) + 1);
}

/** Once, when the house is ready and the platforms had time to deliver. */
export async function tellReturn(needs: Needs): Promise<void> {
  const { memory, clock, ledger } = needs;
  const { back } = memory;
  if (back === null || !ledger.books().house.isReady) return;
  back.dueMono ??= clock.mono() + settleMs;
  if (clock.mono() < back.dueMono) return;
  memory.back = null;
  const isNews = back.awayMs >= awayMinMs || back.open.length > 0 || back.taps.size > 0;
  if (!isNews) return;
  await record(needs, (books) => {
    const card = returnCard(needs, back, (id) => books.approvals[id]?.state);
    const drafts = linkedChats(books.people).map((chat) => {
      const cardId = needs.ids.next("card");
      const told = { cardId, chat, severity: "info", alert: "back", foldKey: "back", card } as const;
      return draft("house", { type: "card_queued", ...told });
    });
    return { drafts, value: undefined };
  });
}

function returnCard(needs: Needs, back: Return, stateOf: (id: string) => ApprovalState | undefined): Card {
  const states = back.open.map(stateOf);
  const count = (wanted: readonly (ApprovalState | undefined)[]) =>
    states.filter((state) => wanted.includes(state)).length;
  const requests: readonly [string, number][] = [
    ["expired", count(["expired"])],
    ["not executed", count(["invalidated", "exec_failed"])],
    ["canceled", count(["canceled"])],
    ["declined", count(["declined"])],
    ["replaced", count(["superseded"])],
    ["carried out", count(["approved", "executing", "executed"])],
    ["with an order whose fate is looked for", count(["exec_unknown"])],
    ["still open, priced anew", count(["pending"])],
  ];
  const fields: CardField[] = [
    { name: "Away for", value: lengthText(back.awayMs) },
    { name: "Requests", value: listText(requests, "none was open") },
    { name: "Taps of that time", value: listText([...back.taps], "none arrived") },
  ];
  const isDiscord = needs.messengers.has("discord");
  const lost = 'Discord keeps no taps for later: one that said "interaction failed" never reached me.';
  return { title: "I am back", tone: "info", lines: isDiscord ? [lost] : [], fields, footer: null, chart: null };
}

const listText = (list: readonly (readonly [string, number])[], none: string): string => {
  const some = list.filter(([, times]) => times > 0).map(([what, times]) => `${times} ${what}`);
  return some.length === 0 ? none : some.join(", ");
};

const words: Readonly<Record<string, string>> = {
  stale: "not counted",
  not_asked: "not counted",
  already_settled: "too late",
  too_late: "too late",
  other_version: "for an order of before",
};

const wordOf = (outcome: string): string => words[outcome] ?? outcome.replaceAll("_", " ");
