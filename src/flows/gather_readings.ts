/** Measures what the assertions judge besides the books. Reads memory, ports and clocks; asks nothing of venue or network. */
import type { WaitingCard } from "../core/books_chat.ts";
import { chatKey } from "../core/books_people.ts";
import type { DataReading, Readings } from "../core/readings.ts";
import { addMs, between } from "../core/time.ts";
import { nobodyIsCalled } from "./alerts_heard.ts";
import { bookAge } from "./book_age.ts";
import { currentLimits } from "./gather_view.ts";
import { isTimeUnconfirmed, venueClockUncertainty } from "./measure_offset.ts";
import { marksOf } from "./memory.ts";
import type { Needs } from "./needs.ts";

/** Looks come once a second. */
const lookEveryMs = 1_000;

export function gatherReadings(needs: Needs, lastLookMono: number | null): Readings {
  const { clock, ledger, memory, settings, lease, journal } = needs;
  const books = ledger.books();
  const mono = clock.mono();
  const wall = clock.wall();
  const ageOf = (since: number | null): number | null => (since === null ? null : mono - since);
  const { venue } = memory;
  return {
    at: clock.now(),
    wallAt: wall,
    mode: settings.mode,
    configHash: settings.configHash,
    writer: { isFenced: memory.isFenced || lease.isLost(), leaseLeftMs: lease.leftMs(), heldBy: lease.heldBy() },
    clocks: {
      venueUncertaintyMs: venueClockUncertainty(needs),
      isUnconfirmed: isTimeUnconfirmed(needs),
      tickLateMs: lastLookMono === null ? 0 : Math.max(0, mono - lastLookMono - lookEveryMs),
      ...(settings.lookLateMaxMs === undefined ? {} : { tickLateMaxMs: settings.lookLateMaxMs }),
      loopLagP99Ms: needs.loopLag?.() ?? null,
    },
    venue: {
      name: needs.venue.name,
      answerAgeMs: ageOf(venue.answeredMono),
      failingMs: ageOf(venue.failingSinceMono) ?? 0,
      failingBecause: venue.failingBecause,
      redirectedAgeMs: ageOf(venue.redirectedMono),
      bannedMs: Math.max(0, venue.bannedUntilMono - mono),
      keyRefused: venue.keyRefused,
      deadMan: venue.deadMan,
      comparedAgeMs: ageOf(memory.lastCleanReconcileMono),
      stream: null,
    },
    nobodyCalled: nobodyIsCalled(needs),
    data: [...memory.instruments.keys()].map((instrumentId) => dataOf(needs, instrumentId)),
    steps: Object.fromEntries([...memory.instruments].map(([id, instrument]) => [id, instrument.stepSize])),
    marks: marksOf(memory),
    record: {
      integrity: memory.integrity,
      outboxLagMs: outboxLag(needs),
      journalProblem: journal.problem(),
      watchdogAgeMs: ageOf(memory.watchdogAskedMono),
    },
    limits: {
      configured: currentLimits(needs, { ...books, house: { ...books.house, controls: {} } }),
      now: currentLimits(needs, books),
    },
    wire: needs.wireBinding ?? null,
  };
}

function dataOf({ memory, clock, settings }: Needs, instrumentId: string): DataReading {
  const book = memory.books.get(instrumentId);
  const newest = memory.candles.get(instrumentId)?.at(-1);
  return {
    instrumentId,
    bookAgeMs: book === undefined ? null : bookAge(book, clock.wall(), memory.venueOffsetMs),
    isWatched: true,
    newestCloseAt: newest === undefined ? null : addMs(newest.openedAt, settings.timeframeMs),
  };
}

const laneMayWaitMs = { critical: 0, warning: 20_000, info: 60_000 } as const;

/** A platform that asks us to wait has its way for so long; a card that waits longer is late whatever the reason. */
const pacedMaxMs = 120_000;

type OutboxNeeds = Pick<Needs, "ledger" | "messengers" | "memory" | "clock">;

/** Real ms. Cards of chats that hear; one that refuses or is away has its own notice and says nothing about the house. */
export function outboxLag({ ledger, messengers, memory, clock }: OutboxNeeds): number {
  const waiting = Object.values(ledger.books().chat.outbox).filter(({ chat, queuedAt }) => {
    const messenger = [...messengers.values()].find((one) => one.platform === chat.platform);
    const key = chatKey(chat);
    if (messenger?.health().isHearing !== true || memory.telling.refusingChats.has(key)) return false;
    const isPaced = (memory.chatNotBefore.get(key) ?? 0) > clock.mono();
    return !isPaced || between(queuedAt, clock.wall()) > pacedMaxMs;
  });
  // What is less urgent lets the rest go first for a while (core/lanes.ts); that is no trouble.
  const lateMs = (card: WaitingCard): number => between(card.queuedAt, clock.wall()) - laneMayWaitMs[card.severity];
  return waiting.reduce((oldest, card) => Math.max(oldest, lateMs(card)), 0);
}
