/**
 * What can open a breaker without being one of the promises of src/assertions: what it means, what the house does meanwhile,
 * what a person does, and how it ends. The runbook is made from this list and from the assertions.
 */
import type { BreakerClass } from "./breaker.ts";

export type Runbook = {
  readonly means: string;
  readonly does: string;
  readonly you: string;
};

export type BreakerCause = Runbook & {
  readonly name: string;
  readonly scope: "symbol" | "venue" | "account" | "strategy" | "global";
  readonly class: BreakerClass;
};

const lossNote = "No new positions. Stops and exits work as always.";

export const breakerCauses = [
  {
    name: "drawdown_reached",
    scope: "account",
    class: "sticky",
    means: "Equity fell from its highest value by more than the limit.",
    does: lossNote,
    you: "Look at what was traded. It can be reset when the fall is below the limit again, or by an owner once nothing is open: then the highest value is counted anew from the present equity.",
  },
  {
    name: "daily_loss_reached",
    scope: "account",
    class: "sticky",
    means: "This UTC day lost more than the limit allows.",
    does: `${lossNote} The level goes to pause.`,
    you: "Wait for the next UTC day, then reset it with a reason and resume.",
  },
  {
    name: "daily_loss_doubled",
    scope: "account",
    class: "sticky",
    means: "This UTC day lost more than twice the limit.",
    does: "The level goes to flatten: everything is left.",
    you: "Wait for the next UTC day, find out why the pause was not enough, then reset it with a reason and resume.",
  },
  {
    name: "session_loss_reached",
    scope: "account",
    class: "sticky",
    means: "Since its start the house lost more than the limit allows.",
    does: lossNote,
    you: "A new start begins a new session; reset it with a reason after that.",
  },
  {
    name: "two_writers",
    scope: "global",
    class: "sticky",
    means: "The venue shows an order of ours from a later epoch: another process trades on this account.",
    does: "No new positions anywhere.",
    you: "Find and stop the other process, then reset with a reason.",
  },
  {
    name: "key_refused",
    scope: "venue",
    class: "sticky",
    means: "The venue refuses our key: it was revoked, lost a right or its address list changed.",
    does: "No new positions there, and the venue is asked once in 30 s only. Stops that rest at the venue stay.",
    you: "Mend the key at the venue or give a new one, restart, then reset with a reason. Positions can be left at the venue's own page meanwhile.",
  },
  {
    name: "venue_banned",
    scope: "venue",
    class: "transient",
    means: "The venue told us to stay away for a while (too many requests).",
    does: "Nothing is asked of it before that time is over. Exits that fire meanwhile are on record and sent afterwards; stops at the venue work.",
    you: "Nothing. If it comes again, look for another program that uses the same key or address.",
  },
  {
    name: "repeated_execution",
    scope: "strategy",
    class: "sticky",
    means: "A strategy entered more often than the throttle allows.",
    does: "That strategy opens nothing more; its positions keep their stops and exits.",
    you: "Look at /signals and at the strategy. A reset with a reason lets it trade again.",
  },
  {
    name: "database_unsafe",
    scope: "global",
    class: "sticky",
    means: "fsync, full_page_writes or synchronous_commit was turned off: the database may lose what it confirmed.",
    does: "No new positions anywhere. Stops and exits work as always.",
    you: "Turn the named setting on in the database, then reset with a reason.",
  },
] as const satisfies readonly BreakerCause[];

export type CauseName = (typeof breakerCauses)[number]["name"];

/** One line for cards: how this breaker ends. */
export function whatResets(kind: BreakerClass, cause: string): string {
  return kind === "transient"
    ? "It closes by itself: when the cause has been gone for a while, one smallest order tries it."
    : `/reset ${cause} REASON closes it once the cause is gone.`;
}
