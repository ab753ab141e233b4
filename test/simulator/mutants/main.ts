/**
 * npm run sim:mutants -- [--only NAME] [--seeds N] [--from K] [--steps M] [--jobs J]
 *
 * Plants one bug after another and runs seeds until the oracle catches it. A seed on which the house breaks a promise even
 * without the bug proves nothing and is passed over. The last line is "mutants: N of M caught"; the exit code is 1 when one
 * was not.
 */
import { availableParallelism } from "node:os";
import { bundleWorker } from "../bundle.ts";
import type { SeedResult } from "../run.ts";
import { sweep } from "../sweep.ts";
import type { Mutant } from "./mutant.ts";
import { mutants } from "./mutants.ts";
import { mutantPlugin } from "./plugin.ts";

type Told = {
  readonly only: string | null;
  readonly seeds: number;
  readonly from: number;
  readonly steps: number;
  readonly jobs: number;
};

function readArguments(argv: readonly string[]): Told {
  const told = new Map<string, string>();
  for (let at = 0; at < argv.length; at += 2) {
    const [name = "", value] = [argv[at], argv[at + 1]];
    if (!/^--(only|seeds|from|steps|jobs)$/.test(name) || value === undefined)
      throw new Error(`Not known: ${name}. Say [--only NAME] [--seeds N] [--from K] [--steps M] [--jobs J]`);
    told.set(name.slice(2), value);
  }
  const number = (name: string, otherwise: number): number => {
    const value = Number(told.get(name) ?? otherwise);
    if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} needs a whole number above 0`);
    return value;
  };
  return {
    only: told.get("only") ?? null,
    seeds: number("seeds", 2_000),
    from: number("from", 1),
    steps: number("steps", 500),
    jobs: number("jobs", availableParallelism()),
  };
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Runs one seed in a bundle of its own; the sound house is asked again on every seed that seems to catch a bug. */
async function runOne(path: string, seed: string, steps: number): Promise<SeedResult | null> {
  const results: SeedResult[] = [];
  const onDone = (done: { readonly result: SeedResult }): void => void results.push(done.result);
  const { signal } = new AbortController();
  await sweep({ tasks: [{ seed, steps }], jobs: 1, workerPath: path, signal, onDone });
  return results[0] ?? null;
}

type Caught = {
  readonly seed: string;
  readonly ran: number;
  readonly by: readonly string[];
  readonly passedOver: number;
};

async function hunt(mutant: Mutant, told: Told, soundPath: string): Promise<Caught | { readonly ran: number }> {
  const bundle = await bundleWorker(process.cwd(), { name: "-mutant", plugins: [mutantPlugin(mutant)] });
  try {
    let [next, ran, passedOver] = [told.from, 0, 0];
    const last = told.from + told.seeds - 1;
    while (next <= last) {
      const stop = new AbortController();
      const failed: SeedResult[] = [];
      const tasks = Array.from({ length: last - next + 1 }, (_, index) => ({
        seed: String(next + index),
        steps: told.steps,
      }));
      const { finished } = await sweep({
        tasks,
        jobs: Math.min(told.jobs, tasks.length),
        workerPath: bundle.path,
        signal: stop.signal,
        onDone({ result }) {
          if (result.violations.length === 0) return;
          failed.push(result);
          stop.abort();
        },
      });
      ran += finished;
      const first = failed.sort((left, right) => Number(left.seed) - Number(right.seed))[0];
      if (first === undefined) return { ran };
      const sound = await runOne(soundPath, first.seed, told.steps);
      if (sound?.violations.length === 0)
        return { seed: first.seed, ran, passedOver, by: [...new Set(first.violations.map((one) => one.invariant))] };
      passedOver += 1;
      next = Number(first.seed) + 1;
    }
    return { ran };
  } finally {
    bundle.remove();
  }
}

function row(mutant: Mutant, found: Awaited<ReturnType<typeof hunt>>): string {
  const cells =
    "seed" in found
      ? [
          found.by.join(", "),
          found.seed,
          `${found.ran}${found.passedOver > 0 ? ` (${found.passedOver} passed over)` : ""}`,
        ]
      : ["not caught", "", String(found.ran)];
  return [mutant.name.padEnd(34), (cells[0] ?? "").padEnd(22), (cells[1] ?? "").padEnd(8), cells[2] ?? ""].join(" | ");
}

async function main(told: Told): Promise<number> {
  const wanted = mutants.filter((mutant) => told.only === null || told.only.split(",").includes(mutant.name));
  if (wanted.length === 0) throw new Error(`No mutant is called ${told.only ?? ""}`);
  const sound = await bundleWorker(process.cwd(), { name: "-sound" });
  let caught = 0;
  try {
    say(["mutant".padEnd(34), "caught by".padEnd(22), "seed".padEnd(8), "seeds needed"].join(" | "));
    for (const mutant of wanted) {
      const found = await hunt(mutant, told, sound.path);
      const isExpected = "seed" in found;
      if (isExpected) caught += 1;
      const isOther = isExpected && !found.by.some((id) => (mutant.expects as readonly string[]).includes(id));
      say(`${row(mutant, found)}${isOther ? `  (expected ${mutant.expects.join(", ")})` : ""}`);
    }
  } finally {
    sound.remove();
  }
  say(`mutants: ${caught} of ${wanted.length} caught`);
  return caught === wanted.length ? 0 : 1;
}

process.exitCode = await main(readArguments(process.argv.slice(2)));
