/**
 * The way every flow writes: what was decided, plus the alerts that it wakes, in one transaction. An alert can therefore
 * never be lost between the fact and the outbox, and never be sent for a fact that was not kept.
 */
import { type Books, evolve } from "../core/books.ts";
import { linkedChats } from "../core/books_people.ts";
import type { Fact, Recorded } from "../core/events.ts";
import { between, type Instant } from "../core/time.ts";
import type { AnyAlert } from "../define/alert.ts";
import type { Decision, Draft, Times } from "../ports/ledger.ts";
import type { Needs } from "./needs.ts";

type Recorder = Pick<Needs, "ledger" | "alerts" | "ids" | "clock">;

export function record<Value>(
  needs: Recorder,
  decide: (books: Books, times: Times) => Decision<Value>,
): Promise<Value> {
  return needs.ledger.commit((books, times) => {
    const decision = decide(books, times);
    return decision.drafts.length === 0
      ? decision
      : { ...decision, drafts: withAlerts(needs, books, decision.drafts, times) };
  });
}

/** Records facts that need no decision. */
export function recordFacts(
  needs: Recorder,
  actor: string,
  facts: readonly Fact[],
  tradeId: string | null = null,
): Promise<void> {
  return record(needs, () => ({ drafts: facts.map((fact) => draft(actor, fact, tradeId)), value: undefined }));
}

export function draft(actor: string, fact: Fact, tradeId: string | null = null): Draft {
  return { actor, tradeId, causedBy: null, fact };
}

function withAlerts(needs: Recorder, before: Books, drafts: readonly Draft[], times: Times): readonly Draft[] {
  const all: Draft[] = [];
  let books = before;
  for (const one of drafts) {
    const recorded = asRecorded(one, books, times);
    books = evolve(books, recorded);
    all.push(one);
    for (const alert of needs.alerts) {
      for (const card of cardsOf(needs, alert, recorded, books)) {
        all.push({ ...one, actor: "house", fact: card });
        books = evolve(books, asRecorded({ ...one, actor: "house", fact: card }, books, times));
      }
    }
  }
  return all;
}

function asRecorded(one: Draft, books: Books, times: Times): Recorded {
  return { ...one, ...times, seq: books.seq + 1, prevHash: books.hash, hash: books.hash };
}

function cardsOf(needs: Recorder, alert: AnyAlert, recorded: Recorded, books: Books): readonly Fact[] {
  if (!(alert.wakesOn as readonly string[]).includes(recorded.fact.type)) return [];
  const foldKey = alert.foldKey(recorded, books);
  if (foldKey === null || isQuiet(books, `${alert.name}|${foldKey}`, alert.quietMinutes, recorded.at)) return [];
  const card = alert.render(recorded, books);
  return linkedChats(books.people).map((chat) => ({
    type: "card_queued",
    cardId: needs.ids.next("card"),
    chat,
    severity: alert.severity,
    alert: alert.name,
    foldKey,
    card,
  }));
}

function isQuiet(books: Books, key: string, quietMinutes: number, at: Instant): boolean {
  const last = books.chat.lastAlerts[key];
  return last !== undefined && between(last, at) < quietMinutes * 60_000;
}
