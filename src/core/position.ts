/**
 * The life of a position, as one table: rows are states, columns are what can happen. The reducer, the database trigger, the
 * exhaustive test and the diagram all come from it.
 *
 *   entry --first fill--> monitoring --stop--> stop_triggered --+
 *     |                      |--target--> tp_triggered ---------+--exit sent--> exit_pending --all sold--> closed
 *     |                      |--time, resolution--> expiry -----+                   |
 *     '--no fill--> closed   '--person, signal, kill--> exit_requested              '--remainder--> back to its trigger
 *   closed --late fill--> residual --exit sent--> exit_pending
 */
import type { ExitPlan, Mode } from "./intent.ts";
import { mark } from "./mark.ts";
import type { Notional, Price, Quantity } from "./money.ts";
import { fail, ok, type Result } from "./result.ts";
import type { Instant } from "./time.ts";
import type { Trail } from "./trail.ts";

export const positionStates = [
  "entry",
  "monitoring",
  "stop_triggered",
  "tp_triggered",
  "expiry",
  "exit_requested",
  "exit_pending",
  "residual",
  "closed",
] as const;
export type PositionState = (typeof positionStates)[number];

export const positionEvents = [
  "filled",
  "stop_hit",
  "target_hit",
  "time_over",
  "exit_asked",
  "exit_sent",
  "back_to_stop",
  "back_to_target",
  "back_to_expiry",
  "back_to_request",
  "back_to_watch",
  "all_gone",
] as const;
export type PositionEvent = (typeof positionEvents)[number];

type Row = Partial<Record<PositionEvent, PositionState>>;
/** What asks for an exit. The strongest of all reasons so far counts, so a stop that was hit never becomes a target. */
const reasons: Row = {
  stop_hit: "stop_triggered",
  target_hit: "tp_triggered",
  time_over: "expiry",
  exit_asked: "exit_requested",
};
/** The exit order ended and left something: back to why it was sent; to watching, where nobody had said why. */
const back: Row = {
  back_to_stop: "stop_triggered",
  back_to_target: "tp_triggered",
  back_to_expiry: "expiry",
  back_to_request: "exit_requested",
  back_to_watch: "monitoring",
};
/** It stays what it is, and the reason is remembered for the next exit. */
const keeps = (state: PositionState): Row => ({
  stop_hit: state,
  target_hit: state,
  time_over: state,
  exit_asked: state,
});

// biome-ignore format: a table reads better as a table
export const positionTable: Readonly<Record<PositionState, Row>> = {
  entry:          { filled: "monitoring", exit_asked: "exit_requested", all_gone: "closed" },
  monitoring:     { ...reasons, filled: "monitoring", exit_sent: "exit_pending", all_gone: "closed" },
  stop_triggered: { stop_hit: "stop_triggered", exit_asked: "exit_requested", filled: "stop_triggered", exit_sent: "exit_pending", all_gone: "closed" },
  tp_triggered:   { ...reasons, filled: "tp_triggered", exit_sent: "exit_pending", all_gone: "closed" },
  expiry:         { stop_hit: "stop_triggered", time_over: "expiry", exit_asked: "exit_requested", filled: "expiry", exit_sent: "exit_pending", all_gone: "closed" },
  exit_requested: { ...reasons, filled: "exit_requested", exit_sent: "exit_pending", all_gone: "closed" },
  exit_pending:   { ...keeps("exit_pending"), ...back, filled: "exit_pending", exit_sent: "exit_pending", all_gone: "closed" },
  residual:       { ...keeps("residual"), filled: "residual", exit_sent: "exit_pending", all_gone: "closed" },
  closed:         { ...keeps("closed"), filled: "residual", all_gone: "closed" },
};

export type ImpossibleMove = { readonly from: PositionState; readonly event: PositionEvent };

export function movePosition(from: PositionState, event: PositionEvent): Result<PositionState, ImpossibleMove> {
  const to = positionTable[from][event];
  return to === undefined ? fail({ from, event }) : ok(to);
}

/** Highest first. One decision function uses this order; a higher reason upgrades a running exit, it never adds a second. */
export const exitReasons = [
  "emergency",
  "kill_flatten",
  "liquidated",
  "external",
  "protection_failed",
  "stop",
  "expiry",
  "operator",
  "target",
  "signal",
  "time",
] as const;
export type ExitReason = (typeof exitReasons)[number];

export function outranks(left: ExitReason, right: ExitReason): boolean {
  return exitReasons.indexOf(left) < exitReasons.indexOf(right);
}

export type ExitFact = {
  readonly kind: ExitReason;
  readonly observedPrice: Price | null;
  readonly at: Instant;
  readonly source: string;
};

/** none: nothing rests; placing: on its way or unknown; placed: acknowledged by the venue; local_guard: only we watch. */
export type Protection = "none" | "placing" | "placed" | "local_guard";

export type Position = {
  /** Equals the tradeId: one trade has one position. */
  readonly positionId: string;
  readonly instrumentId: string;
  readonly account: string;
  readonly mode: Mode;
  readonly strategy: string;
  readonly direction: "long";
  readonly state: PositionState;
  /** The states that it went through; absent before the first step. */
  readonly trail?: Trail<PositionState>;
  readonly protection: Protection;
  readonly exitPlan: ExitPlan;
  /** Best price since entry, for trailing stops. */
  readonly bestPrice: Price | null;
  /** Base units held: bought, less base-currency fees, less sold. */
  readonly quantity: Quantity;
  readonly boughtQuantity: Quantity;
  readonly soldQuantity: Quantity;
  /** Quote paid for what was kept: a fee that was taken in base is in `fees` and not here as well. And the size-weighted entry price. */
  readonly entryCost: Notional;
  readonly entryPrice: Price | null;
  readonly exitProceeds: Notional;
  /** Fees of all fills, in quote currency. */
  readonly fees: Notional;
  readonly realizedPnl: Notional;
  /** What an earlier closing has already put into the sums of days and strategies; absent before the first. */
  readonly counted?: { readonly pnl: Notional; readonly fees: Notional };
  /** What the entry price was meant to be (the quoted executable price) and what the exit was meant to be. */
  readonly intendedEntryPrice: Price;
  readonly intendedExitPrice: Price | null;
  readonly exitFacts: readonly ExitFact[];
  readonly exitReason: ExitReason | null;
  /** House and wall time of the first fill. */
  readonly openedAt: Instant | null;
  readonly unprotectedSince: Instant | null;
  readonly closedAt: Instant | null;
  readonly hasDust: boolean;
  /** How often each leg was tried: the next order of a leg takes the next attempt. */
  readonly attempts: { readonly protect: number; readonly exit: number };
  /** Definitive refusals of the protective order in a row. */
  readonly protectionRefusals: number;
  /** Wall times at which somebody else took the stop away, since a person last looked. */
  readonly stopsLostAt?: readonly Instant[];
};

export function isOpenPosition(position: Position): boolean {
  return position.state !== "closed";
}

/** The strongest reason among the facts; null when nothing asks for an exit. */
export function strongestFact(facts: readonly ExitFact[]): ExitFact | null {
  if (facts.some((fact) => fact.kind !== facts[0]?.kind)) mark("K04.strongest_of_several_reasons");
  return facts.reduce<ExitFact | null>(
    (best, fact) => (best === null || outranks(fact.kind, best.kind) ? fact : best),
    null,
  );
}
