/** The facts of people who ask to be let in, a part of the union in events.ts: who asked, who was shown it, what was answered. */
import type { Role } from "./authority.ts";
import type { Chat } from "./events.ts";
import type { Instant } from "./time.ts";

/** What a button under such a request says: the role that is granted, or no. */
export const accessAnswers = ["viewer", "operator", "approver", "no"] as const;
export type AccessAnswer = (typeof accessAnswers)[number];

export type AccessFact =
  | {
      readonly type: "access_asked";
      readonly requestId: string;
      readonly platform: string;
      readonly userId: string;
      /** As they call themselves; it proves nothing. */
      readonly name: string;
      /** Where the answer goes, and all else once they are in. */
      readonly chat: Chat;
      /** One message for each chat of an owner. */
      readonly cards: readonly { readonly cardId: string; readonly chat: Chat }[];
      readonly expiresAt: Instant;
    }
  | {
      /** Buttons are on record before they leave. */
      readonly type: "access_prepared";
      readonly requestId: string;
      readonly cardId: string;
      readonly tokens: readonly { readonly hash: string; readonly answer: AccessAnswer }[];
    }
  | {
      readonly type: "access_settled";
      readonly requestId: string;
      readonly how: "granted" | "refused" | "expired";
      readonly role: Role | null;
      readonly personId: string | null;
      readonly by: string;
    }
  /** This copy shows the end, or never will: it is not edited again. */
  | { readonly type: "access_shown"; readonly requestId: string; readonly cardId: string; readonly because: string };
