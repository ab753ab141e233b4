/**
 * From a frame of the page to an Incoming, and back: which page asked, so that the answer finds it.
 *
 * The event id is the session and the page's own id of the act: the same tap sent again after a lost line is the same event.
 */
import { unreachable } from "../../core/assert.ts";
import type { Instant } from "../../core/time.ts";
import type { AnswerRef, Incoming } from "../../ports/messenger.ts";
import type { ActFrame } from "./contract.ts";
import type { DeskPerson } from "./door.ts";
import type { Session } from "./sessions.ts";

export const deskChat = { platform: "desk", chatId: "desk", threadId: null } as const;

/** Who asked for what, from which page; kept for the newest acts only. */
export type Asked = {
  readonly personId: string;
  readonly pageId: string;
  /** Of the session in which that page was open. */
  readonly tokenHash: string;
  /** The message to answer under: the tapped prompt or the echo of what was typed. */
  readonly answers: string | null;
};

export type AskedList = {
  remember(eventId: string, asked: Asked): void;
  find(ref: AnswerRef): Asked | null;
};

export function openAskedList(capacity: number): AskedList {
  const asked = new Map<string, Asked>();
  return {
    remember(eventId, entry) {
      asked.set(eventId, entry);
      for (const oldest of asked.keys()) {
        if (asked.size <= capacity) break;
        asked.delete(oldest);
      }
    },
    find: (ref) => asked.get(ref.id) ?? null,
  };
}

/** At most 64 characters; the part of the session that it shows is of a hash, so it opens nothing. */
export function eventIdOf(session: Session, frame: ActFrame): string {
  return `${session.tokenHash.slice(0, 16)}-${frame.id}`;
}

export function incomingOf(frame: ActFrame, eventId: string, person: DeskPerson, actedAt: Instant): Incoming {
  const common = {
    eventIds: [eventId],
    chat: deskChat,
    // What is typed at the desk is shown to nobody else at the desk.
    isPrivate: true,
    guildId: null,
    sender: { userId: person.personId, displayName: person.displayName, isPerson: true },
    answerRef: { platform: "desk", id: eventId, token: null },
    arrivedLate: false,
  } as const;
  switch (frame.kind) {
    case "tap":
      return {
        ...common,
        kind: "tap",
        messageId: frame.messageId,
        token: frame.token,
        tappedAt: actedAt,
        isInline: false,
      };
    case "command":
      return { ...common, kind: "command", name: frame.name, options: null, text: frame.text, sentAt: actedAt };
    case "text":
      return { ...common, kind: "text", text: frame.text, replyTo: frame.replyTo, sentAt: actedAt };
    case "form":
      return { ...common, kind: "form", token: frame.token, values: { ...frame.values }, sentAt: actedAt };
    default:
      return unreachable(frame);
  }
}
