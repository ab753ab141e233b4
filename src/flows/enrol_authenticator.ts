/**
 * Setting up the authenticator app of one person. A secret is shown once, at the desk or in the terminal, and counts when a
 * code of it was given. At the desk a new app takes a code of the old one; the terminal of this machine needs none.
 *
 *   offered (10 min) --a code of it--> confirmed, every chat is told
 */
import type { Books } from "../core/books.ts";
import { type Card, plainCard } from "../core/card.ts";
import { changeCard, type Recordation } from "../core/change_card.ts";
import type { Fact } from "../core/events.ts";
import { mark } from "../core/mark.ts";
import { isLocked, noAuthenticator } from "../core/question.ts";
import { addMs, minute } from "../core/time.ts";
import type { NewAuthenticator } from "../ports/authenticator.ts";
import { codeGiven, lockFact } from "./code_tries.ts";
import type { Needs } from "./needs.ts";
import { draft, record, recordFacts } from "./record.ts";

const offerMs = 10 * minute;

/** @returns null when this house has no way to make secrets. */
export async function offerAuthenticator(
  needs: Needs,
  by: { readonly personId: string; readonly actor: string },
): Promise<NewAuthenticator | null> {
  const { personId, actor } = by;
  const name = needs.ledger.books().people.persons[personId]?.name ?? personId;
  const made = needs.authenticator?.create(`${name} (${needs.settings.account})`) ?? null;
  if (made === null) return null;
  const expiresAt = addMs(needs.clock.wall(), offerMs);
  await recordFacts(needs, actor, [{ type: "authenticator_offered", personId, sealed: made.sealed, expiresAt }]);
  return made;
}

/** Whether a code of the app that counts now was given; a wrong one counts towards the lock. */
export function checkCode(needs: Needs, personId: string, code: string): Promise<"right" | "wrong" | "locked"> {
  return record(needs, (books, { wallAt }) => {
    const app = books.authenticators[personId] ?? noAuthenticator;
    if (isLocked(app, wallAt)) return { drafts: [], value: "locked" };
    const given = codeGiven(needs, app, code, wallAt);
    const because = "because" in given ? given.because : null;
    const codeStep = "step" in given ? given.step : null;
    const isRight = because === null;
    const tried: Fact = { type: "question_tried", questionId: "code", personId, isRight, because, codeStep };
    const locked = because === null ? null : lockFact(app, because, { personId, wallAt });
    const drafts = [tried, ...(locked === null ? [] : [locked])].map((fact) => draft(`person:${personId}`, fact));
    return { drafts, value: isRight ? "right" : "wrong" };
  });
}

/** The first code of a new app: from now on it is the one that counts. */
export function confirmAuthenticator(needs: Needs, personId: string, code: string): Promise<Card> {
  return record<Card>(needs, (books, { wallAt }) => {
    const offered = books.authenticators[personId]?.offered ?? null;
    if (offered === null || wallAt >= offered.expiresAt)
      return {
        drafts: [],
        value: plainCard("warning", "No new app waits for its first code.", ["Type /code at the desk."]),
      };
    const step = needs.authenticator?.stepOf(offered.sealed, code, wallAt) ?? null;
    if (step === null) {
      mark("M01.first_code_wrong");
      return {
        drafts: [],
        value: plainCard("warning", "That code does not fit; look at the app and try the next one."),
      };
    }
    return {
      drafts: [draft(`person:${personId}`, { type: "authenticator_confirmed", personId, codeStep: step })],
      value: confirmedCard(books, personId, { since: wallAt, seq: books.seq + 1 }),
    };
  });
}

function confirmedCard(books: Books, personId: string, recorded: Recordation): Card {
  const change = {
    title: "Your authenticator app counts from now on.",
    lines: ["Codes are asked for where something can't be undone. Never give one in a group, and to nobody who asks."],
    now: "codes of this app count, those of an older one no more",
    running: "everything else, as before",
    notDone: "nothing was signed by it",
    undo: "/code replace CODE puts another app in its place",
    actor: `person:${personId}`,
  };
  return changeCard(books, change, recorded);
}
