/**
 * The running core: state plus market plus journal. Every change goes through `run`, which walks the market to now,
 * applies the command and has it on disk before it returns. Skins talk to this and never to the state's inside.
 */

import { apply, type Command, type Outcome } from "./core/commands.ts";
import { imbalance } from "./core/ledger.ts";
import { type Core, type CoreEvent, emptyState, type Order, type State } from "./core/state.ts";
import { advance } from "./core/walk.ts";
import { type Entry, type Journal, openJournal } from "./journal.ts";
import type { MarketSource } from "./market/source.ts";
import type { Switches } from "./switches.ts";

const COMPACT_AFTER = 2_000;
/** Pumps (50 ms each) after which it is compacted in any case, so that a start never walks more than ten minutes of wall time again. */
const COMPACT_PUMPS = 12_000;
/** Ended orders and fills that are kept when the journal is compacted; a venue forgets too. */
const ORDERS_KEPT = 5_000;
const FILLS_KEPT = 20_000;
const STOPS_KEPT_MS = 30 * 86_400_000;

export interface House {
  core: Core;
  /** Walks the market to now, applies, journals. */
  run(command: Command): Outcome;
  /** Walks the market to now and carries out cancels that were asked for. */
  pump(): void;
  listen(listener: (event: CoreEvent) => void): () => void;
  close(): void;
}

export interface HouseOptions {
  market: MarketSource;
  seed: string;
  switches: Switches;
  marketNow(): number;
  journalPath?: string;
}

const openingState = (options: HouseOptions, now: number): State => {
  const state = emptyState(options.seed, now, options.market.instruments);
  for (const tick of options.market.opening(now))
    state.last.set(tick.symbol, { price: tick.price, at: tick.at, print: 1 });
  return state;
};

const forget = (state: State): void => {
  for (const [id, stop] of state.stops)
    if (stop.status !== "NEW" && stop.createdAt < state.now - STOPS_KEPT_MS) state.stops.delete(id);
  for (const [id, oco] of state.ocos)
    if (oco.status !== "NEW" && oco.status !== "TRIGGERED" && oco.createdAt < state.now - STOPS_KEPT_MS)
      state.ocos.delete(id);
  const ended = [...state.orders.values()]
    .filter((order: Order) => !order.isActive)
    .sort((a, b) => a.doneSequence - b.doneSequence);
  for (const order of ended.slice(0, Math.max(0, ended.length - ORDERS_KEPT))) state.orders.delete(order.id);
  if (state.fills.length > FILLS_KEPT) state.fills = state.fills.slice(-FILLS_KEPT);
};

/** Brings the state to where the journal left it. @throws if money does not add up afterwards. */
const replay = (core: Core, entries: readonly Entry[], path: string | undefined): void => {
  for (const entry of entries) {
    advance(core, entry.at);
    apply(core, entry.command);
  }
  for (const [asset, difference] of imbalance(core.state)) {
    if (difference === 0n) continue;
    throw new Error(
      `practice journal ${path}: ${asset} does not balance after replay; move the file away to start empty`,
    );
  }
};

const hasCancels = (state: State): boolean => {
  for (const ids of state.activeOrders.values()) {
    if (ids.some((id) => state.orders.get(id)?.cancelRequested)) return true;
  }
  return false;
};

/** @throws if the journal belongs to another market or if replaying it breaks the ledger. */
export const openHouse = (options: HouseOptions): House => {
  const { market, seed, switches, journalPath } = options;
  const listeners = new Set<(event: CoreEvent) => void>();
  const opened = journalPath === undefined ? null : openJournal(journalPath, { market: market.identity, seed });
  const journal: Journal | null = opened?.journal ?? null;
  const entries = opened?.recovered.entries ?? [];
  const state = opened?.recovered.state ?? openingState(options, entries[0]?.at ?? options.marketNow());
  const emit = (event: CoreEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const core: Core = { state, market, switches, emit };
  replay(core, entries, journalPath);
  let pumps = 0;
  const compact = (): void => {
    forget(state);
    journal?.compact(state);
    pumps = 0;
  };
  const write = (command: Command, isSynced: boolean): void => {
    journal?.append({ at: state.now, command }, isSynced);
    if (journal !== null && journal.length() >= COMPACT_AFTER) compact();
  };
  const walk = (): void => {
    // Prints that cannot be asked again are commands; a lost one costs a price, not money, so no fsync.
    for (const tick of market.drain?.() ?? []) {
      apply(core, { do: "tick", tick });
      write({ do: "tick", tick }, false);
    }
    advance(core, options.marketNow());
  };
  const run = (command: Command): Outcome => {
    walk();
    const outcome = apply(core, command);
    if (outcome.ok) write(command, true);
    return outcome;
  };
  const pump = (): void => {
    walk();
    if (hasCancels(state)) run({ do: "finish_cancels" });
    pumps += 1;
    if (pumps >= COMPACT_PUMPS) compact();
  };
  const listen = (listener: (event: CoreEvent) => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const close = (): void => {
    walk();
    compact();
    journal?.close();
  };
  walk();
  return { core, run, pump, listen, close };
};
