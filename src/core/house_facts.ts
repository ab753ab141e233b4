/** The facts of the house itself, a part of the union in events.ts: its life, its money, its levels, breakers and kill procedures. */
import type { Mode } from "./intent.ts";
import type { Notional, Quantity, Ratio } from "./money.ts";

export type Level = "none" | "pause" | "flatten" | "emergency";
export type SafeModeCause =
  | "venue_unreachable"
  | "clock_unreachable"
  | "crash_loop"
  | "restored_database"
  | "journal_unwritable"
  | "live_not_armed";

export type HouseFact =
  | {
      readonly type: "house_started";
      readonly mode: Mode;
      readonly epoch: number;
      readonly configHash: string;
      readonly version: string;
      readonly account: string;
      readonly venue: string;
      readonly currency: string;
      /** How the epoch came to this process; absent in ledgers of before. */
      readonly takeover?: { readonly kind: string; readonly from: string | null; readonly quarantineMs: number };
      readonly holder?: string;
    }
  | { readonly type: "house_ready"; readonly openPositions: number }
  /** The market moves more within a day than the limit (`isWild`), or is clearly below it again. Shares of the price. */
  | {
      readonly type: "market_judged";
      readonly instrumentId: string;
      readonly isWild: boolean;
      readonly move: Ratio;
      readonly limit: Ratio;
    }
  /** Exits and protection work, nothing is opened: why, and whether it ends by itself or by a person's /resume. */
  | {
      readonly type: "safe_mode_entered";
      readonly cause: SafeModeCause;
      readonly because: string;
      readonly endsBy: "itself" | "person";
    }
  /** A fault of the program itself ended it; whatever was under way is found by the next start. */
  | { readonly type: "house_died"; readonly because: string; readonly openPositions: readonly string[] }
  | { readonly type: "safe_mode_left"; readonly cause: SafeModeCause; readonly because: string }
  /** The operator stated that the database was restored or replaced; what it lost is taken from the venue. */
  | {
      readonly type: "database_accepted";
      readonly reason: string;
      readonly problem: string;
    }
  | { readonly type: "house_stopped"; readonly because: string; readonly openPositions: readonly string[] }
  | {
      readonly type: "account_opened";
      readonly currency: string;
      readonly equity: Notional;
      readonly holdings: Readonly<Record<string, Notional>>;
      /** Deposits and withdrawals that are part of what was there already. Absent = the venue lists none. */
      readonly transferIds?: readonly string[];
    }
  | {
      readonly type: "equity_marked";
      readonly equity: Notional;
      /** rebased: a person closed the drawdown breaker, and the highest value is counted anew from here. */
      readonly because: "session" | "day" | "high" | "close" | "rebased";
    }
  | {
      readonly type: "level_changed";
      readonly from: Level;
      readonly to: Level;
      readonly reason: string;
      /** The message that asked for it: handled once more, it asks for nothing. */
      readonly inboxId?: string;
    }
  | {
      readonly type: "control_changed";
      readonly name: string;
      readonly from: string | null;
      readonly to: string | null;
      readonly reason: string;
    }
  | {
      readonly type: "breaker_opened";
      readonly scope: string;
      readonly cause: string;
      readonly class: "transient" | "sticky";
      readonly evidence: Readonly<Record<string, string>>;
    }
  | {
      /** Said and shown; nothing is stopped by it yet. */
      readonly type: "breaker_degraded";
      readonly scope: string;
      readonly cause: string;
      readonly class: "transient" | "sticky";
      readonly evidence: Readonly<Record<string, string>>;
    }
  | { readonly type: "breaker_half_opened"; readonly scope: string; readonly cause: string; readonly clearMs: number }
  | {
      readonly type: "breaker_closed";
      readonly scope: string;
      readonly cause: string;
      readonly reason: string;
      /** Absent in ledgers of before: a person closed it. */
      readonly how?: "reset" | "canary_passed" | "recovered";
    }
  | {
      /** A reset that needs a second person, or some time with a button to cancel it. */
      readonly type: "breaker_reset_asked";
      readonly scope: string;
      readonly cause: string;
      readonly reason: string;
    }
  | {
      readonly type: "breaker_reset_withdrawn";
      readonly scope: string;
      readonly cause: string;
      readonly reason: string;
    }
  /** Real money was switched on, for exactly these values; a start with others asks again. */
  | {
      readonly type: "live_armed";
      readonly venue: string;
      readonly accountId: string;
      /** sha256 of the key, first 16 hex digits: tells keys apart and gives none away. */
      readonly keyFingerprint: string;
      readonly configHash: string;
      readonly declaredBalance: Notional;
    }
  | { readonly type: "source_gone"; readonly source: string; readonly because: string }
  | { readonly type: "source_back"; readonly source: string; readonly goneMs: number }
  | {
      readonly type: "balance_compared";
      readonly asset: string;
      readonly ours: Notional;
      readonly theirs: Notional;
      readonly gap: Ratio;
      /** It was above the limit at the comparison before this one too: nobody has an explanation. */
      readonly isStanding?: true;
    }
  | {
      readonly type: "transfer_recorded";
      readonly asset: string;
      /** Units of the asset, above 0. */
      readonly amount: Quantity;
      readonly direction: "in" | "out";
      /** Number of the venue's own deposit or withdrawal record; it counts once. "unexplained": the money moved, nobody says why. */
      readonly recordId: string;
      /** Worth in the accounting currency when it was seen: marks and high-water move by it. null: nobody knows a price. */
      readonly worth: Notional | null;
      /** The record came after the money was booked as unexplained: it only gives the old entry its name. */
      readonly explains?: "unexplained";
    }
  | {
      readonly type: "reconciled";
      readonly openOrders: number;
      readonly openPositions: number;
      readonly findings: readonly string[];
    }
  | {
      readonly type: "day_summarized";
      readonly day: string;
      readonly equity: Notional;
      readonly trades: number;
      readonly pnl: Notional;
      readonly fees: Notional;
    };

/** The procedure of core/kill.ts. `procedureId` names the one that is active; there is never a second. */
export type KillFact =
  | {
      readonly type: "flatten_started";
      readonly procedureId: string;
      readonly level: "flatten" | "emergency";
      readonly reason: string;
    }
  | {
      readonly type: "flatten_upgraded";
      readonly procedureId: string;
      readonly level: "flatten" | "emergency";
      readonly reason: string;
    }
  | { readonly type: "flatten_confirmed"; readonly procedureId: string; readonly because: string }
  | { readonly type: "flatten_declined"; readonly procedureId: string }
  | {
      readonly type: "flatten_step";
      readonly procedureId: string;
      readonly step: "halting" | "selling" | "waiting_venue" | "verifying" | "sweeping" | "halted";
      readonly because: string;
      readonly left: readonly string[];
    }
  | {
      readonly type: "flatten_verified";
      readonly procedureId: string;
      /** Looks at the venue that found nothing of ours, and the real ms between the first and the last of them. */
      readonly looks: number;
      readonly spanMs: number;
      readonly report: readonly {
        readonly positionId: string;
        readonly quantity: Quantity;
        readonly flatMs: number | null;
        readonly slippage: Ratio | null;
        readonly dust: Quantity | null;
      }[];
    }
  | {
      readonly type: "flatten_ended";
      readonly procedureId: string;
      readonly how: "reset" | "withdrawn" | "overridden";
      readonly reason: string;
    };
