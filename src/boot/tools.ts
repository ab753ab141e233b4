/** What can be asked of a house without starting it: audit verify | audit rebuild [--apply] | audit export FILE | migrate. */
import { createWriteStream, existsSync } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import type pg from "pg";
import { type AuditProblem, rebuild, verify } from "../adapters/postgres/audit.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { systemVault } from "../adapters/system/vault.ts";
import type { Log } from "../ports/log.ts";
import { closeDatabase, ledgerFold, openDatabase } from "./database.ts";
import { readSettings } from "./settings.ts";

const usage = `Usage: npm run audit -- verify | rebuild [--apply] | export FILE   (with --home FOLDER for another house)
       npm run migrate
`;

/** @returns the exit code: 0 all is well, 1 it is not, 2 the words are not known. */
export async function runTool(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const words = argv.filter(
    (word, index) => !word.startsWith("--") && argv[index - 1] !== "--home" && argv[index - 1] !== "--config",
  );
  const flags = argv.filter(
    (word, index) =>
      word === "--home" || word === "--config" || argv[index - 1] === "--home" || argv[index - 1] === "--config",
  );
  const [tool = "", action = "", file] = words;
  const isKnown = tool === "migrate" || ["verify", "rebuild", "export"].includes(action);
  if (!isKnown || (action === "export" && file === undefined)) return say(usage, 2);
  const vault = systemVault();
  const read = readSettings(flags, env, vault);
  if (!read.ok) return say(read.problem.text, read.problem.code);
  const log: Log = {
    info: () => undefined,
    warn: (text) => void process.stderr.write(`${text}\n`),
    error: (text) => void process.stderr.write(`${text}\n`),
  };
  const { config } = read.value;
  const home = config.environment.countersignHome;
  // A name that was mistyped must not become a new house of which all is well.
  if (tool === "audit" && config.environment.databaseUrl === null && !existsSync(join(home, "postgres_password")))
    return say(`There are no records in ${home}. Name the folder of the house with --home FOLDER.\n`, 2);
  const database = await openDatabase(config, home, { clock: systemClock(), vault, log });
  if (!database.ok) return say(`${database.problem}\n`, 1);
  try {
    if (tool === "migrate") return say("The schema is up to date.\n", 0);
    if (action === "export") return await exportEvents(database.value.pool, file ?? "");
    return action === "verify"
      ? await runVerify(database.value.pool, vault.sha256)
      : await runRebuild(database.value.pool, vault.sha256, argv.includes("--apply"));
  } finally {
    await closeDatabase(database.value);
  }
}

function say(text: string, code: number): number {
  (code === 0 ? process.stdout : process.stderr).write(text);
  return code;
}

const onProgress = (done: number, of: number): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${of} facts`);
};

async function runVerify(pool: pg.Pool, sha256: (text: string) => string): Promise<number> {
  const verified = await verify(pool, sha256, { onProgress });
  if (!verified.ok) return say(`${problemText(verified.problem)}\n`, 1);
  return say(`The chain of ${verified.value.facts} facts holds; head ${verified.value.hash}\n`, 0);
}

async function runRebuild(pool: pg.Pool, sha256: (text: string) => string, apply: boolean): Promise<number> {
  const rebuilt = await rebuild(pool, { fold: ledgerFold, sha256, apply, onProgress });
  if (!rebuilt.ok) return say(`${problemText(rebuilt.problem)}\n`, 1);
  const { facts, tables, differences } = rebuilt.value;
  if (differences.length === 0)
    return say(`A replay of ${facts} facts gives the same ${tables} tables, row by row.\n`, 0);
  const lines = differences.map(
    (one) =>
      `${one.table}: ${one.onlyLive} rows only live, ${one.onlyReplayed} only replayed, such as ${one.examples.join("; ")}`,
  );
  return say(
    `${lines.join("\n")}\n${apply ? "The tables were replaced by the replayed ones.\n" : "Nothing was changed; --apply replaces the tables.\n"}`,
    apply ? 0 : 1,
  );
}

function problemText(problem: AuditProblem): string {
  return problem.kind === "aborted"
    ? "Stopped before the end."
    : `The chain is broken at fact ${problem.seq}: ${problem.because}. Nothing from there on can be trusted; restore a backup and compare.`;
}

/** JSON lines, oldest first: one fact a line, with its hash. */
async function exportEvents(pool: pg.Pool, path: string): Promise<number> {
  const file = createWriteStream(path, { mode: 0o600 });
  let last = 0;
  for (;;) {
    const page = await pool.query<{ seq: number }>("select * from events where seq > $1 order by seq limit 2000", [
      last,
    ]);
    if (page.rows.length === 0) break;
    for (const row of page.rows) file.write(`${JSON.stringify(row)}\n`);
    last = page.rows.at(-1)?.seq ?? last;
  }
  file.end();
  await finished(file);
  return say(`${last} facts written to ${path}\n`, 0);
}
