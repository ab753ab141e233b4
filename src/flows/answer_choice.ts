/** Buttons of one person's own: why it was declined, a smaller size, a rest from reminders. One tap answers, once. */
import type { Approval } from "../core/approval.ts";
import { mayDecide } from "../core/authority.ts";
import type { Books } from "../core/books.ts";
import { chatKey, type Person, personBehind } from "../core/books_people.ts";
import { plainCard } from "../core/card.ts";
import { mark } from "../core/mark.ts";
import type { Quantity } from "../core/money.ts";
import { promptCard } from "../core/prompt_card.ts";
import { type Choice, isLive, type Proof, type Question, type QuestionPurpose } from "../core/question.ts";
import { sizeWish } from "../core/resize.ts";
import { addMs, isoTime } from "../core/time.ts";
import type { Incoming } from "../ports/messenger.ts";
import { whyNotHere } from "./allowed_chats.ts";
import { answerCommand } from "./answer_command.ts";
import { addsRisk, completed } from "./ask_argument.ts";
import { type Asking, askChoice, askProof, askWords, whyNoProof } from "./ask_person.ts";
import type { Needs } from "./needs.ts";
import { noteRefusal } from "./note_refusal.ts";
import { proofOfYes } from "./proofs.ts";
import { draft, record, recordFacts } from "./record.ts";
import { smallerOrder } from "./settle_approval.ts";
import { signRequest } from "./sign_request.ts";
import { type TapIn, whyStale, whySurelyStale } from "./stale_tap.ts";
import { tellAsker, tellInPlace } from "./tell_asker.ts";

const ownWords = "own words";
const quickReasons = ["Bad price or moment", "Too much risk already", "I don't trust the signal", "I am away"] as const;
const restMinutes = ["5", "15", "60"] as const;

type Chosen = { readonly question: Question; readonly choice: Choice };
type Size = Extract<QuestionPurpose, { kind: "size" }>;
type Rest = Extract<QuestionPurpose, { kind: "snooze" }>;
type Why = Extract<QuestionPurpose, { kind: "decline_reason" }>;

export function choiceOf(books: Books, hash: string): Chosen | null {
  for (const question of Object.values(books.questions)) {
    const choice = question.choices.find((one) => one.tokenHash === hash);
    if (choice !== undefined) return { question, choice };
  }
  return null;
}

/** The no has counted; why is worth knowing and never waited for. */
export function askWhy(needs: Needs, asking: Asking, { approvalId }: Approval): Promise<string> {
  return askChoice(needs, asking, {
    purpose: { kind: "decline_reason", approvalId, isTyped: false },
    title: "Declined. Why?",
    line: "It stands in the record; you need not answer.",
    choices: [
      ...quickReasons.map((reason) => ({ label: reason, value: reason })),
      { label: "In my words…", value: ownWords },
    ],
  }).then(() => "declined");
}

export function askSize(needs: Needs, asking: Asking, approval: Approval): Promise<string> {
  const { approvalId, version } = approval;
  return askChoice(needs, asking, {
    purpose: { kind: "size", approvalId, version, isTyped: false },
    title: `How much of it? ${promptCard(approval, needs.ledger.books(), null).title}`,
    line: "Choosing signs the smaller order for you; everything else stays as printed. Others are asked again.",
    choices: [
      { label: "½ of it", value: "half" },
      { label: "¼ of it", value: "quarter" },
      { label: "Another size…", value: ownWords },
    ],
  });
}

export function askRest(needs: Needs, asking: Asking, { approvalId, version }: Approval): Promise<string> {
  return askChoice(needs, asking, {
    purpose: { kind: "snooze", approvalId, version },
    title: "Remind you later?",
    line: "Only your reminders rest. The time to answer stays as printed; silence means no.",
    choices: restMinutes.map((minutes) => ({ label: `${minutes} min`, value: minutes })),
  });
}

