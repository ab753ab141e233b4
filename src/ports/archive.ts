/**
 * What the record remembers and the books let go of: trades of weeks ago, whole stories. Only for showing; nothing is decided
 * by it. Every read @throws ArchiveAway when the database does not answer in time.
 */
import type { Fact, Recorded } from "../core/events.ts";
import type { Notional, Ratio } from "../core/money.ts";
import type { DayShown, TradeClosed } from "../core/pnl.ts";
import type { Tally } from "../core/tally.ts";
import type { Instant } from "../core/time.ts";

/** How often a source was gone and came back, and how long that took in all. */
export type Gap = { readonly source: string; readonly count: number; readonly goneMs: number };

/** What was paid in less what was taken out, and how the account fell from its heights; what is paid in or out moves no height. */
export type AccountSpan = {
  readonly transferred: Notional;
  /** The highest mark at the end of the span; null = no mark is on record. */
  readonly high: Notional | null;
  /** The deepest fall from a height of the same span, by every mark; null = no mark is on record. */
  readonly deepest: Ratio | null;
};

export interface Archive {
  /** Every close in [since, until) of house time, oldest first. */
  closes(since: Instant, until: Instant): Promise<readonly TradeClosed[]>;
  /** Accounting days from this UTC date on, oldest first; days on which nothing was recorded are missing. */
  days(from: string): Promise<readonly DayShown[]>;
  /** The account in [since, until) of house time. */
  account(since: Instant, until: Instant): Promise<AccountSpan>;
  /** How often each reason refused in [since, until) of house time, most often first. */
  refusals(since: Instant, until: Instant): Promise<readonly { readonly code: string; readonly count: number }[]>;
  /** What the house counted of itself in [since, until) of house time. */
  tally(since: Instant, until: Instant): Promise<Tally>;
  /** Gaps that ended in [since, until) of house time. */
  gaps(since: Instant, until: Instant): Promise<readonly Gap[]>;
  /** The story of one trade, oldest first, at most `count` facts. */
  story(tradeId: string, count: number): Promise<readonly Recorded<Fact>[]>;
  /** Trades whose id ends with this, newest first, at most five. */
  tradesLike(end: string): Promise<readonly string[]>;
}

export class ArchiveAway extends Error {
  override readonly name = "ArchiveAway";
}
