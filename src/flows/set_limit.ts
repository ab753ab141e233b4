/** Changes one runtime limit. Tightening is done at once; loosening needs the right person, a reason and a fresh command, and is announced everywhere. */
import { actorName } from "../core/alert_words.ts";
import { assert } from "../core/assert.ts";
import { includesRole } from "../core/authority.ts";
import type { Books } from "../core/books.ts";
import { linkedChats } from "../core/books_people.ts";
import { type Card, plainCard } from "../core/card.ts";
import { changeCard, type Recordation } from "../core/change_card.ts";
import { lengthText } from "../core/facts.ts";
import { changeOf, type LimitChange } from "../core/profiles.ts";
import type { Limits } from "../core/risk_view.ts";
import type { Instant } from "../core/time.ts";
import type { Decision, Draft } from "../ports/ledger.ts";
import { currentLimits } from "./gather_view.ts";
import { limitText, parseLimit } from "./limit_controls.ts";
import { looseningDrafts } from "./loosen_limit.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";
import { reviseRequests } from "./revise_requests.ts";
import { showPrompts } from "./show_prompts.ts";

const reasonMin = 5;
const riskyAgeMaxMs = 30_000;

export type LimitWish = {
  readonly name: keyof Limits;
  readonly text: string;
  readonly actor: string;
  readonly personId: string | null;
  readonly reason: string;
  readonly sentAt: Instant;
};

/** What the wish means beside the limits that hold at its commit. */
type Meant = { readonly wish: LimitWish; readonly from: Limits[keyof Limits]; readonly change: LimitChange };

/** @param wish its text is known to be a value of that limit. */
export async function setLimit(needs: Needs, wish: LimitWish): Promise<Card> {
  // Decided from the books of the commit: of two who tighten at once, the one who asks less must not loosen what the other has tightened.
  const { meant, refusal, recorded } = await record<Outcome>(needs, (books, { wallAt }) => {
    const recorded = { since: wallAt, seq: books.seq + 1 };
    const meant = meaningOf(needs, books, wish);
    const refusal = whyNot(needs, books, meant);
    if (refusal !== null) return { drafts: [], value: { meant, refusal, recorded } };
    if (meant.change === "loosens" && needs.settings.approvals.isStepUp === true)
      return askedOthers(needs, books, meant, wallAt);
    return { drafts: draftsOf(needs, books, meant), value: { meant, refusal, recorded } };
  });
  if (refusal !== null) {
    void showPrompts(needs).catch((error: unknown) =>
      needs.log.warn("The question could not be shown at once", { error: String(error) }),
    );
    return refusal;
  }
  await reviseRequests(needs, `${wish.name} was changed`);
  const now = currentLimits(needs, needs.ledger.books())[wish.name];
  const isLooser = meant.change === "loosens";
  const before = limitText(wish.name, meant.from);
  return changeCard(
    needs.ledger.books(),
    {
      title: `${wish.name}: ${before} to ${limitText(wish.name, now)}`,
      tone: isLooser ? "warning" : "ok",
      lines: [
        isLooser
          ? "Loosened; it is announced on every chat. The profile and the hard constants still hold."
          : "In force from this moment, for what waits for an answer too.",
      ],
      now: `${wish.name} ${limitText(wish.name, now)}`,
      running: "what is held, with stops and targets; all other limits",
      notDone: "no position was closed or made smaller by it",
      undo: isLooser ? `/limits ${wish.name} ${before}` : `/limits ${wish.name} ${before} REASON, by an owner`,
      actor: wish.actor,
    },
    recorded,
  );
}

