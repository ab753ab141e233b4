/**
 * One bot a folder: a session-level advisory lock on the embedded server, held for as long as this process lives. It ends
 * with its session, so a killed bot leaves nothing behind. It only guards the folder; who may trade is the epoch's matter.
 */
import pg from "pg";
import { fail, ok, type Result } from "../../core/result.ts";
import type { Log } from "../../ports/log.ts";

export type Connection = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
};

export type FolderLock = { readonly client: pg.Client; readonly lost: Promise<void> };
export type LockProblem =
  | { readonly kind: "held"; readonly by: string; readonly since: string }
  | { readonly kind: "no_answer"; readonly message: string }
  | { readonly kind: "wrong_folder"; readonly folder: string };

/** Any fixed number does, as long as nothing else on this private server uses it. */
const lockKey = 7_305_114;
const holderForm = /^countersign folder lock, pid (\d+)$/;

/** @param connection to the maintenance database `postgres`, where nothing else takes advisory locks. */
export async function takeFolderLock(
  connection: Connection,
  expected: { readonly dataFolder: string; readonly log: Log },
): Promise<Result<FolderLock, LockProblem>> {
  const client = new pg.Client({
    ...connection,
    database: "postgres",
    application_name: `countersign folder lock, pid ${process.pid}`,
    connectionTimeoutMillis: 3_000,
    query_timeout: 5_000,
    keepAlive: true,
  });
  const lost = new Promise<void>((settle) => client.once("end", () => settle()));
  // Without a listener an outage would end the process; the loss itself is reported by `lost`.
  client.on("error", (error) =>
    expected.log.warn("The session that guards the state folder broke", { because: error.message }),
  );
  try {
    await client.connect();
    const folder = await client.query<{ data_directory: string }>("show data_directory");
    const served = folder.rows[0]?.data_directory ?? "";
    if (served !== expected.dataFolder) {
      await client.end();
      return fail({ kind: "wrong_folder", folder: served });
    }
    const taken = await client.query<{ taken: boolean }>("select pg_try_advisory_lock($1) as taken", [lockKey]);
    if (taken.rows[0]?.taken === true) return ok({ client, lost });
    const holder = await readHolder(client);
    await client.end();
    return fail({ kind: "held", ...holder });
  } catch (error) {
    await client.end().catch(() => undefined);
    return fail({ kind: "no_answer", message: (error as Error).message });
  }
}

async function readHolder(client: pg.Client): Promise<{ by: string; since: string }> {
  const answer = await client.query<{ application_name: string; since: string }>(
    `select activity.application_name, to_char(activity.backend_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"') as since
       from pg_locks locks join pg_stat_activity activity on activity.pid = locks.pid
      where locks.locktype = 'advisory' and locks.granted and locks.objid = $1`,
    [lockKey],
  );
  const row = answer.rows[0];
  const pid = holderForm.exec(row?.application_name ?? "")?.[1];
  return { by: pid === undefined ? "another process" : `pid ${pid}`, since: row?.since ?? "a moment ago" };
}
