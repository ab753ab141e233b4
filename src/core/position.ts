/**
 * The life of a position, as one table.
 *
 *   entry --first fill--> monitoring --stop--> stop_triggered --+
 *     |                      |--target--> tp_triggered ---------+--exit sent--> exit_pending --all sold--> closed
 *     |                      |--time, resolution--> expiry -----+                   |
 *     '--no fill--> closed   '--person, signal, kill--> exit_requested              '--remainder--> back to its trigger
 *   closed --late fill--> residual --exit sent--> exit_pending
 */
import type { ExitPlan, Mode } from "./intent.ts";
import type { Notional, Price, Quantity } from "./money.ts";
import type { Instant } from "./time.ts";

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

export const positionTable: Readonly<Record<PositionState, readonly PositionState[]>> = {
  entry: ["monitoring", "closed", "exit_requested"],
  monitoring: ["stop_triggered", "tp_triggered", "expiry", "exit_requested", "exit_pending", "closed"],
  stop_triggered: ["exit_pending", "exit_requested", "closed"],
  tp_triggered: ["exit_pending", "stop_triggered", "expiry", "exit_requested", "closed"],
  expiry: ["exit_pending", "stop_triggered", "exit_requested", "closed"],
  exit_requested: ["exit_pending", "stop_triggered", "tp_triggered", "expiry", "closed"],
  exit_pending: ["stop_triggered", "tp_triggered", "expiry", "exit_requested", "closed"],
  residual: ["exit_pending", "closed"],
  closed: ["residual"],
};

/** Highest first. One decision function uses this order; a higher reason upgrades a running exit, it never adds a second. */
export const exitReasons = [
  "emergency",
  "kill_flatten",
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
  return facts.reduce<ExitFact | null>(
    (best, fact) => (best === null || outranks(fact.kind, best.kind) ? fact : best),
    null,
  );
}
