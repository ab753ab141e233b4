/**
 * Giving up an order of which nobody will ever learn the truth: an explicit act of an owner with a reason, by two people.
 * Where only one may decide, that one waits ten minutes in which every chat can take it back. What the order may have done
 * at worst stays in the exposure for a day, and the venue's word still counts whenever it comes.
 *
 *   unknown --/resolve ORDER lost WHY--> asked --second owner | alone after 10 min--> lost
 *                                          '--anybody: /resolve ORDER keep--> unknown
 */

import { noFill } from "../core/absorb.ts";
import { actorName } from "../core/alert_words.ts";
import type { Books } from "../core/books.ts";
import type { BookedOrder } from "../core/books_orders.ts";
import { hasRole, linkedChats, ownersLately } from "../core/books_people.ts";
import { type Card, plainCard } from "../core/card.ts";
import { changeCard } from "../core/change_card.ts";
import type { Fact } from "../core/events.ts";
import { symbolOf } from "../core/instrument.ts";
import { mark } from "../core/mark.ts";
import { isZero } from "../core/money.ts";
import { addMs, between, type Instant, isoTime } from "../core/time.ts";
import type { Decision, Draft } from "../ports/ledger.ts";
import { isHeardEverywhere } from "./heard.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";
import { settle } from "./request_approval.ts";
import { waitedMs } from "./steady.ts";

const reasonMin = 10;
const waitMs = 10 * 60_000;

export type GiveUpWish = {
  readonly word: string;
  readonly reason: string;
  readonly personId: string;
};

export function giveUp(needs: Needs, wish: GiveUpWish): Promise<Card> {
  return record<Card>(needs, (books, { wallAt }) => {
    const order = doubtfulOf(books, wish.word);
    if (order === null) return told(plainCard("info", `No order of unknown fate is called ${wish.word.slice(0, 60)}.`));
    if (wish.reason.trim().length < reasonMin)
      return told(
        plainCard("warning", "Giving up an order needs a reason of at least ten letters.", ["What did the venue say?"]),
      );
    return decide(needs, books, { order, wish, wallAt });
  });
}

const told = (value: Card): Decision<Card> => ({ drafts: [], value });

/** By its id or the end of it, as the table shows it. */
export function doubtfulOf(books: Books, word: string): BookedOrder | null {
  const doubtful = Object.values(books.orders).filter((order) => order.state === "unknown");
  const named = doubtful.filter((order) => order.clientOrderId === word || order.clientOrderId.endsWith(word));
  return word.length >= 4 && named.length === 1 ? (named[0] ?? null) : null;
}

type Deciding = { readonly order: BookedOrder; readonly wish: GiveUpWish; readonly wallAt: Instant };

function decide(needs: Needs, books: Books, { order, wish, wallAt }: Deciding): Decision<Card> {
  const { clientOrderId, tradeId } = order;
  const { personId, reason } = wish;
  // Who lost the power to ask since then is no second person.
  const lostRequest =
    order.lostRequest !== undefined && mayAsk(books, order.lostRequest) ? order.lostRequest : undefined;
  if (lostRequest !== undefined && lostRequest.by !== personId && between(lostRequest.dueAt, wallAt) <= 0) {
    const fact = lostFact(order, [lostRequest.by, personId], `${lostRequest.reason}; ${reason}`);
    return {
      drafts: lostDrafts(books, order, fact, { personId, wallAt }),
      value: lostCard(books, order, { fact, wallAt }),
    };
  }
  if (lostRequest !== undefined && lostRequest.by === personId)
    return told(plainCard("info", "You asked for this already.", [nextStep(books, lostRequest.dueAt, wallAt)]));
  const dueAt = addMs(wallAt, waitMs);
  const asked: Fact = { type: "lost_requested", clientOrderId, by: personId, reason, dueAt };
  const card = changeCard(
    books,
    {
      title: "Give up an order?",
      tone: "critical",
      lines: [
        `${actorName(books, `person:${personId}`)} says that ${nameOf(order)} will never be found: ${reason}`,
        nextStep(books, dueAt, wallAt),
      ],
      now: `asked for; order ${clientOrderId} is unknown still`,
      fields: evidenceFields(order),
      running: "it is looked for as before; stops and exits of other positions",
      notDone: "nothing is sent again; its instrument takes no entry",
      undo: `anybody: /resolve ${clientOrderId.slice(-8)} keep`,
      actor: `person:${personId}`,
    },
    { since: wallAt, seq: books.seq + 1 },
  );
  return {
    drafts: [draft(`person:${personId}`, asked, tradeId), ...announced(needs, books, clientOrderId, card)],
    value: card,
  };
}

