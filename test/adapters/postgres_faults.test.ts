/** What a database can do to us while it lives: collide, lose a session, be slow for others, promise too much. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rebuild, verify } from "../../src/adapters/postgres/audit.ts";
import { checkSettings } from "../../src/adapters/postgres/check_settings.ts";
import { takeEpoch } from "../../src/adapters/postgres/epoch.ts";
import { migrate } from "../../src/adapters/postgres/migrate.ts";
import { openPool } from "../../src/adapters/postgres/pool.ts";
import { renewTables } from "../../src/adapters/postgres/renew_tables.ts";
import { prepareTraderRole, traderRole } from "../../src/adapters/postgres/roles.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { systemVault } from "../../src/adapters/system/vault.ts";
import { ledgerFold } from "../../src/boot/database.ts";
import { instant } from "../../src/core/time.ts";
import { FenceLost, LedgerUnavailable } from "../../src/ports/ledger.ts";
import { freshDatabase } from "../fixtures/database.ts";
import { everyFact } from "../fixtures/every_fact.ts";
import { fillOf } from "../fixtures/facts.ts";
import { keptLog } from "../fixtures/kept_log.ts";
import { houseOnDatabase, type RealLedger } from "../fixtures/real_ledger.ts";
import { watchMarks } from "../fixtures/watch_marks.ts";

const { sha256 } = systemVault();
const marks = watchMarks();
let house: RealLedger;
beforeEach(async () => {
  house = await houseOnDatabase();
  await house.tell(everyFact.house_started, everyFact.account_opened);
});
afterEach(() => house.end());

const facts = async (): Promise<number> =>
  (await house.database.pool.query<{ seq: number }>("select seq from ledger_head")).rows[0]?.seq ?? -1;
const rows = async (table: string): Promise<number> =>
  (await house.database.pool.query<{ count: number }>(`select count(*) as count from ${table}`)).rows[0]?.count ?? -1;

describe("a collision with another transaction", () => {
  /** The database refuses the first so many appends, as it would for two writers that met. Sequences are not rolled back. */
  async function refuseFirst(times: number, code: string): Promise<void> {
    await house.database.pool.query(
      `create sequence collisions;
       grant usage on sequence collisions to public;
       create function collide() returns trigger language plpgsql as $$ begin
         if nextval('collisions') <= ${times} then raise exception 'could not serialize access' using errcode = '${code}'; end if;
         return new;
       end $$;
       create trigger collide before insert on orders for each row execute function collide()`,
    );
  }

  test.each(["40001", "40P01"])(
    "%s: the whole is sent again with the same ids, up to three times [P13]",
    async (code) => {
      await refuseFirst(3, code);
      await house.tell(everyFact.order_intended);
      expect(marks.reached().filter((mark) => mark === "P13.same_rows_again")).toHaveLength(3);
      expect([await facts(), await rows("orders"), await rows("positions")]).toEqual([3, 1, 1]);
    },
  );

  test("that does not end is given up, nothing of it is there, and the next commit works [P13]", async () => {
    await refuseFirst(4, "40001");
    await expect(house.tell(everyFact.order_intended)).rejects.toThrow(LedgerUnavailable);
    expect(marks.reached()).toContain("P13.given_up");
    expect([await facts(), await rows("orders"), await rows("positions")]).toEqual([2, 0, 0]);
    await house.tell(everyFact.order_intended);
    expect([await facts(), await rows("orders"), await rows("positions")]).toEqual([3, 1, 1]);
  });

  test("a real deadlock costs a retry and no fact [P13]", async () => {
    await house.tell(everyFact.order_intended);
    const other = await house.database.pool.connect();
    // Whoever holds a row of ours and wants the head while we hold the head and want the row.
    await other.query("begin; set local deadlock_timeout = '10s'; select 1 from orders for update");
    const told = house.tell(everyFact.order_sending);
    await systemClock().sleep(300);
    // One of the two is chosen by the server; we ask first, so it is us. Then the other goes on, and lets go.
    await other.query("select 1 from ledger_head for update");
    await other.query("rollback");
    other.release();
    await told;
    expect(marks.reached()).toContain("P13.same_rows_again");
    expect(await house.ledger.integrity()).toMatchObject({ problem: null, checkedTo: 4 });
  });
});

