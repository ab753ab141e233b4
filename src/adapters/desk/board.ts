/** What the desk shows: posts, edits and answers go into the ring and from there to every page that may see them. */
import { includesRole } from "../../core/authority.ts";
import { type Button, type Card, holdsSecret } from "../../core/card.ts";
import { fail, ok } from "../../core/result.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Ids } from "../../ports/ids.ts";
import type { AnswerRef, ChatRef, Delivery, Messenger } from "../../ports/messenger.ts";
import { type Asked, type AskedList, deskChat } from "./acts.ts";
import type { CommandView, DeskState, FormView, MessageView } from "./contract.ts";
import type { DeskDoor, DeskPerson } from "./door.ts";
import type { MessageRing } from "./message_ring.ts";
import type { Page, Pages } from "./pages.ts";

export type BoardParts = {
  readonly door: DeskDoor;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly ring: MessageRing;
  readonly pages: Pages;
  readonly asked: AskedList;
  readonly commandsOf: (person: DeskPerson) => readonly CommandView[];
  readonly readState: () => DeskState | null;
};

export type Board = Pick<Messenger, "post" | "edit" | "acknowledge" | "reply" | "ask"> & {
  publish(messageId: string): void;
  /** The first picture for a page that has said hello. */
  greet(page: Page, person: DeskPerson): void;
};

export function openBoard(parts: BoardParts): Board {
  const { clock, ids, ring, pages } = parts;
  const publish = (messageId: string): void => publishMessage(parts, messageId);

  return {
    publish,
    greet(page, person) {
      pages.send(page, {
        kind: "hello",
        person,
        messages: ring.seenBy(person.personId).map((message) => forRole(message, person)),
        commands: parts.commandsOf(person),
        state: parts.readState(),
        at: clock.wall(),
      });
    },
    async post(chat, card, { buttons, nonce, isQuiet }) {
      const problem = wrongChat(chat);
      if (problem !== null) return problem;
      const before = nonce === "" ? null : ring.withNonce(nonce);
      if (before !== null) return ok({ messageId: before });
      const messageId = ids.next("desk");
      ring.add({ messageId, card, buttons, isQuiet, nonce, answers: null, forPersonId: null }, clock.wall());
      publish(messageId);
      return ok({ messageId });
    },
    async edit(chat, messageId, card, buttons) {
      const problem = wrongChat(chat);
      if (problem !== null) return problem;
      const message = ring.edit(messageId, card, buttons, clock.wall());
      if (message === null) return gone(`The desk no longer shows message ${messageId}`);
      publish(messageId);
      return ok({ messageId });
    },
    async acknowledge(ref, notice) {
      const from = parts.asked.find(ref);
      if (from === null) return "stale";
      const heard = pages.find(from.personId, from.pageId);
      if (heard.length === 0) return "failed";
      if (notice !== null) for (const page of heard) pages.send(page, { kind: "notice", ...notice });
      return "ok";
    },
    async reply(chat, ref, card, buttons = []) {
      return wrongChat(chat) ?? answer(parts, ref, { card, buttons });
    },
    async ask(chat, ref, card, { title, token, fields }) {
      return wrongChat(chat) ?? answer(parts, ref, { card, buttons: [], form: { title, token, fields } });
    },
  };
}

function publishMessage({ ring, pages, door }: BoardParts, messageId: string): void {
  const message = ring.get(messageId);
  if (message === null) return;
  const owner = ring.ownerOf(messageId);
  for (const page of pages.all()) {
    if (page.pageId === null || (owner !== null && owner !== page.session.personId)) continue;
    const person = door.personNow(page.session.personId);
    if (person !== null) pages.send(page, { kind: "message", message: forRole(message, person) });
  }
}

type Told = { readonly card: Card; readonly buttons: readonly Button[]; readonly form?: FormView };

/** An answer stands under what was asked and is shown to the person who asked, on all of their pages. */
function answer(parts: BoardParts, ref: AnswerRef, told: Told): Delivery {
  const { asked, ring, ids, clock } = parts;
  const from = asked.find(ref);
  if (from === null) return gone("The page that asked is no longer known");
  const messageId = ids.next("desk");
  const { answers, personId: forPersonId } = from;
  const kept = ring.add({ messageId, ...told, isQuiet: true, nonce: null, answers, forPersonId }, clock.wall());
  const isSeen = !holdsSecret(told.card) || showSecret(parts, from, { ...kept, card: told.card });
  publishMessage(parts, messageId);
  return isSeen ? ok({ messageId }) : gone("The page that asked is closed, and a secret is shown on no other");
}

/** On the page that asked, in its session; it keeps what it has seen, for what comes after is no newer. @returns whether it is open. */
function showSecret({ pages }: BoardParts, { personId, pageId, tokenHash }: Asked, message: MessageView): boolean {
  const asking = pages.find(personId, pageId).filter(({ session }) => session.tokenHash === tokenHash);
  for (const page of asking) pages.send(page, { kind: "message", message });
  return asking.length > 0;
}

/**
 * A viewer may look but not decide: the tokens of what everybody is asked never reach that page. Answers of his own keep their
 * buttons (pages, refresh, choices of a question to him). The flows check again at every tap.
 */
function forRole(message: MessageView, person: DeskPerson): MessageView {
  if (message.kind === "said" || message.isPrivate || includesRole(person.role, "operator")) return message;
  return { ...message, buttons: [] };
}

const gone = (because: string): Delivery => fail({ kind: "message_gone", because });

function wrongChat(chat: ChatRef): Delivery | null {
  if (chat.platform === deskChat.platform && chat.chatId === deskChat.chatId) return null;
  return fail({
    kind: "chat_refused",
    because: `The desk has one chat named "desk", not ${chat.platform} ${chat.chatId}`,
  });
}
