/**
 * A whole house that says the same words in every run: the real flows, commands, alerts and books over a ledger in memory, a
 * clock that stands, names and tokens that are counted. Only chats, the venue and the archive are small stand-ins.
 */

import { commands } from "../../commands/index.ts";
import { systemVault } from "../../src/adapters/system/vault.ts";
import { alerts } from "../../src/alerts/index.ts";
import { assertions } from "../../src/assertions/index.ts";
import { readSettings } from "../../src/boot/settings.ts";
import { type Books, emptyBooks, evolve } from "../../src/core/books.ts";
import type { Fact, Recorded } from "../../src/core/events.ts";
import { notional, type Price, price, quantity, ratio } from "../../src/core/money.ts";
import type { DayShown } from "../../src/core/pnl.ts";
import type { Candle } from "../../src/core/signal.ts";
import type { Tally } from "../../src/core/tally.ts";
import { addMs, day, type Instant, minute, utcDay } from "../../src/core/time.ts";
import { deliverOutbox } from "../../src/flows/deliver_outbox.ts";
import { makeLocks } from "../../src/flows/locks.ts";
import { makeMemory } from "../../src/flows/memory.ts";
import type { Needs } from "../../src/flows/needs.ts";
import { receiveMessage } from "../../src/flows/receive_message.ts";
import { recordFacts } from "../../src/flows/record.ts";
import { makeSendGate } from "../../src/flows/send_gate.ts";
import { showPrompts } from "../../src/flows/show_prompts.ts";
import { tendAlerts } from "../../src/flows/tend_alerts.ts";
import type { Archive } from "../../src/ports/archive.ts";
import { memoryJournal } from "../../src/ports/journal.ts";
import { ownLease } from "../../src/ports/trader_lease.ts";
import type { Venue } from "../../src/ports/venue.ts";
import { strategies } from "../../src/strategies/index.ts";
import { kucoin } from "../../src/venues/kucoin/venue.ts";
import { countedIds, type ManualClock, manualClock, seededDice } from "../fixtures/doubles.ts";
import { makeInstrument } from "../fixtures/instrument.ts";
import { keptLog } from "../fixtures/kept_log.ts";
import { storyStart, tradeOf } from "../fixtures/story.ts";
import { type ScriptedChat, type SeenMessage, scriptedChat } from "../scenarios/scripted_chat.ts";
import type { Shown } from "./draw.ts";

export type GoldenHouse = {
  readonly needs: Needs;
  readonly clock: ManualClock;
  /** Ana's private chat; she owns the house. */
  readonly telegram: ScriptedChat;
  books(): Books;
  /** Records these facts, each with the alerts that it wakes. */
  tell(...facts: readonly Fact[]): Promise<void>;
  tellBy(actor: string, ...facts: readonly Fact[]): Promise<void>;
  /** Lets seconds pass, each with what the jobs do for people. */
  second(count?: number): Promise<void>;
  minutes(count: number): Promise<void>;
  /** Everything that is under way comes to its end. */
  settle(): Promise<void>;
};

/** What the venue asks and what is known of the market; prices stand still. */
const symbols = { "SOL/USDT": "88.12", "BTC/USDT": "64210" } as const;

export async function openGoldenHouse(): Promise<GoldenHouse> {
  const clock = manualClock(storyStart);
  const books = { now: emptyBooks };
  const telegram = scriptedChat("telegram", { clock, chatId: "111", userId: "111" });
  const needs = needsOf(clock, books, telegram);
  fillMarket(needs);
  await telegram.start((incoming) => receiveMessage(needs, incoming));
  const tellBy: GoldenHouse["tellBy"] = async (actor, ...facts) => {
    for (const fact of facts) await recordFacts(needs, actor, [fact], tradeOf(fact, books.now));
  };
  const house: GoldenHouse = {
    needs,
    clock,
    telegram,
    books: () => books.now,
    tell: (...facts) => tellBy("house", ...facts),
    tellBy,
    async second(count = 1) {
      for (let each = 0; each < count; each += 1) {
        await clock.advance(1_000);
        await tendAlerts(needs);
        await showPrompts(needs);
        await deliverOutbox(needs);
      }
    },
    async minutes(count) {
      for (let each = 0; each < count; each += 1) {
        await clock.advance(59_000);
        await house.second();
      }
    },
    async settle() {
      for (let each = 0; each < 20; each += 1) await clock.advance(0);
    },
  };
  await house.tell(...beginning());
  return house;
}

