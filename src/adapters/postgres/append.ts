/** Group commit: decides all waiting requests on tentative books and sends their facts as one statement. */
import type pg from "pg";
import { mark } from "../../core/mark.ts";
import { instant } from "../../core/time.ts";
import { FactsRefused, FenceLost, LedgerUnavailable } from "../../ports/ledger.ts";
import { foldRows, type ProjectedRow, sendAppend } from "./append_statement.ts";
import { type Entry, type EventRow, entryOf, rowOf } from "./chain.ts";
import { judgeFault } from "./fault.ts";
import type { AnyFact, Prepared, Request, Store } from "./ledger_store.ts";
import { readTail, tellListeners } from "./tail.ts";

const requestsMax = 500;
const factsMax = 5_000;

type Batch<Books, Fact> = Prepared<Books, Fact> & {
  readonly rows: readonly EventRow[];
  readonly touched: readonly ProjectedRow[];
};

/** One round: "wait" when the database did not take it and a pause is due. */
export async function appendWaiting<Books, Fact extends AnyFact>(store: Store<Books, Fact>): Promise<"on" | "wait"> {
  const batch = decideWaiting(store);
  if (batch.rows.length === 0) {
    for (const { request, value } of batch.accepted) request.resolve(value);
    return "on";
  }
  const outcome = await send(store, batch);
  switch (outcome.kind) {
    case "landed":
      adopt(store, batch);
      return "on";
    case "head_moved":
      mark("X18.head_had_moved");
      putBack(store, batch);
      return takeInTail(store);
    case "fence_lost":
      mark("P05.fenced");
      store.end = new FenceLost(
        `Epoch ${store.epoch} is over: another process has taken over trading. This one has stopped writing; stop it.`,
      );
      for (const { request } of batch.accepted) request.reject(store.end);
      return "on";
    case "refused":
      refuse(store, batch, outcome.error);
      return "on";
    case "did_not_land":
      store.problem = outcome.because;
      putBack(store, batch);
      return "wait";
    case "kept_colliding":
      mark("P13.given_up");
      for (const { request } of batch.accepted)
        request.reject(
          new LedgerUnavailable(
            `It collided with others ${collisionsMax + 1} times, so nothing happened: ${outcome.because}`,
          ),
        );
      return "on";
    case "nobody_knows":
      mark("P04.commit_unknown");
      store.problem = outcome.because;
      store.unsettled = batch;
      return "on";
  }
}

async function takeInTail<Books, Fact extends AnyFact>(store: Store<Books, Fact>): Promise<"on" | "wait"> {
  try {
    await readTail(store);
    return "on";
  } catch (error) {
    store.problem = (error as Error).message;
    return "wait";
  }
}

function decideWaiting<Books, Fact extends AnyFact>(store: Store<Books, Fact>): Batch<Books, Fact> {
  let state: Batch<Books, Fact> = {
    accepted: [],
    entries: [],
    rows: [],
    touched: [],
    books: store.books,
    seq: store.head.seq,
    hash: store.head.hash,
  };
  const countMax = store.singles > 0 ? 1 : requestsMax;
  if (store.singles > 0) store.singles -= 1;
  const accepted: { request: Request<Books, Fact>; value: unknown }[] = [];
  const [entries, rows, touched] = [[] as Entry<Fact>[], [] as EventRow[], [] as ProjectedRow[]];
  while (store.waiting.length > 0 && accepted.length < countMax && rows.length < factsMax) {
    const request = store.waiting.shift();
    if (request === undefined) break;
    try {
      const one = decideOne(store, request, state);
      accepted.push({ request, value: one.value });
      for (const entry of one.entries) entries.push(entry);
      for (const row of one.rows) rows.push(row);
      for (const row of one.touched) touched.push(row);
      state = { ...state, books: one.books, seq: one.seq, hash: one.hash };
    } catch (error) {
      // Its own fault alone: the others go on from the books before it.
      request.reject(error as Error);
    }
  }
  return { ...state, accepted, entries, rows, touched };
}

type Tentative<Books> = { readonly books: Books; readonly seq: number; readonly hash: string };

function decideOne<Books, Fact extends AnyFact>(
  store: Store<Books, Fact>,
  request: Request<Books, Fact>,
  from: Tentative<Books>,
) {
  const { clock, fold, epoch, host, vault, shapes } = store;
  const times = { at: instant(clock.now()), wallAt: instant(clock.wall()) };
  const { drafts, value } = request.decide(from.books, times);
  let { books, seq, hash } = from;
  const [entries, rows, touched] = [[] as Entry<Fact>[], [] as EventRow[], [] as ProjectedRow[]];
  for (const draft of drafts) {
    const { tradeId, actor, causedBy, fact } = draft;
    const next = { seq: seq + 1, ...times, tradeId, actor, causedBy, fact, prevHash: hash };
    const row = rowOf(next, { epoch, host, sha256: vault.sha256 });
    // Read back from its own text: the books must be the same now and after a replay.
    const entry = entryOf<Fact>(row);
    const after = fold.evolve(books, entry);
    for (const change of fold.project(books, after, entry)) touched.push(change);
    entries.push(entry);
    rows.push(row);
    ({ seq, hash } = row);
    books = after;
  }
  // A row that fits no table must fail its own request and not the whole batch.
  if (touched.length > 0) foldRows(touched, shapes);
  return { value, entries, rows, touched, books, seq, hash };
}

