/**
 * What the last process left unfinished, in the words of the one who finds it: said in the log at a start, so that a person can
 * follow why the house does what it does next. Each kind is one of the moments at which a process can die.
 */
import type { Books } from "./books.ts";
import type { BookedOrder } from "./books_orders.ts";
import { symbolOf } from "./instrument.ts";
import type { Mark } from "./mark.ts";
import { isPositive } from "./money.ts";
import { isUncertain, mayStillTrade } from "./order.ts";
import type { Position } from "./position.ts";

export type Unfinished = { readonly line: string; readonly marks: readonly Mark[] };

export function unfinishedOf(books: Books): readonly Unfinished[] {
  return [
    ...consentsOf(books),
    ...Object.values(books.orders).flatMap((order) => ofOrder(order) ?? []),
    ...Object.values(books.positions).flatMap((position) => ofPosition(books, position) ?? []),
  ];
}

function consentsOf({ approvals }: Books): readonly Unfinished[] {
  return Object.values(approvals)
    .filter((approval) => approval.state === "approved" && approval.subject.kind === "order")
    .map(({ approvalId }) => ({
      line: `consent ${approvalId} was given and no order decided: it is void`,
      marks: ["X01.consent_without_order"],
    }));
}

/** Whether a byte of it left can't be told from here: request half written, answer lost and never connected look the same. */
const beingSent = {
  entry: ["X03.entry_being_sent", "X04.entry_being_sent", "X06.entry_being_sent"],
  protect: ["X09.stop_being_sent"],
  exit: ["X14.exit_being_sent"],
} as const satisfies Record<string, readonly Mark[]>;

function ofOrder({ state, intent, clientOrderId }: BookedOrder): Unfinished | null {
  const name = `${intent.leg} order ${clientOrderId} of ${symbolOf(intent.instrumentId)}`;
  if (state === "intent")
    return { line: `${name} was decided and never armed: it is dropped`, marks: ["X02.never_armed"] };
  if (state === "sending") return { line: `${name} may have left: it is looked for`, marks: beingSent[intent.leg] };
  if (state === "cancel_pending" || state === "cancel_unknown")
    return { line: `the cancel of ${name} has no answer: it is looked for`, marks: ["X12.cancel_without_answer"] };
  return null;
}

function ofPosition(books: Books, position: Position): Unfinished | null {
  if (position.state === "closed") return null;
  const live = Object.values(books.orders).filter(
    (order) => order.tradeId === position.positionId && mayStillTrade(order.state),
  );
  const has = (leg: "entry" | "protect" | "exit") => live.some((order) => order.intent.leg === leg);
  const name = `position ${position.positionId} of ${symbolOf(position.instrumentId)}`;
  if (!isPositive(position.quantity)) {
    const isAcknowledged = live.some(
      (order) => order.intent.leg === "entry" && !isUncertain(order.state) && order.state !== "intent",
    );
    return isAcknowledged
      ? {
          line: `${name}: its entry is at the venue and its fills are not read yet`,
          marks: ["X07.acknowledged_and_not_filled"],
        }
      : null;
  }
  if (has("exit")) return null;
  if (position.exitFacts.length > 0)
    return has("protect")
      ? { line: `${name} has a reason to leave and no exit: it leaves now`, marks: ["X11.reason_without_exit"] }
      : { line: `${name} has a reason to leave, no stop and no exit: it leaves first`, marks: ["X13.naked"] };
  return has("protect") ? null : { line: `${name} has no stop: it gets one first`, marks: ["X08.without_stop"] };
}
