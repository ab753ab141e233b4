/**
 * Asks one person for words: a phrase and a code before something large, a reason, a size. The question is on record before it
 * is shown; its token and its message belong to this person in this chat, and count once.
 */
import type { Person } from "../core/books_people.ts";
import { type Button, type Card, plainCard } from "../core/card.ts";
import type { Chat } from "../core/events.ts";
import { lengthText } from "../core/facts.ts";
import { mark } from "../core/mark.ts";
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
import type { AnswerRef, ChatRef, Form, FormField } from "../ports/messenger.ts";
import type { Needs } from "./needs.ts";
import { draft, record, recordFacts } from "./record.ts";
import { patiently } from "./tell_asker.ts";

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

/** Why this person can't prove himself here at all; null = he can. */
export function whyNoProof(needs: Needs, asking: Asking, proof: Proof): string | null {
  if (proof !== "phrase_and_code") return null;
  const { platform } = asking.chat;
  if (platform === "telegram" && !asking.isPrivate) {
    mark("M01.code_in_a_group");
    return "Codes are never given in a group. Do this in our private chat or at the desk.";
  }
  const app = needs.ledger.books().authenticators[asking.person.personId] ?? noAuthenticator;
  if (needs.authenticator === undefined || app.sealed === null)
    return "This takes a code of your authenticator app. Set one up first: type /code at the desk.";
  return isLocked(app, needs.clock.wall())
    ? `Too many wrong codes: none counts until ${isoTime(app.lockedUntil ?? needs.clock.wall()).slice(11, 19)} UTC.`
    : null;
}

/** Asks for the proof. @returns a word for the inbox. */
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
  return showForm(needs, asking, { purpose, card, fields, title: "Prove that you mean it", phrase, isCodeNeeded });
}

/** Asks for one free line. */
export function askWords(
  needs: Needs,
  asking: Asking,
  about: Wish & { readonly field: Omit<FormField, "isSecret">; readonly line: string },
): Promise<string> {
  const { purpose, title, field, line } = about;
  const card = plainCard("waiting", title, [line]);
  const fields = [{ ...field, isSecret: false }];
  return showForm(needs, asking, { purpose, card, fields, title: field.label, phrase: null, isCodeNeeded: false });
}

async function showForm(
  needs: Needs,
  asking: Asking,
  about: {
    readonly purpose: QuestionPurpose;
    readonly card: Card;
    readonly fields: readonly FormField[];
    readonly title: string;
    readonly phrase: string | null;
    readonly isCodeNeeded: boolean;
  },
): Promise<string> {
  const { purpose, card, fields, title, phrase, isCodeNeeded } = about;
  const token = needs.vault.token();
  const lengthMs = phrase === null ? easyQuestionMs : questionMs;
  const questionId = await noteQuestion(needs, asking, { purpose, token, phrase, isCodeNeeded, lengthMs, choices: [] });
  const form: Form = { title: title.slice(0, 45), token, fields };
  const messenger = needs.messengers.get(asking.chat.platform);
  const shown = await patiently(needs, asking.chat, () => messenger?.ask(asking.chat, asking.answerRef, card, form));
  if (shown?.ok === true && shown.value.messageId !== null)
    await recordFacts(needs, "house", [{ type: "question_shown", questionId, messageId: shown.value.messageId }]);
  return shown?.ok === true ? "asked" : "not_asked";
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
