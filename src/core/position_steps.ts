/** How a position steps through its states: the table of `position.ts`, asked in the words of what has happened. */
import { type ExitReason, movePosition, type Position, type PositionEvent, strongestFact } from "./position.ts";

/** What the table does not know leaves the state as it is: facts are true, and the assertions look at the rest. */
export function stepped(position: Position, event: PositionEvent): Position {
  const next = movePosition(position.state, event);
  return next.ok ? { ...position, state: next.value } : position;
}

/** The venue traded for a position that we took for closed: it is open again until that is sold, or counted. */
export function reopenedByFill(position: Position): Position {
  const next = stepped(position, "filled");
  return position.state === "closed" ? { ...next, closedAt: null, exitReason: null, hasDust: false } : next;
}

type Asked = "stop" | "target" | "expiry" | "request";
const askedBy: Readonly<Record<ExitReason, Asked>> = {
  emergency: "request",
  kill_flatten: "request",
  liquidated: "request",
  external: "request",
  protection_failed: "request",
  stop: "stop",
  expiry: "expiry",
  operator: "request",
  target: "target",
  signal: "request",
  time: "request",
};
const eventOf: Readonly<Record<Asked, PositionEvent>> = {
  stop: "stop_hit",
  target: "target_hit",
  expiry: "time_over",
  request: "exit_asked",
};

/** Where a position goes back to whose exit order has ended: to why it was sent. */
export function returnOf(position: Position): PositionEvent {
  const strongest = strongestFact(position.exitFacts);
  return strongest === null ? "back_to_watch" : `back_to_${askedBy[strongest.kind]}`;
}

/** An exit that runs, a residual and a closed position keep their state: the fact is remembered, and decideExit reads it. */
export function withExitFact(position: Position, fact: Position["exitFacts"][number]): Position {
  const next = { ...position, exitFacts: [...position.exitFacts, fact] };
  const strongest = strongestFact(next.exitFacts) ?? fact;
  return stepped(next, eventOf[askedBy[strongest.kind]]);
}
