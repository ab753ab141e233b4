/**
 * I18: the queue is a doorbell. What is due is written down a second time from the facts alone, and must be exactly what the
 * books say is due: then a queue that lost everything lost only time. And when faults are over, everything due gets done.
 */
import type { Invariant, Violation, WorldView } from "../contract.ts";
import { isUnsettled } from "./order_law.ts";
import { type Trail, trailOf } from "./trail.ts";
import { openAttention } from "./truth.ts";
import { openCursor, violated } from "./verdict.ts";

/** An obligation that a ready process with a quiet world has left undone for longer is one that nobody knows of. */
const doneWithinMs = 25_000;
/** A chat that refused is left alone for a minute. */
const saidWithinMs = 90_000;

export const noJobAuthority: Invariant = {
  id: "I18",
  name: "NoJobAuthority",
  statement:
    "With the queue erased at any step the set of obligations derivable from the facts is the same, the books name exactly that set, and each is met once the world is calm",
  open() {
    const waits = new Map<string, number>();
    const read = openReader();
    const pass = openPassing();
    return {
      check(view) {
        if (view.calmSince === null) return [];
        const now = read(view);
        const passed = pass(view);
        for (const key of waits.keys()) if (!now.has(key)) waits.delete(key);
        for (const key of now.keys()) {
          const waited = waits.get(key);
          waits.set(key, waited === undefined ? 0 : waited + (isOfVenue(key) ? passed.answered : passed.ready));
          // Before the venue's own bound nobody can know that it will never take the order.
          if (mayStillArrive(view, key)) waits.set(key, 0);
        }
        return [];
      },
      checkInFull: (view) => differing(read(view), byBooks(view)),
      checkCalm: () =>
        [...waits].flatMap(([obligation, waitedMs]) => {
          if (waitedMs < (obligation.startsWith("send ") ? saidWithinMs : doneWithinMs)) return [];
          return [violated("I18", "something is due that nobody does", { obligation, waitedMs })];
        }),
    };
  },
};

/** What became of an order is for the venue to say: a ban that began before the calm may last into it. */
const isOfVenue = (key: string): boolean => key.startsWith("settle ") || key.startsWith("resolve ");

function mayStillArrive(view: WorldView, key: string): boolean {
  const [what, id = ""] = key.split(" ");
  if (!isOfVenue(key)) return false;
  const { orders } = trailOf(view);
  const order = what === "resolve" ? orders.get(id) : [...orders.values()].find(({ fact }) => fact.approvalId === id);
  const { absentAfterMs } = view.definition.capabilities;
  return order !== undefined && view.now < (order.sent?.trueAt ?? order.intendedAt) + absentAfterMs;
}

/** Milliseconds since the last call in which a house was ready, and those of them in which the venue answered it as well. */
function openPassing(): (view: WorldView) => { readonly ready: number; readonly answered: number } {
  const attention = openAttention();
  let before: number | null = null;
  return (view) => {
    const trail = trailOf(view);
    const readyAt = trail.starts.at(-1)?.readyAt ?? null;
    const ready = readyAt === null ? 0 : view.now - Math.max(before ?? view.now, readyAt);
    before = view.now;
    return { ready, answered: Math.min(ready, attention(view, trail).passed) };
  };
}

type Obligations = ReadonlyMap<string, true>;

/** From the facts alone, kept up to date as they come. */
function openReader(): (view: WorldView) => Obligations {
  const told = openCursor();
  const inbox = new Set<string>();
  const outbox = new Set<string>();
  return (view) => {
    const trail = trailOf(view);
    for (const { fact } of told(trail.told)) {
      if (fact.type === "message_received") inbox.add(`handle ${fact.inboxId}`);
      if (fact.type === "message_handled") inbox.delete(`handle ${fact.inboxId}`);
      if (fact.type === "card_queued") outbox.add(`send ${fact.cardId}`);
      if (fact.type === "card_sent" || fact.type === "card_dropped") outbox.delete(`send ${fact.cardId}`);
    }
    return new Map([...inbox, ...outbox, ...ofApprovals(trail), ...ofOrders(trail)].map((key) => [key, true]));
  };
}

function ofApprovals(trail: Trail): readonly string[] {
  return [...trail.approvals.values()].flatMap(({ request, state }) => {
    if (state === "approved") return [`execute ${request.approvalId}`];
    return state === "executing" || state === "exec_unknown" ? [`settle ${request.approvalId}`] : [];
  });
}

/** Intents to send or drop, and orders of unknown fate to prove. */
function ofOrders(trail: Trail): readonly string[] {
  return [...trail.orders.values()].flatMap((order) => (isDoubtful(order.state) ? [`resolve ${order.id}`] : []));
}

const isDoubtful = (state: string): boolean =>
  isUnsettled(state) && state !== "open" && state !== "partial" && state !== "cancel_pending";

function byBooks({ books }: WorldView): Obligations {
  const keys = [
    ...Object.keys(books.chat.inbox).map((id) => `handle ${id}`),
    ...Object.keys(books.chat.outbox).map((id) => `send ${id}`),
    ...Object.values(books.approvals).flatMap(({ approvalId, state }) => {
      if (state === "approved") return [`execute ${approvalId}`];
      return state === "executing" || state === "exec_unknown" ? [`settle ${approvalId}`] : [];
    }),
    ...Object.values(books.orders).flatMap((order) =>
      isDoubtful(order.state) ? [`resolve ${order.clientOrderId}`] : [],
    ),
  ];
  return new Map(keys.map((key) => [key, true]));
}

function differing(facts: Obligations, books: Obligations): readonly Violation[] {
  const lost = [...facts.keys()].filter((key) => !books.has(key));
  const extra = [...books.keys()].filter((key) => !facts.has(key));
  if (lost.length + extra.length === 0) return [];
  return [
    violated("I18", "what is due by the books is not what is due by the facts", {
      onlyInFacts: lost.join(", "),
      onlyInBooks: extra.join(", "),
    }),
  ];
}
