/** Takes in what was appended since: by other processes, or by ourselves without hearing the answer. */
import { LedgerUnavailable } from "../../ports/ledger.ts";
import { type Entry, entryOf, findBreak } from "./chain.ts";
import { type Head, type Reader, readEvents, readHead } from "./event_rows.ts";
import type { AnyFact, Fold, Store } from "./ledger_store.ts";

const pageRows = 2_000;

/** @returns the entries that were new here. Rejects when the database is away; sets `end` when histories do not agree. */
export async function readTail<Books, Fact extends AnyFact>(
  store: Store<Books, Fact>,
): Promise<readonly Entry<Fact>[]> {
  const target = await readHead(store.pool);
  const problem = compareHeads(store.head, target);
  if (problem !== null) {
    store.end = new LedgerUnavailable(problem);
    throw store.end;
  }
  const all: Entry<Fact>[] = [];
  while (store.head.seq < target.seq) {
    try {
      const page = await foldPage(store.pool, { ...store, until: target.seq });
      Object.assign(store, { books: page.books, head: { ...page.head, turn: target.turn } });
      tellListeners(store, page.entries);
      all.push(...page.entries);
    } catch (error) {
      if (error instanceof LedgerUnavailable) store.end = error;
      throw error;
    }
  }
  store.head = target;
  store.problem = null;
  return all;
}

export function tellListeners<Books, Fact>(store: Store<Books, Fact>, entries: readonly Entry<Fact>[]): void {
  if (entries.length === 0) return;
  for (const listener of store.listeners) {
    try {
      listener(entries, store.books);
    } catch (error) {
      store.log.error("A listener of the ledger threw", { because: (error as Error).stack ?? String(error) });
    }
  }
}

export function compareHeads(ours: Omit<Head, "turn">, theirs: Head): string | null {
  if (theirs.seq < ours.seq) {
    return `The database ends at fact ${theirs.seq}, and this process knows fact ${ours.seq}: an older copy was put in its place. Stop, and restore the newest one.`;
  }
  if (theirs.seq === ours.seq && theirs.hash !== ours.hash) {
    return `Fact ${ours.seq} in the database is not the one that this process recorded: the database was exchanged. Stop, and put the right one back.`;
  }
  return null;
}

export type PageState<Books, Fact> = {
  readonly head: { readonly seq: number; readonly hash: string };
  readonly books: Books;
  readonly fold: Pick<Fold<Books, Fact>, "evolve">;
  readonly vault: { sha256(text: string): string };
  readonly until: number;
};

/** Reads, checks and folds one page. @throws LedgerUnavailable naming the fact where the chain is broken. */
export async function foldPage<Books, Fact>(reader: Reader, from: PageState<Books, Fact>) {
  const rows = await readEvents(reader, { after: from.head.seq, until: from.until, count: pageRows });
  const last = rows.at(-1);
  const broken = findBreak(rows, from.head, from.vault.sha256);
  if (broken !== null || last === undefined) {
    const because = broken?.because ?? `fact ${from.head.seq + 1} is missing`;
    throw new LedgerUnavailable(
      `The record is broken: ${because}. Run "npm run audit verify", and restore the newest backup that passes it.`,
    );
  }
  const entries = rows.map((row) => entryOf<Fact>(row));
  const books = entries.reduce((state, entry) => from.fold.evolve(state, entry), from.books);
  return { entries, books, head: { seq: last.seq, hash: last.hash } };
}
