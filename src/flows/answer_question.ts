/**
 * What a person wrote in answer to a question: whose it is, whether it is in time, whether it proves what was asked; then the
 * thing itself. Every try is on record, what was typed is not: a code is masked before the message is stored.
 *
 *   form | reply --> the question of this person in this chat? --> proof, in one commit --right--> vote | reason | size | command
 *                                                                     '--wrong--> again, at most 3 times
 */
import { mayDecide } from "../core/authority.ts";
import type { Books } from "../core/books.ts";
import { chatKey, type Person, personBehind } from "../core/books_people.ts";
import { plainCard } from "../core/card.ts";
import type { Chat, Fact } from "../core/events.ts";
import { mark } from "../core/mark.ts";
import { isLive, isPhrase, noAuthenticator, type Question, triesMax } from "../core/question.ts";
import type { Instant } from "../core/time.ts";
import { commandNamed } from "../define/command.ts";
import type { Decision } from "../ports/ledger.ts";
import type { Incoming } from "../ports/messenger.ts";
import { answerOf, askTypedSize, explain, noSize, signSmaller, wishOf } from "./answer_choice.ts";
import { runProven, suggestion } from "./answer_command.ts";
import { type Asking, isAmongOthers } from "./ask_person.ts";
import { codeGiven, lockFact, type Wrong } from "./code_tries.ts";
import type { Needs } from "./needs.ts";
import { noteRefusal } from "./note_refusal.ts";
import { draft, record, recordFacts } from "./record.ts";
import { signRequest } from "./sign_request.ts";
import { tapAgeMaxMs } from "./stale_tap.ts";
import { tellAsker } from "./tell_asker.ts";

type Written = Extract<Incoming, { kind: "form" | "text" }>;
type Typed = { readonly phrase: string; readonly code: string; readonly words: string };

export async function answerQuestion(needs: Needs, incoming: Written, how: { isReplay: boolean }): Promise<string> {
  const question = questionOf(needs, incoming);
  if (question === null) return incoming.kind === "form" ? notAsked(needs, incoming) : looseWords(needs, incoming);
  const { platform } = incoming.chat;
  if (incoming.kind === "form") await needs.messengers.get(platform)?.acknowledge(incoming.answerRef, null);
  const person = personBehind(needs.ledger.books().people, platform, incoming.sender.userId);
  if (!incoming.sender.isPerson || person === null || person.personId !== question.personId) {
    mark("M01.answer_of_another_person");
    await noteRefusal(needs, incoming, "the answer to a question of somebody else");
    return say(needs, incoming, "This was asked of somebody else.", "refused");
  }
  if (question.phrase !== null && isAmongOthers(incoming)) return notHere(needs, incoming);
  await adopt(needs, incoming, question);
  const typed = typedOf(incoming, question);
  const tried = await judge(needs, { incoming, question, person, typed }, how).finally(() => {
    hideCode(needs, incoming, question);
  });
  if (tried.kind !== "right") return say(needs, incoming, tried.text, tried.kind);
  const now = personBehind(needs.ledger.books().people, platform, incoming.sender.userId);
  if (now?.personId === person.personId) return perform(needs, { incoming, question, person: now, typed });
  await noteRefusal(needs, incoming, "an answer of somebody who was unlinked meanwhile");
  return say(needs, incoming, "You are not linked to this house.", "refused");
}

/** Before anything waits for the platform: a slow one must not make a timely answer late. */
async function judge(needs: Needs, by: Proven, how: { isReplay: boolean }): Promise<Tried> {
  const { incoming, question, person, typed } = by;
  const late = whyLate(needs, incoming, question, how);
  if (late !== null) {
    await closeAs(needs, question, "expired");
    return { kind: "too_late", text: late };
  }
  const unread = unreadableSize(needs, incoming, question, typed);
  return unread === null ? prove(needs, question, { person, typed }) : { kind: "not_understood", text: unread };
}

/** A slip of the fingers signs nothing and ends nothing: the question stays as open as it was. null = it is no size, or one that can be read. */
function unreadableSize({ ledger }: Needs, { kind }: Written, { purpose }: Question, { words }: Typed): string | null {
  const approval = purpose.kind === "size" ? ledger.books().approvals[purpose.approvalId] : undefined;
  return approval === undefined || wishOf(approval, words) !== null ? null : noSize(words, kind);
}