/** Every message of a chat from `from` on, as it stands now. */
export const shownSince = (chat: ScriptedChat, from: number, when: string): readonly Shown[] =>
  chat.messages.slice(from).map((message) => shownAs(message, when));

export const shownAs = ({ card, buttons, form }: SeenMessage, when: string): Shown => ({
  when,
  card,
  buttons,
  ...(form === undefined ? {} : { form }),
});

function needsOf(clock: ManualClock, books: { now: Books }, chat: ScriptedChat): Needs {
  const read = readSettings(["--home", "unused"], {}, systemVault());
  if (!read.ok) throw new Error(read.problem.text);
  const ids = countedIds();
  const settings = { ...read.value.settings, alerts: { startHoldMs: 0 }, configHash: "c0ffee" };
  return {
    clock,
    dice: seededDice(1),
    ids,
    // Counted, so that a code that is shown is the same in every run.
    vault: { sha256: systemVault().sha256, token: () => ids.next("token_").padEnd(16, "0").slice(0, 16) },
    ledger: ledgerOf(clock, books),
    archive: quietArchive(clock),
    lease: { ...ownLease, heldBy: () => "pid 4711 on trader-1 since 11:58:00 UTC" },
    journal: memoryJournal(() => ""),
    venue: flatVenue(clock),
    venueDefinition: kucoin,
    messengers: new Map([[chat.platform, chat]]),
    queue: {
      ring: () => Promise.resolve(),
      health: () => ({ isAlive: true, lastRingAtMono: 0, problem: null }),
    },
    log: keptLog(),
    checks: [],
    strategies,
    alerts,
    assertions,
    commands,
    memory: makeMemory(),
    gate: makeSendGate(clock),
    locks: makeLocks(),
    settings,
    deskAddress: () => "http://127.0.0.1:7373",
  } as unknown as Needs;
}

function ledgerOf(clock: ManualClock, books: { now: Books }): Needs["ledger"] {
  const ledger: Pick<Needs["ledger"], "books" | "commit" | "onRecorded" | "refresh"> = {
    books: () => books.now,
    commit(decide) {
      const times = { at: clock.now(), wallAt: clock.wall() };
      const { drafts, value } = decide(books.now, times);
      for (const draft of drafts) {
        const seq = books.now.seq + 1;
        const hash = seq.toString(16).padStart(64, "a");
        const recorded: Recorded = { ...draft, ...times, seq, prevHash: books.now.hash, hash };
        books.now = evolve(books.now, recorded);
      }
      return Promise.resolve(value);
    },
    onRecorded: () => () => undefined,
    refresh: () => Promise.resolve(),
  };
  return ledger as Needs["ledger"];
}

function fillMarket({ memory }: Needs): void {
  for (const [symbol, bid] of Object.entries(symbols)) {
    const [base = "", quote = ""] = symbol.split("/");
    const instrument = makeInstrument({ instrumentId: `kucoin:${symbol}`, symbol, base, quote } as never);
    memory.instruments.set(instrument.instrumentId, instrument);
    memory.books.set(instrument.instrumentId, bookOf(instrument.instrumentId, price(bid)) as never);
    memory.candles.set(instrument.instrumentId, candlesAround(price(bid)));
  }
  memory.cycles = 42;
}

const bookOf = (instrumentId: string, bid: Price) => ({
  instrumentId,
  bids: [{ price: bid, quantity: quantity("1000") }],
  asks: [{ price: price((Number(bid) + 0.01).toFixed(2)), quantity: quantity("1000") }],
  receivedAt: storyStart,
});

function candlesAround(around: Price): readonly Candle[] {
  return Array.from({ length: 60 }, (_, index) => {
    const at = (part: number) => price((Number(around) * (1 + Math.sin(index / 6 + part) / 100)).toFixed(2));
    return {
      openedAt: addMs(storyStart, (index - 60) * minute),
      open: at(0),
      high: at(0.4),
      low: at(-0.4),
      close: at(0.1),
      volume: quantity("10"),
    } as Candle;
  });
}

const ok = <Value>(value: Value) => Promise.resolve({ ok: true, value } as const);

