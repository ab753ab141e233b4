/** A no counts from the moment at which it is stored: a yes that is decided before it is handled must not overtake it. */
import type { Approval } from "../core/approval.ts";
import { mayTap } from "../core/authority.ts";
import type { Books } from "../core/books.ts";
import { chatKey, personBehind } from "../core/books_people.ts";
import { mark } from "../core/mark.ts";
import type { Incoming } from "../ports/messenger.ts";
import { whyNotHere } from "./allowed_chats.ts";
import type { Needs } from "./needs.ts";

export function isDeclinedInInbox(needs: Needs, books: Books, approval: Approval): boolean {
  const isNo = Object.values(books.chat.inbox).some(({ payload }) => {
    const incoming = JSON.parse(payload) as Incoming;
    return incoming.kind === "tap" && declines(needs, books, approval, incoming);
  });
  if (isNo) mark("H02.a_stored_no_wins");
  return isNo;
}

type TapIn = Extract<Incoming, { kind: "tap" }>;

function declines(needs: Needs, books: Books, { approvalId, tier }: Approval, tap: TapIn): boolean {
  const hash = needs.vault.sha256(tap.token);
  const prompt = Object.values(books.prompts).find(
    (one) => one.approvalId === approvalId && one.tokens[hash]?.verb === "decline",
  );
  if (prompt === undefined || chatKey(prompt.chat) !== chatKey(tap.chat)) return false;
  if (!tap.sender.isPerson || tap.isInline || whyNotHere(needs.settings, tap) !== null) return false;
  const person = personBehind(books.people, tap.chat.platform, tap.sender.userId);
  return person !== null && mayTap(person.role, "decline", tier);
}