/** By the token of a form; by the message that is replied to; in private also the only open one, known to be shown or not. */
function questionOf(needs: Needs, incoming: Written): Question | null {
  const open = Object.values(needs.ledger.books().questions);
  if (incoming.kind === "form") {
    const hash = needs.vault.sha256(incoming.token);
    return open.find((one) => one.tokenHash === hash && chatKey(one.chat) === chatKey(incoming.chat)) ?? null;
  }
  const here = open.filter((one) => chatKey(one.chat) === chatKey(incoming.chat) && one.choices.length === 0);
  const { replyTo } = incoming;
  const named = here.find((one) => replyTo !== null && one.messageId === replyTo);
  if (named !== undefined || !incoming.isPrivate) return named ?? null;
  const own = here.filter((one) => one.userId === incoming.sender.userId);
  const shown = own.filter((one) => one.messageId !== null);
  if (replyTo !== null) return isKnown(needs, incoming.chat, replyTo) ? null : untold(needs, own);
  return shown.length === 0 ? untold(needs, own) : shown.length === 1 ? (shown[0] ?? null) : null;
}

/**
 * The answer to our send was lost, and the person has the question before him all the same: his words find it where it is the only
 * one. On Discord and at the desk a question without a message is a form, and words beside a form answer nothing.
 */
function untold({ clock }: Needs, own: readonly Question[]): Question | null {
  const lost = own.filter(
    (one) => one.messageId === null && one.chat.platform === "telegram" && isLive(one, clock.wall()),
  );
  return lost.length === 1 ? (lost[0] ?? null) : null;
}

/** Words under a message that we know to be another one are no answer to a question of which we know none. */
function isKnown({ ledger }: Needs, chat: Chat, messageId: string): boolean {
  const { prompts, questions, chat: told } = ledger.books();
  type Said = { readonly chat: Chat; readonly messageId: string | null };
  const said: readonly Said[] = [prompts, questions, told.alerts.notices].flatMap((rows) => Object.values<Said>(rows));
  return said.some((one) => one.messageId === messageId && chatKey(one.chat) === chatKey(chat));
}

/** What is replied to must be that question: a second try may reply to it again. */
async function adopt(needs: Needs, incoming: Written, { questionId, messageId }: Question): Promise<void> {
  if (messageId !== null || incoming.kind !== "text" || incoming.replyTo === null) return;
  await recordFacts(needs, "house", [{ type: "question_shown", questionId, messageId: incoming.replyTo }]);
}

async function notAsked(needs: Needs, incoming: Written): Promise<string> {
  await needs.messengers.get(incoming.chat.platform)?.acknowledge(incoming.answerRef, null);
  return say(needs, incoming, "This question is closed. Begin again.", "gone");
}

/** Words that answer nothing. A proof among them, in a group, is taken away if the platform lets us, and never counts. */
async function looseWords(needs: Needs, incoming: Written): Promise<string> {
  if (incoming.kind !== "text") return "ignored";
  if (incoming.isPrivate || incoming.chat.platform === "desk") return whatToType(needs, incoming);
  const { authenticators, people, questions } = needs.ledger.books();
  const person = personBehind(people, incoming.chat.platform, incoming.sender.userId);
  if (person === null) return "ignored";
  const isCode = /^\D{0,40}\d{3}[ -]?\d{3}\D{0,10}$/.test(incoming.text);
  const phrases = Object.values(questions).flatMap((one) => (one.personId === person.personId ? [one.phrase] : []));
  const isOpenPhrase = phrases.some((phrase) => phrase !== null && isPhrase(phrase, incoming.text.slice(0, 200)));
  if (!isOpenPhrase && !(isCode && authenticators[person.personId]?.sealed != null)) return "ignored";
  return notHere(needs, incoming);
}

/** What others could read proves nothing. */
async function notHere(needs: Needs, incoming: Written): Promise<string> {
  mark("M01.code_in_a_group");
  const gone = (await takeAway(needs, incoming)) ? "I took yours away." : "Delete it.";
  const text = `Phrases and codes never count in a group. ${gone} Answer in our private chat or at the desk.`;
  return say(needs, incoming, text, "refused");
}

