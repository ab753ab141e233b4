/**
 * Everything that can have happened. A fact is in the past tense: it is never edited, only followed by another one.
 * The ledger stores exactly these bodies; positions, approvals, chat and dashboard are views of them.
 */

import type { AccessFact } from "./access_facts.ts";
import type { AlertFact, NoticeLink, PromptRefused, RefusedCard } from "./alert_facts.ts";
import type { ApprovalState, ApprovalSubject, PromptVerb } from "./approval.ts";
import type { Role, Tier } from "./authority.ts";
import type { Card, Severity } from "./card.ts";
import type { ConsentFact } from "./consent_facts.ts";
import type { Denial } from "./denial.ts";
import type { DoubtFact, ProbeLook } from "./doubt_facts.ts";
import type { DrillFact } from "./drill_facts.ts";
import type { HouseFact, KillFact } from "./house_facts.ts";
import type { Mode, OrderIntent } from "./intent.ts";
import type { Notional, Price, Quantity, Ratio } from "./money.ts";
import type { ExitReason, Protection } from "./position.ts";
import type { QuestionFact } from "./question_facts.ts";
import type { ReportFact } from "./report_facts.ts";
import type { Direction } from "./signal.ts";
import type { Instant } from "./time.ts";
import type { ViewFact } from "./view_facts.ts";

export type Chat = { readonly platform: string; readonly chatId: string; readonly threadId: string | null };
type PeopleFact =
  | {
      readonly type: "person_set";
      readonly personId: string;
      readonly name: string;
      readonly role: Role;
      readonly timeZone: string;
      /** The browser at the desk told the zone; absent = the settings, or whoever let this person in. */
      readonly isZoneHeard?: true;
      readonly isActive: boolean;
      /** Who keeps this person: absent = the settings file; chat = let in by an owner, who alone changes it. */
      readonly origin?: "chat";
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
      /** A stranger was answered; for a day he is not answered again. */
      readonly isTold?: true;
    }
  | {
      /** A yes that would have passed the daily cap of this person; until then no yes of his to an order counts. */
      readonly type: "approver_cooled";
      readonly personId: string;
      readonly approvalId: string;
      readonly signed: Notional;
      readonly cap: Notional;
      readonly currency: string;
      readonly until: Instant;
    }
  | {
      readonly type: "card_queued";
      readonly cardId: string;
      readonly chat: Chat;
      readonly severity: Severity;
      readonly alert: string;
      readonly foldKey: string;
      readonly card: Card;
      /** Present on cards of alerts: they have a button and are edited. */
      readonly notice?: NoticeLink;
    }
  | {
      readonly type: "card_sent";
      readonly cardId: string;
      readonly messageId: string;
      readonly lateMs: number;
      /** What of its alerts the message showed when it left; absent = it is none that is edited. */
      readonly rev?: number;
      /** Posts that it took, when more than one. */
      readonly tries?: number;
    }
  | {
      readonly type: "card_dropped";
      readonly cardId: string;
      readonly because: string;
      /** The platform refused its text twice, the second time without any dress. */
      readonly refused?: RefusedCard;
    };

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
      /** Silence executes it; see core/veto.ts. */
      readonly isVeto?: true;
    }
  | {
      readonly type: "approval_revised";
      readonly approvalId: string;
      readonly version: number;
      readonly subject: ApprovalSubject;
      readonly digest: string;
      /** People that the new version takes; absent in facts of earlier versions of this program: as many as before. */
      readonly quorum?: number;
      /** Of the new size; absent = as before. */
      readonly tier?: Tier;
      /** A person asked for no more than this; later versions stay within it. */
      readonly quantityMax?: Quantity;
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
      /** What proved beside the tap who signs; absent = nothing was asked for. */
      readonly stepUp?: { readonly questionId: string; readonly proof: "phrase" | "phrase_and_code" };
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
      readonly tokens: readonly { readonly hash: string; readonly verb: PromptVerb }[];
    }
  | {
      readonly type: "prompt_posted";
      readonly promptId: string;
      readonly rev: number;
      readonly messageId: string;
      readonly how: "posted" | "edited" | "adopted" | "followed_up";
    }
  | { readonly type: "prompt_lost"; readonly promptId: string; readonly rev: number; readonly because: string }
  | PromptRefused;

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
      /** A cancel leaves that moves no order of the books: of unknown fate, of a cancel begun before, or not in them. */
      readonly type: "cancel_leaving";
      readonly clientOrderId: string;
      readonly venueOrderId: string | null;
      readonly instrumentId: string;
      readonly because: string;
    }
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

export type Fact =
  | AccessFact
  | AlertFact
  | DoubtFact
  | DrillFact
  | HouseFact
  | KillFact
  | PeopleFact
  | ChatFact
  | SignalFact
  | ApprovalFact
  | ConsentFact
  | QuestionFact
  | ReportFact
  | ViewFact
  | OrderFact
  | PositionFact;
export type { ProbeLook } from "./doubt_facts.ts";
export type { Level, SafeModeCause } from "./house_facts.ts";
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
