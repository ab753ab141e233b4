/** What 10,000 open alerts cost: to fold from the ledger, to look through each second, to show as one message. Nothing but the heart works here. */
import { systemClock } from "../src/adapters/system/clock.ts";
import { noticeCard } from "../src/core/alert_cards.ts";
import { defaultTiming } from "../src/core/alert_timing.ts";
import { fingerprintOf } from "../src/core/alerting.ts";
import { type Books, emptyBooks, evolve } from "../src/core/books.ts";
import { allAlerts, openAlerts } from "../src/core/books_alerts.ts";
import { type Card, plainCard } from "../src/core/card.ts";
import type { Fact, Recorded } from "../src/core/events.ts";
import { momentOf, planAll } from "../src/core/notify_plan.ts";
import { instant } from "../src/core/time.ts";
import { planFacts } from "../src/flows/raise_alerts.ts";
import { milliseconds, printRows } from "./figures.ts";

const clock = systemClock();
const count = 10_000;
const looks = 20;
const start = Date.UTC(2026, 1, 6, 12);

type Folding = { books: Books };

function tell(folding: Folding, fact: Fact, atMs = 0): void {
  const at = instant(start + atMs);
  const seq = folding.books.seq + 1;
  const recorded: Recorded = {
    seq,
    at,
    wallAt: at,
    actor: "house",
    tradeId: null,
    causedBy: null,
    fact,
    prevHash: folding.books.hash,
    hash: String(seq),
  };
  folding.books = evolve(folding.books, recorded);
}

function firedFact(number: number): Fact {
  const labels = { about: `order-${number}`, venue: "kucoin", instrument: `kucoin:COIN${number % 50}/USDT` };
  const name = number % 3 === 0 ? "order_unknown" : number % 3 === 1 ? "breaker_open" : "feed_gap";
  const severity = number % 2 === 0 ? "critical" : "warning";
  return {
    type: "alert_fired",
    fingerprint: fingerprintOf(name, labels),
    name,
    severity,
    labels,
    groupKey: `${severity}/${name}`,
    isVital: false,
    standsUntil: null,
    card: plainCard("critical", "Order unknown", [`order-${number}: the venue did not answer.`]),
  };
}

export async function run(): Promise<void> {
  const given: string[] = [];
  const ids = {
    next(prefix: string): string {
      given.push(prefix);
      return `${prefix}-${given.length}`;
    },
  };
  const raiser = { alerts: [], ids };
  const folding: Folding = { books: emptyBooks };
  const chat = { platform: "telegram", chatId: "111", threadId: null };
  tell(folding, { type: "person_set", personId: "a", name: "A", role: "owner", timeZone: "UTC", isActive: true });
  tell(folding, { type: "chat_linked", personId: "a", platform: "telegram", userId: "111", chat });
  globalThis.gc?.();
  const heapBefore = process.memoryUsage().heapUsed;
  const begun = clock.mono();
  for (let number = 0; number < count; number += 1) tell(folding, firedFact(number));
  const firedMs = clock.mono() - begun;
  const times = { at: instant(start + 60_000), wallAt: instant(start + 60_000) };
  const toldAt = clock.mono();
  for (const plan of planAll(folding.books.chat.alerts, momentOf(folding.books, times, defaultTiming)))
    for (const fact of planFacts(raiser, folding.books, plan, times)) tell(folding, fact, 60_000);
  const toldMs = clock.mono() - toldAt;
  globalThis.gc?.();
  const heapMb = (process.memoryUsage().heapUsed - heapBefore) / 1_048_576;
  const look: number[] = [];
  const one: number[] = [];
  const card: number[] = [];
  const shown: (Card | null)[] = [];
  for (let each = 0; each < looks; each += 1) {
    look.push(timed(() => planAll(folding.books.chat.alerts, momentOf(folding.books, times, defaultTiming))));
    one.push(timed(() => tell(folding, firedFact(count + each), 60_000)));
    const notice = Object.values(folding.books.chat.alerts.notices)[0];
    if (notice !== undefined) card.push(timed(() => void shown.push(noticeCard(folding.books, notice))));
  }
  const open = openAlerts(folding.books.chat.alerts, times.at).length;
  printRows(`${count.toLocaleString("en")} open alerts`, [
    {
      name: "folded",
      value: `${firedMs.toFixed(0)} ms, ${((firedMs * 1_000) / count).toFixed(1)} µs each`,
      target: "<= 1 s",
    },
    { name: "told: groups decided and queued", value: `${toldMs.toFixed(0)} ms`, target: "<= 250 ms" },
    {
      name: "memory",
      value: `${heapMb.toFixed(1)} MB, ${((heapMb * 1_024) / count).toFixed(2)} kB each`,
      target: "<= 64 MB",
    },
    { name: "one look of each second", value: milliseconds(look), target: "p99 <= 50 ms" },
    { name: "one more alert", value: milliseconds(one), target: "p99 <= 5 ms" },
    { name: "the message of a group drawn", value: milliseconds(card), target: "p99 <= 20 ms" },
    {
      name: "still open, all told",
      value: `${open}, ${allAlerts(folding.books.chat.alerts).filter(({ announced }) => announced === "firing").length}`,
      target: "none lost",
    },
  ]);
  await Promise.resolve();
}

function timed(work: () => unknown): number {
  const begun = clock.mono();
  work();
  return clock.mono() - begun;
}