type Outcome =
  | { readonly kind: "landed" | "head_moved" | "fence_lost" }
  | { readonly kind: "refused"; readonly error: Error }
  | { readonly kind: "did_not_land" | "nobody_knows" | "kept_colliding"; readonly because: string };

/** A statement that collided with another (40001, 40P01) is sent so many times again. */
const collisionsMax = 3;

async function send<Books, Fact extends AnyFact>(
  store: Store<Books, Fact>,
  batch: Batch<Books, Fact>,
): Promise<Outcome> {
  for (let tries = 1; ; tries += 1) {
    const outcome = await sendOnce(store, batch);
    if (outcome.kind !== "collided") return outcome;
    mark("P13.same_rows_again");
    // The very same statement with the same ids: nobody outside has seen anything of it yet.
    if (tries > collisionsMax) return { kind: "kept_colliding", because: outcome.because };
  }
}

async function sendOnce<Books, Fact extends AnyFact>(
  store: Store<Books, Fact>,
  batch: Batch<Books, Fact>,
): Promise<Outcome | { readonly kind: "collided"; readonly because: string }> {
  const { pool, shapes, head, epoch, host } = store;
  const tables = foldRows(batch.touched, shapes);
  let client: pg.PoolClient;
  try {
    client = await pool.connect();
  } catch (error) {
    return { kind: "did_not_land", because: (error as Error).message };
  }
  let isBroken = true;
  try {
    const to = { seq: batch.seq, hash: batch.hash };
    const guards = await sendAppend(
      client,
      { from: head, to, epoch, host, events: batch.rows, tables },
      { shapes, isPrepared: store.isPrepared },
    );
    isBroken = false;
    if (!guards.isFenceOurs) return { kind: "fence_lost" };
    return { kind: guards.isHeadMoved ? "landed" : "head_moved" };
  } catch (error) {
    const fault = judgeFault(error as Error);
    // Behind a pooler our statements may be gone, or somebody else's may bear their names: go on without names.
    if (fault.kind === "unprepared") {
      store.isPrepared = false;
      isBroken = false;
      return { kind: "did_not_land", because: "prepared statements are not kept by this connection" };
    }
    isBroken = fault.kind === "nobody_knows";
    return fault;
  } finally {
    client.release(isBroken);
  }
}

/** The facts are durable: everybody may know. */
export function adopt<Books, Fact extends AnyFact>(store: Store<Books, Fact>, batch: Prepared<Books, Fact>): void {
  store.books = batch.books;
  store.head = { ...store.head, seq: batch.seq, hash: batch.hash };
  store.problem = null;
  tellListeners(store, batch.entries);
  for (const { request, value } of batch.accepted) request.resolve(value);
}

export function putBack<Books, Fact>(store: Store<Books, Fact>, batch: Prepared<Books, Fact>): void {
  store.waiting.unshift(...batch.accepted.map(({ request }) => request));
}

/** The database refused the rows. Alone, the request is the culprit; in company, each is tried by itself. */
function refuse<Books, Fact>(store: Store<Books, Fact>, batch: Batch<Books, Fact>, error: Error): void {
  if (batch.accepted.length > 1) {
    store.singles = batch.accepted.length;
    putBack(store, batch);
    return;
  }
  for (const { request } of batch.accepted) {
    request.reject(
      new FactsRefused(
        `The database refused the facts ${batch.rows.map((row) => row.kind).join(", ")}: ${error.message}`,
      ),
    );
  }
}

/** Tells everybody whose patience is over that the database is away. */
export function refuseLate<Books, Fact>(store: Store<Books, Fact>): void {
  const now = store.clock.mono();
  const because = store.problem ?? "no answer";
  store.waiting = store.waiting.filter((request) => {
    if (request.deadline > now) return true;
    request.reject(new LedgerUnavailable(`The database did not take it, so nothing happened: ${because}`));
    return false;
  });
  const { unsettled } = store;
  if (unsettled === null) return;
  const late = unsettled.accepted.filter(({ request }) => request.deadline <= now);
  for (const { request } of late) {
    request.reject(
      new LedgerUnavailable(
        `The database went away in the middle; whether it was recorded is found out before anything else is: ${because}`,
      ),
    );
  }
  store.unsettled = { ...unsettled, accepted: unsettled.accepted.filter(({ request }) => request.deadline > now) };
}
