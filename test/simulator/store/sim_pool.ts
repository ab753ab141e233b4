/**
 * The way of one process to the simulated database, with everything that can happen on it.
 *
 *   connect --refused (away)--> the statement certainly did not run
 *   statement --lost before--> never ran     --late--> runs after we gave it up     --lost after--> ran, nobody heard
 */
import pg from "pg";
import type { Chance, Scheduler, Weather } from "../contract.ts";
import type { Life } from "../ports/life.ts";
import type { Answer, Session, SimDatabase } from "./sim_database.ts";

export type Link = {
  readonly pool: pg.Pool;
  /** Nothing goes through until it is mended; what is under way breaks. */
  cut(): void;
  mend(): void;
  isCut(): boolean;
};

type Wish = {
  readonly database: SimDatabase;
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly weather: Weather;
  readonly life: Life;
};
type Line = Wish & { isCut: boolean; inFlight: Set<(error: Error) => void> };

const transactionMsMax = 5_000;
let sessions = 0;

export function openLink(wish: Wish): Link {
  const line: Line = { ...wish, isCut: false, inFlight: new Set() };
  const { life } = wish;
  const pool = {
    query: (told: Told, values?: readonly unknown[]) =>
      life.call(() => whenOpen(line).then(() => exchange(line, freshSession(), statementOf(told, values)))),
    connect: () => life.call(() => whenOpen(line)).then(() => client(line)),
    end: () => Promise.resolve(),
    on: () => pool,
  };
  return {
    pool: pool as unknown as pg.Pool,
    cut() {
      line.isCut = true;
      for (const breakOff of [...line.inFlight]) breakOff(new Error("Connection terminated unexpectedly"));
    },
    mend() {
      line.isCut = false;
    },
    isCut: () => line.isCut,
  };
}

type Told = string | { readonly text: string; readonly values?: readonly unknown[] };
type Statement = { readonly text: string; readonly values: readonly unknown[] };
const statementOf = (told: Told, values: readonly unknown[] = []): Statement =>
  typeof told === "string" ? { text: told, values } : { text: told.text, values: told.values ?? values };

const freshSession = (): Session => {
  sessions += 1;
  return { id: sessions, isInTransaction: false, isOver: false };
};

/** A refused connection is told at once or after the pool's own 2 s. */
function whenOpen({ isCut, scheduler, chance }: Line): Promise<void> {
  if (!isCut) return Promise.resolve();
  return new Promise((_resolve, reject) => {
    scheduler.after(chance.hits(0.5) ? 1 : 2_000, "db refused", () => reject(new Error("connect ECONNREFUSED")));
  });
}

function client(line: Line): unknown {
  const session = freshSession();
  const { life, scheduler, database } = line;
  // idle_in_transaction_session_timeout: a process that froze or died in the middle must not hold the epoch for ever.
  let stopWatch: () => void = () => undefined;
  return {
    query(told: Told, values?: readonly unknown[]) {
      const statement = statementOf(told, values);
      if (statement.text === "begin")
        stopWatch = scheduler.after(transactionMsMax, "db transaction timeout", () => database.end(session));
      return life.call(() => exchange(line, session, statement));
    },
    release(isBroken?: boolean) {
      stopWatch();
      if (isBroken === true || session.isInTransaction) database.end(session);
    },
    on: () => undefined,
  };
}

/** Reads make one step of a few ms; what writes is a request and an answer, each of which can be lost. */
function exchange(line: Line, session: Session, statement: Statement): Promise<Answer> {
  const { scheduler, chance, weather, database } = line;
  const isWrite = !statement.text.includes("select ") || statement.text.includes("insert into events");
  return new Promise((resolve, reject) => {
    const breakOff = (error: Error): void => {
      line.inFlight.delete(breakOff);
      reject(error);
    };
    line.inFlight.add(breakOff);
    if (line.isCut) return breakOff(new Error("Connection terminated unexpectedly"));
    const isLostBefore = isWrite && chance.hits(weather.rate("store_lost_before") * 0.3);
    const isLostAfter = isWrite && !isLostBefore && chance.hits(weather.rate("store_lost_after") * 0.3);
    const lost = (): void => breakOff(new Error("Connection terminated unexpectedly"));
    if (isLostBefore) {
      scheduler.after(chance.int(1, 40), "db lost before", lost);
      // The rest of the lines: the server reads the statement after we gave it up.
      if (chance.hits(0.5))
        scheduler.after(chance.int(5, 400), "db late statement", () => attempt(database, session, statement));
      return;
    }
    const answer = (result: Answer | Error): void => {
      const tell = (): void => {
        line.inFlight.delete(breakOff);
        if (result instanceof Error) reject(result);
        else resolve(result);
      };
      if (isLostAfter) scheduler.after(chance.int(1, 40), "db answer lost", lost);
      else if (isWrite) scheduler.after(1, "db answer", tell);
      else tell();
    };
    const arrive = (): void => {
      const result = attempt(database, session, statement);
      if (result === null) database.whenFree(() => scheduler.after(0, "db lock free", arrive));
      else answer(result);
    };
    scheduler.after(chance.int(1, 3), "db request", arrive);
  });
}

function attempt(database: SimDatabase, session: Session, { text, values }: Statement): Answer | Error | null {
  try {
    return database.run(session, text, values);
  } catch (error) {
    // Anything else is a mistake of the simulator itself and must not pass for a fault of the database.
    if (error instanceof pg.DatabaseError) return error;
    throw error;
  }
}
