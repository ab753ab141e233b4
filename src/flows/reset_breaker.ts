/**
 * A person closes a breaker: with a reason, and only when its cause is gone. The fourth time within a day that the same
 * cause is reset it takes two people; where only one may decide, that one waits ten minutes in which every chat can stop it.
 */
import { actorName } from "../core/alert_words.ts";
import { includesRole } from "../core/authority.ts";
import type { Books } from "../core/books.ts";
import { hasRole, linkedChats, personActing, reachable } from "../core/books_people.ts";
import { type Breaker, namedBreakers, resetsMax, withinDay } from "../core/breaker.ts";
import { type Card, plainCard } from "../core/card.ts";
import { changeCard } from "../core/change_card.ts";
import type { Fact } from "../core/events.ts";
import { mark } from "../core/mark.ts";
import { equityOf, heldPositions } from "../core/portfolio.ts";
import type { Instant } from "../core/time.ts";
import type { Decision, Draft } from "../ports/ledger.ts";
import { troubleNow } from "./find_trouble.ts";
import type { Finding } from "./hold_promises.ts";
import { marksOf } from "./memory.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";

const reasonMin = 5;
/** How long a person who decides alone waits, and for how long a second one may join. */
const waitMs = 10 * 60_000;

export type ResetWish = {
  readonly word: string;
  readonly reason: string;
  readonly actor: string;
  readonly personId: string | null;
};

export async function resetBreaker(needs: Needs, wish: ResetWish): Promise<Card> {
  const named = namedBreakers(needs.ledger.books().house.breakers, wish.word);
  const [breaker, ...others] = named;
  if (breaker === undefined) return noSuch(needs, wish.word);
  if (others.length > 0) {
    const keys = named.map((one) => one.key);
    return plainCard("warning", `${named.length} breakers have this cause; name one of them.`, keys);
  }
  if (wish.reason.trim().length < reasonMin)
    return plainCard("warning", "A reset needs a reason.", [`Type /reset ${breaker.key} and why, in one sentence.`]);
  const standing = troubleNow(needs).find((finding) => finding.key === breaker.key && finding.grade === "open");
  const rebase = standing === undefined ? null : rebaseFact(needs, breaker, wish);
  if (standing !== undefined && rebase === null) {
    mark("O10.cause_not_gone");
    return refused(breaker, standing);
  }
  return record<Card>(needs, (books, { wallAt }) => decide(needs, books, { breaker, wish, rebase, wallAt }));
}

function noSuch(needs: Needs, word: string): Card {
  const keys = Object.keys(needs.ledger.books().house.breakers);
  if (word.trim() === "") return plainCard("warning", "Which breaker?", keys.length === 0 ? ["None is open."] : keys);
  return plainCard("info", `No breaker ${word.slice(0, 60)} stands.`, keys.length === 0 ? ["None is open."] : keys);
}

function refused(breaker: Breaker, standing: Finding): Card {
  return {
    title: `Not reset: ${breaker.cause.replaceAll("_", " ")} is still true`,
    tone: "warning",
    lines: ["A breaker is closed when its cause is gone, not before."],
    fields: Object.entries(standing.evidence).map(([name, value]) => ({ name, value })),
    footer: "/assertions shows what the house measures.",
    chart: null,
  };
}

/** A fall never undoes itself: an owner may count the highest value anew once nothing is open. */
function rebaseFact(needs: Needs, breaker: Breaker, { personId }: ResetWish): Fact | null {
  const books = needs.ledger.books();
  const role = books.people.persons[personId ?? ""]?.role;
  if (breaker.cause !== "drawdown_reached" || role === undefined || !includesRole(role, "owner")) return null;
  if (heldPositions(books).length > 0) return null;
  return { type: "equity_marked", equity: equityOf(books, marksOf(needs.memory)), because: "rebased" };
}

type Deciding = {
  readonly breaker: Breaker;
  readonly wish: ResetWish;
  readonly rebase: Fact | null;
  readonly wallAt: Instant;
};

function decide(needs: Needs, books: Books, { breaker, wish, rebase, wallAt }: Deciding): Decision<Card> {
  const { actor, reason } = wish;
  const now = books.house.breakers[breaker.key];
  if (now === undefined) return { drafts: [], value: plainCard("info", `${breaker.key} was closed already.`) };
  const close = (why: string): Decision<Card> => ({
    drafts: [closedFact(now, why), ...(rebase === null ? [] : [rebase])].map((fact) => draft(actor, fact)),
    value: done(books, now, { wish, isRebased: rebase !== null, wallAt }),
  });
  if (!needsTwo(books, now, wallAt)) return close(reason);
  mark("O10.second_person");
  const asked = now.asked !== null && mayAsk(books, now.asked) ? now.asked : null;
  if (asked !== null && asked.by !== actor) return close(`${asked.reason}; and ${actor}: ${reason}`);
  const next = isAlone(books)
    ? "You decide alone, so it is done in 10 minutes unless somebody withdraws it."
    : "A second person types the same /reset within 10 minutes.";
  if (asked !== null) return { drafts: [], value: plainCard("info", `${now.key} waits already.`, [next]) };
  const card = changeCard(
    books,
    {
      title: `Fourth reset of ${now.cause} within a day`,
      tone: "warning",
      lines: [`${actorName(books, actor)}: ${reason}`, next],
      now: "asked for; the breaker still stands",
      running: "monitoring, stops and exits, as before",
      notDone: "nothing new is opened in its scope yet",
      undo: `/breakers withdraw ${now.key}`,
      actor,
    },
    { since: wallAt, seq: books.seq + 1 },
  );
  const wanted = draft(actor, { type: "breaker_reset_asked", scope: now.scope, cause: now.cause, reason });
  return { drafts: [wanted, ...announced(needs, books, now.key, card)], value: card };
}