/** Answers everything, takes nothing. */
function flatVenue(clock: ManualClock): Venue {
  return {
    name: "kucoin",
    time: () => ok(clock.wall()),
    instruments: () => ok([]),
    balances: () => ok([{ asset: "USDT", free: notional("9600"), held: notional("0") }]),
    candles: () => ok([]),
    orderBook: (symbol: string) =>
      ok(bookOf(`kucoin:${symbol}`, price(symbols[symbol as keyof typeof symbols] ?? "1"))),
    placeOrder: () =>
      Promise.resolve({ ok: false, problem: { kind: "not_sent", because: "a rehearsal", retryAfterMs: 1 } }),
    cancelOrder: () => ok("already_done" as const),
    findOrder: () => ok(null),
    openOrders: () => ok([]),
    fills: () => ok([]),
    stop: () => Promise.resolve(),
  } as unknown as Venue;
}

/** Two closed trades of the first day, and a day on record for each one since a week before it. */
function quietArchive(clock: ManualClock): Archive {
  const closed = [
    closeOf(40, { tradeId: "trade_a1", reason: "target", exitPrice: price("92.6"), pnl: notional("22.14") }),
    closeOf(52, { tradeId: "trade_b2", reason: "stop", exitPrice: price("85.6"), pnl: notional("-9.33") }),
  ];
  return {
    closes: (since, until) => Promise.resolve(closed.filter(({ closedAt }) => closedAt >= since && closedAt < until)),
    days: (from) => Promise.resolve(daysUntil(clock.now()).filter(({ date }) => date >= from)),
    account: () => Promise.resolve({ transferred: notional("0"), high: null, deepest: ratio("0.0008") }),
    refusals: () => Promise.resolve([{ code: "cooling_down", count: 3 }]),
    tally: () => Promise.resolve(tally),
    gaps: () => Promise.resolve([]),
    story: () => Promise.resolve([]),
    tradesLike: () => Promise.resolve([]),
  };
}

/** A house that worked nearly all the time, and once did not keep a promise. */
const tally: Tally = {
  medianAnswerMs: 12_000,
  alerts: { critical: 1, warning: 3, info: 2 },
  upMs: 0.99 * day,
  judged: 950_400,
  broken: 2,
  pings: 2_850,
  pingsMissed: 1,
};

function daysUntil(now: Instant): readonly DayShown[] {
  const first = addMs(storyStart, -7 * day);
  const count = Math.floor((now - first) / day) + 1;
  return Array.from({ length: count }, (_, index): DayShown => {
    const isFirst = index === 7;
    return {
      date: utcDay(addMs(first, index * day)),
      startEquity: notional(index <= 7 ? "10000" : "10012.81"),
      endEquity: notional(index < 7 ? "10000" : "10012.81"),
      signals: isFirst ? 4 : 1,
      denied: isFirst ? 1 : 0,
      entries: isFirst ? 2 : 0,
      asked: isFirst ? 3 : 0,
      approved: isFirst ? 2 : 0,
      declined: isFirst ? 1 : 0,
      expired: 0,
      unknownOrders: isFirst ? 1 : 0,
      starts: index === 0 ? 1 : 0,
    };
  });
}

function closeOf(seq: number, change: object): Awaited<ReturnType<Archive["closes"]>>[number] {
  return {
    seq,
    closedAt: addMs(storyStart, -90 * minute),
    openedAt: addMs(storyStart, -200 * minute),
    mode: "paper",
    strategy: "ema_trend",
    instrumentId: "kucoin:SOL/USDT",
    quantity: quantity("4.5"),
    entryPrice: price("87.5"),
    fees: notional("0.79"),
    before: null,
    ...change,
  } as Awaited<ReturnType<Archive["closes"]>>[number];
}

function beginning(): readonly Fact[] {
  const person = (personId: string, name: string, role: "viewer" | "approver" | "owner"): Fact => ({
    type: "person_set",
    personId,
    name,
    role,
    timeZone: "UTC",
    isActive: true,
  });
  const link = (personId: string, userId: string): Fact => ({
    type: "chat_linked",
    personId,
    platform: "telegram",
    userId,
    chat: { platform: "telegram", chatId: "111", threadId: null },
  });
  return [
    {
      type: "house_started",
      mode: "paper",
      epoch: 7,
      configHash: "c0ffee",
      version: "1.0.0",
      account: "main",
      venue: "kucoin",
      currency: "USDT",
    },
    person("ana", "Ana", "owner"),
    person("bo", "Bo", "approver"),
    person("cleo", "Cleo", "viewer"),
    link("ana", "111"),
    link("bo", "222"),
    link("cleo", "333"),
    { type: "account_opened", currency: "USDT", equity: notional("10000"), holdings: {} },
    { type: "house_ready", openPositions: 0 },
  ];
}
