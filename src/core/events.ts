/**
 * Everything that can have happened. A fact is in the past tense: it is never edited, only followed by another one.
 * The ledger stores exactly these bodies; positions, approvals, chat and dashboard are views of them.
 */
import type { ApprovalState, ApprovalSubject } from "./approval.ts";
import type { Role, Tier } from "./authority.ts";
import type { Card, Severity } from "./card.ts";
import type { Denial } from "./denial.ts";
import type { DoubtFact, ProbeLook } from "./doubt_facts.ts";
import type { Mode, OrderIntent } from "./intent.ts";
import type { Notional, Price, Quantity, Ratio } from "./money.ts";
import type { ExitReason, Protection } from "./position.ts";
import type { Direction } from "./signal.ts";
import type { Instant } from "./time.ts";

export type Chat = { readonly platform: string; readonly chatId: string; readonly threadId: string | null };
export type Level = "none" | "pause" | "flatten" | "emergency";
export type SafeModeCause =
  | "venue_unreachable"
  | "clock_unreachable"
  | "crash_loop"
  | "restored_database"
  | "journal_unwritable"
  | "live_not_armed";

type HouseFact =
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
    }
  | {
      readonly type: "equity_marked";
      readonly equity: Notional;
      /** rebased: a person closed the drawdown breaker, and the highest value is counted anew from here. */
      readonly because: "session" | "day" | "high" | "close" | "rebased";
    }
  | { readonly type: "level_changed"; readonly from: Level; readonly to: Level; readonly reason: string }
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

type PeopleFact =
  | {
      readonly type: "person_set";
      readonly personId: string;
      readonly name: string;
      readonly role: Role;
      readonly timeZone: string;
      readonly isActive: boolean;
    }
  | {
      readonly type: "link_code_issued";
      readonly codeHash: string;
      readonly personId: string;
      readonly expiresAt: Instant;
    }
  | { readonly type: "link_code_used"; readonly codeHash: string }
  | {
      readonly type: "chat_linked";
      /** Where the power comes from: a one-time code, or an id in the settings, which ends when it is taken out there. */
      readonly origin?: "code" | "settings";
      readonly personId: string;
      readonly platform: string;
      readonly userId: string;
      readonly chat: Chat;
    }
  | { readonly type: "chat_unlinked"; readonly platform: string; readonly userId: string; readonly reason: string }
  | {
      readonly type: "desk_session_opened";
      readonly sessionHash: string;
      readonly personId: string;
      readonly expiresAt: Instant;
    }
  | { readonly type: "desk_session_closed"; readonly sessionHash: string };

/** What arrived from a chat, stored before anything is done about it. `payload` is canonical JSON, at most 8 kB. */
type ChatFact =
  | {
      readonly type: "message_received";
      readonly inboxId: string;
      readonly eventKeys: readonly string[];
      readonly payload: string;
    }
  | { readonly type: "message_handled"; readonly inboxId: string; readonly outcome: string }
  | {
      readonly type: "tap_refused";
      readonly approvalId: string | null;
      readonly personId: string | null;
      readonly platform: string;
      readonly userId: string;
      readonly because: string;
    }
  | {
      readonly type: "card_queued";
      readonly cardId: string;
      readonly chat: Chat;
      readonly severity: Severity;
      readonly alert: string;
      readonly foldKey: string;
      readonly card: Card;
    }
  | { readonly type: "card_sent"; readonly cardId: string; readonly messageId: string; readonly lateMs: number }
  | { readonly type: "card_dropped"; readonly cardId: string; readonly because: string };

type SignalFact =
  | {
      readonly type: "signal_raised";
      readonly signalId: string;
      readonly strategy: string;
      readonly instrumentId: string;
      readonly direction: Direction;
      readonly strength: Ratio;
      readonly because: string;
      readonly price: Price;
      readonly candleAt: Instant;
      readonly viewDigest: string;
    }
  | {
      readonly type: "intent_denied";
      readonly signalId: string | null;
      readonly strategy: string;
      readonly instrumentId: string;
      readonly intent: OrderIntent | null;
      readonly denials: readonly Denial[];
      readonly stage: "cycle" | "tap" | "execution";
      readonly notes: readonly string[];
    };

type ApprovalFact =
  | {
      readonly type: "approval_requested";
      readonly approvalId: string;
      readonly tier: Tier;
      readonly requester: string;
      readonly mode: Mode;
      readonly subject: ApprovalSubject;
      readonly digest: string;
      readonly softBps: number;
      readonly hardBps: number;
      readonly quorum: number;
      readonly createdAt: Instant;
      readonly expiresAt: Instant;
      readonly execDeadlineMs: number;
      readonly dedupeKey: string;
    }
  | {
      readonly type: "approval_revised";
      readonly approvalId: string;
      readonly version: number;
      readonly subject: ApprovalSubject;
      readonly digest: string;
      readonly reason: string;
    }
  | {
      readonly type: "vote_cast";
      readonly approvalId: string;
      readonly version: number;
      readonly digest: string;
      readonly personId: string;
      readonly verdict: "yes" | "no";
      readonly platform: string;
      readonly userId: string;
      readonly chatId: string;
      readonly messageId: string;
      readonly eventId: string;
      readonly tapAgeMs: number | null;
      readonly reason: string | null;
    }
  | {
      readonly type: "approval_settled";
      readonly approvalId: string;
      readonly version: number;
      readonly from: ApprovalState;
      readonly to: ApprovalState;
      readonly by: readonly string[];
      readonly reason: string | null;
      readonly supersededBy: string | null;
      readonly settledAt: Instant;
    }
  | {
      readonly type: "prompt_prepared";
      readonly promptId: string;
      readonly approvalId: string;
      readonly chat: Chat;
      readonly rev: number;
      readonly version: number;
      readonly tokens: readonly { readonly hash: string; readonly verb: "approve" | "decline" }[];
    }
  | {
      readonly type: "prompt_posted";
      readonly promptId: string;
      readonly rev: number;
      readonly messageId: string;
      readonly how: "posted" | "edited" | "adopted" | "followed_up";
    }
  | { readonly type: "prompt_lost"; readonly promptId: string; readonly rev: number; readonly because: string };

