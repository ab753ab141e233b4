/**
 * The desk's conversation as it is shown: the newest messages, edited in place. A view only: the truth is the ledger. After a
 * restart `restore` brings back the newest cards that were sent, without buttons; an id it does not hold is gone, so that the
 * house posts what is still open anew. It never holds a secret: every later page reads it.
 */
import { type Button, type Card, holdsSecret, shownOnce } from "../../core/card.ts";
import type { Instant } from "../../core/time.ts";
import type { CardMessage, FormView, MessageView, SaidMessage } from "./contract.ts";

/** Who may see a message: everybody at the desk, or one person. */
type Kept = { view: MessageView; readonly forPersonId: string | null; readonly nonce: string | null };

export type RestoredMessage = {
  readonly messageId: string;
  readonly card: Card;
  readonly buttons: readonly Button[];
  readonly postedAt: Instant;
};

export type NewCard = {
  readonly messageId: string;
  readonly card: Card;
  readonly buttons: readonly Button[];
  readonly isQuiet: boolean;
  readonly nonce: string | null;
  readonly answers: string | null;
  readonly forPersonId: string | null;
  /** What the person is asked to write. */
  readonly form?: FormView;
};
export type NewSaid = {
  readonly messageId: string;
  readonly personId: string;
  readonly displayName: string;
  readonly text: string;
  readonly answers: string | null;
};

export type MessageRing = {
  add(card: NewCard, at: Instant): CardMessage;
  say(said: NewSaid, at: Instant): SaidMessage;
  /** Null when the message is gone. */
  edit(messageId: string, card: Card, buttons: readonly Button[], at: Instant): CardMessage | null;
  /** Takes the fields away; false when there are none. */
  closeForm(messageId: string, at: Instant): boolean;
  markSaid(messageId: string, status: SaidMessage["status"]): SaidMessage | null;
  /** The message that an earlier post with this nonce made, if it still stands. */
  withNonce(nonce: string): string | null;
  restore(messages: readonly RestoredMessage[]): void;
  get(messageId: string): MessageView | null;
  /** The only person who may see it; null when everybody at the desk may. */
  ownerOf(messageId: string): string | null;
  /** Oldest first. */
  seenBy(personId: string): readonly MessageView[];
  readonly size: number;
};

/** Charts of closed prompts that travel with the first picture of the conversation: 300 of them would weigh megabytes. */
const chartsKept = 12;

export function openMessageRing(capacity: number): MessageRing {
  const kept = new Map<string, Kept>();

  const put = (entry: Kept): void => {
    kept.set(entry.view.messageId, entry);
    for (const oldest of kept.keys()) {
      if (kept.size <= capacity) break;
      kept.delete(oldest);
    }
  };
  const add = (card: NewCard, at: Instant): CardMessage => {
    const view = cardView(card, at);
    put({ view, forPersonId: card.forPersonId, nonce: card.nonce });
    return view;
  };
  return {
    add,
    say({ personId, ...said }, at) {
      const base = { revision: 1, postedAt: at, editedAt: null, isPrivate: true } as const;
      const view: SaidMessage = { ...said, ...base, kind: "said", text: maskCodes(said.text), status: "sending" };
      put({ view, forPersonId: personId, nonce: null });
      return view;
    },
    edit: (messageId, card, buttons, at) => editCard(kept.get(messageId), { card, buttons, editedAt: at }),
    closeForm: (messageId, at) => closeForm(kept.get(messageId), at),
    markSaid(messageId, status) {
      const entry = kept.get(messageId);
      if (entry?.view.kind !== "said") return null;
      const view: SaidMessage = { ...entry.view, status, revision: entry.view.revision + 1 };
      entry.view = view;
      return view;
    },
    withNonce(nonce) {
      for (const { view, nonce: known } of kept.values()) if (known === nonce) return view.messageId;
      return null;
    },
    restore(messages) {
      const common = { isQuiet: true, nonce: null, answers: null, forPersonId: null } as const;
      for (const { postedAt, ...message } of messages)
        if (!kept.has(message.messageId)) add({ ...message, ...common }, postedAt);
    },
    get: (messageId) => kept.get(messageId)?.view ?? null,
    ownerOf: (messageId) => kept.get(messageId)?.forPersonId ?? null,
    seenBy(personId) {
      const visible = [...kept.values()].filter(
        (entry) => entry.forPersonId === null || entry.forPersonId === personId,
      );
      return thinCharts(visible.map((entry) => entry.view));
    },
    get size() {
      return kept.size;
    },
  };
}

function editCard(
  entry: Kept | undefined,
  now: Pick<CardMessage, "buttons" | "editedAt"> & { readonly card: Card },
): CardMessage | null {
  if (entry?.view.kind !== "card") return null;
  const { view: old } = entry;
  const view: CardMessage = { ...old, ...now, card: withoutSecret(now.card), revision: old.revision + 1 };
  entry.view = view;
  return view;
}

function closeForm(entry: Kept | undefined, at: Instant): boolean {
  if (entry?.view.kind !== "card" || entry.view.form === undefined) return false;
  const { form: _form, ...rest } = entry.view;
  entry.view = { ...rest, editedAt: at, revision: rest.revision + 1 };
  return true;
}

function cardView({ nonce: _kept, forPersonId, card, ...told }: NewCard, at: Instant): CardMessage {
  const isPrivate = forPersonId !== null;
  return { ...told, card: withoutSecret(card), kind: "card", revision: 1, postedAt: at, editedAt: null, isPrivate };
}

const withoutSecret = (card: Card): Card => (holdsSecret(card) ? shownOnce(card) : card);

/** Leaves the charts of open prompts and of the newest few others; the rest keep their words. */
function thinCharts(messages: readonly MessageView[]): readonly MessageView[] {
  let left = chartsKept;
  return messages
    .toReversed()
    .map((message) => {
      if (message.kind !== "card" || message.card.chart === null || message.buttons.length > 0) return message;
      left -= 1;
      return left >= 0 ? message : { ...message, card: { ...message.card, chart: null } };
    })
    .toReversed();
}

/** A one-time code of an authenticator app must not stay readable on a screen. */
export function maskCodes(text: string): string {
  return text.replace(/\b\d{6,8}\b/g, (digits) => "•".repeat(digits.length));
}
