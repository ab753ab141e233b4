/** A tap under a request for access: an owner's, fresh where it gives power, and proven as the same words of /people would be. */
import { type AccessTarget, endText } from "../core/access.ts";
import { includesRole } from "../core/authority.ts";
import type { Books } from "../core/books.ts";
import { chatKey, personBehind } from "../core/books_people.ts";
import { plainCard } from "../core/card.ts";
import { mark } from "../core/mark.ts";
import { proofFor } from "../core/question.ts";
import { whyNotHere } from "./allowed_chats.ts";
import { type Settled, settleAccess } from "./ask_access.ts";
import { type Asking, askProof, whyNoProof } from "./ask_person.ts";
import type { Needs } from "./needs.ts";
import { recordFacts } from "./record.ts";
import { type TapIn, whyStale, whySurelyStale } from "./stale_tap.ts";
import { tellAsker } from "./tell_asker.ts";

export async function handleAccessTap(
  needs: Needs,
  tap: TapIn,
  target: AccessTarget,
  how: { readonly isReplay: boolean },
): Promise<string> {
  const { people } = needs.ledger.books();
  const messenger = needs.messengers.get(tap.chat.platform);
  const person = personBehind(people, tap.chat.platform, tap.sender.userId);
  const refusal = whyNotHere(needs.settings, tap) ?? whyRefused(needs.ledger.books(), tap, target);
  if (refusal !== null || person === null) return refuse(needs, tap, refusal ?? "You are not linked.");
  const { request, answer } = target;
  const { requestId } = request;
  if (answer === "no" || request.state !== "open") {
    await messenger?.acknowledge(tap.answerRef, null);
    return tell(needs, tap, await settleAccess(needs, { requestId, role: null, personId: person.personId }));
  }
  const { chat, isPrivate, answerRef, sender } = tap;
  const asking: Asking = { person, userId: sender.userId, chat, isPrivate, answerRef };
  if (needs.settings.approvals.isStepUp === true) {
    const proof = proofFor("T3");
    const late = whySurelyStale(needs, tap, how.isReplay);
    const because = late === null ? whyNoProof(needs, asking, proof) : staleText(late);
    if (because !== null) return notCounted(needs, tap, because);
    const title = `Let in ${request.name} (${request.platform} ${request.userId}) as ${answer}`;
    const text = JSON.stringify({ action: "grant", who: requestId, what: answer });
    return askProof(needs, asking, { proof, title, purpose: { kind: "command", name: "people", text } });
  }
  const acknowledged = messenger?.acknowledge(answerRef, null) ?? Promise.resolve("failed" as const);
  const stale = await whyStale(needs, tap, { acknowledged, isReplay: how.isReplay });
  if (stale !== null) return say(needs, tap, staleText(stale), "stale");
  return tell(needs, tap, await settleAccess(needs, { requestId, role: answer, personId: person.personId }));
}

const staleText = (stale: string): string => `Not counted: ${stale}. Tap again.`;

function whyRefused(books: Books, tap: TapIn, { card }: AccessTarget): string | null {
  if (!tap.sender.isPerson) return "Bots and anonymous admins can't decide.";
  if (tap.isInline) return "Taps through other bots don't count.";
  if (chatKey(card.chat) !== chatKey(tap.chat)) {
    mark("M11.button_of_another_chat");
    return "This button belongs to another chat.";
  }
  const person = personBehind(books.people, tap.chat.platform, tap.sender.userId);
  if (person === null) return "You are not linked.";
  return includesRole(person.role, "owner") ? null : `Only an owner lets people in; your role is ${person.role}.`;
}

async function refuse(needs: Needs, tap: TapIn, because: string): Promise<string> {
  mark("M01.tap_refused");
  const { platform } = tap.chat;
  const { userId } = tap.sender;
  await needs.messengers.get(platform)?.acknowledge(tap.answerRef, { text: because, isRefusal: true });
  const personId = personBehind(needs.ledger.books().people, platform, userId)?.personId ?? null;
  await recordFacts(needs, "house", [{ type: "tap_refused", approvalId: null, personId, platform, userId, because }]);
  return "refused";
}

async function notCounted(needs: Needs, tap: TapIn, because: string): Promise<string> {
  await needs.messengers.get(tap.chat.platform)?.acknowledge(tap.answerRef, null);
  return say(needs, tap, because, "not_asked");
}

async function tell(needs: Needs, tap: TapIn, settled: Settled): Promise<string> {
  if (settled.kind === "settled") return settled.kind;
  return say(needs, tap, settledText(settled), settled.kind);
}

/** Why nothing was changed. */
export function settledText(settled: Exclude<Settled, { kind: "settled" }>): string {
  if (settled.kind === "not_allowed") return "Only an owner lets people in. Nothing was changed.";
  if (settled.kind === "gone") return "This request is not known any more.";
  return `Decided before: ${endText(settled.request)}. Nothing was changed.`;
}

async function say(needs: Needs, tap: TapIn, text: string, outcome: string): Promise<string> {
  await tellAsker(needs, tap, plainCard("info", text));
  return outcome;
}
