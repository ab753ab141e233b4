/** Words that alerts share: reasons of others as sentences, evidence as fields, an order and a person by name. Pure. */
import type { Approval } from "./approval.ts";
import { unreachable } from "./assert.ts";
import type { Books } from "./books.ts";
import type { BookedOrder } from "./books_orders.ts";
import { personActing } from "./books_people.ts";
import type { CardField } from "./card.ts";
import { cashText } from "./facts.ts";
import { symbolOf } from "./instrument.ts";
import type { OrderIntent } from "./intent.ts";
import { isPositive, type Ratio, showPercent } from "./money.ts";
import type { ExitReason } from "./position.ts";

export const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** What a venue or a machine said, as a sentence of ours: "Balance insufficient!" keeps its own end. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?…]$/.test(trimmed) ? capital(trimmed) : `${capital(trimmed)}.`;
}

/** "averageBefore" is "Average before". */
export function spokenName(name: string): string {
  return capital(name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replaceAll("_", " "));
}

export function evidenceFields(evidence: Readonly<Record<string, string>>): readonly CardField[] {
  return Object.entries(evidence).map(([name, value]) => ({ name: spokenName(name), value }));
}

/** "entry: buy 4.5 SOL/USDT". */
export const orderWords = ({ leg, side, quantity, instrumentId }: OrderIntent): string =>
  `${leg}: ${side} ${quantity} ${symbolOf(instrumentId)}`;

/** What became of an order that nobody knew about. */
export const orderFate = (order: BookedOrder | undefined): string =>
  order === undefined ? "It is settled" : `${capital(orderWords(order.intent))} is ${order.state.replaceAll("_", " ")}`;

/** What was asked about, in one line: "buy 4.5 SOL/USDT". */
export function subjectWords({ subject }: Pick<Approval, "subject">): string {
  switch (subject.kind) {
    case "order":
      return `${subject.intent.side} ${subject.intent.quantity} ${symbolOf(subject.intent.instrumentId)}`;
    case "flatten":
      return "close every position";
    case "lower_level":
      return `leave ${subject.from}`;
    case "loosen_limit":
      return `loosen ${subject.name} from ${subject.from} to ${subject.to}`;
    case "raise_role":
      return `make ${subject.name} ${subject.to}, before ${subject.from}`;
    default:
      return unreachable(subject);
  }
}

/** What an order costs and may lose; nothing for all else. */
export function subjectMoney({ subject }: Pick<Approval, "subject">): readonly CardField[] {
  if (subject.kind !== "order") return [];
  const { notional, notionalShare, risk, riskShare, currency } = subject.terms;
  return [
    { name: "Worth", value: `${cashText(notional, currency)} · ${showPercent(notionalShare)} of equity` },
    { name: "Risk", value: `${cashText(risk, currency)} · ${showPercent(riskShare)} of equity` },
  ];
}

/** "person:ana" is "Ana"; the house and its policies keep their names. */
export function actorName({ people }: Books, actor: string): string {
  return personActing(people, actor)?.name ?? actor.replace(/^person:/, "");
}

/** "+5.63 %", so that a gain can't be read as a size. */
export const signedPercent = (share: Ratio): string => `${isPositive(share) ? "+" : ""}${showPercent(share)}`;

/** Why a position was left, in words that finish "closed by …". */
export const exitWords: Readonly<Record<ExitReason, string>> = {
  emergency: "emergency",
  kill_flatten: "flatten",
  liquidated: "the venue: liquidated",
  external: "somebody at the venue",
  protection_failed: "us: no stop could be placed",
  stop: "stop",
  expiry: "its end of life",
  operator: "a person",
  target: "target",
  signal: "its strategy",
  time: "its time limit",
};
