/**
 * A chat platform as the flows see it. Incoming things are facts to be stored first; outgoing things are cards.
 *
 *   platform --Incoming--> receive(incoming)  (flow: inbox row, commit)  --> acknowledge --> decide --> outbox --> post/edit
 */
import type { Button, Card } from "../core/card.ts";
import type { Result } from "../core/result.ts";
import type { Instant } from "../core/time.ts";

export const platforms = ["telegram", "discord", "desk"] as const;
export type Platform = (typeof platforms)[number];

export type ChatRef = { readonly platform: Platform; readonly chatId: string; readonly threadId: string | null };

/** Who sent it. Ids are the platform's numeric ids as text; names are for display and never decide anything. */
export type Sender = {
  readonly userId: string;
  readonly displayName: string;
  /** A bot, an anonymous admin or a channel: may never decide. */
  readonly isPerson: boolean;
};

type Common = {
  /** Every id under which the platform may repeat this event; each becomes an inbox key. At least one. */
  readonly eventIds: readonly string[];
  readonly chat: ChatRef;
  readonly isPrivate: boolean;
  /** Discord guild id; null elsewhere. */
  readonly guildId: string | null;
  readonly sender: Sender;
  /** How to answer: opaque to flows, JSON, survives in the inbox but is worthless after a restart. */
  readonly answerRef: AnswerRef;
  /** The bot was not hearing this chat when the person acted (first poll after start, a gap, a replay): taps that add risk are stale. */
  readonly arrivedLate: boolean;
};

export type AnswerRef = { readonly platform: Platform; readonly id: string; readonly token: string | null };

export type Incoming =
  | (Common & {
      readonly kind: "tap";
      readonly messageId: string;
      /** The 16 characters after "a1."; anything else is dropped by the adapter as malformed. */
      readonly token: string;
      /** Wall time of the tap where the platform tells it (Discord snowflake, desk); null on Telegram. */
      readonly tappedAt: Instant | null;
      /** Sent through an inline message of another bot; never counts. */
      readonly isInline: boolean;
    })
  | (Common & {
      readonly kind: "command";
      /** Lower-case name without slash or bot suffix. */
      readonly name: string;
      /** Named options where the platform has them (Discord, desk forms); null when `text` must be parsed. */
      readonly options: Readonly<Record<string, string | number | boolean>> | null;
      /** All after the command word, at most 4,000 characters. */
      readonly text: string;
      readonly sentAt: Instant;
    })
  | (Common & {
      readonly kind: "text";
      readonly text: string;
      /** The message this one replies to, where the platform tells it. */
      readonly replyTo: string | null;
      readonly sentAt: Instant;
      /** The message itself, where the platform could take it away again; absent = it can't. */
      readonly messageId?: string;
    })
  | (Common & {
      /** A form that was filled in: a modal on Discord, fields at the desk. Telegram answers with a text that replies. */
      readonly kind: "form";
      readonly token: string;
      readonly values: Readonly<Record<string, string>>;
      readonly sentAt: Instant;
    });

/** One thing to be written. `label` has at most 45 characters, `hint` at most 100. */
export type FormField = {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  /** Not to be seen by who looks over the shoulder, and never kept. */
  readonly isSecret: boolean;
};

/** Asked of one person. `title` has at most 45 characters; `token` comes back with the answer. */
export type Form = { readonly title: string; readonly token: string; readonly fields: readonly FormField[] };

/** Throws only if the inbox row could not be committed; the adapter must then not confirm the event to its platform. */
export type Receive = (incoming: Incoming) => Promise<void>;