/** Who lost the power to ask since then is no second person, and waits for nothing. */
function mayAsk({ people }: Books, { by }: NonNullable<Breaker["asked"]>): boolean {
  const person = personActing(people, by);
  return person === null || hasRole(people, person.personId, "operator");
}

function needsTwo(books: Books, breaker: Breaker, wallAt: Instant): boolean {
  const resets = withinDay(books.house.breakerHistory[breaker.key]?.reset ?? [], wallAt).length;
  return breaker.class === "sticky" && resets >= resetsMax;
}

/** Whether the reset of what this word names takes two people now. */
export function takesTwo({ ledger, clock }: Pick<Needs, "ledger" | "clock">, word: string): boolean {
  const books = ledger.books();
  return namedBreakers(books.house.breakers, word).some((breaker) => needsTwo(books, breaker, clock.wall()));
}

/** Only one person whom we reach may reset. */
const isAlone = ({ people }: Books): boolean => reachable(people, "operator").length < 2;

const closedFact = ({ scope, cause }: Breaker, reason: string): Fact => ({
  type: "breaker_closed",
  scope,
  cause,
  reason,
  how: "reset",
});

type Done = { readonly wish: ResetWish; readonly isRebased: boolean; readonly wallAt: Instant };

function done(books: Books, { key, scope }: Breaker, { wish, isRebased, wallAt }: Done): Card {
  const rebased = isRebased ? ["The highest value of the account is counted anew from here."] : [];
  const others = Object.keys(books.house.breakers).filter((one) => one !== key);
  const halted = books.house.level === "none" ? [] : [`level ${books.house.level}`];
  return changeCard(
    books,
    {
      title: `Closed: ${key}`,
      lines: [`New positions in scope ${scope} are possible again, as far as nothing else stands.`, ...rebased],
      now: [...halted, ...others].join(", ") || "nothing stands against new positions",
      fields: [{ name: "Reason", value: wish.reason }],
      running: "monitoring, stops and exits, as before",
      notDone: "other breakers and levels stay as they are; the same cause opens it again",
      undo: scope === "global" ? "/pause" : "/deny INSTRUMENT or /pause",
      actor: wish.actor,
    },
    { since: wallAt, seq: books.seq + 1 },
  );
}

function announced(needs: Needs, books: Books, foldKey: string, card: Card): readonly Draft[] {
  return linkedChats(books.people).map((chat) =>
    draft("house", {
      type: "card_queued",
      cardId: needs.ids.next("card"),
      chat,
      severity: "warning",
      alert: "breaker_reset",
      foldKey,
      card,
    }),
  );
}

/**
 * A reset of one who decides alone, when its wait is over; one that nobody joined ends after the same time. null = nothing is due.
 * @param moment `waited` = real ms since it was asked for, by both clocks.
 */
export function dueReset(
  books: Books,
  breaker: Breaker,
  moment: { readonly waited: number; readonly isHeard: () => boolean },
): readonly Draft[] | null {
  const { asked, scope, cause } = breaker;
  const { waited, isHeard } = moment;
  if (asked === null) return null;
  const withdrawn = (reason: string) => [
    draft("house", { type: "breaker_reset_withdrawn", scope, cause, reason } as const),
  ];
  if (!mayAsk(books, asked)) return withdrawn("whoever asked for it may not any more");
  if (waited < waitMs) return null;
  if (!isAlone(books)) return withdrawn("nobody joined within 10 minutes");
  // Whoever would withdraw it may be waiting for a chat that is deaf.
  return isHeard() ? [draft(asked.by, closedFact(breaker, asked.reason))] : null;
}

export function withdrawReset(needs: Needs, word: string, actor: string): Promise<Card> {
  return record<Card>(needs, (books, { wallAt }) => {
    const waiting = namedBreakers(books.house.breakers, word).find((breaker) => breaker.asked !== null);
    if (waiting === undefined) return { drafts: [], value: plainCard("info", "No such reset waits.") };
    const { scope, cause, key } = waiting;
    const fact = {
      type: "breaker_reset_withdrawn",
      scope,
      cause,
      reason: `withdrawn by ${actorName(books, actor)}`,
    } as const;
    const card = changeCard(
      books,
      {
        title: `The reset of ${key} is withdrawn.`,
        now: "the breaker stands",
        running: "monitoring, stops and exits, as before",
        notDone: "its cause was not looked at",
        undo: `/reset ${key} REASON`,
        actor,
      },
      { since: wallAt, seq: books.seq + 1 },
    );
    return { drafts: [draft(actor, fact)], value: card };
  });
}