/** A tap on a button of a question. Whoever else taps it changes nothing. */
export async function answerChoice(
  needs: Needs,
  tap: TapIn,
  chosen: Chosen,
  how: { readonly isReplay: boolean },
): Promise<string> {
  const { question, choice } = chosen;
  const person = personBehind(needs.ledger.books().people, tap.chat.platform, tap.sender.userId);
  const refusal = whyNotHere(needs.settings, tap) ?? whyNotTheirs(needs, tap, question);
  if (refusal !== null || person === null) {
    return refuse(needs, tap, refusal ?? "You are not linked.");
  }
  const { chat, answerRef, isPrivate } = tap;
  const asking: Asking = { person, userId: tap.sender.userId, chat, isPrivate, answerRef };
  if (choice.value === ownWords) return askOwnWords(needs, asking, question);
  const { purpose } = question;
  if (purpose.kind === "argument" || purpose.kind === "again")
    return complete(needs, { tap, asking, ...chosen, ...how });
  if (purpose.kind === "size")
    return chooseSize(needs, { tap, asking, purpose, question, choice, isReplay: how.isReplay });
  if (purpose.kind !== "decline_reason" && purpose.kind !== "snooze") return "ignored";
  return takeNote(needs, { tap, person, question, purpose, choice });
}

async function refuse(needs: Needs, tap: TapIn, because: string): Promise<string> {
  const messenger = needs.messengers.get(tap.chat.platform);
  if (because === overText) {
    // An own button that is only too old says nothing about whoever pressed it.
    await messenger?.acknowledge(tap.answerRef, null);
    await tellInPlace(needs, tap, plainCard("info", overText));
  } else {
    await messenger?.acknowledge(tap.answerRef, { text: because, isRefusal: true });
    await noteRefusal(needs, tap, because);
  }
  return "refused";
}

type Noting = {
  readonly tap: TapIn;
  readonly person: Person;
  readonly question: Question;
  readonly purpose: Why | Rest;
  readonly choice: Choice;
};

/** A reason or a rest: it is written down, and the question says so where it stands. */
async function takeNote(needs: Needs, { tap, person, question, purpose, choice }: Noting): Promise<string> {
  await needs.messengers.get(tap.chat.platform)?.acknowledge(tap.answerRef, null);
  if (!(await close(needs, question))) return "answered_before";
  const isReason = purpose.kind === "decline_reason";
  const text = isReason
    ? await explain(needs, person, purpose.approvalId, choice.value)
    : await snooze(needs, person, purpose, Number(choice.value));
  await tellInPlace(needs, tap, plainCard("info", text));
  return isReason ? "explained" : text === goneText ? "gone" : "snoozed";
}

type Completing = Chosen & { readonly tap: TapIn; readonly asking: Asking; readonly isReplay: boolean };

/**
 * The command that this tap completes. One that adds risk must be fresh, and uses the question up first: it happens at most once.
 * Any other is done first: a crash between leaves the button, and doing it twice is doing it once.
 */
function complete(needs: Needs, completing: Completing): Promise<string> {
  const { tap, question, choice, isReplay } = completing;
  return needs.locks.run(`question:${question.questionId}`, async () => {
    const incoming = completed(needs, tap, question, choice.value);
    if ("title" in incoming || needs.ledger.books().questions[question.questionId] === undefined) {
      await needs.messengers.get(tap.chat.platform)?.acknowledge(tap.answerRef, null);
      const isOpen = await close(needs, question);
      await tellInPlace(
        needs,
        tap,
        plainCard("info", isOpen && "title" in incoming ? incoming.title : "Answered before."),
      );
      return "left";
    }
    if (addsRisk(needs, incoming)) return completeRisky(needs, completing, incoming);
    const outcome = await answerCommand(needs, incoming, { isReplay });
    await close(needs, question);
    await tellInPlace(needs, tap, plainCard("info", answeredText(choice)));
    return outcome;
  });
}

async function completeRisky(
  needs: Needs,
  { tap, asking, question, choice, isReplay }: Completing,
  incoming: Extract<Incoming, { kind: "command" }>,
): Promise<string> {
  // On Discord a form must be the first answer to the tap; elsewhere the answer tells how old the tap is.
  const acknowledged =
    tap.tappedAt === null
      ? (needs.messengers.get(tap.chat.platform)?.acknowledge(tap.answerRef, null) ?? failedToTell)
      : failedToTell;
  const stale = await whyStale(needs, tap, { acknowledged, isReplay });
  if (stale !== null) return say(needs, asking, `Not counted: ${stale}. Tap again.`, "stale");
  if (!(await close(needs, question))) return say(needs, asking, "Answered before.", "answered_before");
  const outcome = await answerCommand(needs, incoming, { isReplay });
  // After a form there is nothing of this tap left to edit.
  if (outcome !== "asked") await tellInPlace(needs, tap, plainCard("info", answeredText(choice)));
  return outcome;
}

const answeredText = ({ label }: Choice): string => `Answered: ${label}`;