export type DeliveryProblem =
  /** The message (or chat) to edit no longer exists. */
  | { readonly kind: "message_gone"; readonly because: string }
  /** Blocked, kicked, no permission: this chat is unhealthy until a person mends it. */
  | {
      readonly kind: "chat_refused";
      readonly because: string;
      /** Only this very text is refused, also without any dress: the chat itself would take another one. */
      readonly isText?: true;
      /** The chat goes on under this id; the old one takes nothing any more. */
      readonly movedTo?: string;
    }
  /** This edit can't be done any more (too old); reply under it instead. */
  | { readonly kind: "edit_refused"; readonly because: string }
  | { readonly kind: "later"; readonly because: string; readonly retryAfterMs: number }
  /** It may have been posted: the answer was lost. Post again only because prompts are harmless when doubled. */
  | { readonly kind: "unknown_outcome"; readonly because: string };

export type Delivery = Result<{ readonly messageId: string }, DeliveryProblem>;

/** A value that exists now; `label` says more than the value where that helps. */
export type Candidate = { readonly value: string; readonly label: string | null };

/** Values that exist now for an option, for this account; nothing for who may not say the command. */
export type Complete = (
  account: { readonly platform: Platform; readonly userId: string },
  typing: { readonly command: string; readonly option: string; readonly prefix: string },
) => readonly Candidate[];

/** Commands offered in one chat; `chatId` null = wherever nothing else is said, so also to strangers. */
export type Menu = {
  readonly chatId: string | null;
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
};

export type MessengerHealth = {
  /** Hears and could speak at this moment. */
  readonly isHearing: boolean;
  /** Wall time of the last successful poll or gateway acknowledgement. */
  readonly lastHeardAt: Instant | null;
  /** One sentence when it does not hear: "Telegram: another program polls with this token (409)". */
  readonly problem: string | null;
};

export interface Messenger {
  readonly platform: Platform;
  /** Connects and begins to call `receive`. Resolves when hearing, or when it has begun to retry in the background. Wrong token: a clear problem in health(), no throw. */
  start(receive: Receive): Promise<void>;
  stop(): Promise<void>;
  health(): MessengerHealth;
  /** `nonce` (at most 25 characters) makes a repeated post harmless where the platform supports it. `isQuiet` = no sound. */
  post(
    chat: ChatRef,
    card: Card,
    extra: { buttons: readonly Button[]; nonce: string; isQuiet: boolean },
  ): Promise<Delivery>;
  edit(chat: ChatRef, messageId: string, card: Card, buttons: readonly Button[]): Promise<Delivery>;
  /** Edits the message that was tapped, also one that only the tapper sees; absent = `edit` reaches every message. */
  editTapped?(
    chat: ChatRef,
    ref: AnswerRef,
    messageId: string,
    card: Card,
    buttons: readonly Button[],
  ): Promise<Delivery>;
  /**
   * Tells the platform that the tap or command arrived, within its own deadline, and shows `notice` to the tapper only.
   * "stale": the platform says the tap is too old to answer. Never throws.
   */
  acknowledge(ref: AnswerRef, notice: { text: string; isRefusal: boolean } | null): Promise<"ok" | "stale" | "failed">;
  /** Answers a command, or tells only the tapper what came of a tap (Discord: ephemeral follow-up; Telegram: reply; desk: toast). */
  reply(chat: ChatRef, ref: AnswerRef, card: Card, buttons?: readonly Button[]): Promise<Delivery>;
  /**
   * Asks the one who tapped or typed for words, in place of `acknowledge` (Discord: a modal, which must be the first answer;
   * Telegram: a message to reply to; desk: fields of its own). `messageId` null = nothing stands in the chat.
   */
  ask(
    chat: ChatRef,
    ref: AnswerRef,
    card: Card,
    form: Form,
  ): Promise<Result<{ readonly messageId: string | null }, DeliveryProblem>>;
  /** Shows each chat the commands that its people may use, where the platform has such menus; tried again by itself. */
  setMenus?(menus: readonly Menu[]): void;
  /** People who look at it at this moment, where a message is seen only while somebody does; absent = it waits on a phone. */
  watchers?(): readonly string[];
  /** Takes away what a person wrote, where the platform lets us; false = it still stands. Never throws. */
  remove?(chat: ChatRef, messageId: string): Promise<boolean>;
}
