/**
 * One pass: fresh market data in, signals out, every refusal kept with its numbers, and people asked about what is left.
 *
 *   candles --strategy--> signal --flat--> exit fact of the held position, open requests taken back
 *                            '--long--> quote, balance --> sizing --> checks --> denied | approval requested
 */
import type { Books } from "../core/books.ts";
import type { SeenSignal } from "../core/books_signals.ts";
import type { Fact } from "../core/events.ts";
import { type Instrument, instrumentIdOf } from "../core/instrument.ts";
import { heldPositions, slotHolder } from "../core/portfolio.ts";
import type { WatchedStrategy } from "../core/settings.ts";
import type { Candle, MarketView, Signal } from "../core/signal.ts";
import type { AnyStrategy } from "../define/strategy.ts";
import { executeApproval } from "./execute_approval.ts";
import { readOutside, riskNotes } from "./gather_view.ts";
import { exitDraft, startVisit } from "./manage_exit.ts";
import type { Needs } from "./needs.ts";
import { planEntry } from "./plan_entry.ts";
import { readCandles } from "./read_candles.ts";
import { draft, record, recordFacts } from "./record.ts";
import { openApprovals, requestApproval, settle } from "./request_approval.ts";
import { showPrompts } from "./show_prompts.ts";
import { watchMarket } from "./watch_market.ts";
import { sourceAnswered, sourceFailed } from "./watch_sources.ts";

export async function runCycle(needs: Needs): Promise<void> {
  await needs.locks.tryRun("cycle", async () => {
    // Before the first clean reconcile every entry would be refused anyway; a signal read then would be lost.
    if (needs.memory.isStopping || needs.memory.isFenced || !needs.ledger.books().house.isReady) return;
    needs.memory.lastCycleAt = needs.clock.now();
    needs.memory.cycles += 1;
    for (const symbol of needs.settings.symbols) await cycleSymbol(needs, symbol);
    await showPrompts(needs);
    await watchMarket(needs);
  });
}

async function cycleSymbol(needs: Needs, symbol: string): Promise<void> {
  const instrument = needs.memory.instruments.get(instrumentIdOf(needs.settings.venue, symbol));
  if (instrument === undefined) return;
  const read = await readCandles(needs, symbol);
  const source = `data:${instrument.instrumentId}`;
  if (!read.ok) return sourceFailed(needs, source, read.problem.because);
  await sourceAnswered(needs, source);
  for (const watched of needs.settings.strategies) {
    const strategy = needs.strategies.find((one) => one.name === watched.name);
    if (strategy !== undefined && watched.symbols.includes(symbol))
      await cycleStrategy(needs, { strategy, watched, instrument, candles: read.value });
  }
}

type Turn = {
  readonly strategy: AnyStrategy;
  readonly watched: WatchedStrategy;
  readonly instrument: Instrument;
  readonly candles: readonly Candle[];
};

async function cycleStrategy(needs: Needs, turn: Turn): Promise<void> {
  const { strategy, watched, instrument, candles } = turn;
  const lookback = strategy.lookback(watched.params);
  const newest = candles.at(-1);
  if (newest === undefined || candles.length < lookback || wasReadAlready(needs, turn, newest)) return;
  const view: MarketView = {
    at: needs.clock.now(),
    instrumentId: instrument.instrumentId,
    timeframeMs: needs.settings.timeframeMs,
    candles,
  };
  const signal = strategy.read(view, watched.params);
  const hasMeaning = signal !== null && (signal.direction !== "flat" || isConcerned(needs.ledger.books(), turn));
  const signalId = hasMeaning ? await raise(needs, turn, signal, newest) : null;
  // Read only when what it said is on record: a database that was away meanwhile makes the candle be read again.
  needs.memory.lastRead.set(keyOf(turn), newest.openedAt);
  if (signalId === null || signal === null || signal.direction === "flat") return;
  await propose(needs, turn, signal, signalId);
}

const keyOf = ({ strategy, instrument }: Turn): string => `${strategy.name}|${instrument.instrumentId}`;

