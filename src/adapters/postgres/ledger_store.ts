/**
 * The ledger in PostgreSQL. The books live in memory; the database decides.
 *
 *   commit(decide) --> waiting --+   while one append is in flight, the next ones gather
 *                                v
 *          decide each on the tentative books, in turn --> one statement for all (append_statement.ts)
 *            |-- landed ---------> the tentative books become the books; listeners; callers resolve
 *            |-- head had moved -> read what others appended, decide again
 *            |-- fence lost -----> FenceLost, now and for ever
 *            |-- did not land ---> try again until the callers' deadline, then LedgerUnavailable
 *            \-- nobody knows ---> settle.ts finds out before anything else is appended
 */
import type pg from "pg";
import type { Clock } from "../../ports/clock.ts";
import { FenceLost, type Integrity, LedgerUnavailable, type Times } from "../../ports/ledger.ts";
import type { Log } from "../../ports/log.ts";
import type { Vault } from "../../ports/vault.ts";
import { appendWaiting, refuseLate } from "./append.ts";
import { type ProjectedRow, readTableShapes, type TableShapes } from "./append_statement.ts";
import type { Entry } from "./chain.ts";
import { checkSettings } from "./check_settings.ts";
import type { Head } from "./event_rows.ts";
import { settle } from "./settle.ts";
import { loadBooks, writeSnapshot } from "./snapshot.ts";
import { readTail } from "./tail.ts";
import { newWatch, verifyTail, type Watched } from "./verify_tail.ts";

/** How the core turns facts into state and rows. Core's `emptyBooks`, `evolve` and `project`; a toy in tests. */
export type Fold<Books, Fact> = {
  /** Changes whenever evolve may give other books for the same facts; older snapshots are then not used. */
  readonly version: string;
  readonly empty: Books;
  evolve(books: Books, recorded: Entry<Fact>): Books;
  project(before: Books, after: Books, recorded: Entry<Fact>): readonly ProjectedRow[];
  /** The rows that the tables must hold for what is alive in the books; nothing is compared when left out. */
  living?(books: Books): readonly ProjectedRow[];
};

export type AnyFact = { readonly type: string };

export type DraftOf<Fact> = {
  readonly tradeId: string | null;
  readonly actor: string;
  readonly causedBy: number | null;
  readonly fact: Fact;
};

export type Decide<Books, Fact, Value> = (
  books: Books,
  times: Times,
) => { readonly drafts: readonly DraftOf<Fact>[]; readonly value: Value };

export type LedgerWish<Books, Fact> = {
  readonly pool: pg.Pool;
  readonly epoch: number;
  readonly host: string;
  readonly clock: Clock;
  readonly vault: Vault;
  readonly log: Log;
  readonly fold: Fold<Books, Fact>;
  /** How long a commit waits for a database that is away; 2,000 ms unless told otherwise. */
  readonly waitMs?: number;
  /** A snapshot is written after this many facts; 5,000 unless told otherwise. */
  readonly snapshotEvery?: number;
};

/** Satisfies the Ledger port when Books and Fact are the core's. */
export interface LedgerStore<Books, Fact> {
  books(): Books;
  commit<Value>(decide: Decide<Books, Fact, Value>): Promise<Value>;
  onRecorded(listener: (recorded: readonly Entry<Fact>[], books: Books) => void): () => void;
  refresh(): Promise<void>;
  /** @throws LedgerUnavailable when the database is away. */
  integrity(): Promise<Integrity>;
  /** @throws LedgerUnavailable when the database is away. */
  durability(): Promise<readonly string[]>;
  /** seq and hash of the newest fact that is known here. */
  head(): { readonly seq: number; readonly hash: string };
  health(): LedgerHealth;
  /** Waits for what is in flight, writes a snapshot, and refuses everything afterwards. Does not end the pool. */
  close(): Promise<void>;
}

export type LedgerHealth = {
  /** The last statement worked and nothing is undecided. */
  readonly isAvailable: boolean;
  readonly isFenceOurs: boolean;
  /** An append whose fate is not known yet. */
  readonly isUnsettled: boolean;
  readonly problem: string | null;
};

