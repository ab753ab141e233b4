/**
 * The database of the world: what PostgreSQL would hold, and how it answers the statements of src/adapters/postgres. The real
 * ledger store runs on it, so group order, retries and settling are its own code; only the server is simulated. A statement
 * that is not known here ends the run with its text. Kept honest by test/simulator/store.test.ts against the real server.
 */
import pg from "pg";
import { type EventRow, firstHash } from "../../../src/adapters/postgres/chain.ts";
import type { Scheduler } from "../contract.ts";
import { type Row, readSchema, type TableRules } from "./schema.ts";
import { openTables, type Tables } from "./tables.ts";

export type Session = {
  readonly id: number;
  isInTransaction: boolean;
  /** The server has closed it: whatever is sent on it afterwards is refused. */
  isOver: boolean;
};
export type Answer = { readonly rows: readonly Row[]; readonly rowCount: number };

export type SimDatabase = {
  readonly events: EventRow[];
  /** World time at which each became durable. */
  readonly durableAt: number[];
  tables(): Tables;
  epoch(): number;
  /** @returns null while a row that the statement needs is locked by another session. @throws pg.DatabaseError */
  run(session: Session, text: string, values: readonly unknown[]): Answer | null;
  /** Calls back as soon as no session holds the epoch row. */
  whenFree(act: () => void): void;
  /** The session is over: its transaction is rolled back and its locks are gone. */
  end(session: Session): void;
  /** Puts the copy of an earlier moment in its place: everything after fact `seq` is gone. */
  restore(seq: number): void;
  /** From now on every fact is handed out with another actor than was recorded. */
  spoil(): void;
  onAppend(listener: (rows: readonly EventRow[]) => void): void;
};

type State = {
  readonly scheduler: Pick<Scheduler, "now">;
  readonly schema: ReadonlyMap<string, TableRules>;
  readonly events: EventRow[];
  readonly durableAt: number[];
  readonly listeners: ((rows: readonly EventRow[]) => void)[];
  tables: Tables;
  head: { seq: number; hash: string; turn: number };
  epoch: number;
  lease: { holder: string; until: number };
  snapshots: Row[];
  lockedBy: Session | null;
  waiting: (() => void)[];
  isSpoilt: boolean;
  undo: (() => void)[];
};

let schemaOnce: ReadonlyMap<string, TableRules> | null = null;
function schemaOfMigrations(): ReadonlyMap<string, TableRules> {
  schemaOnce ??= readSchema();
  return schemaOnce;
}

export function openSimDatabase(
  scheduler: Pick<Scheduler, "now">,
  schema: ReadonlyMap<string, TableRules> = schemaOfMigrations(),
): SimDatabase {
  const state: State = {
    scheduler,
    schema,
    events: [],
    durableAt: [],
    listeners: [],
    tables: openTables(schema),
    head: { seq: 0, hash: firstHash, turn: 0 },
    epoch: 0,
    lease: { holder: "nobody", until: Number.NEGATIVE_INFINITY },
    snapshots: [],
    lockedBy: null,
    waiting: [],
    isSpoilt: false,
    undo: [],
  };
  return {
    events: state.events,
    durableAt: state.durableAt,
    tables: () => state.tables,
    epoch: () => state.epoch,
    run: (session, text, values) => run(state, session, { text, values }),
    whenFree: (act) => void state.waiting.push(act),
    end(session) {
      session.isOver = true;
      release(state, session, "rollback");
    },
    restore: (seq) => restore(state, seq),
    spoil() {
      state.isSpoilt = true;
    },
    onAppend: (listener) => void state.listeners.push(listener),
  };
}

type Statement = { readonly text: string; readonly values: readonly unknown[] };
type Handler = (state: State, session: Session, statement: Statement) => Answer | null;

const rows = (...all: Row[]): Answer => ({ rows: all, rowCount: all.length });
const touched = (rowCount: number): Answer => ({ rows: [], rowCount });

const handlerOf = new Map<string, Handler>();

function run(state: State, session: Session, statement: Statement): Answer | null {
  const { text } = statement;
  if (session.isOver) throw databaseError("57P01", "terminating connection due to idle-in-transaction timeout");
  if (text === "begin") {
    session.isInTransaction = true;
    return touched(0);
  }
  if (text === "commit" || text === "rollback") {
    release(state, session, text);
    return touched(0);
  }
  const handler = handlerOf.get(text) ?? handlers.find(([words]) => text.includes(words))?.[1];
  if (handler === undefined) throw new Error(`The simulated database does not know this statement: ${text}`);
  handlerOf.set(text, handler);
  return handler(state, session, statement);
}

const isLocked = (state: State, session: Session): boolean => state.lockedBy !== null && state.lockedBy !== session;

function release(state: State, session: Session, how: "commit" | "rollback"): void {
  session.isInTransaction = false;
  if (state.lockedBy !== session) return;
  if (how === "rollback") for (const step of state.undo.reverse()) step();
  state.undo = [];
  state.lockedBy = null;
  const waiting = state.waiting;
  state.waiting = [];
  for (const act of waiting) act();
}

const tablesIn = new Map<string, readonly string[]>();