/** A strategy reads each closed candle once: its opinion can't change before the next one closes, and a request left unanswered stands. */
function wasReadAlready(needs: Needs, turn: Turn, newest: Candle): boolean {
  const recent: readonly SeenSignal[] = needs.ledger.books().signals.recent;
  const last = recent.findLast(
    (signal) => signal.strategy === turn.strategy.name && signal.instrumentId === turn.instrument.instrumentId,
  );
  return (needs.memory.lastRead.get(keyOf(turn)) ?? last?.candleAt ?? -1) >= newest.openedAt;
}

const viewDigestCandles = 50;

/** The opinion, and with a flat one the exits and the ends of requests that it asks for, in one commit: none can be lost between the two. */
async function raise(needs: Needs, turn: Turn, signal: Signal, newest: Candle): Promise<string> {
  const { strategy, instrument, candles } = turn;
  const { direction, strength, because } = signal;
  const signalId = needs.ids.next("sig");
  const actor = `strategy:${strategy.name}`;
  const fact: Fact = {
    type: "signal_raised",
    signalId,
    strategy: strategy.name,
    instrumentId: instrument.instrumentId,
    direction,
    strength,
    because,
    price: newest.close,
    candleAt: newest.openedAt,
    viewDigest: needs.vault.sha256(JSON.stringify(candles.slice(-viewDigestCandles))),
  };
  const wish = { reason: "signal", source: actor, note: because, observedPrice: newest.close } as const;
  const leaving = await record(needs, (books, { wallAt }) => {
    if (direction !== "flat") return { drafts: [draft(actor, fact)], value: [] };
    const held = heldBy(books, turn).map((position) => position.positionId);
    const exits = held.flatMap((positionId) => exitDraft(books, positionId, wish));
    // An unanswered question, and above all a veto window, must not buy what its own strategy wants no more.
    const how = { to: "canceled", by: [actor], reason: `the strategy took it back: ${because}`, at: wallAt } as const;
    const takenBack = askedBy(books, turn).map((approval) => draft(actor, settle(approval, how), approval.tradeId));
    return { drafts: [draft(actor, fact), ...exits, ...takenBack], value: held };
  });
  for (const positionId of leaving) startVisit(needs, positionId);
  return signalId;
}

const heldBy = (books: Books, turn: Turn) =>
  heldPositions(books).filter(
    (position) => position.strategy === turn.strategy.name && position.instrumentId === turn.instrument.instrumentId,
  );

/** Questions about this instrument that it asked and nobody has decided. */
const askedBy = (books: Books, { strategy, instrument }: Turn) =>
  openApprovals(books).filter(
    ({ subject }) =>
      subject.kind === "order" &&
      subject.intent.instrumentId === instrument.instrumentId &&
      subject.intent.strategy === strategy.name,
  );

/** Whether "leave" would change anything. */
const isConcerned = (books: Books, turn: Turn): boolean => heldBy(books, turn).length + askedBy(books, turn).length > 0;

async function propose(needs: Needs, turn: Turn, signal: Signal, signalId: string): Promise<void> {
  const { strategy, instrument, candles } = turn;
  // A question that still waits stands: it is priced anew at the tap, and asking again would only ring the phone again.
  if (askedBy(needs.ledger.books(), turn).length > 0) return;
  // Judged by the candles that the opinion was formed from: newer ones would make an old opinion look fresh.
  const outside = { ...(await readOutside(needs, instrument)), candles };
  const tradeId = needs.ids.next("trade");
  const planned = planEntry(
    needs,
    needs.ledger.books(),
    { instrument, signal, signalId, strategy: strategy.name, tradeId },
    outside,
  );
  if (!planned.ok) {
    const { intent, denials, view } = planned.problem;
    const taken = slotHolder(needs.ledger.books(), instrument.instrumentId);
    const notes = [
      ...riskNotes(view),
      ...(taken === null ? [] : [`${instrument.symbol} is taken by ${taken.kind} ${taken.id}`]),
    ];
    return recordFacts(
      needs,
      `strategy:${strategy.name}`,
      [
        {
          type: "intent_denied",
          signalId,
          strategy: strategy.name,
          instrumentId: instrument.instrumentId,
          intent,
          denials,
          stage: "cycle",
          notes,
        },
      ],
      tradeId,
    );
  }
  const asked = await requestApproval(needs, planned.value, outside.book);
  if (asked?.isApproved === true) await executeApproval(needs, asked.approvalId, outside);
}
