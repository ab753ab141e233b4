/** Connections to PostgreSQL: short timeouts on both sides, exact types, and no outage that ends the process. */
import pg from "pg";
import { assert } from "../../core/assert.ts";
import { mark } from "../../core/mark.ts";
import { fail, ok, type Result } from "../../core/result.ts";
import type { Log } from "../../ports/log.ts";

export type Address =
  | { readonly url: string }
  | {
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly password: string;
      readonly database: string;
    };

export type PoolWish = {
  readonly address: Address;
  /** Seen in pg_stat_activity: "countersign ledger". */
  readonly name: string;
  readonly max: number;
  readonly log: Log;
  /** Longest statement in ms; 5,000 unless told otherwise. */
  readonly statementMsMax?: number;
  /** Sessions act as this role, which may do less than the user that they log in as. */
  readonly role?: string;
};

const versionMin = 150_000;
const oids = { int8: 20, timestamp: 1114, timestamptz: 1184 } as const;

/** numeric stays text (money is exact), bigint becomes a safe integer, timestamptz becomes milliseconds. */
export function typeParsers(): pg.CustomTypesConfig {
  const parsers: Readonly<Record<number, (text: string) => unknown>> = {
    [oids.int8]: safeInteger,
    [oids.timestamptz]: milliseconds,
  };
  const ours = (oid: number, format?: "text" | "binary"): unknown =>
    (format !== "binary" && parsers[oid]) || pg.types.getTypeParser(oid, format);
  return { getTypeParser: ours as typeof pg.types.getTypeParser };
}

function safeInteger(text: string): number {
  const value = Number(text);
  assert(Number.isSafeInteger(value), `The database holds ${text}, which is no exact JavaScript number`);
  return value;
}

/** PostgreSQL writes "2026-02-06 10:00:00.123456+00" while its time zone is UTC; parts of a millisecond are cut. */
function milliseconds(text: string): number {
  if (text === "-infinity") return Number.NEGATIVE_INFINITY;
  if (text === "infinity") return Number.POSITIVE_INFINITY;
  const parts = /^(\d{4,6}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00$/.exec(text);
  assert(parts !== null, `Expected a UTC time from the database, got ${text}`);
  return Date.parse(`${parts[1]}T${parts[2]}.${(parts[3] ?? "0").padEnd(3, "0").slice(0, 3)}Z`);
}

export function openPool(wish: PoolWish): pg.Pool {
  const { address, log } = wish;
  if (wish.statementMsMax !== undefined) mark("P18.views_have_sessions_of_their_own");
  const statementMs = wish.statementMsMax ?? 5_000;
  const pool = new pg.Pool({
    ...("url" in address ? { connectionString: address.url } : address),
    max: wish.max,
    min: 1,
    application_name: wish.name,
    connectionTimeoutMillis: 2_000,
    idleTimeoutMillis: 60_000,
    // The server's own limit comes first; ours is for a server that does not answer at all (pg would wait for ever).
    statement_timeout: statementMs,
    query_timeout: statementMs + 1_000,
    lock_timeout: 2_000,
    idle_in_transaction_session_timeout: 5_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    options: sessionOptions(wish),
    types: typeParsers(),
  });
  // An idle connection that breaks is replaced at the next use; without this listener it would end the process.
  pool.on("error", (error) => log.warn(`A database connection of "${wish.name}" broke`, { because: error.message }));
  // The same for a connection that breaks while somebody holds it: the query rejects, and the event itself goes nowhere.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}

/** A dead peer is noticed within some 10 s by either side, a query of a dead client is broken off within 1 s. */
function sessionOptions({ role }: PoolWish): string {
  const settings = {
    timezone: "UTC",
    datestyle: "ISO",
    tcp_keepalives_idle: "5",
    tcp_keepalives_interval: "2",
    tcp_keepalives_count: "3",
    // A server on Windows refuses these two. A database elsewhere may run on anything, but then it is hardly reached from there.
    ...(process.platform === "win32" ? {} : { tcp_user_timeout: "10000", client_connection_check_interval: "1000" }),
    client_min_messages: "warning",
    ...(role === undefined ? {} : { role }),
  };
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(" ");
}

export type ServerFacts = {
  readonly version: string;
  readonly versionNumber: number;
  readonly isFsyncOn: boolean;
  readonly isFullPageWritesOn: boolean;
  readonly isSynchronousCommitOn: boolean;
  /** Names one initdb; it changes when the server was replaced. null where this role may not ask. */
  readonly systemIdentifier: string | null;
  readonly isPrimary: boolean;
};

/** @returns a sentence for the person who started the process when this server can't be used. Throws when it is away. */
export async function checkServer(pool: pg.Pool): Promise<Result<ServerFacts, string>> {
  const answer = await pool.query<Record<string, string>>(
    `select current_setting('server_version') as version, current_setting('server_version_num') as number,
            current_setting('fsync') as fsync, current_setting('full_page_writes') as full_page_writes,
            current_setting('synchronous_commit') as synchronous_commit, pg_is_in_recovery()::text as is_standby`,
  );
  const row = answer.rows[0] ?? {};
  const versionNumber = Number(row["number"]);
  if (versionNumber < versionMin) {
    return fail(
      `The database is PostgreSQL ${row["version"] ?? "?"}; 15 or newer is needed. Point DATABASE_URL at a newer server, or leave it out to use the one that comes with this program.`,
    );
  }
  if (row["is_standby"] === "true") {
    return fail("DATABASE_URL points at a standby, which takes no writes. Point it at the primary.");
  }
  const control = await pool
    .query<{ id: string }>("select system_identifier::text as id from pg_control_system()")
    .catch(() => null);
  return ok({
    version: row["version"] ?? "?",
    versionNumber,
    isFsyncOn: row["fsync"] === "on",
    isFullPageWritesOn: row["full_page_writes"] === "on",
    // local and remote_* also wait for our own disk; only "off" loses what was promised.
    isSynchronousCommitOn: row["synchronous_commit"] !== "off",
    systemIdentifier: control?.rows[0]?.id ?? null,
    isPrimary: true,
  });
}

/** Runs `work` in one transaction on one connection; a connection that failed is thrown away, never reused. */
export async function inTransaction<Value>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Value>,
): Promise<Value> {
  const client = await pool.connect();
  let isBroken = true;
  try {
    await client.query("begin");
    const value = await work(client);
    await client.query("commit");
    isBroken = false;
    return value;
  } catch (error) {
    await client.query("rollback").then(
      () => (isBroken = false),
      () => undefined,
    );
    throw error;
  } finally {
    client.release(isBroken);
  }
}

/** A statement that may take as long as it needs: the client's own bound is for trading. The server's must be lifted too. */
export function unhurried(text: string, values: readonly unknown[] = []): pg.QueryConfig {
  return { text, values: [...values], query_timeout: 24 * 3_600_000 } as pg.QueryConfig;
}