function append(state: State, session: Session, { text, values }: Statement): Answer | null {
  if (isLocked(state, session)) return null;
  const [epoch, fromSeq, turn, toSeq, hash, eventsText, host] = values as [
    number,
    number,
    number,
    number,
    string,
    string,
    string,
  ];
  if (epoch !== state.epoch) return rows({ fence: 0, head: 0 });
  if (fromSeq !== state.head.seq || turn !== state.head.turn) return rows({ fence: 1, head: 0 });
  let names = tablesIn.get(text);
  if (names === undefined) {
    names = [...text.matchAll(/rows_\d+ as \(insert into "(\w+)"/g)].map((match) => match[1] ?? "");
    tablesIn.set(text, names);
  }
  const changes = names.map((table, index) => ({ table, rows: JSON.parse(String(values[index + 7])) as Row[] }));
  const refusal = state.tables.upsert(changes);
  if (refusal !== null) throw databaseError(refusal.code, refusal.text);
  const added = (JSON.parse(eventsText) as Omit<EventRow, "epoch" | "host">[]).map(
    (event): EventRow => ({ ...event, epoch, host }),
  );
  for (const event of added) {
    state.events.push(event);
    state.durableAt.push(state.scheduler.now());
  }
  state.head = { seq: toSeq, hash, turn };
  for (const listener of state.listeners) listener(added);
  return rows({ fence: 1, head: 1 });
}

/** settle.ts: whoever still has an append of before on its way finds another turn. */
function closeDoor(state: State, session: Session, { values }: Statement): Answer | null {
  if (isLocked(state, session)) return null;
  if (values[0] !== state.epoch) return touched(0);
  state.head = { ...state.head, turn: state.head.turn + 1 };
  return touched(1);
}

function readEvents(state: State, _session: Session, { values }: Statement): Answer {
  const [after, until, count] = values as [number, number, number];
  return rows(
    ...state.events
      .slice(after, Math.min(until, after + count))
      .map((event) => (state.isSpoilt ? { ...event, actor: "somebody else" } : event))
      .map((event) => ({ ...event, at: inMicroseconds(event.at), wall_at: inMicroseconds(event.wall_at) })),
  );
}

/** As to_char(…, 'US') writes it. */
const inMicroseconds = (time: string): string => `${time.slice(0, -1)}000Z`;

function newestSnapshot(state: State, _session: Session, { values }: Statement): Answer {
  const fitting = state.snapshots.filter(
    (one) => one["code_version"] === values[0] && state.events[Number(one["seq"]) - 1]?.hash === one["hash"],
  );
  const newest = fitting.sort((left, right) => Number(right["seq"]) - Number(left["seq"]))[0];
  return newest === undefined ? rows() : rows(newest);
}

function saveSnapshot(state: State, _session: Session, { values }: Statement): Answer {
  const [seq, code_version, at, hash, books] = values;
  state.snapshots = state.snapshots.filter((one) => one["seq"] !== seq || one["code_version"] !== code_version);
  state.snapshots.push({ seq, code_version, at, hash, books });
  return touched(1);
}

function dropSnapshots(state: State): Answer {
  const kept = state.snapshots.map((one) => Number(one["seq"])).sort((left, right) => right - left);
  state.snapshots = state.snapshots.filter((one) => kept.slice(0, 3).includes(Number(one["seq"])));
  return touched(0);
}

function lockEpoch(state: State, session: Session): Answer | null {
  if (isLocked(state, session)) return null;
  if (session.isInTransaction) state.lockedBy = session;
  return rows({ epoch: state.epoch });
}

function readLease(state: State): Answer {
  const left = Math.max(0, state.lease.until - state.scheduler.now());
  return rows({ holder: state.lease.holder, left: String(left) });
}

function raiseEpoch(state: State, _session: Session, { values }: Statement): Answer {
  const before = state.epoch;
  state.undo.push(() => (state.epoch = before));
  state.epoch = Number(values[0]);
  return touched(1);
}

function setLease(state: State, lease: State["lease"]): Answer {
  const before = state.lease;
  if (state.lockedBy !== null) state.undo.push(() => (state.lease = before));
  state.lease = lease;
  return touched(1);
}

const takeLease: Handler = (state, _session, { values }) =>
  setLease(state, { holder: String(values[0]), until: state.scheduler.now() + Number(values[1]) });

const renewLease: Handler = (state, session, { values }) => {
  if (isLocked(state, session)) return null;
  if (state.lease.holder !== values[0]) return touched(0);
  return setLease(state, { ...state.lease, until: state.scheduler.now() + Number(values[1]) });
};

const freeLease: Handler = (state, session, { values }) => {
  if (isLocked(state, session)) return null;
  if (state.lease.holder !== values[0]) return touched(0);
  return setLease(state, { holder: "nobody", until: Number.NEGATIVE_INFINITY });
};

/** The first whose words stand in the statement answers it. */
const handlers: readonly (readonly [words: string, Handler])[] = [
  ["insert into events", append],
  ["set turn = turn + 1", closeDoor],
  ["from pg_class relation", (state) => rows(...state.schema.values())],
  ["from events where seq >", readEvents],
  ["select seq, hash, turn from ledger_head", (state) => rows({ ...state.head })],
  ["from books_snapshot snapshot join", newestSnapshot],
  ["insert into books_snapshot", saveSnapshot],
  ["delete from books_snapshot", dropSnapshots],
  ["select epoch from trader_epoch where id = 1 for update", lockEpoch],
  ["select epoch from trader_epoch where id = 1", (state) => rows({ epoch: state.epoch })],
  ["from trader_lease where id = 1 for update", readLease],
  ["update trader_epoch set epoch", raiseEpoch],
  ["set holder = 'nobody'", freeLease],
  ["set holder = $1, lease_until", takeLease],
  ["update trader_lease set lease_until", renewLease],
];

/** Tables of a restored copy are folded anew by whoever restores in earnest; here they are emptied of what came after by replay. */
function restore(state: State, seq: number): void {
  state.events.length = seq;
  state.durableAt.length = seq;
  state.head = { seq, hash: state.events[seq - 1]?.hash ?? firstHash, turn: state.head.turn };
}

export function databaseError(code: string, text: string): Error {
  const error = new pg.DatabaseError(text, text.length, "error");
  error.code = code;
  error.severity = "ERROR";
  return error;
}
