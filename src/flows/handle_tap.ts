/** One tap on a prompt: who tapped, whether it is fresh enough to add risk, what it decides, and what the tapper is told. */

import { accessOfToken } from "../core/access.ts";
import { type Approval, countVote, mayDecideOwn, type PromptVerb, type VoteProblem } from "../core/approval.ts";
import { mayTap } from "../core/authority.ts";
import type { Books } from "../core/books.ts";
import { noticeOfToken } from "../core/books_alerts.ts";
import type { Prompt } from "../core/books_approvals.ts";
import { chatKey, type Person, personBehind } from "../core/books_people.ts";
import { plainCard } from "../core/card.ts";
import { mark } from "../core/mark.ts";
import { promptCard } from "../core/prompt_card.ts";
import type { Proof } from "../core/question.ts";
import { handleNoticeTap } from "./acknowledge_alerts.ts";
import { whyNotHere } from "./allowed_chats.ts";
import { answerChoice, askRest, askSize, askWhy, choiceOf } from "./answer_choice.ts";
import { type Asking, askProof, whyNoProof } from "./ask_person.ts";
import { handleAccessTap } from "./handle_access_tap.ts";
import type { Needs } from "./needs.ts";
import { proofOfYes } from "./proofs.ts";
import { recordFacts } from "./record.ts";
import { viewTap } from "./show_view.ts";
import { problemText, signRequest } from "./sign_request.ts";
import { type TapIn, whyStale, whySurelyStale } from "./stale_tap.ts";
import { tellAsker } from "./tell_asker.ts";

type Target = {
  readonly approval: Approval;
  readonly prompt: Prompt;
  readonly verb: PromptVerb;
  readonly version: number;
  /** The button was made before this start, and the prompt has got others since. */
  readonly isOfBefore: boolean;
};

export async function handleTap(needs: Needs, tap: TapIn, how: { isReplay: boolean }): Promise<string> {
  const books = needs.ledger.books();
  const elsewhere = besidesPrompts(needs, tap, how);
  if (elsewhere !== null) return elsewhere;
  const target = targetOf(books, needs.vault.sha256(tap.token));
  if (target !== null) await adopt(needs, tap, target);
  const refusal = whyNotHere(needs.settings, tap) ?? whyRefused(books, tap, target);
  if (refusal !== null || target === null)
    return refuse(needs, tap, { target, text: refusal ?? "This button is not known any more." });
  const person = personBehind(books.people, tap.chat.platform, tap.sender.userId);
  if (person === null) return "refused";
  if (target.verb === "smaller" || target.verb === "later") return openMenu(needs, tap, target, person);
  const proof = proofOfYes(needs, target.approval);
  if (target.verb === "approve" && proof !== "none")
    return askForProof(needs, { tap, target, person, proof, isReplay: how.isReplay });
  const acknowledged = acknowledge(needs, tap);
  if (target.verb === "approve" && !onlyReduces(target)) {
    const stale = await whyNotFresh(needs, tap, target, { acknowledged, isReplay: how.isReplay });
    if (stale !== null) {
      const { text, outcome } = staleAnswer(needs, { target, person, stale });
      return tell(needs, tap, text, outcome);
    }
  }
  return sign(needs, { tap, target, person });
}

/** Buttons under alerts, requests for access and questions to one person; null = it is none of them. */
function besidesPrompts(needs: Needs, tap: TapIn, how: { isReplay: boolean }): Promise<string> | null {
  const books = needs.ledger.books();
  const hash = needs.vault.sha256(tap.token);
  const notice = noticeOfToken(books.chat.alerts, hash);
  if (notice !== null) return handleNoticeTap(needs, tap, notice);
  const access = accessOfToken(books.people, hash);
  if (access !== null) return handleAccessTap(needs, tap, access, how);
  const chosen = choiceOf(books, hash);
  if (chosen !== null) return answerChoice(needs, tap, chosen, how);
  // A page is known by how its token begins, as one token of a prompt in 4,096 does too: that one decides, and turns nothing.
  return targetOf(books, hash) === null ? (viewTap(needs, tap)?.() ?? null) : null;
}

