/**
 * Answers that are longer than a message, and answers that can be made anew where they stand. A button asks the same command
 * again, for whoever taps it and with the books of that moment, and the message is edited; nothing but the question is kept, so
 * that it works after a restart.
 *
 *   card --pages--> view_shown (buttons on record) --> reply with buttons
 *   tap --button that counts--> command once more --> view_shown (new buttons) --> edit | a new message where it can't be edited
 *      '--button of an earlier page--> told so; nothing is refused and nothing counts against anybody
 */
import { includesRole } from "../core/authority.ts";
import { type Person, personBehind } from "../core/books_people.ts";
import { type View, viewOfToken, viewTokenPrefix } from "../core/books_views.ts";
import type { Button, Card } from "../core/card.ts";
import { pagesOf } from "../core/pages.ts";
import { isoTime } from "../core/time.ts";
import type { ViewButton } from "../core/view_facts.ts";
import { type AnyCommand, commandNamed } from "../define/command.ts";
import type { AnswerRef, ChatRef, Delivery } from "../ports/messenger.ts";
import { whyNotHere } from "./allowed_chats.ts";
import { chargeChat } from "./charge_chat.ts";
import type { Needs } from "./needs.ts";
import { recordFacts } from "./record.ts";
import type { TapIn } from "./stale_tap.ts";
import { editTapped } from "./tell_asker.ts";

export type Answering = {
  readonly chat: ChatRef;
  readonly answerRef: AnswerRef;
  readonly person: Person | null;
  readonly command: AnyCommand | undefined;
  readonly options: Readonly<Record<string, unknown>> | null;
};

/** Sends an answer whole: turned by buttons where it only reads, else as several messages. @returns the first that failed. */
export async function sendAnswer(needs: Needs, answering: Answering, card: Card): Promise<Delivery | undefined> {
  const { chat, answerRef } = answering;
  const messenger = needs.messengers.get(chat.platform);
  const pages = pagesFor(chat, card);
  const asked = viewAsked(answering, pages.length);
  if (asked !== null) {
    const viewId = needs.ids.next("view");
    const buttons = await noteView(needs, { ...asked, viewId, chat }, { page: 0, pages: pages.length });
    const sent = await messenger?.reply(chat, answerRef, stamped(needs, asked.command, pages[0] ?? card), buttons);
    chargeChat(needs, chat, card);
    return sent;
  }
  for (const page of pages) {
    const sent = await messenger?.reply(chat, answerRef, page);
    chargeChat(needs, chat, page);
    if (sent?.ok === false) return sent;
  }
  return undefined;
}

/** The desk scrolls; what is to be scanned or shown once is never turned. */
function pagesFor(chat: ChatRef, card: Card): readonly Card[] {
  return chat.platform === "desk" || card.qr !== undefined ? [card] : pagesOf(card);
}

type AskedView = {
  readonly command: AnyCommand;
  readonly options: Readonly<Record<string, unknown>>;
  readonly person: Person;
};

/** null = no buttons: it changes something, nobody linked asked, or one page without a refresh is all of it. */
function viewAsked({ command, options, person }: Answering, pages: number): AskedView | null {
  if (command?.view === undefined || options === null || person === null) return null;
  const { view } = command;
  if (view.isView?.(options) === false) return null;
  return pages > 1 || view.hasRefresh ? { command, options, person } : null;
}

/** What can be asked anew says from when it is. */
function stamped({ clock }: Needs, { view }: AnyCommand, card: Card): Card {
  if (view?.hasRefresh !== true) return card;
  const asOf = `as of ${isoTime(clock.wall()).slice(11, 19)} UTC`;
  return { ...card, footer: card.footer === null ? asOf : `${card.footer} · ${asOf}` };
}

/** New buttons for one page, on record before anybody sees them. */
async function noteView(
  needs: Needs,
  asked: AskedView & { readonly viewId: string; readonly chat: ChatRef },
  shown: { readonly page: number; readonly pages: number },
): Promise<readonly Button[]> {
  const { command, options, person, viewId, chat } = asked;
  const made = wishesOf(command, shown).map((wish) => ({
    ...wish,
    token: `${viewTokenPrefix}${needs.vault.token().slice(viewTokenPrefix.length)}`,
  }));
  const { personId } = person;
  await recordFacts(needs, `person:${personId}`, [
    {
      type: "view_shown",
      viewId,
      personId,
      chat,
      name: command.name,
      options: JSON.stringify(options),
      buttons: made.map(({ kind, page, token }) => ({ kind, page, tokenHash: needs.vault.sha256(token) })),
    },
  ]);
  return made.map(({ label, token }): Button => ({ label, token, style: "plain" }));
}