describe("sessions that go", () => {
  const endSessions = (name: string): Promise<unknown> =>
    house.database.pool.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and datname = current_database()",
      [name],
    );

  test("killed again and again while it appends: nothing is lost, doubled or torn [P05] [X18] [P21]", async () => {
    let isDone = false;
    const killer = (async () => {
      while (!isDone) {
        await endSessions("ledger");
        await systemClock().sleep(60);
      }
    })();
    let told = 0;
    for (let round = 0; round < 40; round += 1) {
      const outcome = house.tell({ type: "source_gone", source: `s${round}`, because: "test" });
      await outcome.then(
        () => (told += 1),
        () => undefined,
      );
      await systemClock().sleep(5);
    }
    isDone = true;
    await killer;
    expect(told).toBeGreaterThan(20);
    await house.ledger.refresh().catch(() => house.ledger.refresh());
    const kept = await rows("system_events");
    expect(kept).toBeGreaterThanOrEqual(told + 2);
    expect(kept).toBe(await facts());
    expect(await verify(house.database.pool, sha256)).toMatchObject({ ok: true });
    const rebuilt = await rebuild(house.database.pool, { fold: ledgerFold, sha256, apply: false });
    expect(rebuilt).toMatchObject({ ok: true, value: { differences: [] } });
  });

  test("who lost his session and meanwhile his turn can't record an intent any more [P05]", async () => {
    await endSessions("ledger");
    const claim = { holder: "other", gitSha: "", configHash: "", at: instant(0), leaseMs: 0, from: "anyone" } as const;
    await takeEpoch(house.database.pool, claim);
    await expect(house.tell(everyFact.order_intended)).rejects.toThrow(FenceLost);
    expect([await facts(), await rows("orders")]).toEqual([2, 0]);
  });

  test("a fresh session for every statement, as behind a pooler: fence, chain and looks hold [P08]", async () => {
    for (let round = 0; round < 8; round += 1) {
      await house.tell({ type: "source_gone", source: `s${round}`, because: "test" });
      await endSessions("ledger");
      await systemClock().sleep(15);
    }
    const claim = { holder: "other", gitSha: "", configHash: "", at: instant(0), leaseMs: 0, from: "anyone" } as const;
    expect((await house.ledger.integrity()).problem).toBeNull();
    await takeEpoch(house.database.pool, claim);
    await endSessions("ledger");
    await expect(house.tell(everyFact.order_intended)).rejects.toThrow(FenceLost);
    // No lock that belongs to a session is held anywhere: nothing that a pooler could hand to somebody else.
    const locks = await house.database.pool.query(
      "select 1 from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())",
    );
    expect(locks.rowCount).toBe(0);
  });
});

describe("a server that promises too much", () => {
  test("fsync, full_page_writes or synchronous_commit off is named, each with what is lost [P16]", async () => {
    // The server of the tests runs with all three off, as fast as it can.
    const report = await checkSettings(house.database.pool);
    expect(report.durability.map((line) => line.split(" ")[0])).toEqual([
      "fsync",
      "full_page_writes",
      "synchronous_commit",
    ]);
    expect(await house.ledger.durability()).toEqual(report.durability);
    expect(marks.reached()).toContain("P16.not_durable");
  });

  test("turned off later for the database alone, it is seen by the next session, and a good one says nothing [P16]", async () => {
    const { pool, address } = house.database;
    const ask = async (value: string): Promise<readonly string[]> => {
      await pool.query(`alter database "${address.database}" set synchronous_commit = ${value}`);
      const own = openPool({ address, name: "asks", max: 1, log: keptLog() });
      const { durability } = await checkSettings(own).finally(() => own.end());
      return durability.filter((line) => line.startsWith("synchronous_commit"));
    };
    expect(await ask("off")).toHaveLength(1);
    expect(await ask("local")).toEqual([]);
    expect(await ask("on")).toEqual([]);
  });

  test("our sessions have the timeouts and keepalives that they asked for", async () => {
    expect((await checkSettings(house.pool)).session).toEqual([]);
    const bare = openPool({ address: house.database.address, name: "bare", max: 1, log: keptLog() });
    await bare.query("set statement_timeout = 0; set tcp_keepalives_idle = 7200");
    expect((await checkSettings(bare)).session).toEqual(["statement_timeout is 0", "tcp_keepalives_idle is 7200"]);
    await bare.end();
  });
});

