/** Migrations, connections and queries against a real PostgreSQL. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readTableShapes } from "../../src/adapters/postgres/append_statement.ts";
import { migrate } from "../../src/adapters/postgres/migrate.ts";
import { checkServer, openPool } from "../../src/adapters/postgres/pool.ts";
import { queries } from "../../src/adapters/postgres/queries.ts";
import { systemVault } from "../../src/adapters/system/vault.ts";
import { instant } from "../../src/core/time.ts";
import { compile } from "../../src/define/query.ts";
import { freshDatabase, type TestDatabase } from "../fixtures/database.ts";
import { keptLog } from "../fixtures/kept_log.ts";

let folder: string;
let empty: TestDatabase;
const run = () => migrate(empty.pool, { folder, at: instant(0), vault: systemVault() });
const problemOf = async (): Promise<string> => {
  const answer = await run();
  return answer.ok ? `applied ${answer.value.applied.join(" ")}` : answer.problem;
};
const filesIn = (where: string): string[] =>
  readdirSync(where)
    .filter((name) => name.endsWith(".sql"))
    .sort();

describe("migrations", () => {
  beforeEach(async () => {
    empty = await freshDatabase("empty");
    folder = mkdtempSync(join(tmpdir(), "countersign-migrations-"));
    cpSync("migrations", folder, { recursive: true });
  });
  afterEach(async () => {
    rmSync(folder, { recursive: true, force: true });
    await empty.drop();
  });
  test("each file runs once", async () => {
    const names = filesIn("migrations");
    expect(await run()).toEqual({ ok: true, value: { applied: names, known: names } });
    expect(await run()).toEqual({ ok: true, value: { applied: [], known: names } });
  });

  test("four at once take turns", async () => {
    const answers = await Promise.all([run(), run(), run(), run()]);
    const applied = answers.flatMap((answer) => (answer.ok ? answer.value.applied : []));
    expect(applied.sort()).toEqual(filesIn("migrations"));
  });

  test("a file that was changed after it ran is refused by name", async () => {
    await run();
    writeFileSync(join(folder, "0001_ledger.sql"), "select 1;");
    expect(await problemOf()).toBe(
      "migrations/0001_ledger.sql was changed after it ran in this database. Put the old text back and make a new file for the change.",
    );
  });

  test("other line ends are no change", async () => {
    await run();
    const file = join(folder, "0001_ledger.sql");
    writeFileSync(file, readFileSync(file, "utf8").replaceAll("\n", "\r\n"));
    expect(await problemOf()).toBe("applied ");
  });

  test("a file that ran and is gone is refused by name", async () => {
    const last = filesIn(folder).at(-1) ?? "";
    await run();
    rmSync(join(folder, last));
    expect(await problemOf()).toContain(`The database has run migrations/${last}, which this version does not have`);
  });

  test("a number that was skipped or a strange name is refused", async () => {
    renameSync(join(folder, "0001_ledger.sql"), join(folder, "0001 ledger.sql"));
    expect(await problemOf()).toBe("migrations/0001 ledger.sql: the name must look like 0004_what_it_does.sql");
    rmSync(join(folder, "0001 ledger.sql"));
    expect(await problemOf()).toMatch(/numbers rise by one without gaps, so 0001 was expected/);
  });

  test("a file that fails half way leaves nothing of itself", async () => {
    await run();
    const count = filesIn(folder).length;
    const name = `${String(count + 1).padStart(4, "0")}_half.sql`;
    writeFileSync(join(folder, name), "create table half (id int); select 1/0;");
    await expect(run()).rejects.toThrow("division by zero");
    const found = await empty.pool.query("select to_regclass('half') as half");
    expect(found.rows).toEqual([{ half: null }]);
  });
});

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

describe("the migrated schema", () => {
  test("every table that facts may write to has a primary key", async () => {
    const shapes = await readTableShapes(database.pool);
    expect(shapes.size).toBeGreaterThan(0);
    expect([...shapes.values()].filter((shape) => shape.key.length === 0).map((shape) => shape.name)).toEqual([]);
  });

  test.each(queries.map((query) => [query.name, query] as const))(
    "the query %s plans and returns its declared columns",
    async (_name, query) => {
      const { sql, order } = compile(query.text);
      expect(new Set(order)).toEqual(new Set(Object.keys(query.params.shape)));
      const client = await database.pool.connect();
      try {
        // Prepared and never run: PostgreSQL checks every table, column and type.
        const nulls = order.map(() => "null").join(", ");
        await client.query(`prepare planned as ${sql}`);
        await client.query(`explain execute planned${order.length > 0 ? `(${nulls})` : ""}`);
        const empty = await client.query(
          `select * from (${sql}) as answer limit 0`,
          order.map(() => null),
        );
        expect(empty.fields.map((field) => field.name)).toEqual(Object.keys(query.row.shape));
      } finally {
        await client.query("deallocate all");
        client.release();
      }
    },
  );
});

describe("connections", () => {
  test("money comes back to the last digit, times as milliseconds, big numbers exact or not at all", async () => {
    const answer = await database.pool.query(
      "select 0.1::numeric(38,18) as money, '2026-02-06T10:00:00.123Z'::timestamptz as at, 9007199254740991::bigint as big, null::timestamptz as never",
    );
    expect(answer.rows).toEqual([
      {
        money: "0.100000000000000000",
        at: Date.UTC(2026, 1, 6, 10, 0, 0, 123),
        big: 9_007_199_254_740_991,
        never: null,
      },
    ]);
    await expect(database.pool.query("select 9007199254740993::bigint as big")).rejects.toThrow(
      "no exact JavaScript number",
    );
  });

  test("a statement, a lock and an idle transaction have their bounds", async () => {
    const answer = await database.pool.query(
      "select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock, current_setting('idle_in_transaction_session_timeout') as idle, current_setting('tcp_keepalives_idle') as keepalive, current_setting('timezone') as zone",
    );
    expect(answer.rows).toEqual([{ statement: "5s", lock: "2s", idle: "5s", keepalive: "5", zone: "UTC" }]);
  });

  test("the server's facts tell that this one promises nothing after a crash", async () => {
    const facts = await checkServer(database.pool);
    expect(facts).toMatchObject({
      ok: true,
      value: { isFsyncOn: false, isFullPageWritesOn: false, isSynchronousCommitOn: false },
    });
    if (facts.ok) expect(facts.value.versionNumber).toBeGreaterThanOrEqual(180_000);
  });

  test("killed sessions end no process and are replaced", async () => {
    const log = keptLog();
    const pool = openPool({ address: database.address, name: "doomed", max: 3, log });
    await Promise.all([1, 2, 3].map(() => pool.query("select pg_sleep(0.05)")));
    const sleeping = pool.query("select pg_sleep(3)").catch((error: Error) => error.message);
    await new Promise((settle) => setTimeout(settle, 50));
    await database.pool.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'doomed'",
    );
    expect(await sleeping).toMatch(/terminating connection/);
    await expect.poll(() => log.lines.length).toBeGreaterThan(0);
    // A session that the pool has not yet noticed to be dead may fail one query; the next one gets a new session.
    const ask = () =>
      pool.query("select 1 as one").then(
        ({ rows }) => rows,
        () => null,
      );
    await expect.poll(ask).toEqual([{ one: 1 }]);
    await pool.end();
  });
});
