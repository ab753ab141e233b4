/** The facts of questions to one person and of the codes that prove who answers, a part of the union in events.ts. */
import type { Chat } from "./events.ts";
import type { Choice, QuestionPurpose } from "./question.ts";
import type { Instant } from "./time.ts";

export type QuestionFact =
  | {
      /** One person is asked something that one tap can't say: a phrase, a code, a reason, a size. */
      readonly type: "question_asked";
      readonly questionId: string;
      readonly personId: string;
      readonly userId: string;
      readonly chat: Chat;
      readonly purpose: QuestionPurpose;
      /** What must be typed, with digits of its own; null = no phrase. */
      readonly phrase: string | null;
      readonly isCodeNeeded: boolean;
      readonly choices: readonly Choice[];
      /** SHA-256 of the token that a form carries back. */
      readonly tokenHash: string;
      readonly expiresAt: Instant;
    }
  | { readonly type: "question_shown"; readonly questionId: string; readonly messageId: string }
  | {
      /** Every try to prove oneself is on record; what was typed is not. */
      readonly type: "question_tried";
      readonly questionId: string;
      readonly personId: string;
      readonly isRight: boolean;
      readonly because: "phrase_differs" | "code_wrong" | "code_used_before" | "code_locked" | null;
      /** The 30 s step whose code was given; a step counts once. */
      readonly codeStep: number | null;
    }
  | {
      readonly type: "question_closed";
      readonly questionId: string;
      readonly how: "answered" | "expired" | "too_many_tries" | "replaced";
    }
  | {
      /** A secret for an authenticator app, sealed with the key of this house; it counts once a code of it was given. */
      readonly type: "authenticator_offered";
      readonly personId: string;
      readonly sealed: string;
      readonly expiresAt: Instant;
    }
  | { readonly type: "authenticator_confirmed"; readonly personId: string; readonly codeStep: number }
  | {
      /** Too many wrong codes: until then no code of this person counts. */
      readonly type: "authenticator_locked";
      readonly personId: string;
      readonly wrong: number;
      readonly until: Instant;
    };
