/**
 * A server of its own, with the settings of a real house: its disk fills up, it panics, others take all of its sessions. The
 * promise is always the same: what was not confirmed durably is not acted upon, and what was confirmed is still there.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from "../../src/adapters/embedded_postgres/embedded_postgres.ts";
import { verify } from "../../src/adapters/postgres/audit.ts";
import { checkSettings } from "../../src/adapters/postgres/check_settings.ts";
import { migrate } from "../../src/adapters/postgres/migrate.ts";
import { openPool } from "../../src/adapters/postgres/pool.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { systemVault } from "../../src/adapters/system/vault.ts";
import { instant } from "../../src/core/time.ts";
import { LedgerUnavailable } from "../../src/ports/ledger.ts";
import type { TestDatabase } from "../fixtures/database.ts";
import { everyFact } from "../fixtures/every_fact.ts";
import { keptLog } from "../fixtures/kept_log.ts";
import { houseOnDatabase, type RealLedger } from "../fixtures/real_ledger.ts";
import { watchMarks } from "../fixtures/watch_marks.ts";

const clock = systemClock();
const vault = systemVault();
const marks = watchMarks();
const folder = mkdtempSync(join(tmpdir(), "countersign-faults-"));
const small = join(folder, "small");
let server: EmbeddedPostgres;
let pool: pg.Pool;
let house: RealLedger;

beforeAll(async () => {
  const started = await startEmbeddedPostgres({
    folder,
    clock,
    log: keptLog(),
    token: () => vault.token(),
    settings: { max_connections: "16", restart_after_crash: "on" },
  });
  if (!started.ok) throw new Error(started.problem);
  server = started.value;
});
afterAll(async () => {
  await server.stop();
  spawnSync("umount", [small]);
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  const admin = new pg.Client({ ...server.connection, database: "postgres" });
  await admin.connect();
  const name = `faults_${vault
    .token()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, "x")}`;
  await admin.query(`create database ${name}`);
  await admin.end();
  const address = { ...server.connection, database: name };
  pool = openPool({ address, name: "owner", max: 3, log: keptLog() });
  const migrated = await migrate(pool, { folder: "migrations", at: instant(0), vault });
  if (!migrated.ok) throw new Error(migrated.problem);
  const database: TestDatabase = { address, pool, drop: () => pool.end() };
  house = await houseOnDatabase({ database, waitMs: 1_000 });
  await house.tell(everyFact.house_started, everyFact.account_opened);
});
afterEach(() => house.end());

/** 3 kB that can't be packed. */
const noise = (): string => Array.from({ length: 180 }, () => vault.token()).join("");
const tellNoise = (round: number): Promise<unknown> =>
  house.tell({ type: "source_gone", source: `s${round}`, because: noise() });

/** What submit_order does: the wire is touched after the intent is durable, and only then. */
async function sendAfterIntent(): Promise<"sent" | Error> {
  try {
    await house.tell(everyFact.order_intended, everyFact.order_sending);
    return "sent";
  } catch (error) {
    return error as Error;
  }
}

describe("settings", () => {
  test("the server that comes with the house keeps what it confirms, and its files can't say otherwise [P16]", async () => {
    expect(await checkSettings(house.pool)).toEqual({ durability: [], session: [] });
    await pool.query("alter system set fsync = off");
    await pool.query("alter system set full_page_writes = off");
    await pool.query("select pg_reload_conf(), pg_sleep(0.3)");
    expect(await house.ledger.durability()).toEqual([]);
    await pool.query("alter system reset all");
  });

  test("confirming before the disk has it, switched on for one user while we run, is named within the hour's check [P16]", async () => {
    const { database } = house.database.address;
    await pool.query(`alter database ${database} set synchronous_commit = off`);
    // Sessions end and come again all the time; the check asks one of those that are in use now.
    await pool.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ledger'");
    await expect
      .poll(() => house.ledger.durability().catch(() => []), { timeout: 3_000 })
      .toEqual([expect.stringMatching(/^synchronous_commit is off/)]);
    expect(marks.reached()).toContain("P16.not_durable");
  });
});