type Wish = Pick<ViewButton, "kind" | "page"> & { readonly label: string };

function wishesOf({ view }: AnyCommand, { page, pages }: { page: number; pages: number }): readonly Wish[] {
  const wishes: Wish[] = [];
  if (page > 0) wishes.push({ kind: "page", page: page - 1, label: `◀ ${page} of ${pages}` });
  if (page + 1 < pages) wishes.push({ kind: "page", page: page + 1, label: `${page + 2} of ${pages} ▶` });
  if (view?.hasRefresh === true) wishes.push({ kind: "refresh", page, label: "⟳ Refresh" });
  return wishes;
}

/** A tap on such a button; null = it is none. */
export function viewTap(needs: Needs, tap: TapIn): (() => Promise<string>) | null {
  const hash = needs.vault.sha256(tap.token);
  if (viewOfToken(needs.ledger.books().views, hash) === null && !tap.token.startsWith(viewTokenPrefix)) return null;
  const person = personBehind(needs.ledger.books().people, tap.chat.platform, tap.sender.userId);
  // Strangers and bots are refused where every tap of theirs is.
  if (person === null || !tap.sender.isPerson || tap.isInline || whyNotHere(needs.settings, tap) !== null) return null;
  return () => turnView(needs, tap, { hash, person });
}

async function turnView(needs: Needs, tap: TapIn, by: { hash: string; person: Person }): Promise<string> {
  const known = viewOfToken(needs.ledger.books().views, by.hash)?.view.viewId ?? "gone";
  return needs.locks.run(`view:${known}`, async () => {
    const found = viewOfToken(needs.ledger.books().views, by.hash);
    const command = found === null ? undefined : commandNamed(needs.commands, found.view.name);
    if (found === null || command === undefined)
      return notice(needs, tap, "That page was turned already, or is old. Use the newest buttons or ask again.");
    const { role } = command.access;
    if (role !== "anyone" && !includesRole(by.person.role, role))
      return notice(needs, tap, `/${command.name} needs the role ${role}; yours is ${by.person.role}.`);
    void needs.messengers.get(tap.chat.platform)?.acknowledge(tap.answerRef, null);
    return redraw(needs, tap, { ...found, command, person: by.person });
  });
}

async function notice(needs: Needs, tap: TapIn, text: string): Promise<string> {
  await needs.messengers.get(tap.chat.platform)?.acknowledge(tap.answerRef, { text, isRefusal: false });
  return "not_turned";
}

type Turning = {
  readonly view: View;
  readonly button: ViewButton;
  readonly command: AnyCommand;
  readonly person: Person;
};

/** Asked as the one who taps: another's page never shows more than they may see. */
async function redraw(needs: Needs, tap: TapIn, { view, button, command, person }: Turning): Promise<string> {
  const options = JSON.parse(view.options) as Record<string, unknown>;
  const { platform, chatId, threadId } = tap.chat;
  const card = await command.run({
    options,
    needs,
    actor: `person:${person.personId}`,
    personId: person.personId,
    origin: { platform, chatId, threadId, userId: tap.sender.userId, isPrivate: tap.isPrivate },
    sentAt: needs.clock.wall(),
  });
  const pages = pagesFor(tap.chat, card);
  const page = Math.min(button.page, pages.length - 1);
  const { viewId } = view;
  const asked = { command, options, person, viewId, chat: tap.chat };
  const buttons = await noteView(needs, asked, { page, pages: pages.length });
  const shown = stamped(needs, command, pages[page] ?? card);
  const { chat, answerRef } = tap;
  const edited = await editTapped(needs, tap, shown, buttons);
  chargeChat(needs, chat, null);
  if (edited?.ok === true) return "turned";
  const isGone = edited?.problem.kind === "message_gone" || edited?.problem.kind === "edit_refused";
  if (isGone) await needs.messengers.get(platform)?.reply(chat, answerRef, shown, buttons);
  return isGone ? "shown_again" : "not_turned";
}
