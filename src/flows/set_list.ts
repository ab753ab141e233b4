/**
 * What may be traded, while the house runs: one instrument or strategy is denied at once by an operator; to allow it again
 * takes an owner, a reason and a fresh word, and every chat hears of it. `trading` switches the whole trading off and on
 * in the same way. Nothing can be allowed that the settings do not know.
 */
import { actorName } from "../core/alert_words.ts";
import { includesRole } from "../core/authority.ts";
import type { Books } from "../core/books.ts";
import { linkedChats } from "../core/books_people.ts";
import { type Card, plainCard } from "../core/card.ts";
import { changeCard } from "../core/change_card.ts";
import { instrumentIdOf } from "../core/instrument.ts";
import type { Instant } from "../core/time.ts";
import type { Decision } from "../ports/ledger.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";
import { reviseRequests } from "./revise_requests.ts";

const reasonMin = 5;
const riskyAgeMaxMs = 30_000;

export type ListWish = {
  readonly word: string;
  readonly verb: "allow" | "deny";
  readonly reason: string;
  readonly actor: string;
  readonly personId: string | null;
  readonly sentAt: Instant;
};

type Target = {
  readonly control: "allowed_instruments" | "allowed_strategies" | "trading_mode";
  readonly item: string;
  /** Everything that the settings allow. */
  readonly all: readonly string[];
};

export async function setList(needs: Needs, wish: ListWish): Promise<Card> {
  const target = targetOf(needs, wish.word);
  if (target === null)
    return plainCard("warning", `Nothing here is called ${wish.word.slice(0, 40)}.`, [
      `Instruments: ${needs.settings.symbols.join(", ")}`,
      `Strategies: ${strategyNames(needs).join(", ")}`,
      "Or: trading",
    ]);
  const refusal = whyNot(needs, wish, target);
  if (refusal !== null) return refusal;
  const card = await record<Card>(needs, (books, { wallAt }) => change(needs, books, { ...wish, wallAt }, target));
  await reviseRequests(needs, `${target.item} was ${wish.verb === "deny" ? "denied" : "allowed"}`);
  return card;
}

const strategyNames = (needs: Needs): readonly string[] => [
  ...new Set(needs.settings.strategies.map((strategy) => strategy.name)),
];

function targetOf(needs: Needs, word: string): Target | null {
  const { settings } = needs;
  const wanted = word.trim().toLowerCase();
  if (wanted === "trading" || wanted === "trading_mode")
    return { control: "trading_mode", item: "trading", all: ["trading"] };
  const symbol = settings.symbols.find(
    (one) => one.toLowerCase() === wanted || one.toLowerCase().startsWith(`${wanted}/`),
  );
  if (symbol !== undefined) {
    const all = settings.symbols.map((one) => instrumentIdOf(settings.venue, one));
    return { control: "allowed_instruments", item: instrumentIdOf(settings.venue, symbol), all };
  }
  const all = strategyNames(needs);
  const strategy = all.find((one) => one.toLowerCase() === wanted);
  return strategy === undefined ? null : { control: "allowed_strategies", item: strategy, all };
}

function whyNot(needs: Needs, wish: ListWish, { item }: Target): Card | null {
  const person = needs.ledger.books().people.persons[wish.personId ?? ""];
  const role = wish.verb === "deny" ? "operator" : "owner";
  if (person === undefined || !includesRole(person.role, role))
    return plainCard(
      "warning",
      wish.verb === "deny" ? "Denying needs the role operator." : "Only an owner may allow again.",
    );
  if (wish.verb === "deny") return null;
  if (needs.clock.wall() - wish.sentAt > riskyAgeMaxMs)
    return plainCard("warning", "This came too late to allow anything; send it again if you still want it.");
  return wish.reason.trim().length >= reasonMin
    ? null
    : plainCard("warning", "Allowing again needs a reason.", [`Type /allow ${item} and why, in one sentence.`]);
}

type Dated = ListWish & { readonly wallAt: Instant };

function change(needs: Needs, books: Books, wish: Dated, target: Target): Decision<Card> {
  const { control, item, all } = target;
  const from = books.house.controls[control] ?? null;
  const listed = listOf(from, target);
  const next =
    wish.verb === "deny"
      ? listed.filter((one) => one !== item)
      : all.filter((one) => one === item || listed.includes(one));
  if (next.length === listed.length)
    return {
      drafts: [],
      value: plainCard("info", `${item} is ${wish.verb === "deny" ? "denied" : "allowed"} already.`),
    };
  // With everything allowed again the settings alone decide.
  const to = next.length === all.length ? null : control === "trading_mode" ? "off" : next.join(",");
  const reason = wish.reason.trim() === "" ? "tightened" : wish.reason.trim();
  const changed = draft(wish.actor, { type: "control_changed", name: control, from, to, reason });
  const card = changedCard(books, wish, { target, next, reason });
  const announced =
    wish.verb === "deny"
      ? []
      : linkedChats(books.people).map((chat) =>
          draft("house", {
            type: "card_queued",
            cardId: needs.ids.next("card"),
            chat,
            severity: "warning",
            alert: "limit_loosened",
            foldKey: control,
            card,
          }),
        );
  return { drafts: [changed, ...announced], value: card };
}

function changedCard(
  books: Books,
  { verb, actor, wallAt }: Dated,
  about: { readonly target: Target; readonly next: readonly string[]; readonly reason: string },
): Card {
  const { target, next, reason } = about;
  const { item, control } = target;
  const isDenied = verb === "deny";
  const word = item.split(":").at(-1) ?? item;
  return changeCard(
    books,
    {
      title: isDenied ? `Denied: ${item}` : `Allowed again: ${item}`,
      tone: isDenied ? "ok" : "warning",
      lines: [
        isDenied
          ? "No new positions there from this moment; stops and exits work."
          : `By ${actorName(books, actor)}: ${reason}`,
      ],
      now:
        control === "trading_mode"
          ? `trading is ${isDenied ? "off" : "on"}`
          : `allowed: ${next.join(", ") || "nothing"}`,
      running: "what is held, with stops and targets; monitoring, summaries",
      notDone: isDenied
        ? "no position was closed; /close does that"
        : "other lists, limits and breakers stay as they are",
      undo: isDenied ? `/allow ${word} REASON` : `/deny ${word}`,
      actor,
    },
    { since: wallAt, seq: books.seq + 1 },
  );
}

function listOf(text: string | null, { control, all }: Target): readonly string[] {
  if (text === null) return all;
  if (control === "trading_mode") return text === "off" ? [] : all;
  return text.split(",").filter((one) => one !== "");
}
