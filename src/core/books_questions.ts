/** The part of the books about questions to one person, and about the authenticator apps that prove who answers. */
import { without } from "./books_house.ts";
import type { FactOf, Recorded } from "./events.ts";
import { type Authenticator, noAuthenticator, type Question, wrongLately } from "./question.ts";
import type { Instant } from "./time.ts";

export type QuestionBooks = {
  /** Open ones only. */
  readonly questions: Readonly<Record<string, Question>>;
  /** By person. */
  readonly authenticators: Readonly<Record<string, Authenticator>>;
};

export function evolveQuestions(books: QuestionBooks, recorded: Recorded): QuestionBooks {
  return { questions: evolveOpen(books.questions, recorded), authenticators: evolveApps(books, recorded) };
}

function evolveOpen(questions: QuestionBooks["questions"], { fact, wallAt }: Recorded): QuestionBooks["questions"] {
  switch (fact.type) {
    case "question_asked": {
      const { type: _type, ...asked } = fact;
      return { ...questions, [fact.questionId]: { ...asked, messageId: null, askedAt: wallAt, wrong: 0 } };
    }
    case "question_shown":
      return change(questions, fact.questionId, (old) => ({ ...old, messageId: fact.messageId }));
    case "question_tried":
      return fact.isRight ? questions : change(questions, fact.questionId, (old) => ({ ...old, wrong: old.wrong + 1 }));
    case "question_closed":
      return without(questions, fact.questionId);
    default:
      return questions;
  }
}

function evolveApps({ authenticators }: QuestionBooks, recorded: Recorded): QuestionBooks["authenticators"] {
  const { fact, wallAt } = recorded;
  switch (fact.type) {
    case "authenticator_offered":
      return put(authenticators, fact.personId, (old) => ({
        ...old,
        offered: { sealed: fact.sealed, expiresAt: fact.expiresAt },
      }));
    case "authenticator_confirmed":
      return put(authenticators, fact.personId, (old) => ({
        ...noAuthenticator,
        sealed: old.offered?.sealed ?? old.sealed,
        lastStep: fact.codeStep,
      }));
    case "authenticator_locked":
      return put(authenticators, fact.personId, (old) => ({ ...old, wrongAt: [], lockedUntil: fact.until }));
    case "question_tried":
      return tried(authenticators, fact, wallAt);
    default:
      return authenticators;
  }
}

function tried(
  authenticators: QuestionBooks["authenticators"],
  fact: FactOf<"question_tried">,
  wallAt: Instant,
): QuestionBooks["authenticators"] {
  const { personId, codeStep, because } = fact;
  // A code counts once, also when the words beside it were wrong.
  if (codeStep !== null)
    return put(authenticators, personId, (old) => ({ ...old, lastStep: Math.max(old.lastStep, codeStep) }));
  if (because !== "code_wrong" && because !== "code_used_before") return authenticators;
  return put(authenticators, personId, (old) => ({ ...old, wrongAt: [...wrongLately(old, wallAt), wallAt] }));
}

function put(
  authenticators: QuestionBooks["authenticators"],
  personId: string,
  next: (old: Authenticator) => Authenticator,
): QuestionBooks["authenticators"] {
  return { ...authenticators, [personId]: next(authenticators[personId] ?? noAuthenticator) };
}

function change(
  questions: QuestionBooks["questions"],
  key: string,
  next: (old: Question) => Question,
): QuestionBooks["questions"] {
  const old = questions[key];
  return old === undefined ? questions : { ...questions, [key]: next(old) };
}
