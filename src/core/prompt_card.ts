/** The card of an approval: every number of the canonical order that was hashed, then one status line. Pure. */
import { actorName } from "./alert_words.ts";
import { type Approval, type ApprovalState, isClosed, isWait } from "./approval.ts";
import { unreachable } from "./assert.ts";
import type { Books } from "./books.ts";
import type { BookedOrder } from "./books_orders.ts";
import type { Card, CardChart, CardField, Tone } from "./card.ts";
import { standingSignatures } from "./consent.ts";
import { cashText, lengthText } from "./facts.ts";
import { symbolOf } from "./instrument.ts";
import {
  absolute,
  averagePrice,
  decimalsOf,
  fromBps,
  isLess,
  isZero,
  minus,
  type Price,
  showAmount,
  showPercent,
  zeroNotional,
} from "./money.ts";
import { adverseDrift } from "./quote.ts";
import { between, type Instant, isoTime, utcDay } from "./time.ts";
import { silenceText } from "./veto.ts";

/**
 * Rises with everything that the card shows: a chat whose message shows a lower revision gets an edit. Version, then state,
 * then how many have signed or, once the order has ended, what it filled: a fill that comes later still is shown too.
 */
export function revisionOf(approval: Approval, books: Books): number {
  const steps: Readonly<Record<ApprovalState, number>> = {
    pending: 0,
    approved: 1,
    executing: 1,
    exec_unknown: 2,
    executed: 3,
    exec_failed: 3,
    declined: 3,
    expired: 3,
    canceled: 3,
    superseded: 3,
    invalidated: 3,
  };
  const order = orderOf(approval, books);
  const told = order === undefined || order.endedAt === null ? 0 : 1 + order.fillIds.length;
  const closing = told + (approval.declinedBecause === undefined ? 0 : 1) + (approval.silence === undefined ? 0 : 1);
  const part = approval.state === "pending" ? approval.yes.length : closing;
  return approval.version * 1_000 + steps[approval.state] * 100 + Math.min(part, 99);
}

/** The version that a message of this revision shows; 0 = none. */
export const versionOfRevision = (revision: number): number => Math.floor(revision / 1_000);

function orderOf(approval: Approval, books: Books): BookedOrder | undefined {
  return Object.values(books.orders).find((one) => one.approvalId === approval.approvalId);
}

/** Who reads it, and what a yes of theirs is judged by. */
export type Readers = {
  /** Of all whom this chat reaches; null = they live in several. */
  readonly timeZone: string | null;
  /** Greatest age of the price taken at the yes. */
  readonly quoteTtlMs: number;
};

export function promptCard(
  approval: Approval,
  books: Books,
  chart: CardChart | null,
  readers: Readers | null = null,
): Card {
  const isOpen = approval.state === "pending";
  const audit = approval.decidedHash === undefined || isOpen ? "" : ` · audit ${approval.decidedHash}`;
  const common = {
    tone: toneOf(approval.state),
    footer: `${statusLine(approval, books)}${audit}`,
    chart: isOpen ? chart : null,
    ...(isOpen ? { expiresAt: approval.expiresAt } : {}),
    ...(isOpen && isWait(approval) ? { isDoneBySilence: true as const } : {}),
  };
  return { ...common, ...bodyOf(approval, books, readers) };
}

type Body = Pick<Card, "title" | "lines" | "fields">;

function bodyOf(approval: Approval, books: Books, readers: Readers | null): Body {
  const { subject } = approval;
  const shown = { books, readers };
  switch (subject.kind) {
    case "order":
      return { title: orderTitle(approval), lines: orderLines(approval), fields: orderFields(approval, readers) };
    case "flatten":
      return {
        title: "Close every position now?",
        lines: ["New entries are halted already. Approve sells what is listed, at most 5 % under the bid."],
        fields: [...listFields(subject.positions), untilField(approval, readers)],
      };
    case "lower_level":
      return changeBody(approval, shown, {
        title: `Leave ${subject.from} and trade again?`,
        second: "It takes a second person: Approve lowers the level, Decline leaves it.",
        warnings: subject.isOverride ? ["Override: nobody has proven that nothing is held."] : [],
      });
    case "loosen_limit":
      return changeBody(approval, shown, {
        title: `Loosen ${subject.name} from ${subject.from} to ${subject.to}?`,
        second: "It takes a second owner: Approve loosens the limit, Decline leaves it.",
      });
    case "raise_role":
      return changeBody(approval, shown, {
        title: `Make ${subject.name} ${subject.to}?`,
        second: "It takes a second owner: Approve gives the role, Decline leaves it.",
        now: subject.from,
      });
    default:
      return unreachable(subject);
  }
}

