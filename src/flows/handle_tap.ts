/** One tap on a prompt: who tapped, whether it is fresh enough to add risk, what it decides, and what the tapper is told. */

import type { Approval, VoteProblem } from "../core/approval.ts";
import { unreachable } from "../core/assert.ts";
import { mayDecide } from "../core/authority.ts";
import type { Books } from "../core/books.ts";
import type { Prompt } from "../core/books_approvals.ts";
import { noticeOfToken } from "../core/books_alerts.ts";
import { chatKey, type Person, personBehind } from "../core/books_people.ts";
import { plainCard } from "../core/card.ts";
import { mark } from "../core/mark.ts";
import { statusLine } from "../core/prompt_card.ts";
import type { Incoming } from "../ports/messenger.ts";
import { handleNoticeTap } from "./acknowledge_alerts.ts";
import { whyNotHere } from "./allowed_chats.ts";
import { executeApproval } from "./execute_approval.ts";
import { executeFlatten } from "./flatten.ts";
import { readOutside } from "./gather_view.ts";
import { executeLowering } from "./lower_level.ts";
import type { Needs } from "./needs.ts";
import { recordFacts } from "./record.ts";
import { settleApproval, type TapOutcome } from "./settle_approval.ts";
import { showPrompts } from "./show_prompts.ts";

type TapIn = Extract<Incoming, { kind: "tap" }>;

/** A tap that adds risk counts only when it is younger than this; a replay after a reconnect is older. */
const tapAgeMaxMs = 15_000;
const acknowledgeWaitMs = 2_000;

type Target = {
  readonly approval: Approval;
  readonly prompt: Prompt;
  readonly verb: "approve" | "decline";
  readonly version: number;
};

export async function handleTap(needs: Needs, tap: TapIn, how: { isReplay: boolean }): Promise<string> {
  const books = needs.ledger.books();
  const notice = noticeOfToken(books.chat.alerts, needs.vault.sha256(tap.token));
  if (notice !== null) return handleNoticeTap(needs, tap, notice);
  const target = targetOf(books, needs.vault.sha256(tap.token));
  const refusal = whyNotHere(needs.settings, tap) ?? whyRefused(books, tap, target);
  if (refusal !== null || target === null)
    return refuse(needs, tap, { target, text: refusal ?? "This button is not known any more." });
  const person = personBehind(books.people, tap.chat.platform, tap.sender.userId);
  if (person === null) return "refused";
  await adopt(needs, tap, target);
  const acknowledged = acknowledge(needs, tap);
  if (target.verb === "approve" && !onlyReduces(target)) {
    const stale = await whyStale(needs, tap, { acknowledged, isReplay: how.isReplay });
    if (stale !== null) return tell(needs, tap, `Not counted: ${stale}. The prompt is still open; tap again.`, "stale");
  }
  return decide(needs, { tap, target, person });
}

/** The yes to a list of what is to be sold counts however late it comes, as every word does that leaves the market. */
const onlyReduces = ({ approval }: Target): boolean => approval.subject.kind === "flatten";

function targetOf(books: Books, hash: string): Target | null {
  for (const prompt of Object.values(books.prompts)) {
    const token = prompt.tokens[hash];
    const approval = books.approvals[prompt.approvalId];
    if (token !== undefined && approval !== undefined)
      return { approval, prompt, verb: token.verb, version: token.version };
  }
  return null;
}

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
  return mayDecide(person.role, target.approval.tier) ? null : `Your role (${person.role}) may not decide this.`;
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

/** A valid token on a message that we don't know means that our post succeeded and its answer was lost: that message is the prompt. */
async function adopt(needs: Needs, tap: TapIn, target: Target): Promise<void> {
  if (target.prompt.messageId === tap.messageId) return;
  await recordFacts(
    needs,
    "house",
    [
      {
        type: "prompt_posted",
        promptId: target.prompt.promptId,
        rev: target.prompt.revShown,
        messageId: tap.messageId,
        how: "adopted",
      },
    ],
    target.approval.tradeId,
  );
}

function acknowledge(needs: Needs, tap: TapIn): Promise<"ok" | "stale" | "failed"> {
  return messengerOf(needs, tap)?.acknowledge(tap.answerRef, null) ?? Promise.resolve("failed");
}

