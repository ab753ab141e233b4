/**
 * Gathers the settings of the environment. One NAME may be given as NAME, as NAME_FILE (a file that holds it), or as a
 * systemd credential ($CREDENTIALS_DIRECTORY/NAME); and `.env` in the working folder stands in for an absent NAME.
 */
import { parseEnv } from "node:util";
import { didYouMean, nearestOf, type SettingProblem } from "./problem.ts";
import type { WhereIs } from "./validate.ts";

export type TextFile = { readonly text: string /** Permission bits, e.g. 0o600. */; readonly mode: number };
export type ReadFile = (path: string) => TextFile | null;

export type Texts = {
  readonly tree: Readonly<Record<string, string>>;
  readonly whereIs: WhereIs;
  readonly problems: readonly SettingProblem[];
  /** Files that hold secrets, with their permission bits: LIVE refuses those that others can read. */
  readonly files: readonly { readonly name: string; readonly mode: number }[];
};

type Sources = { readonly env: Readonly<Record<string, string | undefined>>; readonly readFile: ReadFile };
type Found = { readonly text: string; readonly where: string; readonly file: TextFile | null };
/** A value of the command line that stands for a variable: --port is DESK_PORT. */
export type Stand = { readonly name: string; readonly text: string; readonly flag: string };

export function readTexts(sources: Sources, known: Readonly<Record<string, unknown>>, stands: readonly Stand[]): Texts {
  const dotEnv = sources.readFile(".env");
  const env = { ...present(dotEnv === null ? {} : parseEnv(dotEnv.text)), ...present(sources.env) };
  const problems = strangers(env, Object.keys(known));
  const found = new Map<string, Found>();
  for (const name of Object.keys(known)) {
    const ways = waysToGive(name, env, sources.readFile);
    if (ways.length > 1)
      problems.push({
        name,
        where: null,
        text: `is given ${ways.length} times (${ways.map(placeOf).join(", ")}); keep one`,
      });
    const way = ways[0];
    if (way === undefined) continue;
    if (way === "unreadable")
      problems.push({ name: `${name}_FILE`, where: "environment", text: "names a file that can't be read" });
    else found.set(name, way);
  }
  for (const { name, text, flag } of stands) found.set(name, { text, where: flag, file: null });
  const files = [...found].flatMap(([name, { file }]) => (file === null ? [] : [{ name, mode: file.mode }]));
  return {
    tree: Object.fromEntries([...found].map(([name, { text }]) => [name, text])),
    whereIs: ([name = ""]) => found.get(name)?.where ?? null,
    problems,
    files: dotEnv === null ? files : [...files, { name: ".env", mode: dotEnv.mode }],
  };
}

function waysToGive(name: string, env: Readonly<Record<string, string>>, readFile: ReadFile): (Found | "unreadable")[] {
  const ways: (Found | "unreadable")[] = [];
  const plain = env[name];
  if (plain !== undefined) ways.push({ text: plain, where: "environment", file: null });
  const path = env[`${name}_FILE`];
  if (path !== undefined) ways.push(fromFile(readFile(path), `${name}_FILE`) ?? "unreadable");
  const folder = env["CREDENTIALS_DIRECTORY"];
  const credential = folder === undefined ? null : fromFile(readFile(`${folder}/${name}`), "credential");
  if (credential !== null) ways.push(credential);
  return ways;
}

function fromFile(file: TextFile | null, where: string): Found | null {
  return file === null ? null : { text: file.text.replace(/\r?\n$/, ""), where, file };
}

function placeOf(way: Found | "unreadable"): string {
  return way === "unreadable" ? "a file" : way.where;
}

/** An empty variable is how people switch one off: it counts as absent. */
function present(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, text]) => (text === undefined || text === "" ? [] : [[name, text]])),
  );
}

/** Switches of our own tests; a bot that a test starts inherits them. */
const tolerated = ["COUNTERSIGN_SLOW", "COUNTERSIGN_TEST_DATA"];

/** The environment is full of other programs' names. Ours alone, and near misses of ours, are refused. */
function strangers(env: Readonly<Record<string, string>>, known: readonly string[]): SettingProblem[] {
  const accepted = new Set([...known, ...known.map((name) => `${name}_FILE`), ...tolerated]);
  const families = new Set(
    known.map((name) => name.slice(0, name.indexOf("_") + 1)).filter((family) => !tooCommon.has(family)),
  );
  return Object.keys(env)
    .filter((name) => !accepted.has(name) && [...families].some((family) => name.startsWith(family)))
    .filter((name) => name.startsWith("COUNTERSIGN_") || nearestOf(name, known) !== null)
    .map((name) => ({ name, where: "environment", text: `there is no such setting${didYouMean(name, known)}` }));
}

const tooCommon = new Set(["DATABASE_", "REDIS_", "LOG_"]);
