/**
 * npm run sim -- --matrix [--only entry,exit] [--hook "after commit order_sending"] [--nth N] [--all] [--jobs J]
 *
 * Every place where a process can die x {entry, stop, exit, cancel, reconcile, flatten, shutdown, approval}: a scout finds out
 * which places each scene passes, then the house is killed at each of them, started again, and judged to the end of the calm.
 *
 *   --nth N    the first N passes of each place; with --hook exactly the Nth
 *   --all      in every scene of a scenario that passes the place, not only in one of them (which one: in turn)
 *
 * The last line is "matrix: P pairs, K kills at H of T places, V violations, trace <hash>"; exit code 1 when a promise was
 * broken, a scene has rotted, or a place is never reached without a reason that is written down (never.ts).
 */
import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import { type CrashHook, crashHooks } from "../../../src/flows/crash_hooks.ts";
import { bundleWorker } from "../bundle.ts";
import { commitOf, violationLines } from "../report.ts";
import type { RunWish, SeedResult } from "../run.ts";
import { sweep } from "../sweep.ts";
import { whyNever } from "./never.ts";
import {
  type Choice,
  choosePairs,
  isScenario,
  killOf,
  labelOf,
  neverPassed,
  type Pair,
  scenesOf,
  scoutOf,
} from "./pairs.ts";
import { scenarioNames } from "./scene.ts";

type Told = Choice & { readonly jobs: number };
type Ran = { readonly results: ReadonlyMap<string, SeedResult>; readonly trace: string };

const usage = 'Say --matrix [--only entry,exit] [--hook "after commit order_sending"] [--nth N] [--all] [--jobs J]';
const say = (text: string): void => void process.stdout.write(`${text}\n`);

