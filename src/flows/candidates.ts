/** Values that exist now, for options of commands: what is held, what stands, who is here. */
import { isOpenRequest } from "../core/access.ts";
import { openAlerts } from "../core/books_alerts.ts";
import { cashText } from "../core/facts.ts";
import { symbolOf } from "../core/instrument.ts";
import { isPositive, ratioBetween, showPercent } from "../core/money.ts";
import { heldPositions, openPnl } from "../core/portfolio.ts";
import type { Candidate } from "../ports/messenger.ts";
import { nameOf } from "./give_up_order.ts";
import { marksOf } from "./memory.ts";
import type { Needs } from "./needs.ts";

type Asked = { readonly needs: Needs };

const plain = (value: string): Candidate => ({ value, label: null });

/** By position id: a button of before never closes a newer position of the same instrument. */
export function heldCandidates({ needs }: Asked): readonly Candidate[] {
  const books = needs.ledger.books();
  const held = heldPositions(books);
  const currency = books.house.account?.currency ?? needs.settings.currency;
  return held.map((position) => {
    const symbol = symbolOf(position.instrumentId);
    const pnl = openPnl(position, marksOf(needs.memory));
    const share = isPositive(position.entryCost) ? ` · ${showPercent(ratioBetween(pnl, position.entryCost))}` : "";
    return { value: position.positionId, label: `${symbol} ${cashText(pnl, currency)}${share}` };
  });
}

export function refusedCandidates({ needs }: Asked): readonly Candidate[] {
  const { symbols, strategies } = needs.settings;
  return [...symbols, ...new Set(strategies.map(({ name }) => name))].map(plain);
}

/** What may be traded by the settings, and the whole. */
export function listedCandidates(asked: Asked): readonly Candidate[] {
  return [...refusedCandidates(asked), plain("trading")];
}

export function breakerCandidates({ needs }: Asked): readonly Candidate[] {
  return Object.keys(needs.ledger.books().house.breakers).map(plain);
}

export function doubtCandidates({ needs }: Asked): readonly Candidate[] {
  const doubtful = Object.values(needs.ledger.books().orders).filter((order) => order.state === "unknown");
  return doubtful.map((order) => ({ value: order.clientOrderId.slice(-8), label: nameOf(order) }));
}

export function commandCandidates({ needs }: Asked): readonly Candidate[] {
  return needs.commands.map(({ name, summary }) => ({ value: name, label: `${name}: ${summary}`.slice(0, 100) }));
}

export function alertCandidates({ needs }: Asked): readonly Candidate[] {
  const books = needs.ledger.books();
  const names = [...new Set(openAlerts(books.chat.alerts, books.at).map((alert) => alert.name))];
  return names.length === 0 ? [] : [...names, "all"].map(plain);
}

/** Who is here, then who asks to be let in. */
export function peopleCandidates({ needs }: Asked): readonly Candidate[] {
  const { people } = needs.ledger.books();
  const active = Object.values(people.persons).filter((one) => one.isActive);
  const asking = Object.values(people.access).filter((one) => isOpenRequest(one, needs.clock.wall()));
  return [
    ...active.map(({ personId, name, role }) => ({ value: personId, label: `${name}, ${role}` })),
    ...asking.map(({ userId, name, platform }) => ({ value: userId, label: `${name} asks, ${platform}` })),
  ];
}

export function accountCandidates({ needs }: Asked): readonly Candidate[] {
  const { links, persons } = needs.ledger.books().people;
  return Object.values(links).map(({ platform, userId, personId }) => ({
    value: userId,
    label: `${persons[personId]?.name ?? personId}, ${platform}`,
  }));
}

export function tradeCandidates({ needs }: Asked): readonly Candidate[] {
  return Object.values(needs.ledger.books().positions)
    .toSorted((left, right) => (right.openedAt ?? 0) - (left.openedAt ?? 0))
    .map(({ positionId, instrumentId, state }) => ({
      value: positionId,
      label: `${symbolOf(instrumentId)}, ${state.replaceAll("_", " ")}`,
    }));
}
