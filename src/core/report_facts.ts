/** The facts of reports, a part of the union in events.ts: what the house counted of itself, and which report was made of which period. */
import type { Card } from "./card.ts";
import type { Notional } from "./money.ts";
import type { Instant } from "./time.ts";

export type ReportFact =
  | {
      /** What one process has seen of itself since the last of these: the ledger alone can't know what did not happen. */
      readonly type: "pulse_counted";
      /** House ms for which it worked. */
      readonly upMs: number;
      /** Promises that were judged, and how many of them were broken. */
      readonly judged: number;
      readonly broken: number;
      /** Reports to the outside monitor, and how many of them it did not take. */
      readonly pings: number;
      readonly pingsMissed: number;
    }
  | {
      readonly type: "report_made";
      readonly kind: "week" | "month";
      /** "2026-W06" or "2026-02". */
      readonly key: string;
      /** House time at which it should have been told. */
      readonly dueAt: Instant;
      /** After fees, of trades that were closed in it. */
      readonly pnl: Notional;
      readonly trades: number;
      readonly card: Card;
    }
  /** No chat took the first one: it is sent once more. */
  | { readonly type: "report_resent"; readonly kind: "day" | "month"; readonly key: string };