/** One caller of commit. */
export type Request<Books, Fact> = {
  readonly decide: Decide<Books, Fact, unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  /** Monotonic ms after which it is told that the database is away. */
  readonly deadline: number;
};

/** What went out (or is about to) in one statement. */
export type Prepared<Books, Fact> = {
  readonly accepted: readonly { readonly request: Request<Books, Fact>; readonly value: unknown }[];
  readonly entries: readonly Entry<Fact>[];
  readonly books: Books;
  readonly seq: number;
  readonly hash: string;
};

export type Store<Books, Fact> = LedgerWish<Books, Fact> & {
  readonly shapes: TableShapes;
  readonly listeners: Set<(recorded: readonly Entry<Fact>[], books: Books) => void>;
  readonly waitMs: number;
  books: Books;
  head: Head;
  waiting: Request<Books, Fact>[];
  /** Other work that must not overlap an append. */
  tasks: (() => Promise<void>)[];
  unsettled: Prepared<Books, Fact> | null;
  /** So many next requests go one by one, to find the one whose rows the database refuses. */
  singles: number;
  /** Statements are planned once per connection; off behind a pooler that loses them. */
  isPrepared: boolean;
  /** Set once and for ever: FenceLost, a broken chain, closed. */
  end: Error | null;
  problem: string | null;
  draining: Promise<void> | null;
  snapshotSeq: number;
  isSnapshotRunning: boolean;
  /** The look at the record that is under way; a second caller waits for the same. */
  looking: Promise<Integrity> | null;
};

/** Loads the books (snapshot + tail). Rejects when the database is away or the chain is broken. */
export async function openLedgerStore<Books, Fact extends AnyFact>(
  wish: LedgerWish<Books, Fact>,
): Promise<LedgerStore<Books, Fact>> {
  const shapes = await readTableShapes(wish.pool);
  const loaded = await loadBooks(wish);
  const store: Store<Books, Fact> = {
    ...wish,
    ...loaded,
    shapes,
    waitMs: wish.waitMs ?? 2_000,
    listeners: new Set(),
    waiting: [],
    tasks: [],
    unsettled: null,
    singles: 0,
    isPrepared: true,
    end: null,
    problem: null,
    draining: null,
    isSnapshotRunning: false,
    looking: null,
  };
  const watched = watchedBy(store);
  return {
    books: () => store.books,
    commit: (decide) => commit(store, decide),
    refresh: () => enqueueTask(store, () => readTail(store).then(() => undefined)),
    integrity: () => (store.looking ??= verifyTail(watched).finally(() => (store.looking = null))),
    durability: () =>
      checkSettings(store.pool).then(
        ({ durability }) => durability,
        (error: Error) => {
          throw new LedgerUnavailable(`The settings of the database could not be read: ${error.message}`);
        },
      ),
    head: () => ({ seq: store.head.seq, hash: store.head.hash }),
    health: () => ({
      isAvailable: store.problem === null && store.unsettled === null && store.end === null,
      isFenceOurs: !(store.end instanceof FenceLost),
      isUnsettled: store.unsettled !== null,
      problem: store.end?.message ?? store.problem,
    }),
    onRecorded(listener) {
      store.listeners.add(listener);
      return () => store.listeners.delete(listener);
    },
    close: () => close(store),
  };
}

function watchedBy<Books, Fact>(store: Store<Books, Fact>): Watched {
  const { pool, vault, shapes, fold } = store;
  return {
    pool,
    vault,
    shapes,
    watch: newWatch(store.head),
    head: () => store.head,
    living: () => fold.living?.(store.books) ?? [],
  };
}

function commit<Books, Fact extends AnyFact, Value>(
  store: Store<Books, Fact>,
  decide: Decide<Books, Fact, Value>,
): Promise<Value> {
  if (store.end !== null) return Promise.reject(store.end);
  return new Promise<Value>((settleValue, reject) => {
    const resolve = (value: unknown): void => settleValue(value as Value);
    store.waiting.push({ decide, resolve, reject, deadline: store.clock.mono() + store.waitMs });
    kick(store);
  });
}