const mayAsk = ({ people }: Books, { by }: NonNullable<BookedOrder["lostRequest"]>): boolean =>
  hasRole(people, by, "owner");

function nextStep(books: Books, dueAt: Instant, wallAt: Instant): string {
  return isAlone(books, wallAt)
    ? `You decide alone: it is done at ${isoTime(dueAt).slice(11, 19)} UTC unless somebody takes it back.`
    : "A second owner types the same within ten minutes.";
}

/** Only one person is an owner whom we reach, or was within the last 24 hours. */
export const isAlone = ({ people }: Books, wallAt: Instant): boolean => ownersLately(people, wallAt).length < 2;

/** Requests whose time has come: carried out where one person decides alone, else they end without effect. */
export function giveUpDue(needs: Needs): Promise<void> {
  return record(needs, (books, { wallAt }) => {
    // A process that was away first hears what was said meanwhile.
    const moment = { wallAt, isReturning: needs.memory.back !== null, isHeard: () => isHeardEverywhere(needs, books) };
    const drafts = Object.values(books.orders).flatMap((order) =>
      dueOf(books, order, { ...moment, isOver: isOver(needs, order) }),
    );
    return { drafts, value: undefined };
  });
}

/** By both clocks: one that was set forward shortens nobody's time to take it back. */
function isOver(needs: Needs, { clientOrderId, lostRequest }: BookedOrder): boolean {
  if (lostRequest === undefined) return false;
  return waitedMs(needs, `${clientOrderId}|lost`, addMs(lostRequest.dueAt, -waitMs)) >= waitMs;
}

type Moment = {
  readonly wallAt: Instant;
  readonly isOver: boolean;
  readonly isReturning: boolean;
  readonly isHeard: () => boolean;
};

function dueOf(books: Books, order: BookedOrder, { wallAt, isOver, isReturning, isHeard }: Moment): readonly Draft[] {
  const { lostRequest, clientOrderId, tradeId } = order;
  if (lostRequest === undefined) return [];
  const withdraw = (because: string) => [
    draft("house", { type: "lost_withdrawn", clientOrderId, because } as const, tradeId),
  ];
  if (order.state !== "unknown") return withdraw("its fate became known");
  if (!mayAsk(books, lostRequest)) return withdraw("whoever asked for it may not any more");
  if (!isOver || isReturning) return [];
  if (!isAlone(books, wallAt)) return withdraw("no second owner joined within ten minutes");
  // Whoever would take it back may be waiting for a chat that is deaf.
  if (!isHeard()) return [];
  const fact = lostFact(order, [lostRequest.by], lostRequest.reason);
  return lostDrafts(books, order, fact, { personId: lostRequest.by, wallAt });
}

export function keepLooking(needs: Needs, wish: { readonly word: string; readonly personId: string }): Promise<Card> {
  return record<Card>(needs, (books, { wallAt }) => {
    const order = doubtfulOf(books, wish.word);
    if (order?.lostRequest === undefined) return told(plainCard("info", "Nobody asked to give this order up."));
    const { clientOrderId, tradeId } = order;
    const fact: Fact = { type: "lost_withdrawn", clientOrderId, because: `${wish.personId} took it back` };
    return {
      drafts: [draft(`person:${wish.personId}`, fact, tradeId)],
      value: keptCard(books, clientOrderId, { actor: `person:${wish.personId}`, wallAt }),
    };
  });
}