export function readArguments(argv: readonly string[]): Told {
  const told = new Map<string, string>();
  const words = argv.filter((word) => word !== "--matrix" && word !== "--all");
  for (let at = 0; at < words.length; at += 2) {
    const [name, value] = [words[at] ?? "", words[at + 1]];
    if (!/^--(only|hook|nth|jobs)$/.test(name) || value === undefined) throw new Error(`Not known: ${name}. ${usage}`);
    told.set(name.slice(2), value);
  }
  const only = told.get("only")?.split(",") ?? scenarioNames;
  const scenarios = only.filter(isScenario);
  if (scenarios.length !== only.length)
    throw new Error(`--only knows ${scenarioNames.join(", ")}; got ${only.join(", ")}`);
  const hook = told.get("hook") ?? null;
  if (hook !== null && !(crashHooks as readonly string[]).includes(hook))
    throw new Error(`No place is called "${hook}"; src/flows/crash_hooks.ts lists them`);
  const number = (name: string, otherwise: number): number => {
    const value = Number(told.get(name) ?? otherwise);
    if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} needs a whole number above 0`);
    return value;
  };
  return {
    scenarios,
    hook: hook as CrashHook | null,
    nth: number("nth", 1),
    isEveryScene: argv.includes("--all"),
    jobs: number("jobs", availableParallelism()),
  };
}

export async function runMatrix(argv: readonly string[]): Promise<number> {
  const told = readArguments(argv);
  const bundle = await bundleWorker();
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  const run = (tasks: readonly RunWish[], what: string) =>
    runAll(tasks, { path: bundle.path, jobs: told.jobs, signal: stop.signal, what });
  try {
    const started = performance.now();
    const scouts = await run(scenesOf(told.scenarios).map(scoutOf), "scouts");
    const pairs = choosePairs(scouts.results, told);
    // One pair alone is told from beginning to end.
    const lines = pairs.length === 1 ? 100_000 : undefined;
    const wishes = pairs.map((pair) => ({ ...killOf(pair), ...(lines === undefined ? {} : { lines }) }));
    const kills = await run(wishes, "kills");
    const isRepeated = stop.signal.aborted || (await repeats(wishes, kills, run));
    say("");
    for (const [, result] of scouts.results) tellFailure(result, null);
    for (const pair of pairs) tellFailure(kills.results.get(labelOf(pair)), pair, lines !== undefined);
    return verdict(told, { scouts, kills, pairs, isRepeated, seconds: (performance.now() - started) / 1_000 });
  } finally {
    bundle.remove();
  }
}

async function runAll(
  tasks: readonly RunWish[],
  how: { path: string; jobs: number; signal: AbortSignal; what: string },
): Promise<Ran> {
  const results = new Map<string, SeedResult>();
  let [lastSaid, broken] = [performance.now(), 0];
  const { trace } = await sweep({
    tasks,
    jobs: Math.min(how.jobs, Math.max(1, tasks.length)),
    workerPath: how.path,
    signal: how.signal,
    onDone({ result }, finished) {
      results.set(result.label, result);
      if (result.violations.length > 0) broken += 1;
      const now = performance.now();
      if (finished < tasks.length && now - lastSaid < 5_000) return;
      lastSaid = now;
      process.stderr.write(`${how.what}: ${finished} of ${tasks.length}${broken > 0 ? `, ${broken} broken` : ""}\n`);
    },
  });
  return { results, trace };
}

const doubled = 6;

/** Some pairs once more, in another process: the same course, or nothing here is worth anything. */
async function repeats(
  wishes: readonly RunWish[],
  first: Ran,
  run: (tasks: readonly RunWish[], what: string) => Promise<Ran>,
): Promise<boolean> {
  const every = Math.max(1, Math.floor(wishes.length / doubled));
  const some = wishes.filter((_, index) => index % every === 0).slice(0, doubled);
  const second = await run(some, "the same again");
  return some.every(({ label = "" }) => first.results.get(label)?.trace === second.results.get(label)?.trace);
}

function tellFailure(result: SeedResult | undefined, pair: Pair | null, isAlone = false): void {
  if (result === undefined) return;
  if (isAlone) for (const line of result.story) say(line);
  if (result.violations.length === 0) return;
  const again =
    pair === null
      ? `npm run sim -- --matrix --only ${result.label.split("/")[0] ?? ""}`
      : `npm run sim -- --matrix --only ${pair.scene.scenario} --hook "${pair.hook}" --nth ${pair.nth}`;
  say(
    `\n${result.label} (${result.profile}${pair === null ? ", nobody was killed" : ""}) broke a promise at step ${result.steps}; commit ${commitOf()}`,
  );
  for (const line of result.violations.slice(0, 5).flatMap(violationLines)) say(line);
  if (!isAlone) for (const line of ["story:", ...result.story.map((one) => `  ${one}`)]) say(line);
  say(`again: ${again}`);
}

type Done = {
  readonly scouts: Ran;
  readonly kills: Ran;
  readonly pairs: readonly Pair[];
  readonly isRepeated: boolean;
  readonly seconds: number;
};

function verdict(told: Told, { scouts, kills, pairs, isRepeated, seconds }: Done): number {
  const broken = (results: Iterable<SeedResult>): number =>
    [...results].reduce((sum, { violations }) => sum + violations.length, 0);
  const struck = [...kills.results.values()].filter((result) => result.places?.isStruck === true);
  say(["scenario".padEnd(10), "scenes", "places", "pairs", "kills", "violations"].join(" | "));
  for (const scenario of told.scenarios) {
    const own = pairs.filter((pair) => pair.scene.scenario === scenario);
    const results = own.flatMap((pair) => kills.results.get(labelOf(pair)) ?? []);
    const scouted = [...scouts.results.values()].filter(({ label }) => label.startsWith(`${scenario}/`));
    const cells = [
      scenesOf([scenario]).length,
      new Set(own.map(({ hook }) => hook)).size,
      own.length,
      results.filter((result) => result.places?.isStruck === true).length,
    ].map((cell) => String(cell).padStart(6));
    say([scenario.padEnd(10), ...cells, String(broken(results) + broken(scouted)).padStart(10)].join(" | "));
  }
  const isWhole = told.scenarios.length === scenarioNames.length && told.hook === null;
  const never = isWhole ? neverPassed(scouts.results) : [];
  for (const hook of never)
    say(`never reached: ${hook}: ${whyNever(hook) ?? "NO REASON IS KNOWN: write a scene that passes it"}`);
  if (!isRepeated) say("I26: the same pair took another course the second time");
  const holes = never.filter((hook) => whyNever(hook) === null).length;
  const violations = broken(kills.results.values()) + broken(scouts.results.values()) + holes + (isRepeated ? 0 : 1);
  const places = new Set(
    pairs.filter((pair) => kills.results.get(labelOf(pair))?.places?.isStruck === true).map(({ hook }) => hook),
  ).size;
  const trace = createHash("sha256").update(`${scouts.trace} ${kills.trace}`).digest("hex").slice(0, 16);
  say(`${seconds.toFixed(1)} s`);
  say(
    `matrix: ${pairs.length} pairs, ${struck.length} kills at ${places} of ${crashHooks.length} places, ${violations} violations, trace ${trace}`,
  );
  return violations === 0 && struck.length > 0 ? 0 : 1;
}