describe("a desk that asks for too much", () => {
  test("waits for its own sessions and is cut off; the ledger does not notice [P18]", async () => {
    const views = openPool({
      address: house.database.address,
      name: "views",
      max: 2,
      statementMsMax: 400,
      log: keptLog(),
    });
    const began = performance.now();
    const asked = Array.from({ length: 100 }, () =>
      views.query("select pg_sleep(30)").then(
        () => "answered",
        (error: Error) => error.message,
      ),
    );
    for (let round = 0; round < 20; round += 1)
      await house.tell({ type: "source_gone", source: `s${round}`, because: "x" });
    expect(performance.now() - began).toBeLessThan(2_500);
    const first = await Promise.race(asked);
    expect(first).toContain("statement timeout");
    const sessions = await house.database.pool.query<{ count: number }>(
      "select count(*) as count from pg_stat_activity where application_name = 'views' and datname = current_database()",
    );
    expect(sessions.rows[0]?.count).toBeLessThanOrEqual(2);
    await views.end();
    await Promise.all(asked);
  });
});

describe("a bot that may only add", () => {
  test("works as a role without the right to change or take away facts, and everything still works [P20]", async () => {
    const { pool, address } = house.database;
    expect(await prepareTraderRole(pool)).toEqual({ isSeparate: true, role: traderRole });
    const own = openPool({ address, name: "trader", max: 2, log: keptLog(), role: traderRole });
    for (const statement of [
      "update events set actor = 'me'",
      "delete from events",
      "truncate events",
      "update order_evidence set because = ''",
      "delete from order_evidence",
      "update postings set amount = 1",
      "delete from postings",
      "delete from fills",
      "delete from orders",
      "delete from schema_migrations",
      "insert into legal_moves values ('orders', 'filled', 'intent')",
      "alter table events disable trigger all",
      "drop table events",
      "set session_replication_role = replica",
    ])
      await expect(own.query(statement), statement).rejects.toThrow(/permission denied|must be owner/);
    const restricted = await houseOnDatabase({ database: house.database, role: traderRole });
    const { order_intended, order_sending, order_acknowledged, order_probed } = everyFact;
    await restricted.tell(order_intended, order_sending, order_acknowledged, order_probed);
    await restricted.tell(fillOf("e1", { price: "87", quantity: "1" }));
    expect(await restricted.ledger.integrity()).toMatchObject({ problem: null, checkedTo: 7 });
    const applied = await rebuild(own, { fold: ledgerFold, sha256, apply: true });
    expect(applied).toMatchObject({ ok: true });
    await renewTables(own, { fold: ledgerFold, sha256, log: keptLog() });
    await restricted.ledger.close();
    await restricted.pool.end();
    await own.end();
  });

  test("many that start at once on one database give the same rights without refusing each other [P20]", async () => {
    const pools = Array.from({ length: 6 }, (_, index) =>
      openPool({ address: house.database.address, name: `starter ${index}`, max: 1, log: keptLog() }),
    );
    const given = await Promise.all(pools.map((pool) => prepareTraderRole(pool)));
    expect(given).toEqual(pools.map(() => ({ isSeparate: true, role: traderRole })));
    await Promise.all(pools.map((pool) => pool.end()));
  });

  test("where roles may not be made, the triggers stand alone and that is said [P20]", async () => {
    const { pool, address } = house.database;
    const name = `plain_${address.database}`;
    await pool.query(`create role "${name}" login password 'p'; grant all on schema public to "${name}"`);
    const poor = openPool({ address: { ...address, user: name, password: "p" }, name: "poor", max: 1, log: keptLog() });
    expect(await prepareTraderRole(poor)).toMatchObject({
      isSeparate: false,
      because: expect.stringContaining("only triggers keep facts from being changed"),
    });
    expect(marks.reached()).toContain("P20.triggers_alone");
    await poor.end();
    await pool.query(`drop owned by "${name}"; drop role "${name}"`);
  });
});