const failedToTell = Promise.resolve("failed" as const);

const overText = "The time to answer this is over.";

function whyNotTheirs(needs: Needs, tap: TapIn, question: Question): string | null {
  const person = personBehind(needs.ledger.books().people, tap.chat.platform, tap.sender.userId);
  if (!tap.sender.isPerson || person?.personId !== question.personId || tap.sender.userId !== question.userId) {
    mark("M01.question_of_another_person");
    return "This was asked of somebody else.";
  }
  if (chatKey(question.chat) !== chatKey(tap.chat)) return "This button belongs to another chat.";
  return isLive(question, needs.clock.wall()) ? null : overText;
}

/** @returns false when it was answered before: of two taps at once, one counts. */
function close(needs: Needs, { questionId }: Question): Promise<boolean> {
  return record(needs, (books) =>
    books.questions[questionId] === undefined
      ? { drafts: [], value: false }
      : { drafts: [draft("house", { type: "question_closed", questionId, how: "answered" })], value: true },
  );
}

function askOwnWords(needs: Needs, asking: Asking, { purpose }: Question): Promise<string> {
  if (purpose.kind === "size")
    return askWords(needs, asking, {
      purpose: { ...purpose, isTyped: true },
      title: "Which size?",
      line: "Type a quantity such as 0.4, or a share such as 30 %. Only smaller than printed.",
      field: { name: "size", label: "Quantity or percent", hint: "0.4 or 30 %" },
    });
  if (purpose.kind !== "decline_reason") return Promise.resolve("ignored");
  return askWords(needs, asking, {
    purpose: { ...purpose, isTyped: true },
    title: "Why did you decline?",
    line: "One sentence; it stands in the record.",
    field: { name: "reason", label: "Why did you decline?", hint: "One sentence" },
  });
}

/** @returns what to tell whoever gave the reason. */
export async function explain(needs: Needs, { personId }: Person, approvalId: string, words: string): Promise<string> {
  const reason = words.trim().replace(/\s+/g, " ").slice(0, 200);
  await recordFacts(
    needs,
    `person:${personId}`,
    [{ type: "decline_explained", approvalId, personId, reason }],
    needs.ledger.books().approvals[approvalId]?.tradeId ?? null,
  );
  return `Noted: ${reason}`;
}

const goneText = "That request is not open any more.";

/** @returns what to tell whoever wants to be left alone. */
async function snooze(
  needs: Needs,
  { personId }: Person,
  { approvalId, version }: Rest,
  minutes: number,
): Promise<string> {
  const until = await record(needs, (books, { wallAt }) => {
    const approval = books.approvals[approvalId];
    if (approval?.state !== "pending" || approval.version !== version) return { drafts: [], value: null };
    const rest = addMs(wallAt, minutes * 60_000);
    const fact = { type: "request_snoozed", approvalId, version, personId, until: rest } as const;
    return { drafts: [draft(`person:${personId}`, fact, approval.tradeId)], value: rest };
  });
  return until === null
    ? goneText
    : `No reminder for you until ${isoTime(until).slice(11, 16)} UTC. The time to answer stays as it is.`;
}

type ChoosingSize = {
  readonly tap: TapIn;
  readonly asking: Asking;
  readonly purpose: Size;
  readonly question: Question;
  readonly choice: Choice;
  readonly isReplay: boolean;
};

/** A smaller size is a yes: it must be as fresh as one. */
async function chooseSize(needs: Needs, choosing: ChoosingSize): Promise<string> {
  const { tap, asking, purpose, question, choice, isReplay } = choosing;
  const surely = whySurelyStale(needs, tap, isReplay);
  if (surely !== null) {
    await needs.messengers.get(tap.chat.platform)?.acknowledge(tap.answerRef, null);
    return say(needs, asking, `Not counted: ${surely}. Tap again.`, "stale");
  }
  // The form of a platform must be its first answer, so that a size which takes a proof is not acknowledged here.
  const proven = await askIfLarge(needs, asking, purpose, choice.value);
  if (proven !== null) return (await close(needs, question)) ? proven : "answered_before";
  const acknowledged =
    needs.messengers.get(tap.chat.platform)?.acknowledge(tap.answerRef, null) ?? Promise.resolve("failed" as const);
  const stale = await whyStale(needs, tap, { acknowledged, isReplay });
  if (stale !== null) return say(needs, asking, `Not counted: ${stale}. Tap again.`, "stale");
  if (!(await close(needs, question))) return "answered_before";
  const { approvalId, version } = purpose;
  const signed = await signSmaller(needs, { asking, from: tap, approvalId, version, text: choice.value });
  await tellInPlace(needs, tap, plainCard("info", answeredText(choice)));
  return signed;
}