/** A tired person writes "status": said to one who is linked, in private, and done never. */
async function whatToType(needs: Needs, incoming: Extract<Incoming, { kind: "text" }>): Promise<string> {
  const { chat, sender, text } = incoming;
  const person = personBehind(needs.ledger.books().people, chat.platform, sender.userId);
  if (person === null || !sender.isPerson) return "ignored";
  const [word = ""] = text.trim().toLowerCase().split(/\s+/);
  const isName = commandNamed(needs.commands, word) !== undefined;
  const hint = isName ? `Type /${word}` : suggestion(needs, word);
  await tellAsker(needs, incoming, plainCard("info", "I hear commands only; they begin with /.", [hint]));
  return "not_understood";
}

async function takeAway(needs: Needs, incoming: Written): Promise<boolean> {
  if (incoming.kind !== "text" || incoming.messageId === undefined) return false;
  const messenger = needs.messengers.get(incoming.chat.platform);
  return (await messenger?.remove?.(incoming.chat, incoming.messageId)) ?? false;
}

/** A code does not stay on a screen, right or wrong; nothing waits for it to be gone, since it counts no more. */
function hideCode(needs: Needs, incoming: Written, question: Question): void {
  if (!question.isCodeNeeded) return;
  void takeAway(needs, incoming).catch((error: unknown) =>
    needs.log.warn("A code could not be taken away", { error: String(error) }),
  );
}

function whyLate(needs: Needs, incoming: Written, question: Question, how: { isReplay: boolean }): string | null {
  if (!isLive(question, needs.clock.wall())) return "The time to answer this is over. Begin again.";
  const isSignature = question.purpose.kind === "approve" || question.purpose.kind === "size";
  if (!isSignature && question.phrase === null) return null;
  if (how.isReplay || incoming.arrivedLate) return "Not counted: it came while I was away. Begin again.";
  const ageMs = needs.clock.wall() - incoming.sentAt;
  return isSignature && ageMs > tapAgeMaxMs
    ? `Not counted: it arrived ${Math.round(ageMs / 1_000)} s late. Begin again.`
    : null;
}

/** One line holds both on platforms without fields: the phrase, then the code. */
function typedOf(incoming: Written, { phrase }: Question): Typed {
  if (incoming.kind === "form") {
    const { phrase: said = "", code = "", ...rest } = incoming.values;
    return { phrase: said, code: code.replace(/[\s-]/g, ""), words: Object.values(rest)[0] ?? "" };
  }
  const text = incoming.text.trim().replace(/\s+/g, " ");
  const length = phrase === null ? 0 : phrase.length;
  return { phrase: text.slice(0, length), code: text.slice(length).replace(/[\s-]/g, ""), words: text };
}

type Tried =
  | { readonly kind: "right" }
  | { readonly kind: "wrong" | "closed" | "too_late" | "not_understood"; readonly text: string };

const answeredBefore: Decision<Tried> = {
  drafts: [],
  value: { kind: "closed", text: "That question was answered already." },
};

/** Judged and used up in one commit on the newest books: the same answer told twice counts once. */
function prove(needs: Needs, question: Question, by: { person: Person; typed: Typed }): Promise<Tried> {
  return record<Tried>(needs, (books, { wallAt }) => {
    const now = books.questions[question.questionId];
    if (now === undefined) return answeredBefore;
    const { questionId, phrase } = now;
    const { personId } = by.person;
    const closed: Fact = { type: "question_closed", questionId, how: "answered" };
    if (phrase === null) return facts(personId, [closed], { kind: "right" });
    const { because, codeStep } = judged(needs, books, now, { ...by, wallAt });
    const tried: Fact = { type: "question_tried", questionId, personId, isRight: because === null, because, codeStep };
    if (because === null) return facts(personId, [tried, closed], { kind: "right" });
    const wrong = afterWrong(books, now, because, { personId, wallAt });
    return facts(personId, [tried, ...wrong.facts], { kind: "wrong", text: wrong.text });
  });
}