type Change = {
  readonly title: string;
  /** What the yes and the no of the second person do. */
  readonly second: string;
  readonly warnings?: readonly string[];
  readonly now?: string;
};

/** A change of what the house may do, which a person has asked for with a reason: who asks, why, until when an answer counts. */
function changeBody(
  approval: Approval,
  { books, readers }: { readonly books: Books; readonly readers: Readers | null },
  { title, second, warnings = [], now }: Change,
): Body {
  const { subject, requester } = approval;
  if (subject.kind === "order" || subject.kind === "flatten") return { title, lines: [], fields: [] };
  const alone =
    "One person decides here, so this waits. It is done when the time is over and every chat is heard; Decline stops it.";
  return {
    title,
    lines: [subject.isAlone ? alone : second, ...warnings],
    fields: [
      ...(now === undefined ? [] : [{ name: "Now", value: now }]),
      { name: "Reason", value: subject.reason },
      { name: "Asked by", value: actorName(books, requester) },
      untilField(approval, readers),
    ],
  };
}

const listFields = (positions: readonly { readonly line: string }[]): readonly CardField[] =>
  positions.map(({ line }, index) => ({ name: `Position ${index + 1}`, value: line }));

function orderTitle(approval: Approval): string {
  if (approval.subject.kind !== "order") return "";
  const { intent } = approval.subject;
  const verb = intent.side === "buy" ? "Buy" : "Sell";
  return `${verb} ${intent.quantity} ${symbolOf(intent.instrumentId)}`;
}

function orderLines({ subject, isVeto, state }: Approval): readonly string[] {
  if (subject.kind !== "order") return [];
  const warning = "This goes by itself when the time is over. Stop it ends it for everybody; one no is enough.";
  return isVeto === true && state === "pending" ? [warning, subject.terms.because] : [subject.terms.because];
}

function orderFields(approval: Approval, readers: Readers | null): readonly CardField[] {
  if (approval.subject.kind !== "order") return [];
  const { intent, terms } = approval.subject;
  const [base = "", quote = ""] = symbolOf(intent.instrumentId).split("/");
  const away = (level: Price, sign: string) =>
    `${sign}${showPercent(absolute(adverseDrift("buy", terms.quotedPrice, level)))}`;
  const plan = intent.exitPlan;
  const force = intent.shape.orderType === "limit" ? intent.shape.timeInForce.toUpperCase() : intent.shape.orderType;
  const fields: CardField[] = [
    { name: "Order", value: `${intent.side} ${intent.quantity} ${base} (limit, ${force})` },
    { name: "Worst price", value: `${intent.shape.limitPrice} ${quote} (now ${terms.quotedPrice})` },
    { name: "Notional", value: `${cashText(terms.notional, quote)} (${showPercent(terms.notionalShare)} of equity)` },
  ];
  if (plan !== null) {
    fields.push({ name: "Stop", value: `${plan.stopPrice} ${quote} (${away(plan.stopPrice, "-")})` });
    fields.push({
      name: "Target",
      value: plan.targetPrice === null ? "none" : `${plan.targetPrice} ${quote} (${away(plan.targetPrice, "+")})`,
    });
    if (plan.trail !== null)
      fields.push({ name: "Trail", value: `${showPercent(fromBps(plan.trail.distanceBps))} under the best price` });
    if (plan.timeLimitMs !== null) fields.push({ name: "Time limit", value: lengthText(plan.timeLimitMs) });
  }
  return [
    ...fields,
    { name: "Risk", value: `${cashText(terms.risk, quote)} (${showPercent(terms.riskShare)} of equity, with fees)` },
    { name: "Exposure", value: `${showPercent(terms.exposureNow)} → ${showPercent(terms.exposureThen)} of equity` },
    { name: "Strategy", value: `${intent.strategy} (strength ${showPercent(terms.strength, 0)})` },
    { name: "Account", value: `${approval.mode.toUpperCase()} · ${intent.venue} ${intent.account}` },
    ...clockFields(approval, readers),
  ];
}

/** The three clocks: until when an answer counts, how old its price may be, how soon the order must leave. */
function clockFields(approval: Approval, readers: Readers | null): readonly CardField[] {
  const { execDeadlineMs } = approval;
  const until = untilField(approval, readers);
  if (readers === null) return [until];
  const age = lengthText(readers.quoteTtlMs);
  return [
    until,
    { name: "After a yes", value: `price at most ${age} old, order within ${lengthText(execDeadlineMs)}` },
  ];
}