describe("a schema that does not fit", () => {
  test("a migrator that is killed in the middle leaves nothing half, and the next one goes on [P19]", async () => {
    const empty = await freshDatabase("empty");
    const plan = { folder: "migrations", at: instant(0), vault: systemVault() };
    const own = openPool({ address: empty.address, name: "migrator", max: 1, log: keptLog() });
    const done: string[] = [];
    const killed = migrate(own, {
      ...plan,
      onFile: (file) => {
        done.push(file);
        // From now on its sessions die under it, in whatever statement it is.
        void empty.pool.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'migrator'",
        );
      },
    });
    await killed.catch(() => undefined);
    await own.end().catch(() => undefined);
    const again = await migrate(empty.pool, plan);
    expect(again.ok).toBe(true);
    if (again.ok) expect([...done, ...again.value.applied].length).toBeGreaterThanOrEqual(again.value.known.length);
    const names = await empty.pool.query<{ name: string }>("select name from schema_migrations order by name");
    expect(again.ok && names.rows.map(({ name }) => name)).toEqual(again.ok && again.value.known);
    await empty.drop();
  });

  test("a database of a newer version is refused by name before anything is written [P19]", async () => {
    await house.database.pool.query("insert into schema_migrations values ('0999_future.sql', 'x', now())");
    const migrated = await migrate(house.database.pool, { folder: "migrations", at: instant(0), vault: systemVault() });
    expect(migrated).toMatchObject({ ok: false, problem: expect.stringContaining("0999_future.sql") });
    expect(marks.reached()).toContain("P19.schema_mismatch");
  });

  test("tables that other code made are written anew from the facts before anything is added [P19]", async () => {
    await house.tell(everyFact.order_intended, everyFact.order_sending);
    const { pool } = house.database;
    await pool.query(
      "begin; set local session_replication_role = replica; update orders set moves = 0, path = '{}'; update views_version set code_version = 'old'; commit",
    );
    expect((await house.ledger.integrity()).rowsOk).toBe(false);
    await renewTables(pool, { fold: ledgerFold, sha256, log: keptLog() });
    expect(marks.reached()).toContain("P19.views_of_other_code");
    expect(await house.ledger.integrity()).toMatchObject({ rowsOk: true, problem: null });
    await house.tell(everyFact.order_acknowledged);
    expect((await pool.query("select path from orders")).rows).toEqual([{ path: ["intent", "sending", "open"] }]);
  });

  test("what was sold by somebody else is a part in the tables of a house that was updated [P19]", async () => {
    const { order_adopted, fill_received } = everyFact;
    const sale = { ...order_adopted, clientOrderId: "ext-1", origin: "external" as const };
    await house.tell(everyFact.order_intended, sale, { ...fill_received, clientOrderId: "ext-1" });
    const { pool } = house.database;
    const shares = async () => (await pool.query("select client_order_id, share from fills")).rows;
    expect(await shares()).toEqual([{ client_order_id: "ext-1", share: "part" }]);
    // As the migration finds them: every fill that older code wrote counts as whole.
    await pool.query(
      "begin; set local session_replication_role = replica; update fills set share = 'whole'; update views_version set code_version = '18'; commit",
    );
    await renewTables(pool, { fold: ledgerFold, sha256, log: keptLog() });
    expect(await shares()).toEqual([{ client_order_id: "ext-1", share: "part" }]);
    expect(await house.ledger.integrity()).toMatchObject({ rowsOk: true, problem: null });
  });
});
