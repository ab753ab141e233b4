/** Changes one runtime limit. Tightening is done at once; loosening needs the right person, a reason and a fresh command, and is announced everywhere. */
import { includesRole } from "../core/authority.ts";
import type { Books } from "../core/books.ts";
import { linkedChats } from "../core/books_people.ts";
import { type Card, plainCard } from "../core/card.ts";
import type { LimitChange } from "../core/profiles.ts";
import type { Limits } from "../core/risk_view.ts";
import type { Instant } from "../core/time.ts";
import { currentLimits } from "./gather_view.ts";
import { limitText } from "./limit_controls.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";
import { reviseRequests } from "./revise_requests.ts";

const reasonMin = 5;
const riskyAgeMaxMs = 30_000;

export type LimitWish = {
  readonly name: keyof Limits;
  readonly text: string;
  readonly from: Limits[keyof Limits];
  readonly change: LimitChange;
  readonly actor: string;
  readonly personId: string | null;
  readonly reason: string;
  readonly sentAt: Instant;
};

export async function setLimit(needs: Needs, wish: LimitWish): Promise<Card> {
  const refusal = whyNot(needs, wish);
  if (refusal !== null) return refusal;
  await record(needs, (books) => {
    const to = wish.text.trim();
    const changed = draft(wish.actor, {
      type: "control_changed",
      name: wish.name,
      from: books.house.controls[wish.name] ?? null,
      to,
      reason: wish.reason === "" ? "tightened" : wish.reason,
    });
    if (wish.change !== "loosens") return { drafts: [changed], value: undefined };
    const then = limitText(wish.name, limitThen(needs, books, wish));
    const card = plainCard("warning", `Limit loosened: ${wish.name} to ${then}`, [`By ${wish.actor}: ${wish.reason}`]);
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
    return { drafts: [changed, ...announced], value: undefined };
  });
  await reviseRequests(needs, `${wish.name} was changed`);
  const now = currentLimits(needs, needs.ledger.books())[wish.name];
  return {
    title: `${wish.name}: ${limitText(wish.name, wish.from)} to ${limitText(wish.name, now)}`,
    tone: wish.change === "loosens" ? "warning" : "ok",
    lines: [
      wish.change === "loosens"
        ? "Loosened; it is announced on every chat. The profile and the hard constants still hold."
        : "In force from this moment, for what waits for an answer too.",
    ],
    fields: [],
    footer: `By ${wish.actor} · fact ${needs.ledger.books().seq}`,
    chart: null,
  };
}

/** The limit that would hold with this wish on record. */
function limitThen(needs: Needs, books: Books, { name, text }: LimitWish): Limits[keyof Limits] {
  const controls = { ...books.house.controls, [name]: text.trim() };
  return currentLimits(needs, { ...books, house: { ...books.house, controls } })[name];
}

function whyNot(needs: Needs, wish: LimitWish): Card | null {
  const person = wish.personId === null ? undefined : needs.ledger.books().people.persons[wish.personId];
  if (wish.change === "same") return plainCard("info", `${wish.name} is ${limitText(wish.name, wish.from)} already.`);
  if (person === undefined || !includesRole(person.role, wish.change === "loosens" ? "owner" : "operator")) {
    return plainCard(
      "warning",
      wish.change === "loosens" ? "Only an owner may loosen a limit." : "Changing a limit needs the role operator.",
    );
  }
  if (wish.change !== "loosens") return null;
  // A wish beyond profile and hard constants changes nothing, so nothing is recorded or announced as if it did.
  if (limitThen(needs, needs.ledger.books(), wish) === wish.from)
    return plainCard("warning", `${wish.name} stays at ${limitText(wish.name, wish.from)}.`, [
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