/** A wrong answer may be tried again, until it was one too many. */
function afterWrong(
  books: Books,
  { questionId, wrong }: Question,
  because: Wrong,
  by: { readonly personId: string; readonly wallAt: Instant },
): { readonly facts: readonly Fact[]; readonly text: string } {
  const locked = lockFact(books.authenticators[by.personId] ?? noAuthenticator, because, by);
  const words = wrongTexts[locked === null ? because : "code_locked"];
  if (locked === null && wrong + 1 < triesMax) return { facts: [], text: `${words} Try again.` };
  const closed: Fact = { type: "question_closed", questionId, how: "too_many_tries" };
  return { facts: [...(locked === null ? [] : [locked]), closed], text: `${words} Nothing was done; begin again.` };
}

function facts(personId: string, list: readonly Fact[], value: Tried): Decision<Tried> {
  return { drafts: list.map((fact) => draft(`person:${personId}`, fact)), value };
}

const wrongTexts: Readonly<Record<Wrong, string>> = {
  phrase_differs: "Those are not the words that were asked for.",
  code_wrong: "That code is wrong.",
  code_used_before: "That code was used already; wait for the next one.",
  code_locked: "Too many wrong codes; none counts for a quarter of an hour.",
};

function judged(
  needs: Needs,
  books: Books,
  question: Question,
  by: { person: Person; typed: Typed; wallAt: Instant },
): { readonly because: Wrong | null; readonly codeStep: number | null } {
  const isMeant = question.phrase === null || isPhrase(question.phrase, by.typed.phrase);
  if (!question.isCodeNeeded) return { because: isMeant ? null : "phrase_differs", codeStep: null };
  const app = books.authenticators[by.person.personId] ?? noAuthenticator;
  const given = codeGiven(needs, app, by.typed.code, by.wallAt);
  if ("because" in given) return { because: given.because, codeStep: null };
  return { because: isMeant ? null : "phrase_differs", codeStep: given.step };
}

function closeAs(needs: Needs, { questionId }: Question, how: "expired"): Promise<void> {
  return recordFacts(needs, "house", [{ type: "question_closed", questionId, how }]);
}

type Proven = {
  readonly incoming: Written;
  readonly question: Question;
  readonly person: Person;
  readonly typed: Typed;
};

async function perform(needs: Needs, { incoming, question, person, typed }: Proven): Promise<string> {
  const { purpose, questionId, isCodeNeeded } = question;
  const { chat, answerRef, isPrivate } = incoming;
  const asking: Asking = { person, userId: incoming.sender.userId, chat, isPrivate, answerRef };
  switch (purpose.kind) {
    case "approve": {
      const approval = needs.ledger.books().approvals[purpose.approvalId];
      if (approval === undefined) return say(needs, incoming, "This request is not known any more.", "gone");
      // Between the tap and the answer a role may have been taken away.
      if (!mayDecide(person.role, approval.tier))
        return say(needs, incoming, `Your role (${person.role}) may not decide this.`, "refused");
      const proof = isCodeNeeded ? "phrase_and_code" : "phrase";
      const { outcome, text } = await signRequest(needs, {
        approval,
        version: purpose.version,
        verdict: "yes",
        quantity: purpose.quantity,
        person,
        ...answerOf(needs, incoming),
        stepUp: { questionId, proof },
      });
      return say(needs, incoming, text ?? signedText(outcome.kind), outcome.kind);
    }
    case "decline_reason":
      return say(needs, incoming, await explain(needs, person, purpose.approvalId, typed.words), "explained");
    case "size": {
      const asked = await askTypedSize(needs, asking, purpose, typed.words);
      return asked ?? signSmaller(needs, { asking, from: incoming, ...purpose, text: typed.words });
    }
    case "command":
      return runProven(needs, incoming, {
        name: purpose.name,
        options: purpose.text,
        person,
        proof: isCodeNeeded ? "phrase_and_code" : "phrase",
      });
    case "snooze":
    case "argument":
    case "again":
      return "ignored";
    default:
      return purpose satisfies never;
  }
}

const signedText = (kind: string): string => (kind === "counted" ? "Signed. One more person is needed." : "Signed.");

async function say(needs: Needs, { chat, answerRef }: Written, text: string, outcome: string): Promise<string> {
  await tellAsker(needs, { chat, answerRef }, plainCard("info", text));
  return outcome;
}