async function whyStale(
  needs: Needs,
  tap: TapIn,
  how: { acknowledged: Promise<"ok" | "stale" | "failed">; isReplay: boolean },
): Promise<string | null> {
  if (how.isReplay || tap.arrivedLate) return "it was tapped while I was away";
  if (tap.tappedAt !== null) {
    const ageMs = needs.clock.wall() - tap.tappedAt;
    return ageMs > tapAgeMaxMs ? `it arrived ${Math.round(ageMs / 1_000)} s late` : null;
  }
  // This platform tells no tap time: whether it still lets us answer is the only sign of age.
  const waiting = new AbortController();
  const told = await Promise.race([
    how.acknowledged,
    needs.clock.sleep(acknowledgeWaitMs, waiting.signal).then(() => "failed" as const),
  ]);
  waiting.abort();
  if (told === "ok") return null;
  mark("H07.not_acknowledged_in_time");
  return told === "stale" ? "the tap is too old" : "the platform did not confirm it in time";
}

async function decide(needs: Needs, about: { tap: TapIn; target: Target; person: Person }): Promise<string> {
  const { tap, target, person } = about;
  const { approval, verb, version } = target;
  const isYes = verb === "approve";
  const instrument =
    approval.subject.kind === "order" ? needs.memory.instruments.get(approval.subject.intent.instrumentId) : undefined;
  const outside = isYes && instrument !== undefined ? await readOutside(needs, instrument) : null;
  const outcome = await settleApproval(
    needs,
    {
      approvalId: approval.approvalId,
      version,
      verdict: isYes ? "yes" : "no",
      person,
      platform: tap.chat.platform,
      userId: tap.sender.userId,
      chatId: tap.chat.chatId,
      messageId: tap.messageId,
      eventId: tap.eventIds[0] ?? "",
      tapAgeMs: tap.tappedAt === null ? null : needs.clock.wall() - tap.tappedAt,
      reason: null,
    },
    outside,
  );
  if (outcome.kind === "approved") {
    if (approval.subject.kind === "flatten")
      await executeFlatten(needs, approval.approvalId, `person:${person.personId}`);
    else if (approval.subject.kind === "lower_level") await executeLowering(needs, approval.approvalId);
    else await executeApproval(needs, approval.approvalId, outside);
  }
  void showPrompts(needs).catch((error: unknown) =>
    needs.log.warn("Prompts could not be refreshed at once", { error: String(error) }),
  );
  const text = outcomeText(needs, approval, outcome);
  return text === null ? outcome.kind : tell(needs, tap, text, outcome.kind);
}

async function tell(needs: Needs, tap: TapIn, text: string, outcome: string): Promise<string> {
  await messengerOf(needs, tap)?.reply(tap.chat, tap.answerRef, plainCard("info", text));
  return outcome;
}

/** null = the edited prompt says it all. */
function outcomeText(needs: Needs, approval: Approval, outcome: TapOutcome): string | null {
  switch (outcome.kind) {
    case "approved":
    case "declined":
    case "counted":
      return null;
    case "repriced":
    case "capped":
      return outcome.text;
    case "invalidated":
      return `Not executed: ${outcome.text}.`;
    case "no_price":
      return "No fresh price right now. Tap again in a moment.";
    case "gone":
      return "This request is not known any more.";
    case "problem":
      return problemText(needs, approval, outcome.problem);
    default:
      return unreachable(outcome);
  }
}

function problemText(needs: Needs, approval: Approval, problem: VoteProblem): string {
  switch (problem.kind) {
    case "already_settled":
      return `Already decided: ${statusLine(needs.ledger.books().approvals[approval.approvalId] ?? approval, needs.ledger.books())}`;
    case "other_version":
      return `The order changed to version ${problem.version}; look at the prompt and tap again.`;
    case "too_late":
      return "Too late: the time to answer is over. Silence means no.";
    case "voted_already":
      return "Your yes is counted already.";
    case "own_request":
      return "You asked for this yourself; another person must answer.";
    default:
      return unreachable(problem);
  }
}

const messengerOf = (needs: Needs, tap: TapIn) => needs.messengers.get(tap.chat.platform);