/** A form can't open another form: a typed size that takes a proof gets a button that does. null = the line is enough. */
export async function askTypedSize(needs: Needs, asking: Asking, purpose: Size, text: string): Promise<string | null> {
  if (proofOfSize(needs, purpose, text) === "none") return null;
  return askChoice(needs, asking, {
    purpose: { ...purpose, isTyped: false },
    title: "This size takes more than a tap",
    line: "Go on to prove that you mean it.",
    choices: [{ label: `Sign ${text.slice(0, 20)}…`, value: text.slice(0, 40) }],
  });
}

function proofOfSize(needs: Needs, { approvalId }: Size, text: string): Proof {
  const approval = needs.ledger.books().approvals[approvalId];
  const quantity = approval === undefined ? null : wishOf(approval, text);
  const smaller = approval === undefined || quantity === null ? null : smallerOrder(needs, approval, quantity);
  if (approval === undefined || smaller?.ok !== true) return "none";
  return proofOfYes(needs, { tier: smaller.value.fact.tier ?? approval.tier });
}

/** null = one tap is enough for this size. */
async function askIfLarge(needs: Needs, asking: Asking, purpose: Size, text: string): Promise<string | null> {
  const { approvalId, version } = purpose;
  const approval = needs.ledger.books().approvals[approvalId];
  const quantity = approval === undefined ? null : wishOf(approval, text);
  const proof = proofOfSize(needs, purpose, text);
  if (proof === "none" || quantity === null) return null;
  const because = whyNoProof(needs, asking, proof);
  if (because !== null) {
    await needs.messengers.get(asking.chat.platform)?.acknowledge(asking.answerRef, null);
    return say(needs, asking, because, "not_asked");
  }
  const title = `Sign ${quantity} of it`;
  return askProof(needs, asking, { proof, title, purpose: { kind: "approve", approvalId, version, quantity } });
}

/** What works is said with it: the same question takes another line, while a form is gone once it was sent. */
export function noSize(text: string, kind: Incoming["kind"]): string {
  const next =
    kind === "text" ? "Answer it again with 0.4 or 30 %." : "Tap Smaller… on the prompt again, and type 0.4 or 30 %.";
  return `"${text.slice(0, 20)}" is no size, so nothing was signed. ${next}`;
}

export function wishOf({ subject }: Approval, text: string): Quantity | null {
  return subject.kind === "order" ? sizeWish(text, subject.intent.quantity) : null;
}

/** Signs the smaller order. */
export async function signSmaller(
  needs: Needs,
  wish: {
    readonly asking: Asking;
    readonly from: Incoming;
    readonly approvalId: string;
    readonly version: number;
    readonly text: string;
  },
): Promise<string> {
  const { asking, from, approvalId, version, text } = wish;
  const approval = needs.ledger.books().approvals[approvalId];
  if (approval === undefined) return say(needs, asking, "This request is not known any more.", "gone");
  if (!mayDecide(asking.person.role, approval.tier))
    return say(needs, asking, `Your role (${asking.person.role}) may not decide this.`, "refused");
  const quantity = wishOf(approval, text);
  if (quantity === null) return say(needs, asking, noSize(text, from.kind), "not_understood");
  const { outcome, text: told } = await signRequest(needs, {
    approval,
    version,
    verdict: "yes",
    quantity,
    person: asking.person,
    ...answerOf(needs, from),
    stepUp: null,
  });
  return told === null ? outcome.kind : say(needs, asking, told, outcome.kind);
}

/** What a vote remembers of the answer that it was given with. */
export function answerOf(needs: Needs, from: Incoming) {
  const at = from.kind === "tap" ? from.tappedAt : from.sentAt;
  return {
    platform: from.chat.platform,
    userId: from.sender.userId,
    chatId: from.chat.chatId,
    messageId: from.kind === "tap" ? from.messageId : "",
    eventId: from.eventIds[0] ?? "",
    tapAgeMs: at === null ? null : needs.clock.wall() - at,
  };
}

async function say(needs: Needs, { chat, answerRef }: Asking, text: string, outcome: string): Promise<string> {
  await tellAsker(needs, { chat, answerRef }, plainCard("info", text));
  return outcome;
}
