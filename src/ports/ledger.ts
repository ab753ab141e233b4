/**
 * The append-only record, and the door through which every change goes.
 *
 *   commit(decide):  newest books --decide--> facts --one transaction: facts + projections + head--> books' = fold(facts)
 *
 * Deciding happens against the newest committed books: commits are serialized by the head row, so a decision never acts on
 * a stale state, whichever process appended last. `decide` is pure and may run again when another process was faster.
 */
import type { Books } from "../core/books.ts";
import type { Fact, Recorded } from "../core/events.ts";
import type { Instant } from "../core/time.ts";

export type Draft = {
  readonly tradeId: string | null;
  /** `strategy:ema_trend`, `person:ana`, `policy:automatic`, `house`. */
  readonly actor: string;
  /** seq of the fact that led to this one. */
  readonly causedBy: number | null;
  readonly fact: Fact;
};

export type Times = {
  /** House time. */
  readonly at: Instant;
  /** Real time. */
  readonly wallAt: Instant;
};

export type Decision<Value> = { readonly drafts: readonly Draft[]; readonly value: Value };

export interface Ledger {
  /** The newest committed state, without waiting. */
  books(): Books;
  /**
   * Decides and records in one transaction; resolves after the facts are durable.
   * @throws LedgerUnavailable when the database did not take it (nothing happened, or a later read settled that nothing did).
   * @throws FenceLost when another process took the trader epoch: this process must stop writing.
   * @throws FactsRefused when a row breaks a rule of the database: nothing happened, and asking again changes nothing.
   */
  commit<Value>(decide: (books: Books, times: Times) => Decision<Value>): Promise<Value>;
  /** Called after each commit, in order, with what was recorded (also by other processes) and the books after it. Must not throw. */
  onRecorded(listener: (recorded: readonly Recorded[], books: Books) => void): () => void;
  /** Takes in facts that other processes appended. */
  refresh(): Promise<void>;
  /**
   * Looks whether the record and the tables still say what was written. Cheap enough for every tick: all facts that are new
   * since the last call, one page of the old ones in turn, and the rows of what is alive.
   * @throws LedgerUnavailable when the database is away: then nothing is known, and nothing is wrong yet.
   */
  integrity(): Promise<Integrity>;
  /**
   * Why the database might lose what it confirmed, one sentence each; empty = it keeps it. LIVE is refused otherwise. Asked
   * at the start and every hour.
   * @throws LedgerUnavailable when the database is away.
   */
  durability(): Promise<readonly string[]>;
}

export type Integrity = {
  /** The head row names the newest fact, and it is the one that this process knows. */
  readonly headOk: boolean;
  /** Numbers follow each other, every fact continues the one before it, and none was changed. */
  readonly gapFree: boolean;
  /** The rows of living orders and positions, and the fills, say what the facts say. */
  readonly rowsOk: boolean;
  /** seq of the newest fact that has been checked. */
  readonly checkedTo: number;
  /** What is wrong, where, and what to do; null when all is well. */
  readonly problem: string | null;
};

export class LedgerUnavailable extends Error {
  override readonly name = "LedgerUnavailable";
}

/** Our facts contradict a rule of the tables. Everything else goes on; a person has to look. */
export class FactsRefused extends Error {
  override readonly name = "FactsRefused";
}

export class FenceLost extends Error {
  override readonly name = "FenceLost";
}