type OrderFact =
  | {
      readonly type: "intent_cleared";
      readonly intentId: string;
      readonly approvalId: string | null;
      readonly digest: string;
      readonly evidence: Readonly<Record<string, string>>;
    }
  | {
      readonly type: "order_intended";
      readonly clientOrderId: string;
      readonly intent: OrderIntent;
      readonly digest: string;
      readonly approvalId: string | null;
      readonly approvalVersion: number | null;
      readonly referencePrice: Price;
      readonly exitReason: ExitReason | null;
    }
  | { readonly type: "order_dropped"; readonly clientOrderId: string; readonly because: string }
  | {
      readonly type: "order_sending";
      readonly clientOrderId: string;
      readonly stampedAt: Instant;
      readonly controlVersion: number;
    }
  | {
      readonly type: "order_acknowledged";
      readonly clientOrderId: string;
      readonly venueOrderId: string;
      readonly latencyMs: number;
      /** Ms from the arming to the first and the last byte on the wire, where the client can tell. */
      readonly wire?: { readonly firstByteMs: number | null; readonly doneMs: number };
    }
  | {
      readonly type: "order_rejected";
      readonly clientOrderId: string;
      readonly code: string;
      readonly message: string;
      readonly reason: string;
    }
  | {
      readonly type: "order_not_sent";
      readonly clientOrderId: string;
      readonly because: string;
      readonly retryAfterMs: number | null;
    }
  /** DRY_RUN: the request that did not leave, and the best of the book at that moment ("price x quantity", best first). */
  | {
      readonly type: "order_rehearsed";
      readonly clientOrderId: string;
      readonly method: string;
      readonly url: string;
      readonly body: string;
      readonly bids: readonly string[];
      readonly asks: readonly string[];
    }
  | { readonly type: "order_answer_lost"; readonly clientOrderId: string; readonly because: string }
  | {
      readonly type: "order_probed";
      readonly clientOrderId: string;
      readonly verdict: "found" | "absent" | "error";
      readonly endpoints: readonly string[];
      readonly because: string;
      /** What each endpoint said by itself; absent in ledgers of before. */
      readonly looks?: readonly ProbeLook[];
    }
  | {
      readonly type: "order_found";
      readonly clientOrderId: string;
      readonly venueOrderId: string;
      readonly venueState: string;
      readonly childOrderIds: readonly string[];
    }
  | { readonly type: "order_absent"; readonly clientOrderId: string; readonly probes: number; readonly because: string }
  | { readonly type: "order_triggered"; readonly clientOrderId: string; readonly childOrderIds: readonly string[] }
  | { readonly type: "order_cancel_requested"; readonly clientOrderId: string; readonly because: string }
  | { readonly type: "order_cancel_lost"; readonly clientOrderId: string; readonly because: string }
  | {
      readonly type: "order_ended";
      readonly clientOrderId: string;
      readonly how: "canceled" | "expired";
      readonly by: "us" | "venue";
      readonly because: string;
    }
  | {
      readonly type: "fill_received";
      readonly clientOrderId: string;
      readonly venueFillId: string;
      readonly price: Price;
      readonly quantity: Quantity;
      readonly fee: Notional;
      readonly feeAsset: string;
      /** The fee in quote currency, at the fill's own price where it was paid in base. */
      readonly feeInQuote: Notional;
      readonly liquidity: "maker" | "taker";
      readonly filledAt: Instant;
      /** Derived from what the order says of itself, or not final at the venue: it is reversed by its real fill, or by its failure. */
      readonly isProvisional?: boolean;
    };

type PositionFact =
  | {
      readonly type: "position_protected";
      readonly positionId: string;
      readonly protection: Protection;
      readonly clientOrderId: string | null;
      readonly because: string;
    }
  | {
      readonly type: "exit_triggered";
      readonly positionId: string;
      readonly reason: ExitReason;
      readonly observedPrice: Price | null;
      readonly source: string;
      readonly note: string;
    }
  | { readonly type: "stop_moved"; readonly positionId: string; readonly stopPrice: Price; readonly bestPrice: Price }
  | {
      readonly type: "position_closed";
      readonly positionId: string;
      readonly reason: ExitReason | "no_fill";
      readonly pnl: Notional;
      readonly fees: Notional;
      readonly entryPrice: Price | null;
      readonly exitPrice: Price | null;
      readonly intendedExitPrice: Price | null;
      readonly dust: Quantity;
    };

/** The procedure of core/kill.ts. `procedureId` names the one that is active; there is never a second. */
type KillFact =
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

export type Fact =
  | DoubtFact
  | HouseFact
  | KillFact
  | PeopleFact
  | ChatFact
  | SignalFact
  | ApprovalFact
  | OrderFact
  | PositionFact;
export type { ProbeLook } from "./doubt_facts.ts";
export type FactType = Fact["type"];
export type FactOf<Type extends FactType> = Extract<Fact, { type: Type }>;

/** What surrounds every fact. `at` is house time, `wallAt` real time (equal unless a file market is played fast). */
export type Recorded<Body extends Fact = Fact> = {
  readonly seq: number;
  readonly at: Instant;
  readonly wallAt: Instant;
  readonly actor: string;
  readonly tradeId: string | null;
  readonly causedBy: number | null;
  readonly fact: Body;
  readonly prevHash: string;
  readonly hash: string;
};
