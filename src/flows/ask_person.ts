/**
 * Asks one person for words: a phrase and a code before something large, a reason, a size. The question is on record before it
 * is shown; its token and its message belong to this person in this chat, and count once.
 */
import type { Person } from "../core/books_people.ts";
import { type Button, type Card, plainCard } from "../core/card.ts";
import type { Chat } from "../core/events.ts";
import { lengthText } from "../core/facts.ts";
import {
  easyQuestionMs,
  isLocked,
  noAuthenticator,
  type Proof,
  phraseWith,
  type QuestionPurpose,
  questionMs,
} from "../core/question.ts";
import { addMs, isoTime } from "../core/time.ts";
import type { Draft } from "../ports/ledger.ts";
import type { AnswerRef, ChatRef, Form, FormField, Messenger } from "../ports/messenger.ts";
import type { Needs } from "./needs.ts";
import { draft, record, recordFacts } from "./record.ts";
import { patiently, tellAsker } from "./tell_asker.ts";

/** Whom to ask and where: the tap or the command that began it. */
export type Asking = {
  readonly person: Person;
  readonly userId: string;
  readonly chat: ChatRef;
  readonly isPrivate: boolean;
  readonly answerRef: AnswerRef;
};

type Wish = {
  readonly purpose: QuestionPurpose;
  /** What is about to be signed, in one line. */
  readonly title: string;
};

/** Why this person can't prove himself at all now; null = he can. */
export function whyNoProof(needs: Needs, asking: Asking, proof: Proof): string | null {
  if (proof !== "phrase_and_code") return null;
  const app = needs.ledger.books().authenticators[asking.person.personId] ?? noAuthenticator;
  if (needs.authenticator === undefined || app.sealed === null)
    return "This takes a code of your authenticator app. Set one up first: type /code at the desk.";
  return isLocked(app, needs.clock.wall())
    ? `Too many wrong codes: none counts until ${isoTime(app.lockedUntil ?? needs.clock.wall()).slice(11, 19)} UTC.`
    : null;
}

/** Others would read it there, and a code that somebody read counts for half a minute: Discord's form and the desk show it to nobody. */
export const isAmongOthers = ({ chat, isPrivate }: Pick<Asking, "chat" | "isPrivate">): boolean =>
  chat.platform === "telegram" && !isPrivate;

/** Asks for the proof; whoever began in a group is asked in our private chat. @returns a word for the inbox. */
export async function askProof(needs: Needs, asking: Asking, about: Wish & { readonly proof: Proof }): Promise<string> {
  const { proof, purpose, title } = about;
  const phrase = phraseWith(needs.dice.roll());
  const isCodeNeeded = proof === "phrase_and_code";
  const fields: FormField[] = [
    { name: "phrase", label: `Type: ${phrase}`, hint: phrase, isSecret: false },
    ...(isCodeNeeded
      ? [{ name: "code", label: "Code of your authenticator app", hint: "123456", isSecret: true }]
      : []),
  ];
  const lines = [
    `Answer within ${lengthText(questionMs)}: ${phrase}${isCodeNeeded ? " and the six digits of your authenticator app" : ""}`,
    "Nothing happens without it.",
  ];
  const card: Card = { ...plainCard("waiting", title, lines), expiresAt: addMs(needs.clock.wall(), questionMs) };
  const form = { purpose, card, fields, title: "Prove that you mean it", phrase, isCodeNeeded };
  return isAmongOthers(asking) ? askInPrivate(needs, asking, form) : wordOf(await showForm(needs, asking, form));
}

/** A private chat on Telegram has the id of its person, and takes nothing from us until he has pressed Start in it. */
async function askInPrivate(needs: Needs, asking: Asking, form: AskedForm): Promise<string> {
  const { platform } = asking.chat;
  void needs.messengers.get(platform)?.acknowledge(asking.answerRef, null);
  const chat: ChatRef = { platform, chatId: asking.userId, threadId: null };
  // The message that was tapped stands in the group: nothing here replies to it.
  const answerRef: AnswerRef = { platform, id: "private", token: null };
  const shown = await showForm(needs, { ...asking, chat, isPrivate: true, answerRef }, form);
  await tellAsker(needs, asking, plainCard("info", whereText(shown)));
  return wordOf(shown);
}

function whereText(shown: Shown): string {
  if (shown?.ok === true)
    return "Answer in our private chat, where I have asked you: phrases and codes never count in a group.";
  return shown?.problem.kind === "chat_refused"
    ? "I may not write to you yet, and phrases and codes never count in a group. Open our private chat, press Start, then do this again; or do it at the desk."
    : "I could not ask you in our private chat, and phrases and codes never count in a group. Do this again, there or at the desk.";
}