function lostFact(order: BookedOrder, by: readonly string[], reason: string) {
  mark("V11.given_up_by_people");
  return { type: "order_declared_lost", clientOrderId: order.clientOrderId, by, reason } as const;
}

/** The consent that it executes, and the position that it would have opened, end with it: nobody will ever know more. */
function lostDrafts(
  books: Books,
  { approvalId, tradeId, intent }: BookedOrder,
  fact: ReturnType<typeof lostFact>,
  by: { readonly personId: string; readonly wallAt: Instant },
): readonly Draft[] {
  const approval = books.approvals[approvalId ?? ""];
  const ends =
    approval?.state === "exec_unknown" || approval?.state === "executing"
      ? [settle(approval, { to: "exec_failed", by: fact.by, reason: `given up: ${fact.reason}`, at: by.wallAt })]
      : [];
  const position = books.positions[tradeId];
  const isEmpty = position?.state === "entry" && isZero(position.boughtQuantity);
  // Its instrument can be traded again. Should it have bought after all, that opens the position as one to be left.
  const frees = intent.leg === "entry" && isEmpty ? [noFill(tradeId)] : [];
  if (frees.length > 0) mark("V11.slot_is_free_again");
  return [fact, ...frees, ...ends].map((one) => draft(`person:${by.personId}`, one, tradeId));
}

function keptCard(books: Books, clientOrderId: string, by: { readonly actor: string; readonly wallAt: Instant }): Card {
  return changeCard(
    books,
    {
      title: "It stays unknown, and I keep looking for it.",
      now: `order ${clientOrderId} is unknown`,
      running: "it is looked for as before; stops and exits of other positions",
      notDone: "nothing is sent again; its instrument takes no entry",
      undo: `/resolve ${clientOrderId.slice(-8)} lost WHY`,
      actor: by.actor,
    },
    { since: by.wallAt, seq: books.seq + 1 },
  );
}

type Lost = { readonly fact: ReturnType<typeof lostFact>; readonly wallAt: Instant };

function lostCard(books: Books, order: BookedOrder, { fact, wallAt }: Lost): Card {
  return changeCard(
    books,
    {
      title: "Order given up",
      tone: "warning",
      lines: [`${nameOf(order)}: ${fact.reason}`],
      now: `order ${order.clientOrderId} counts as lost`,
      fields: [{ name: "By", value: fact.by.join(" and ") }],
      running: "its worst case counts as exposure for another 24 h",
      notDone: "the venue was told nothing; if it turns up after all, its fills are booked",
      undo: "none: only the venue's word can bring it back",
      actor: `person:${fact.by.at(-1) ?? ""}`,
    },
    { since: wallAt, seq: books.seq + 1 },
  );
}

export function nameOf({ intent }: BookedOrder): string {
  return `${intent.leg} ${intent.side} ${intent.quantity} ${symbolOf(intent.instrumentId)}`;
}

/** The newest answer of each endpoint, as a person needs it. */
export function evidenceFields(order: BookedOrder): readonly { readonly name: string; readonly value: string }[] {
  const newest = new Map((order.looks ?? []).map((look) => [look.endpoint, look]));
  return [...newest.values()].map(({ endpoint, verdict, at, responseHash }) => ({
    name: endpoint.replaceAll("_", " "),
    value: `${verdict} at ${isoTime(at).slice(11, 19)} UTC${responseHash === null ? "" : ` (${responseHash.slice(0, 8)})`}`,
  }));
}

function announced(needs: Needs, books: Books, clientOrderId: string, card: Card): readonly Draft[] {
  return linkedChats(books.people).map((chat) =>
    draft("house", {
      type: "card_queued",
      cardId: needs.ids.next("card"),
      chat,
      severity: "critical",
      alert: "lost_requested",
      foldKey: clientOrderId,
      card,
    }),
  );
}