/** Until when an answer counts; on Telegram nothing else tells it. */
function untilField(approval: Approval, readers: Readers | null): CardField {
  const { expiresAt, createdAt } = approval;
  const zone = readers?.timeZone ?? "UTC";
  const local = zone === "UTC" ? "" : ` (${clockIn(expiresAt, zone)} ${zone})`;
  const [day, time] = [utcDay(expiresAt), isoTime(expiresAt).slice(11, 19)];
  const value = `${day === utcDay(createdAt) ? "" : `${day} `}${time} UTC${local}`;
  return { name: isWait(approval) ? "Stop it by" : "Answer by", value };
}

function clockIn(at: Instant, timeZone: string): string {
  const format = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone } as const;
  return new Intl.DateTimeFormat("en-GB", format).format(at);
}

function toneOf(state: ApprovalState): Tone {
  switch (state) {
    case "pending":
      return "waiting";
    case "approved":
    case "executing":
    case "executed":
      return "ok";
    case "exec_unknown":
      return "critical";
    case "exec_failed":
    case "invalidated":
      return "warning";
    case "declined":
    case "expired":
    case "canceled":
    case "superseded":
      return "closed";
    default:
      return unreachable(state);
  }
}

/** One line that says what was decided, by whom and when, and what came of it. */
export function statusLine(approval: Approval, books: Books): string {
  const version = approval.version > 1 ? ` · v${approval.version}` : "";
  if (approval.state === "pending")
    return `Asked ${isoTime(approval.createdAt).slice(11, 19)} UTC${version} · ${isWait(approval) ? "nobody has stopped it" : signaturesText(approval, books)} · ${silenceText(approval)}`;
  const when = approval.decidedAt === null ? "" : ` ${isoTime(approval.decidedAt).slice(11, 19)}Z`;
  const who =
    approval.decidedBy.length === 0 ? "" : ` by ${approval.decidedBy.map((one) => actorName(books, one)).join(", ")}`;
  const decision = wordOf(approval.state);
  const reasons = [approval.reason, approval.declinedBecause ?? null].filter((one) => one !== null);
  const why = reasons.map((reason) => ` · ${reason}`).join("");
  const isOver = isClosed(approval.state) || approval.state === "exec_unknown";
  return `${decision}${when}${who}${version}${isOver ? outcomeOf(approval, books) : ""}${why}${silenceWorth(approval)}`;
}

/** What a request that nobody answered would have brought, once its trade would have ended. */
function silenceWorth({ subject, silence }: Approval): string {
  if (silence === undefined || subject.kind !== "order") return "";
  const { currency } = subject.terms;
  const isLoss = isLess(silence.pnl, zeroNotional);
  const amount = isLoss ? minus(zeroNotional, silence.pnl) : silence.pnl;
  const end = silence.how === "time" ? "at the end of its time" : `at its ${silence.how}`;
  return ` · would have ${isLoss ? "lost" : "brought"} ${cashText(amount, currency)} ${end}`;
}

function signaturesText(approval: Approval, books: Books): string {
  const { quorum } = approval;
  const given = standingSignatures(approval, books).length;
  if (given > 0) return `${given} of ${quorum} signatures given`;
  return quorum === 1 ? "one signature needed" : `${quorum} signatures needed`;
}

function wordOf(state: ApprovalState): string {
  const words: Readonly<Record<ApprovalState, string>> = {
    pending: "Waiting",
    approved: "✅ APPROVED",
    executing: "✅ APPROVED",
    executed: "✅ APPROVED",
    exec_failed: "⚠️ APPROVED, not executed",
    exec_unknown: "❓ APPROVED, order unknown",
    declined: "❌ DECLINED",
    expired: "⌛ EXPIRED",
    canceled: "🚫 CANCELED",
    superseded: "🔁 REPLACED",
    invalidated: "⚠️ NOT EXECUTED",
  };
  return words[state];
}

function outcomeOf(approval: Approval, books: Books): string {
  const order = orderOf(approval, books);
  if (order === undefined) return "";
  if (isZero(order.filledQuantity)) return order.endedAt === null ? "" : " · nothing filled";
  // One digit finer than the limit says whether an average of several fills was better; eighteen say nothing.
  const average = averagePrice(order.filledNotional, order.filledQuantity);
  const places = decimalsOf(order.intent.shape.limitPrice) + 1;
  return ` · filled ${order.filledQuantity} @ ${showAmount(average, places)}`;
}

/** "answered 12 s after it was asked", for the tapper who came too late. */
export function answerAge(approval: Approval): string {
  return approval.decidedAt === null
    ? ""
    : `${lengthText(between(approval.createdAt, approval.decidedAt))} after it was asked`;
}
