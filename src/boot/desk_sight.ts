/** What the desk's page sees of the house: the state strip, candles, completions; and how it signs people in. */
import type { DeskState } from "../adapters/desk/contract.ts";
import type { DeskDoor, DeskPerson, DeskSight } from "../adapters/desk/door.ts";
import type { House } from "../assemble.ts";
import type { Books } from "../core/books.ts";
import { type Person, personBehind } from "../core/books_people.ts";
import { symbolOf } from "../core/instrument.ts";
import { isPositive, minus, notionalOf, ratioBetween } from "../core/money.ts";
import { drawdownOf, equityOf, heldPositions, markOf, openPnl } from "../core/portfolio.ts";
import type { Position } from "../core/position.ts";
import { fail, ok } from "../core/result.ts";
import { alertsUnheard, isMonitored } from "../flows/alerts_heard.ts";
import { complete } from "../flows/complete_option.ts";
import { currentLimits } from "../flows/gather_view.ts";
import { closeDeskSession, findDeskSession, openDeskSession, useCodeAtDesk } from "../flows/link_people.ts";
import { marksOf } from "../flows/memory.ts";
import type { Needs } from "../flows/needs.ts";
import { noteTimeZone } from "../flows/note_time_zone.ts";
import { readCandles } from "../flows/read_candles.ts";
import { reportFile } from "../flows/report.ts";

const shown = (person: Person): DeskPerson => ({
  personId: person.personId,
  displayName: person.name,
  role: person.role,
});

/** `house` is asked for late: the desk opens before the house is assembled. */
export function deskDoor(house: () => House): DeskDoor {
  const needs = () => house().needs;
  return {
    async redeemCode(code) {
      const linked = await useCodeAtDesk(needs(), code);
      return linked.ok
        ? ok(shown(linked.value))
        : fail({ because: linked.problem === "expired_code" ? "the code is too old" : "the code is not known" });
    },
    openSession: (session) => openDeskSession(needs(), session),
    findSession: async (tokenHash) => findDeskSession(needs(), tokenHash),
    closeSession: (tokenHash) => closeDeskSession(needs(), tokenHash),
    personNow(personId) {
      const person = personBehind(needs().ledger.books().people, "desk", personId);
      return person === null ? null : shown(person);
    },
    noteTimeZone(personId, timeZone) {
      void noteTimeZone(needs(), personId, timeZone).catch((error: unknown) =>
        needs().log.warn("A time zone could not be recorded", { personId, error: String(error) }),
      );
    },
  };
}

export function deskSight(house: () => House): DeskSight {
  return {
    snapshot: () => snapshotOf(house().needs),
    async candles(instrumentId) {
      const { needs } = house();
      const instrument = needs.memory.instruments.get(instrumentId);
      if (instrument === undefined) return [];
      const read = await readCandles(needs, instrument.symbol);
      return read.ok ? read.value.slice(-120) : [];
    },
    report: (name) => reportFile(house().needs, name),
    complete: async (command, option, prefix) => complete(house().needs, { command, option, prefix }),
  };
}

