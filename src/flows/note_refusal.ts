/** Whatever is refused for who says it, or for where, is on record: whoever tries again and again is told to the owner. */
import { personBehind } from "../core/books_people.ts";
import type { Incoming } from "../ports/messenger.ts";
import type { Needs } from "./needs.ts";
import { recordFacts } from "./record.ts";

const becauseMax = 200;

export function noteRefusal(needs: Needs, { chat, sender }: Incoming, because: string): Promise<void> {
  const { platform } = chat;
  const { userId } = sender;
  const personId = personBehind(needs.ledger.books().people, platform, userId)?.personId ?? null;
  return recordFacts(needs, "house", [
    { type: "tap_refused", approvalId: null, personId, platform, userId, because: because.slice(0, becauseMax) },
  ]);
}
