/**
 * npm run sim -- [--seeds N] [--steps M] [--from K] [--seed S] [--theme T] [--jobs J]
 *
 *   --seeds N   runs the seeds 1..N (or K..K+N-1) in J worker processes; 200 unless told otherwise
 *   --theme T   worlds of one theme (themes.ts) instead of plain ones, or of all in turn: T = all
 *   --seed S    replays one seed in this process and prints its whole story
 *   --matrix    kills a house at every place where one can die, in every scenario: matrix/main.ts
 *
 * The last line is "sim: N seeds, M steps each, V violations, trace <hash>"; the exit code is 1 when a promise was broken.
 */
import { availableParallelism } from "node:os";
import { bundleWorker } from "./bundle.ts";
import { runMatrix } from "./matrix/main.ts";
import { commitOf, failureText } from "./report.ts";
import { type RunWish, runTwice } from "./run.ts";
import { showTotals } from "./stats.ts";
import { type SweepResult, sweep } from "./sweep.ts";
import { themeNames, themeOf } from "./themes.ts";

type Told = {
  seeds: number;
  steps: number;
  from: number;
  jobs: number;
  seed: string | null;
  theme: string | null;
};

function readArguments(argv: readonly string[]): Told {
  const told = new Map<string, string>();
  for (let at = 0; at < argv.length; at += 2) {
    const [name, value] = [argv[at] ?? "", argv[at + 1]];
    if (!/^--(seeds|steps|from|jobs|seed|theme)$/.test(name) || value === undefined)
      throw new Error(
        `Not known: ${argv[at] ?? ""}. Say --seeds N --steps M [--from K] [--seed S] [--theme T] [--jobs J]`,
      );
    told.set(name.slice(2), value);
  }
  const number = (name: string, otherwise: number): number => {
    const value = Number(told.get(name) ?? otherwise);
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`--${name} needs a whole number above 0, got ${told.get(name) ?? ""}`);
    return value;
  };
  return {
    seeds: number("seeds", 200),
    steps: number("steps", 500),
    from: number("from", 1),
    jobs: number("jobs", availableParallelism()),
    seed: told.get("seed") ?? null,
    theme: told.get("theme") ?? null,
  };
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function replay(wish: RunWish): Promise<number> {
  const { first: result, isSame } = await runTwice({ ...wish, lines: 100_000 });
  for (const line of result.story) say(line);
  say(
    `profile ${result.profile}; faults: ${result.families.join(", ") || "none"}; ${result.simulatedS.toFixed(0)} s of the world`,
  );
  say(showTotals(result.totals));
  if (result.violations.length > 0) say(failureText({ ...result, story: [] }, commitOf()));
  if (!isSame) say("I26: the same seed took another course the second time");
  const count = result.violations.length + (isSame ? 0 : 1);
  say(`sim: 1 seeds, ${result.steps} steps each, ${count} violations, trace ${result.trace.slice(0, 16)}`);
  return count === 0 ? 0 : 1;
}

/** Plain worlds are numbers; with themes in turn each number is played once in every theme before the next. */
function seedAt({ theme, from }: Told, index: number): string {
  if (theme === null) return String(from + index);
  if (theme !== "all" && themeOf(`${theme}:1`) === null)
    throw new Error(`No theme is called ${theme}. There are ${themeNames.join(", ")}, and all`);
  const turn = theme === "all" ? themeNames[index % themeNames.length] : theme;
  return `${turn}:${from + (theme === "all" ? Math.floor(index / themeNames.length) : index)}`;
}

async function sweepAll(told: Told): Promise<number> {
  const bundle = await bundleWorker();
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  const commit = commitOf();
  const started = performance.now();
  const tasks = Array.from({ length: told.seeds }, (_, index) => ({
    seed: seedAt(told, index),
    steps: told.steps,
  }));
  let lastSaid = 0;
  const isLive = process.stdout.isTTY;
  try {
    const result = await sweep({
      tasks,
      jobs: Math.min(told.jobs, told.seeds),
      workerPath: bundle.path,
      signal: stop.signal,
      onDone({ result: one }, finished) {
        if (one.violations.length > 0) say(failureText(one, commit));
        const now = performance.now();
        if (now - lastSaid < (isLive ? 500 : 15_000)) return;
        lastSaid = now;
        const rate = finished / ((now - started) / 1_000);
        process.stderr.write(
          `${isLive ? "\r" : ""}${finished}/${told.seeds} seeds, ${rate.toFixed(1)} a second${isLive ? "  " : "\n"}`,
        );
      },
    });
    const isRepeatable = stop.signal.aborted
      ? []
      : await differing(tasks, result, { path: bundle.path, signal: stop.signal });
    return summary(told, result, { seconds: (performance.now() - started) / 1_000, differing: isRepeatable });
  } finally {
    bundle.remove();
  }
}

const doubled = 4;

/** Some seeds run twice, in another process the second time. @returns those that took another course. */
async function differing(
  tasks: readonly RunWish[],
  first: SweepResult,
  again: { path: string; signal: AbortSignal },
): Promise<readonly string[]> {
  const every = Math.max(1, Math.floor(tasks.length / doubled));
  const some = tasks.filter((_, index) => index % every === 0).slice(0, doubled);
  const second = await sweep({
    tasks: some,
    jobs: 1,
    workerPath: again.path,
    signal: again.signal,
    onDone: () => undefined,
  });
  return some.map(({ seed }) => seed).filter((seed) => first.traces.get(seed) !== second.traces.get(seed));
}

function summary(told: Told, result: SweepResult, how: { seconds: number; differing: readonly string[] }): number {
  for (const seed of how.differing) say(`I26: seed ${seed} took another course the second time`);
  const perSecond = result.finished / how.seconds;
  say(showTotals(result.totals));
  say(
    `seeds with a whole trade: ${result.seedsWithTrade} of ${result.finished}; ${how.seconds.toFixed(1)} s, ${perSecond.toFixed(1)} seeds a second`,
  );
  if (result.failed.length > 0)
    say(
      `failed seeds: ${result.failed.map(({ seed, violations }) => `${seed} (${violations[0]?.invariant ?? "?"})`).join(", ")}`,
    );
  const count = result.failed.reduce((sum, { violations }) => sum + violations.length, 0) + how.differing.length;
  say(`sim: ${result.finished} seeds, ${told.steps} steps each, ${count} violations, trace ${result.trace}`);
  return count === 0 ? 0 : 1;
}

async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes("--matrix")) return runMatrix(argv);
  const told = readArguments(argv);
  return told.seed === null ? sweepAll(told) : replay({ seed: told.seed, steps: told.steps });
}

process.exitCode = await main(process.argv.slice(2));
