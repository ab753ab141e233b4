/** What can be asked of a house without starting it: audit verify [--anchor FACT:HASH] | audit rebuild [--apply] | audit export FILE | audit replay TRADE | migrate. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { type AuditProblem, rebuild, verify } from "../adapters/postgres/audit.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { systemVault } from "../adapters/system/vault.ts";
import { ok, type Result } from "../core/result.ts";
import type { Log } from "../ports/log.ts";
import { type Anchor, anchorIn, anchorProblem, anchorsOfHome } from "./anchors.ts";
import { closeDatabase, ledgerFold, openDatabase } from "./database.ts";
import { type ExportFormat, exportFacts, exportFormats } from "./export_facts.ts";
import { replayCode, replayText, replayTrade } from "./replay_trade.ts";
import { readSettings } from "./settings.ts";

const usage = `Usage: npm run audit -- verify [--anchor FACT:HASH] | rebuild [--apply] | export FILE [--format json|csv] | replay TRADE   (with --home FOLDER for another house)
       npm run migrate
replay decides a trade again from the record: digest, votes, order names, watched exits, money. Candles, order book and balance are
kept as hashes only, so signal, size and checks are not decided again. Exit code 1: something differs, or nothing could be compared.
`;

/** @returns the exit code: 0 all is well, 1 it is not, 2 the words are not known. */
export async function runTool(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const asked = readWords(argv);
  if (asked === null) return say(usage, 2);
  const { tool, action, name, format, anchor } = asked;
  const flags = argv.filter(
    (word, index) =>
      word === "--home" || word === "--config" || argv[index - 1] === "--home" || argv[index - 1] === "--config",
  );
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
    if (action === "export") return await runExport(database.value.pool, { path: name, format });
    if (action === "replay") return await runReplay(database.value.pool, name, vault.sha256);
    return action === "verify"
      ? await runVerify(database.value.pool, { home, anchor, sha256: vault.sha256 })
      : await runRebuild(database.value.pool, vault.sha256, argv.includes("--apply"));
  } finally {
    await closeDatabase(database.value);
  }
}

const valued: ReadonlySet<string> = new Set(["--home", "--config", "--format", "--anchor"]);
const named: ReadonlySet<string> = new Set(["export", "replay"]);

type Asked = {
  readonly tool: string;
  readonly action: string;
  readonly name: string;
  readonly format: ExportFormat;
  readonly anchor: string | null;
};

/** @returns null for words that are not known. `name` is the file or the trade. */
function readWords(argv: readonly string[]): Asked | null {
  const words = argv.filter((word, index) => !word.startsWith("--") && !valued.has(argv[index - 1] ?? ""));
  const [tool = "", action = "", name = ""] = words;
  const isKnown = tool === "migrate" || ["verify", "rebuild"].includes(action) || (named.has(action) && name !== "");
  const wanted = argv.includes("--format") ? argv[argv.indexOf("--format") + 1] : "json";
  const format = exportFormats.find((one) => one === wanted);
  const anchor = argv.includes("--anchor") ? (argv[argv.indexOf("--anchor") + 1] ?? "") : null;
  return isKnown && format !== undefined ? { tool, action, name, format, anchor } : null;
}

function say(text: string, code: number): number {
  (code === 0 ? process.stdout : process.stderr).write(text);
  return code;
}

const onProgress = (done: number, of: number): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${of} facts`);
};

type Verifying = {
  readonly home: string;
  readonly anchor: string | null;
  readonly sha256: (text: string) => string;
};

/** The chain by itself, and against every head that was noted outside of the database. */
async function runVerify(pool: pg.Pool, { home, anchor, sha256 }: Verifying): Promise<number> {
  const given = anchor === null ? ok([]) : map(anchorIn(anchor));
  if (!given.ok) return say(`${given.problem}\n`, 2);
  const noted = anchorsOfHome(home, sha256);
  const verified = await verify(pool, sha256, { onProgress });
  if (!verified.ok) return say(`${problemText(verified.problem)}\n`, 1);
  const { facts, hash } = verified.value;
  const anchors = [...(noted.ok ? noted.value : []), ...given.value];
  const problem = (await anchorProblem(pool, anchors)) ?? (noted.ok ? null : noted.problem);
  if (problem !== null) return say(`The chain of ${facts} facts holds by itself. ${problem}.\n`, 1);
  const heads = anchors.length === 0 ? "" : ` It holds ${anchors.length} heads that were noted elsewhere.`;
  return say(`The chain of ${facts} facts holds; head ${hash}.${heads}\n`, 0);
}

const map = (read: Result<Anchor, string>): Result<readonly Anchor[], string> => (read.ok ? ok([read.value]) : read);

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

async function runExport(pool: pg.Pool, wish: Parameters<typeof exportFacts>[1]): Promise<number> {
  try {
    return say(`${await exportFacts(pool, wish)} facts written to ${wish.path}\n`, 0);
  } catch (error) {
    return say(`Not all facts were written to ${wish.path}: ${(error as Error).message}\n`, 1);
  }
}

/** 1 when today's code decides anything otherwise than it was decided, or when nothing could be decided again. */
async function runReplay(pool: pg.Pool, trade: string, sha256: (text: string) => string): Promise<number> {
  const replayed = await replayTrade(pool, trade, sha256);
  if (!replayed.ok) return say(`${replayed.problem}\n`, 1);
  const { tradeId, steps } = replayed.value;
  return say(replayText(tradeId, steps), replayCode(steps));
}
