/**
 * The test alarm: begun once a week or by a person, carried by the pipeline of every other alert, ended when somebody has
 * acknowledged it and every chat took it, or when its time is over. Each step is one commit that looks at the newest books.
 */
import { linkedChats } from "../core/books_people.ts";
import { type Card, plainCard } from "../core/card.ts";
import { type Change, changeCard } from "../core/change_card.ts";
import { drillEnd, isDrillDue, runningDrill } from "../core/drill.ts";
import type { FactOf } from "../core/events.ts";
import { clockText } from "../core/local_time.ts";
import { addMs, minute } from "../core/time.ts";
import { deliverOutbox } from "./deliver_outbox.ts";
import type { Needs } from "./needs.ts";
import { houseZone } from "./note_time_zone.ts";
import { draft, record } from "./record.ts";

const usualAckMs = 30 * minute;

/** What time does to it: ends the one that runs, begins the one of the week. */
export async function tendDrill(needs: Needs): Promise<void> {
  if (needs.memory.isFenced || needs.memory.isStopping) return;
  // Most looks change nothing, and then nothing is asked of the ledger.
  if (!isAnythingDue(needs)) return;
  const ended = await record(needs, (books, { wallAt }) => {
    const end = drillEnd(books, wallAt);
    return { drafts: end === null ? [] : [draft("house", end)], value: end };
  });
  if (ended !== null) return tellOutside(needs, ended);
  const rule = needs.settings.drill;
  if (rule === undefined) return;
  await record(needs, (books, { wallAt }) => {
    const isDue = isDrillDue(books, rule, { wallAt, timeZone: houseZone(needs) });
    const chats = linkedChats(books.people);
    const dueAt = addMs(wallAt, rule.ackMs);
    const fact = { type: "drill_started", drillId: needs.ids.next("drill"), personId: null, chats, dueAt } as const;
    return { drafts: isDue ? [draft("house", fact)] : [], value: undefined };
  });
}

function isAnythingDue(needs: Needs): boolean {
  const books = needs.ledger.books();
  const wallAt = needs.clock.wall();
  const rule = needs.settings.drill;
  if (drillEnd(books, wallAt) !== null) return true;
  return rule !== undefined && isDrillDue(books, rule, { wallAt, timeZone: houseZone(needs) });
}

/** Where no chat calls anybody, the monitor may: it has means of its own. */
async function tellOutside({ monitor, ledger, log }: Needs, end: FactOf<"drill_ended">): Promise<void> {
  if (end.how !== "missed") return;
  const body = `${ledger.books().hash}\nnobody acknowledged the test alarm`;
  const told = await monitor?.report({ isWell: false, body });
  if (told?.ok === false) log.warn("The outside monitor was not reached either", { because: told.problem });
}

/** /drill alarm: at once, whatever the day. */
export async function startDrill(needs: Needs, personId: string): Promise<Card> {
  const ackMs = needs.settings.drill?.ackMs ?? usualAckMs;
  const actor = `person:${personId}`;
  const done = await record(needs, (books, { wallAt }) => {
    const chats = linkedChats(books.people);
    const running = runningDrill(books.drills);
    const recorded = { since: wallAt, seq: books.seq + 1 };
    if (running !== null) return { drafts: [], value: { isNew: false, dueAt: running.dueAt, chats, recorded } };
    const dueAt = addMs(wallAt, ackMs);
    const fact = { type: "drill_started", drillId: needs.ids.next("drill"), personId, chats, dueAt } as const;
    return { drafts: [draft(actor, fact)], value: { isNew: true, dueAt, chats, recorded } };
  });
  const books = needs.ledger.books();
  const by = clockText(done.dueAt, books.people.persons[personId]?.timeZone ?? "UTC");
  if (!done.isNew) return plainCard("info", "A test alarm runs already", [`Somebody must acknowledge it by ${by}.`]);
  void deliverOutbox(needs).catch((error: unknown) =>
    needs.log.warn("The test alarm could not leave at once", { error: String(error) }),
  );
  const chats = done.chats.length === 1 ? "1 chat" : `${done.chats.length} chats`;
  const change: Change = {
    title: `Test alarm sent to ${chats}`,
    lines: [`Somebody must acknowledge it by ${by}; it calls again until then.`],
    now: "a test alarm is on its way; /status shows what comes of it",
    fields: [{ name: "Sent to", value: [...new Set(done.chats.map(({ platform }) => platform))].join(", ") }],
    running: "trading, stops and exits, as before",
    notDone: "no real alert was told, taken on or held back by it",
    undo: "/ack alarm_drill ends its calls",
    actor,
  };
  return changeCard(books, change, done.recorded);
}