/** The yes to a list of what is to be sold counts however late it comes, as every word does that leaves the market. */
const onlyReduces = ({ approval }: Target): boolean => approval.subject.kind === "flatten";

function targetOf(books: Books, hash: string): Target | null {
  for (const prompt of Object.values(books.prompts)) {
    const token = prompt.tokens[hash];
    const approval = books.approvals[prompt.approvalId];
    if (token === undefined || approval === undefined) continue;
    const { verb, version, isOfBefore = false } = token;
    return { approval, prompt, verb, version, isOfBefore };
  }
  return null;
}

const whyNotFresh = async (needs: Needs, tap: TapIn, target: Target, how: Parameters<typeof whyStale>[2]) =>
  (await whyStale(needs, tap, how)) ?? whyOld(target);

/** A yes to an older version is told what changed; one to this version is asked for once more under the new buttons. */
const whyOld = ({ isOfBefore, version, approval }: Target): string | null =>
  isOfBefore && version === approval.version ? "that button is from before my restart" : null;

/** Reasons that make a tap worth nothing, whatever it says; the prompt stays untouched. null = it may count. */
function whyRefused(books: Books, tap: TapIn, target: Target | null): string | null {
  if (!tap.sender.isPerson) return "Bots and anonymous admins can't decide.";
  if (tap.isInline) return "Taps through other bots don't count.";
  if (target === null) return "This button is not known any more.";
  if (chatKey(target.prompt.chat) !== chatKey(tap.chat)) {
    mark("M11.button_of_another_chat");
    return "This button belongs to another chat.";
  }
  const person = personBehind(books.people, tap.chat.platform, tap.sender.userId);
  if (person === null) return "You are not linked. Ask the owner for a link code.";
  return mayTap(person.role, target.verb, target.approval.tier)
    ? null
    : `Your role (${person.role}) may not decide this.`;
}

async function refuse(needs: Needs, tap: TapIn, about: { target: Target | null; text: string }): Promise<string> {
  const person = personBehind(needs.ledger.books().people, tap.chat.platform, tap.sender.userId);
  mark("M01.tap_refused");
  await messengerOf(needs, tap)?.acknowledge(tap.answerRef, { text: about.text, isRefusal: true });
  await recordFacts(
    needs,
    "house",
    [
      {
        type: "tap_refused",
        approvalId: about.target?.approval.approvalId ?? null,
        personId: person?.personId ?? null,
        platform: tap.chat.platform,
        userId: tap.sender.userId,
        because: about.text,
      },
    ],
    about.target?.approval.tradeId ?? null,
  );
  return "refused";
}

/**
 * A valid token on a message that we don't know means that our post succeeded and its answer was lost: that message is the
 * prompt, and is edited with the others from now on, also when its presser's role decides nothing. Strangers change nothing.
 */
async function adopt(needs: Needs, tap: TapIn, { prompt, approval }: Target): Promise<void> {
  const books = needs.ledger.books();
  const key = chatKey(tap.chat);
  if (tap.isInline || !tap.sender.isPerson || chatKey(prompt.chat) !== key) return;
  if (personBehind(books.people, tap.chat.platform, tap.sender.userId) === null) return;
  const isKnown = Object.values(books.prompts).some(
    (one) => one.approvalId === approval.approvalId && one.messageId === tap.messageId && chatKey(one.chat) === key,
  );
  if (isKnown) return;
  await recordFacts(
    needs,
    "house",
    [
      {
        type: "prompt_posted",
        promptId: prompt.promptId,
        rev: prompt.revShown,
        messageId: tap.messageId,
        how: "adopted",
      },
    ],
    approval.tradeId,
  );
}

function acknowledge(needs: Needs, tap: TapIn): Promise<"ok" | "stale" | "failed"> {
  return messengerOf(needs, tap)?.acknowledge(tap.answerRef, null) ?? Promise.resolve("failed");
}

async function sign(needs: Needs, about: { tap: TapIn; target: Target; person: Person }): Promise<string> {
  const { tap, target, person } = about;
  const { approval, verb, version } = target;
  const { outcome, text } = await signRequest(needs, {
    approval,
    version,
    verdict: verb === "approve" ? "yes" : "no",
    quantity: null,
    person,
    ...whereOf(needs, tap),
    stepUp: null,
  });
  if (outcome.kind === "declined") return askWhy(needs, askingOf(tap, person), approval);
  const how = outcome.kind === "problem" ? outcome.problem.kind : outcome.kind;
  return text === null ? how : tell(needs, tap, text, how);
}

