/**
 * Questions to one person, and the proof of who answers. A yes to something large takes a phrase with digits of its own, so
 * that neither a slip of the thumb nor a pasted old phrase signs it; what can't be undone takes a code of an authenticator
 * app beside it. A question lives a minute, belongs to one person in one chat, and counts once.
 *
 *   asked --right answer--> answered        asked --3 wrong--> too_many_tries
 *     '--a minute--> expired                  '--asked anew--> replaced
 */
import type { Tier } from "./authority.ts";
import type { Chat } from "./events.ts";
import type { Quantity } from "./money.ts";
import { addMs, between, type Instant, minute } from "./time.ts";

/** What beside the tap or the word itself proves that this is meant, and by whom. */
export type Proof = "none" | "phrase" | "phrase_and_code";

export type QuestionPurpose =
  | {
      readonly kind: "approve";
      readonly approvalId: string;
      readonly version: number;
      /** The smaller size that is signed; null = as it stands. */
      readonly quantity: Quantity | null;
    }
  /** Why it was declined; the no itself has counted before. */
  | { readonly kind: "decline_reason"; readonly approvalId: string; readonly isTyped: boolean }
  | { readonly kind: "size"; readonly approvalId: string; readonly version: number; readonly isTyped: boolean }
  | { readonly kind: "snooze"; readonly approvalId: string; readonly version: number }
  | { readonly kind: "command"; readonly name: string; readonly text: string }
  /** One option of a command that was typed without it; `text` holds the others as JSON. */
  | { readonly kind: "argument"; readonly name: string; readonly text: string; readonly option: string }
  /** A command that adds risk and came late: is it still wanted? `text` holds its options as JSON. */
  | { readonly kind: "again"; readonly name: string; readonly text: string };

/** A button under a question; `value` is what choosing it says. */
export type Choice = { readonly label: string; readonly value: string; readonly tokenHash: string };

export type Question = {
  readonly questionId: string;
  readonly personId: string;
  readonly userId: string;
  readonly chat: Chat;
  readonly purpose: QuestionPurpose;
  readonly phrase: string | null;
  readonly isCodeNeeded: boolean;
  readonly choices: readonly Choice[];
  readonly tokenHash: string;
  /** The message that a written answer replies to; null = a form of the platform. */
  readonly messageId: string | null;
  readonly askedAt: Instant;
  readonly expiresAt: Instant;
  readonly wrong: number;
};

/** What is known of one person's authenticator app. */
export type Authenticator = {
  /** null = none counts yet. */
  readonly sealed: string | null;
  readonly lastStep: number;
  readonly offered: { readonly sealed: string; readonly expiresAt: Instant } | null;
  /** Wall times of wrong codes within the window. */
  readonly wrongAt: readonly Instant[];
  readonly lockedUntil: Instant | null;
};

export const questionMs = minute;
/** A reason or a snooze adds no risk: it may be thought about. */
export const easyQuestionMs = 10 * minute;
export const triesMax = 3;
/** Five wrong codes within a quarter of an hour end codes for as long. */
export const codeTriesMax = 5;
export const codeWindowMs = 15 * minute;

export const noAuthenticator: Authenticator = {
  sealed: null,
  lastStep: -1,
  offered: null,
  wrongAt: [],
  lockedUntil: null,
};

/** @param roll in [0, 1). Three digits that no other question of this minute is likely to have. */
export function phraseWith(roll: number): string {
  return `YES I AM SURE ${String(100 + Math.floor(roll * 900))}`;
}

/** Case and spaces are nobody's intention; every letter and digit is. */
export function isPhrase(asked: string, typed: string): boolean {
  return plain(typed) === plain(asked);
}

const plain = (text: string): string => text.trim().replace(/\s+/g, " ").toUpperCase();

/** What a yes of this tier takes where proofs are asked for. */
export function proofFor(tier: Tier): Proof {
  switch (tier) {
    case "T0":
    case "T1":
    case "TE":
      return "none";
    case "T2":
      return "phrase";
    case "T3":
      return "phrase_and_code";
    default:
      return tier satisfies never;
  }
}

export function isLive(question: Question, wallAt: Instant): boolean {
  return wallAt < question.expiresAt;
}

export function isLocked(app: Authenticator, wallAt: Instant): boolean {
  return app.lockedUntil !== null && wallAt < app.lockedUntil;
}

/** Wrong codes that still count against this person. */
export function wrongLately(app: Authenticator, wallAt: Instant): readonly Instant[] {
  return app.wrongAt.filter((at) => between(at, wallAt) < codeWindowMs);
}

export function lockUntil(wallAt: Instant): Instant {
  return addMs(wallAt, codeWindowMs);
}
