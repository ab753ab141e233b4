/**
 * The way every flow writes: what was decided, plus the alerts that it wakes, in one transaction. An alert can therefore
 * never be lost between the fact and the outbox, and never be sent for a fact that was not kept. What waits for a chat that
 * loses its last reader is dropped in the same commit.
 */
import { timingOf } from "../core/alert_timing.ts";
import { isAlone } from "../core/alerting.ts";
import { type Books, evolve } from "../core/books.ts";
import type { Fact, Recorded } from "../core/events.ts";
import { takesPower, unreadableCards } from "../core/lost_readers.ts";
import type { Decision, Draft, Times } from "../ports/ledger.ts";
import type { Needs } from "./needs.ts";
import { firedFact, type Raiser, tellGroup } from "./raise_alerts.ts";

type Recorder = Pick<Needs, "ledger" | "alerts" | "ids" | "clock"> & Raiser;

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
    for (const fact of alertFacts(needs, recorded, () => books)) {
      const told = { ...one, actor: "house", fact };
      all.push(told);
      books = evolve(books, asRecorded(told, books, times));
    }
  }
  if (!drafts.some(({ fact }) => takesPower(fact))) return all;
  const named = (needs.settings?.routes ?? []).flatMap(({ chats }) => chats);
  return [...all, ...unreadableCards(before, books, named).map((fact) => draft("house", fact))];
}

function asRecorded(one: Draft, books: Books, times: Times): Recorded {
  return { ...one, ...times, seq: books.seq + 1, prevHash: books.hash, hash: books.hash };
}

/** The alerts that a fact begins, each followed by what is told of it at once. */
function* alertFacts(needs: Recorder, recorded: Recorded, books: () => Books): Generator<Fact> {
  for (const alert of needs.alerts) {
    const fired = firedFact(needs, alert, recorded, books());
    if (fired === null) continue;
    yield fired;
    if (timingOf(needs.settings).groupWaitMs[fired.severity] === 0 || fired.isVital || isAlone(fired))
      yield* tellGroup(needs, books(), fired, recorded);
  }
}