/** A tap that is handled late may have counted before a crash, or somebody else decided meanwhile: the truth is told then. */
function staleAnswer(
  needs: Needs,
  { target, person, stale }: { readonly target: Target; readonly person: Person; readonly stale: string },
): { readonly text: string; readonly outcome: string } {
  const approval = needs.ledger.books().approvals[target.approval.approvalId] ?? target.approval;
  const { version } = target;
  const counted = countVote(approval, { ...yesOf(needs, person), version, isAlone: mayDecideOwn(approval) });
  return counted.ok
    ? { text: `Not counted: ${stale}. The prompt is still open; tap again.`, outcome: "stale" }
    : { text: problemText(needs, approval, counted.problem, person.personId), outcome: counted.problem.kind };
}

/** What a vote remembers of the tap. */
function whereOf(needs: Needs, tap: TapIn) {
  const { platform, chatId } = tap.chat;
  const tapAgeMs = tap.tappedAt === null ? null : needs.clock.wall() - tap.tappedAt;
  const { messageId } = tap;
  return { platform, userId: tap.sender.userId, chatId, messageId, eventId: tap.eventIds[0] ?? "", tapAgeMs };
}

/** The menus of a prompt: a smaller size, a rest. They decide nothing by themselves. */
async function openMenu(needs: Needs, tap: TapIn, target: Target, person: Person): Promise<string> {
  await acknowledge(needs, tap);
  const { approval, version } = target;
  const counted = countVote(approval, { ...yesOf(needs, person), version });
  if (!counted.ok && target.verb === "smaller")
    return tell(needs, tap, problemText(needs, approval, counted.problem, person.personId), counted.problem.kind);
  if (approval.state !== "pending")
    return tell(needs, tap, problemText(needs, approval, settledProblem(approval)), "already_settled");
  const asking = askingOf(tap, person);
  return target.verb === "smaller" ? askSize(needs, asking, approval) : askRest(needs, asking, approval);
}

const settledProblem = ({ state, decidedBy, decidedAt }: Approval): VoteProblem => ({
  kind: "already_settled",
  state,
  by: decidedBy,
  at: decidedAt,
});

const askingOf = (tap: TapIn, person: Person): Asking => ({
  person,
  userId: tap.sender.userId,
  chat: tap.chat,
  isPrivate: tap.isPrivate,
  answerRef: tap.answerRef,
});

const yesOf = (needs: Needs, { personId }: Person) =>
  ({ personId, verdict: "yes", at: needs.clock.wall(), isAlone: true }) as const;

/** A yes that takes more than a tap opens a question instead; the form of a platform must be its first answer. */
async function askForProof(
  needs: Needs,
  about: { tap: TapIn; target: Target; person: Person; proof: Proof; isReplay: boolean },
): Promise<string> {
  const { tap, target, person, proof } = about;
  const { approval, version } = target;
  const stale = whySurelyStale(needs, tap, about.isReplay) ?? whyOld(target);
  const asking = askingOf(tap, person);
  const counted = countVote(approval, { ...yesOf(needs, person), version, isAlone: mayDecideOwn(approval) });
  const because =
    stale !== null
      ? staleAnswer(needs, { target, person, stale }).text
      : counted.ok
        ? whyNoProof(needs, asking, proof)
        : problemText(needs, approval, counted.problem, person.personId);
  if (because !== null) {
    await acknowledge(needs, tap);
    return tell(needs, tap, because, "not_asked");
  }
  const title = promptCard(approval, needs.ledger.books(), null).title;
  const { approvalId } = approval;
  return askProof(needs, asking, { proof, title, purpose: { kind: "approve", approvalId, version, quantity: null } });
}

async function tell(needs: Needs, tap: TapIn, text: string, outcome: string): Promise<string> {
  await tellAsker(needs, tap, plainCard("info", text));
  return outcome;
}

const messengerOf = (needs: Needs, tap: TapIn) => needs.messengers.get(tap.chat.platform);