/** PostgreSQL answers a failed fsync by a PANIC: the backend aborts, and the server starts anew from its log. */
describe("a server that panics", () => {
  const backendOf = async (): Promise<number> =>
    (
      await pool.query<{ pid: number }>(
        "select pid from pg_stat_activity where application_name = 'ledger' and datname = current_database() limit 1",
      )
    ).rows[0]?.pid ?? 0;

  test("while nothing is asked of it: what was confirmed is there, and the house goes on [P15]", async () => {
    process.kill(await backendOf(), "SIGABRT");
    const told = async (): Promise<string> => String(await sendAfterIntent());
    await expect.poll(told, { timeout: 15_000 }).toBe("sent");
    expect((await house.ledger.integrity()).problem).toBeNull();
    expect(await verify(pool, vault.sha256)).toMatchObject({ ok: true });
  });

  test("in the middle of an append: confirmed or not there, never half, and never sent without [P15] [P04] [X18]", async () => {
    const pid = await backendOf();
    const lock = await pool.connect();
    // The append is held up behind a row, so that the panic meets it in its middle.
    await lock.query("begin; select 1 from ledger_head for update");
    const sent = sendAfterIntent();
    await clock.sleep(150);
    process.kill(pid, "SIGABRT");
    const outcome = await sent;
    lock.release(true);
    if (outcome !== "sent") expect(outcome).toBeInstanceOf(LedgerUnavailable);
    expect(marks.reached()).toContain("P04.commit_unknown");
    await expect.poll(() => tellNoise(0).then(() => "told", String), { timeout: 15_000 }).toBe("told");
    const orders = (await pool.query("select state from orders")).rows;
    const intents = (await pool.query("select seq from events where kind = 'order_intended'")).rows;
    expect(orders).toHaveLength(intents.length);
    // Whoever was told that nothing happened may be wrong only in the safe direction: it stands there as an intent.
    if (outcome === "sent") expect(orders).toEqual([{ state: "sending" }]);
    expect((await house.ledger.integrity()).problem).toBeNull();
  });
});

describe("sessions of others", () => {
  test("take all that the server has; the ledger keeps its own [P18]", async () => {
    await tellNoise(0);
    const others: pg.Client[] = [];
    for (let left = 40; left > 0; left -= 1) {
      const other = new pg.Client({ ...server.connection, database: "postgres" });
      other.on("error", () => undefined);
      const isIn = await other.connect().then(
        () => true,
        () => false,
      );
      if (!isIn) break;
      await other.query("begin; select 1");
      others.push(other);
    }
    expect(others.length).toBeLessThan(40);
    for (let round = 1; round < 10; round += 1) await tellNoise(round);
    expect(house.ledger.books().seq).toBe(12);
    for (const other of others) await other.end();
  });
});

const canMount = ((): boolean => {
  if (process.getuid?.() !== 0) return false;
  mkdirSync(small, { recursive: true });
  return spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", small]).status === 0;
})();

/** A real disk of 1 MB under the table of facts; needs the right to mount one, and the next test stands in where it is missing. */
describe("a disk that is full", () => {
  test.skipIf(!canMount)("takes no intent, says what to do, and goes on when there is room again [P14]", async () => {
    const owner = statSync(join(folder, "postgres"));
    const place = join(small, "space");
    mkdirSync(place);
    spawnSync("chown", [`${owner.uid}:${owner.gid}`, place]);
    chmodSync(small, 0o755);
    chmodSync(folder, 0o755);
    await pool.query(`create tablespace small location '${place}'`);
    await pool.query("alter table events set tablespace small");
    let full: unknown = null;
    for (let round = 0; round < 400 && full === null; round += 1)
      await tellNoise(round).catch((error: unknown) => (full = error));
    expect(String(full)).toContain("the disk of the database is full; free some space");
    expect(marks.reached()).toContain("P14.disk_full");
    expect(await sendAfterIntent()).toBeInstanceOf(LedgerUnavailable);
    expect((await pool.query("select 1 from orders")).rowCount).toBe(0);
    expect(house.ledger.health().problem).toContain("the disk of the database is full");
    spawnSync("mount", ["-o", "remount,size=8m", small]);
    expect(await sendAfterIntent()).toBe("sent");
    expect((await house.ledger.integrity()).problem).toBeNull();
    expect(await verify(pool, vault.sha256)).toMatchObject({ ok: true });
    await pool.query("alter table events set tablespace pg_default");
    await pool.query("drop tablespace small");
  });

  test("refused by the server's own code for it: no intent, no order row, and the next one works [P14]", async () => {
    await pool.query(
      `create function no_room() returns trigger language plpgsql as $$ begin
         raise exception 'could not extend file: No space left on device' using errcode = '53100';
       end $$;
       create trigger no_room before insert on events for each row execute function no_room()`,
    );
    const outcome = await sendAfterIntent();
    expect(String(outcome)).toContain("the disk of the database is full; free some space");
    expect((await pool.query("select 1 from orders")).rowCount).toBe(0);
    await pool.query("drop trigger no_room on events");
    expect(await sendAfterIntent()).toBe("sent");
  });
});
