/** What only a person can settle, in one list: orders of unknown fate, what others traded on the account, a flatten that is not verified. */
import type { Books } from "../core/books.ts";
import type { BookedOrder } from "../core/books_orders.ts";
import type { Breaker } from "../core/breaker.ts";
import { type Card, type CardField, plainCard } from "../core/card.ts";
import { lengthText } from "../core/facts.ts";
import { isSelling } from "../core/kill.ts";
import { between, isoTime } from "../core/time.ts";
import type { Candidate } from "../ports/messenger.ts";
import { evidenceFields, nameOf } from "./give_up_order.ts";
import type { Needs } from "./needs.ts";

/** Breakers that say what somebody else did to the account; what they report is booked already. */
export const venueCauses: ReadonlySet<string> = new Set([
  "external_close",
  "external_excess",
  "late_fill",
  "overfill",
  "contradicting_fill",
  "less_filled",
  "short_holding",
  "liquidated",
]);

export function openMatters({ ledger }: Needs): readonly Candidate[] {
  const books = ledger.books();
  const breakers = foreignBreakers(books).map(({ key }) => ({ value: key, label: null }));
  return isSelling(books.house.kill)
    ? [...breakers, { value: "flatten", label: "flatten, not verified yet" }]
    : breakers;
}

const foreignBreakers = (books: Books): readonly Breaker[] =>
  Object.values(books.house.breakers).filter(({ cause }) => venueCauses.has(cause));

/** @param word empty = everything; else an order by its id or the end of it. */
export function resolveCard(needs: Needs, word: string): Card {
  const books = needs.ledger.books();
  const doubtful = Object.values(books.orders).filter(
    (order) => order.state === "unknown" && order.clientOrderId.endsWith(word),
  );
  const breakers = foreignBreakers(books).filter(({ key }) => key.startsWith(word));
  const isUnverified = isSelling(books.house.kill) && "flatten".startsWith(word);
  const count = doubtful.length + breakers.length + (isUnverified ? 1 : 0);
  if (count === 0)
    return word === ""
      ? plainCard("ok", "Nothing waits for a person: the fate of every order is known.")
      : plainCard("warning", `Nothing that waits is called ${word.slice(0, 60)}.`, ["/resolve lists it."]);
  const only = doubtful.length === 1 ? doubtful[0] : undefined;
  return {
    title: titleOf(doubtful.length, count),
    tone: "warning",
    lines: doubtful.length === 0 ? [] : ["Nothing is sent twice; its instrument takes no entry until this is settled."],
    fields: [
      ...doubtful.map((order) => orderField(needs, order)),
      ...(only === undefined ? [] : evidenceFields(only)),
      ...breakers.map(breakerField),
      ...(isUnverified ? [flattenField(books)] : []),
    ],
    footer: doubtful.length === 0 ? null : "Give one up: /resolve ORDER lost WHY",
    chart: null,
  };
}

function titleOf(doubtful: number, all: number): string {
  if (doubtful !== all) return `${all} ${all === 1 ? "matter waits" : "matters wait"} for a person`;
  return doubtful === 1 ? "One order of unknown fate" : `${doubtful} orders of unknown fate`;
}

function orderField({ clock }: Needs, order: BookedOrder): CardField {
  const age = lengthText(Math.max(0, between(order.changedAt, clock.wall())));
  const asked = order.lostRequest === undefined ? "" : `; ${order.lostRequest.by} asks to give it up`;
  const problem = order.problem === null || order.problem === "" ? "no answer" : order.problem;
  return {
    name: `${nameOf(order)} …${order.clientOrderId.slice(-8)}`,
    value: `${problem}; for ${age}, ${order.probes.total} looks${asked}`,
  };
}

function breakerField({ key, evidence, openedWallAt }: Breaker): CardField {
  const proof = Object.entries(evidence).map(([name, value]) => `${name} ${value}`);
  return {
    name: key,
    value: `since ${isoTime(openedWallAt).slice(0, 19)}Z: ${proof.join(", ")}. It is booked. Settle it: /resolve ${key} accept WHY`,
  };
}

function flattenField({ house }: Books): CardField {
  const { kill } = house;
  const left = kill?.left.length ?? 0;
  return {
    name: `${kill?.level ?? "flatten"}, not verified yet`,
    value: `${kill?.step.replaceAll("_", " ") ?? ""}, ${left} left. Leave it all the same: /resolve flatten override WHY`,
  };
}
