/** The facts of alerts, a part of the union in events.ts: what was wrong, who was told and why, who took it on, what was silenced. */
import type { NotifyReason } from "./alert_timing.ts";
import type { Labels, Matcher } from "./alerting.ts";
import type { Card, Severity } from "./card.ts";
import type { Chat } from "./events.ts";
import type { Instant } from "./time.ts";

/** Makes a queued card a living message: it carries a button, and follows what becomes of its alerts. */
export type NoticeLink = {
  /** digest: one message that stands for more than a chat can take. */
  readonly kind: "group" | "digest";
  readonly groupKey: string;
  readonly fingerprints: readonly string[];
};

export type AlertFact =
  | {
      readonly type: "alert_fired";
      readonly fingerprint: string;
      readonly name: string;
      readonly severity: Severity;
      readonly labels: Labels;
      readonly groupKey: string;
      /** Never inhibited, silenced, held or folded: see alert_mutes.ts. */
      readonly isVital: boolean;
      /** Not told while trading is halted. */
      readonly isMutedByHalt?: true;
      /** House time until which something that only happened counts as present; null = it stands until it is over. */
      readonly standsUntil: Instant | null;
      /** Told again after this, real ms; absent = as its severity says. */
      readonly repeatMs?: number;
      readonly card: Card;
    }
  | {
      readonly type: "alert_resolved";
      readonly fingerprint: string;
      readonly because: string;
      /** What is said of the end; null = the card of the beginning, with its end in the last line. */
      readonly card: Card | null;
    }
  | {
      readonly type: "alert_acked";
      readonly fingerprints: readonly string[];
      readonly personId: string;
      /** Real time at which it is asked again; null = it holds until the alert is over. */
      readonly until: Instant | null;
    }
  | {
      /** Nobody has renewed it: first a reminder, then it counts no more and the calls begin anew. */
      readonly type: "alert_ack_aged";
      readonly fingerprints: readonly string[];
      readonly stage: "reminded" | "lapsed";
    }
  | {
      /** A decision to tell; the cards that follow in the same commit carry it out. */
      readonly type: "alert_notified";
      readonly groupKey: string;
      readonly reason: NotifyReason;
      readonly because: string;
      readonly told: readonly string[];
      readonly over: readonly string[];
      readonly flapping: readonly string[];
      /** Digests that took it in, by the id of their card. */
      readonly folded: readonly string[];
    }
  | {
      /** Critical, and no chat confirmed it in time: other ways are tried. */
      readonly type: "alert_escalated";
      readonly fingerprints: readonly string[];
      readonly because: string;
      readonly to: readonly string[];
    }
  /** About to be posted for the first time: after a crash nobody knows whether it was. A button on record says the same. */
  | { readonly type: "card_leaving"; readonly cardId: string }
  | { readonly type: "notice_prepared"; readonly cardId: string; readonly tokenHash: string }
  | { readonly type: "notice_shown"; readonly cardId: string; readonly rev: number }
  | { readonly type: "notice_lost"; readonly cardId: string; readonly because: string }
  | {
      readonly type: "alert_silenced";
      readonly silenceId: string;
      readonly matchers: readonly Matcher[];
      readonly personId: string;
      readonly reason: string;
      readonly until: Instant;
    }
  | { readonly type: "silence_ended"; readonly silenceId: string; readonly how: "expired" | "lifted" };

/** The chat takes other messages, and not the text of this open request; recorded once until it is shown there. */
export type PromptRefused = {
  readonly type: "prompt_refused";
  readonly promptId: string;
  readonly chat: Chat;
  readonly title: string;
  readonly because: string;
};

/** Where a refused card would have gone; the meta-alert is told everywhere else. */
export type RefusedCard = { readonly alert: string; readonly title: string; readonly chat: Chat };