/** Where proofs are asked for, whoever asks has proven himself by now; another owner, or an hour, decides. */
function askedOthers(needs: Needs, books: Books, meant: Meant, wallAt: Instant): Decision<Outcome> {
  const { name, text, actor, reason } = meant.wish;
  const from = limitText(name, meant.from);
  const to = limitText(name, limitThen(needs, books, meant.wish));
  const asked = looseningDrafts(needs, books, { actor, name, text: text.trim(), from, to, reason }, wallAt);
  const line = asked.isAlone
    ? `It is loosened in ${lengthText(asked.waitMs)} unless somebody declines; every chat shows it.`
    : `Another owner must approve within ${lengthText(asked.waitMs)}; until then nothing changes.`;
  const recorded = { since: wallAt, seq: books.seq + 1 };
  const waiting = changeCard(
    books,
    {
      title: asked.isAlone ? `${name} waits` : "A second owner is asked",
      tone: "waiting",
      lines: [line],
      now: `${name} is ${from} still; asked for: ${to}`,
      running: "what is held, with stops and targets; all limits as they are",
      notDone: "nothing is loosened yet",
      undo: "Decline under the question",
      actor,
    },
    recorded,
  );
  return { drafts: asked.drafts, value: { meant, refusal: waiting, recorded } };
}

/** `refusal`: the answer where nothing was changed, or not yet. */
type Outcome = { readonly meant: Meant; readonly refusal: Card | null; readonly recorded: Recordation };

function meaningOf(needs: Needs, books: Books, wish: LimitWish): Meant {
  const from = currentLimits(needs, books)[wish.name];
  const parsed = parseLimit(wish.name, wish.text);
  assert(parsed.ok, "A wish about a limit is read before it is set");
  return { wish, from, change: changeOf(wish.name, { from, to: parsed.value as typeof from }) };
}

function draftsOf(needs: Needs, books: Books, { wish, change }: Meant): readonly Draft[] {
  const changed = draft(wish.actor, {
    type: "control_changed",
    name: wish.name,
    from: books.house.controls[wish.name] ?? null,
    to: wish.text.trim(),
    reason: wish.reason === "" ? "tightened" : wish.reason,
  });
  if (change !== "loosens") return [changed];
  const then = limitText(wish.name, limitThen(needs, books, wish));
  const card = plainCard("warning", `Limit loosened: ${wish.name} to ${then}`, [
    `By ${actorName(books, wish.actor)}: ${wish.reason}`,
  ]);
  const announced = linkedChats(books.people).map((chat) =>
    draft("house", {
      type: "card_queued",
      cardId: needs.ids.next("card"),
      chat,
      severity: "warning",
      alert: "limit_loosened",
      foldKey: wish.name,
      card,
    }),
  );
  return [changed, ...announced];
}

/** The limit that would hold with this wish on record. */
function limitThen(needs: Needs, books: Books, { name, text }: LimitWish): Limits[keyof Limits] {
  const controls = { ...books.house.controls, [name]: text.trim() };
  return currentLimits(needs, { ...books, house: { ...books.house, controls } })[name];
}

function whyNot(needs: Needs, books: Books, { wish, from, change }: Meant): Card | null {
  const person = wish.personId === null ? undefined : books.people.persons[wish.personId];
  if (change === "same") return plainCard("info", `${wish.name} is ${limitText(wish.name, from)} already.`);
  const isLooser = change === "loosens";
  if (person === undefined || !includesRole(person.role, isLooser ? "owner" : "operator")) {
    return plainCard(
      "warning",
      isLooser ? "Only an owner may loosen a limit." : "Changing a limit needs the role operator.",
    );
  }
  if (!isLooser) return null;
  // A wish beyond profile and hard constants changes nothing, so nothing is recorded or announced as if it did.
  if (limitThen(needs, books, wish) === from)
    return plainCard("warning", `${wish.name} stays at ${limitText(wish.name, from)}.`, [
      `The profile ${needs.settings.profile} and the hard constants allow no more; chat can only take back what chat has tightened.`,
    ]);
  if (needs.clock.wall() - wish.sentAt > riskyAgeMaxMs)
    return plainCard("warning", "This came too late to loosen a limit; send it again if you still want it.");
  return wish.reason.trim().length >= reasonMin
    ? null
    : plainCard("warning", "Loosening a limit needs a reason.", [
        `Type /limits ${wish.name} ${wish.text} and why, in one sentence.`,
      ]);
}