function enqueueTask<Books, Fact extends AnyFact>(store: Store<Books, Fact>, work: () => Promise<void>): Promise<void> {
  if (store.end !== null) return Promise.reject(store.end);
  return new Promise<void>((resolve, reject) => {
    store.tasks.push(() =>
      work().then(resolve, (error: Error) => {
        reject(store.end ?? new LedgerUnavailable(`The ledger could not be read: ${error.message}`));
      }),
    );
    kick(store);
  });
}

function kick<Books, Fact extends AnyFact>(store: Store<Books, Fact>): void {
  // One turn later, so that all commits of this turn go out together.
  store.draining ??= Promise.resolve()
    .then(() => drain(store))
    .finally(() => {
      store.draining = null;
      if (hasWork(store)) kick(store);
    });
}

const hasWork = <Books, Fact>(store: Store<Books, Fact>): boolean =>
  store.waiting.length > 0 || store.tasks.length > 0 || (store.unsettled !== null && store.end === null);

/** The only place from which the database is written; one step at a time. Never throws. */
async function drain<Books, Fact extends AnyFact>(store: Store<Books, Fact>): Promise<void> {
  while (hasWork(store)) {
    if (store.end !== null) {
      refuseAll(store, store.end);
      continue;
    }
    const step = await nextStep(store).catch((error: Error) => {
      store.problem = error.message;
      store.log.error("The ledger met a fault that it did not expect", { because: error.stack ?? error.message });
      return "wait" as const;
    });
    if (step === "wait") {
      refuseLate(store);
      await store.clock.sleep(retryMs);
    }
  }
  startSnapshot(store);
}

const retryMs = 100;

async function nextStep<Books, Fact extends AnyFact>(store: Store<Books, Fact>): Promise<"on" | "wait"> {
  if (store.unsettled !== null) return (await settle(store)) ? "on" : "wait";
  const task = store.tasks.shift();
  if (task !== undefined) {
    await task();
    return "on";
  }
  return appendWaiting(store);
}

function refuseAll<Books, Fact>(store: Store<Books, Fact>, because: Error): void {
  const left = store.waiting;
  store.waiting = [];
  for (const request of left) request.reject(because);
  const tasks = store.tasks;
  store.tasks = [];
  // A task looks at `end` itself when it fails; it is run so that its caller hears of it.
  for (const task of tasks) void task();
}

function startSnapshot<Books, Fact extends AnyFact>(store: Store<Books, Fact>): void {
  const isDue = store.head.seq - store.snapshotSeq >= (store.snapshotEvery ?? 5_000);
  if (!isDue || store.isSnapshotRunning || store.end !== null || store.problem !== null) return;
  store.isSnapshotRunning = true;
  void saveSnapshot(store).finally(() => (store.isSnapshotRunning = false));
}

async function saveSnapshot<Books, Fact extends AnyFact>(store: Store<Books, Fact>): Promise<void> {
  const { head, books } = store;
  try {
    await writeSnapshot(store, { seq: head.seq, hash: head.hash, books });
    store.snapshotSeq = head.seq;
  } catch (error) {
    // A snapshot only saves time at the next start.
    store.log.warn("No snapshot of the books could be written", { because: (error as Error).message });
  }
}

async function close<Books, Fact extends AnyFact>(store: Store<Books, Fact>): Promise<void> {
  const deadline = store.clock.mono() + store.waitMs;
  while (hasWork(store) && store.clock.mono() < deadline) {
    await Promise.race([store.draining ?? Promise.resolve(), store.clock.sleep(50)]);
  }
  const isWhole = store.unsettled === null && store.problem === null && store.end === null;
  if (isWhole && store.head.seq > store.snapshotSeq) await saveSnapshot(store);
  store.end ??= new LedgerUnavailable("The ledger is closed: the process is stopping");
  refuseAll(store, store.end);
  const { unsettled } = store;
  for (const { request } of unsettled?.accepted ?? []) request.reject(store.end);
  await store.draining;
}