function snapshotOf(needs: Needs): DeskState {
  const books = needs.ledger.books();
  const { house } = books;
  const account = house.account;
  const marks = marksOf(needs.memory);
  const equity = account === null ? null : equityOf(books, marks);
  const dayPnl = equity === null || account === null ? null : minus(equity, account.dayStartEquity);
  const open = Object.values(books.approvals).filter((approval) => approval.state === "pending");
  const nextExpiresAt = open.map((approval) => approval.expiresAt).sort((left, right) => left - right)[0] ?? null;
  return {
    at: needs.clock.wall(),
    mode: needs.settings.mode === "dry_run" ? "DRY_RUN" : needs.settings.mode === "live" ? "LIVE" : "PAPER",
    phase: null,
    level: house.level,
    levelBecause: house.level === "none" ? safeModeText(house) : `${house.levelBy}: ${house.levelReason}`.slice(0, 200),
    health: healthOf(needs),
    money: {
      currency: account?.currency ?? needs.settings.currency,
      equity,
      dayPnl,
      dayPnlRatio:
        dayPnl !== null && account !== null && isPositive(account.dayStartEquity)
          ? ratioBetween(dayPnl, account.dayStartEquity)
          : null,
      drawdown: equity === null || account === null ? null : drawdownOf(equity, account.equityHigh),
      drawdownMax: currentLimits(needs, books).drawdownMax,
    },
    positions: heldPositions(books).map((position) => positionView(needs, position)),
    approvals: { openCount: open.length, nextExpiresAt },
    market: { now: needs.clock.now(), speed: needs.clock.speed },
    people: Object.values(books.people.persons)
      .filter((person) => person.isActive)
      .map((person) => ({
        displayName: person.name,
        role: person.role,
        platforms: Object.values(books.people.links)
          .filter((link) => link.personId === person.personId)
          .map((link) => link.platform),
      })),
    epoch: house.epoch,
    version: needs.settings.version,
  };
}

function healthOf(needs: Needs): DeskState["health"] {
  const { house } = needs.ledger.books();
  const gone = (source: string) => house.gone[source]?.because.slice(0, 200) ?? null;
  const venue = gone(`venue:${needs.venue.name}`);
  const breakers = Object.values(house.breakers)
    .map((breaker) => breaker.cause)
    .join(", ");
  return {
    house: {
      name: "house",
      light: breakers !== "" ? "bad" : house.isReady ? "good" : "unsure",
      note: breakers !== "" ? breakers.slice(0, 200) : house.isReady ? null : "starting",
    },
    venues: [
      { name: needs.venue.name, light: venue === null ? (house.isReady ? "good" : "unsure") : "bad", note: venue },
    ],
    chats: [
      ...[...needs.messengers.values()].map((messenger) => {
        const { isHearing, problem } = messenger.health();
        return part(messenger.platform, isHearing, problem);
      }),
      // A chat that people linked and that is not configured any more is no messenger of this process: it is said here.
      ...missingChats(needs),
      ...(needs.monitor === undefined ? [] : [part("monitor", isMonitored(needs), needs.memory.monitor.problem)]),
    ],
  };
}

const part = (name: string, isGood: boolean, note: string | null) => ({
  name,
  light: isGood ? ("good" as const) : ("bad" as const),
  note: note?.slice(0, 200) ?? null,
});

function missingChats(needs: Needs): readonly ReturnType<typeof part>[] {
  const unheard = alertsUnheard(needs);
  return unheard === null ? [] : [part("alerts", false, unheard)];
}

function positionView(needs: Needs, position: Position): DeskState["positions"][number] {
  const marks = marksOf(needs.memory);
  const lastPrice = marks[position.instrumentId] ?? null;
  const pnl = lastPrice === null ? null : openPnl(position, marks);
  return {
    positionId: position.positionId,
    instrumentId: position.instrumentId,
    symbol: symbolOf(position.instrumentId),
    venue: needs.venue.name,
    direction: position.direction,
    state: position.state,
    strategy: position.strategy,
    quantity: position.quantity,
    notional: notionalOf(markOf(position, marks), position.quantity),
    entryPrice: position.entryPrice ?? position.intendedEntryPrice,
    lastPrice,
    stopPrice: position.exitPlan.stopPrice,
    targetPrice: position.exitPlan.targetPrice,
    pnl,
    pnlRatio: pnl !== null && isPositive(position.entryCost) ? ratioBetween(pnl, position.entryCost) : null,
    openedAt: position.openedAt ?? needs.clock.now(),
  };
}

/** Why nothing is opened although no level was raised; null = it is not in SAFE_MODE. */
function safeModeText({ safeMode }: { safeMode: Books["house"]["safeMode"] }): string | null {
  const reasons = Object.values(safeMode).map((one) => one.because);
  return reasons.length === 0 ? null : `SAFE_MODE: ${reasons.join("; ")}`.slice(0, 200);
}
