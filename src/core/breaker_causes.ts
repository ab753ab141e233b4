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
    does: "The level goes to flatten: nothing is opened, and everything is sold after one confirming tap (or by itself, with `kill.flatten_on_silence`). Until then every stop stays.",
    you: "Tap Approve on the list to sell. Wait for the next UTC day, find out why the pause was not enough, then reset it with a reason and resume.",
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
    name: "venue_redirects",
    scope: "venue",
    class: "sticky",
    means: "Somebody between this house and the venue answered with a redirect to another host. It was not followed.",
    does: "No new positions there. Stops that rest at the venue stay, and exits go on trying.",
    you: "Find out who answers at the venue's address (DNS, proxy, firewall), then reset with a reason.",
  },
  {
    name: "dead_man_switch",
    scope: "venue",
    class: "transient",
    means:
      "Somebody set the venue's dead-man switch on this account: when he goes silent, the venue cancels orders, and nobody has proven that it spares stops. This house never sets it.",
    does: "No new positions there. A stop that is taken away is placed again within seconds, or the position is left.",
    you: "Switch it off where it was set (another program, the venue's page); trading goes on by itself a minute later.",
  },
  {
    name: "alerts_unheard",
    scope: "global",
    class: "transient",
    means:
      "No chat outside of this machine hears, and no outside monitor answers: if money were lost now, nobody would be called.",
    does: "In LIVE no new positions anywhere. Stops and exits work as always.",
    you: "Mend the chat (its token, its network), link another one, or set HEARTBEAT_URL; trading goes on by itself a minute later.",
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
  {
    name: "record_refused",
    scope: "global",
    class: "sticky",
    means:
      "What the venue, or the emergency process, says could not be put into the books: the database refuses it, or its note can't be read.",
    does: "No new positions anywhere. Everything else is booked, stops and exits work as always.",
    you: "Compare with the venue's own page. Make the named file readable, or look for the named rule of the tables (`npm run audit -- rebuild` tells whether they differ from the facts); then reset with a reason.",
  },
  {
    name: "unknown_order",
    scope: "venue",
    class: "sticky",
    means:
      "What became of an order has been unknown for 15 minutes. It may have filled; every limit counts it as filled.",
    does: "It is looked up for ever and never sent again. No new positions at this venue.",
    you: "Read /resolve, look for the order at the venue's own page, and wait; give it up with /resolve ORDER lost REASON only when you are sure. Then reset with a reason.",
  },
  {
    name: "late_fill",
    scope: "symbol",
    class: "sticky",
    means: "An order that had ended filled after all.",
    does: "The fill is booked; what it left over is sold. No new positions in this instrument.",
    you: "Read /why and compare with the venue's own page, then reset with a reason.",
  },
  {
    name: "overfill",
    scope: "symbol",
    class: "sticky",
    means: "The venue filled more than was ordered.",
    does: "The fills are booked as they are. No new positions in this instrument.",
    you: "Compare with the venue's own page and tell the venue. Reset with a reason.",
  },
  {
    name: "contradicting_fill",
    scope: "symbol",
    class: "sticky",
    means: "The venue told one fill twice with different numbers.",
    does: "The first numbers stay until the venue's list settles it. No new positions in this instrument.",
    you: "Compare with the venue's own page; reset with a reason once they agree.",
  },
  {
    name: "less_filled",
    scope: "symbol",
    class: "sticky",
    means: "The venue shows less filled than it told before.",
    does: "Nothing is taken back. No new positions in this instrument.",
    you: "Compare with the venue's own page and ask the venue; reset with a reason once they agree.",
  },
  {
    name: "external_close",
    scope: "symbol",
    class: "sticky",
    means: "Somebody sold what we held, at the venue's own page or with another program.",
    does: "The sale is booked, the stop is taken back or made smaller; nobody is fought. No new positions in this instrument.",
    you: "If it was you, reset with a reason. If not, change the password and the keys of the account.",
  },
  {
    name: "external_excess",
    scope: "symbol",
    class: "sticky",
    means: "The account holds more than our positions explain.",
    does: "It is left alone and never sold by us. No new positions in this instrument.",
    you: "If it is yours, reset with a reason.",
  },
  {
    name: "liquidated",
    scope: "symbol",
    class: "sticky",
    means: "The venue closed a position by force.",
    does: "The sale is booked and the stop taken back. No new positions in this instrument.",
    you: "Find out why at the venue before you reset with a reason.",
  },
  {
    name: "short_holding",
    scope: "symbol",
    class: "sticky",
    means: "The account holds less than our positions, and no sale or withdrawal explains it.",
    does: "Exits sell at most what is there. No new positions in this instrument.",
    you: "If you withdrew it, close the position with /close and reset with a reason. If not, treat the account as stolen from.",
  },
  {
    name: "stop_lost",
    scope: "symbol",
    class: "sticky",
    means: "A protective stop was taken away twice within ten minutes by somebody else.",
    does: "The bot watches the stop price itself and does not fight. No new positions in this instrument.",
    you: "Stop the other program or decide by hand, then reset with a reason.",
  },
] as const satisfies readonly BreakerCause[];

export type CauseName = (typeof breakerCauses)[number]["name"];

/** One line for cards: how this breaker ends. */
export function whatResets(kind: BreakerClass, cause: string): string {
  return kind === "transient"
    ? "It closes by itself: when the cause has been gone for a while, one smallest order tries it."
    : `/reset ${cause} REASON closes it once the cause is gone.`;
}
