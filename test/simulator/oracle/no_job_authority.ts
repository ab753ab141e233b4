/**
 * I18: the queue is a doorbell. What is due is written down a second time from the facts alone, and must be exactly what the
 * books say is due: then a queue that lost everything lost only time. And when faults are over, everything due gets done.
 */
import type { Invariant, Violation, WorldView } from "../contract.ts";
import { isUnsettled } from "./order_law.ts";
import { type Trail, trailOf } from "./trail.ts";
import { calmFor, openCursor, violated } from "./verdict.ts";

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
    const due = new Map<string, number>();
    const read = openReader();
    return {
      check(view) {
        if (view.calmSince === null) return [];
        const now = new Set([...read(view).keys()]);
        for (const key of now) if (!due.has(key)) due.set(key, view.now);
        for (const key of due.keys()) if (!now.has(key)) due.delete(key);
        return [];
      },
      checkInFull: (view) => differing(read(view), byBooks(view)),
      checkCalm(view) {
        const ready = trailOf(view).starts.at(-1)?.readyAt ?? null;
        if (ready === null || calmFor(view) === null) return [];
        return [...due].flatMap(([key, since]) => {
          const waited = view.now - Math.max(since, ready);
          if (waited < (key.startsWith("send ") ? saidWithinMs : doneWithinMs)) return [];
          return [violated("I18", "something is due that nobody does", { obligation: key, waitedMs: waited })];
        });
      },
    };
  },
};

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