/** Asks for one free line. */
export async function askWords(
  needs: Needs,
  asking: Asking,
  about: Wish & { readonly field: Omit<FormField, "isSecret">; readonly line: string },
): Promise<string> {
  const { purpose, title, field, line } = about;
  const card = plainCard("waiting", title, [line]);
  const fields = [{ ...field, isSecret: false }];
  const form = { purpose, card, fields, title: field.label, phrase: null, isCodeNeeded: false };
  return wordOf(await showForm(needs, asking, form));
}

type AskedForm = {
  readonly purpose: QuestionPurpose;
  readonly card: Card;
  readonly fields: readonly FormField[];
  readonly title: string;
  readonly phrase: string | null;
  readonly isCodeNeeded: boolean;
};
type Shown = Awaited<ReturnType<Messenger["ask"]>> | undefined;

const wordOf = (shown: Shown): string => (shown?.ok === true ? "asked" : "not_asked");

async function showForm(needs: Needs, asking: Asking, about: AskedForm): Promise<Shown> {
  const { purpose, card, fields, title, phrase, isCodeNeeded } = about;
  const token = needs.vault.token();
  const lengthMs = phrase === null ? easyQuestionMs : questionMs;
  const questionId = await noteQuestion(needs, asking, { purpose, token, phrase, isCodeNeeded, lengthMs, choices: [] });
  const form: Form = { title: title.slice(0, 45), token, fields };
  const messenger = needs.messengers.get(asking.chat.platform);
  const shown = await patiently(needs, asking.chat, () => messenger?.ask(asking.chat, asking.answerRef, card, form));
  if (shown?.ok === true && shown.value.messageId !== null)
    await recordFacts(needs, "house", [{ type: "question_shown", questionId, messageId: shown.value.messageId }]);
  // What surely stands nowhere must not take the next words for its answer.
  if (shown?.ok === false && shown.problem.kind !== "unknown_outcome")
    await recordFacts(needs, "house", [{ type: "question_closed", questionId, how: "expired" }]);
  return shown;
}

/** Asks with buttons: one tap answers. They belong to this person and stand under the prompt, not on it. */
export async function askChoice(
  needs: Needs,
  asking: Asking,
  about: Wish & {
    readonly choices: readonly { readonly label: string; readonly value: string }[];
    readonly line: string;
  },
): Promise<string> {
  const { purpose, title, line } = about;
  const made = about.choices.map((choice) => ({ ...choice, token: needs.vault.token() }));
  const choices = made.map(({ token, ...choice }) => ({ ...choice, tokenHash: needs.vault.sha256(token) }));
  const isRisky = purpose.kind === "size";
  const questionId = await noteQuestion(needs, asking, {
    purpose,
    token: needs.vault.token(),
    phrase: null,
    isCodeNeeded: false,
    lengthMs: isRisky ? questionMs : easyQuestionMs,
    choices,
  });
  const buttons = made.map(({ label, token }): Button => ({ label, token, style: "plain" }));
  const messenger = needs.messengers.get(asking.chat.platform);
  const card = plainCard("info", title, [line]);
  const reply = () => messenger?.reply(asking.chat, asking.answerRef, card, buttons);
  const shown = await patiently(needs, asking.chat, reply);
  if (shown?.ok === true)
    await recordFacts(needs, "house", [{ type: "question_shown", questionId, messageId: shown.value.messageId }]);
  return shown?.ok === true ? "asked" : "not_asked";
}

/** One open question of a kind for one person: a newer one replaces the older, so that no two phrases are true at once. */
function noteQuestion(
  needs: Needs,
  { person, userId, chat }: Asking,
  asked: {
    readonly purpose: QuestionPurpose;
    readonly token: string;
    readonly phrase: string | null;
    readonly isCodeNeeded: boolean;
    readonly lengthMs: number;
    readonly choices: readonly { readonly label: string; readonly value: string; readonly tokenHash: string }[];
  },
): Promise<string> {
  const { purpose, token, lengthMs, ...rest } = asked;
  const where: Chat = chat;
  return record(needs, (books, { wallAt }) => {
    const questionId = needs.ids.next("qst");
    const { personId } = person;
    const older = Object.values(books.questions).filter(
      (one) => one.personId === personId && one.purpose.kind === purpose.kind,
    );
    const replaced = older.map(
      (one): Draft =>
        draft("house", {
          type: "question_closed",
          questionId: one.questionId,
          how: wallAt < one.expiresAt ? "replaced" : "expired",
        }),
    );
    const tokenHash = needs.vault.sha256(token);
    const expiresAt = addMs(wallAt, lengthMs);
    const fact = {
      type: "question_asked",
      questionId,
      personId,
      userId,
      chat: where,
      purpose,
      tokenHash,
      expiresAt,
    } as const;
    return { drafts: [...replaced, draft("house", { ...fact, ...rest })], value: questionId };
  });
}
