/**
 * npm run sim:mutants -- [--quick | --learn] [--only NAME[,NAME]] [--seeds N] [--from K] [--steps M] [--jobs J]
 *
 * Plants one bug after another and runs seeds until the oracle catches it (hunt.ts).
 *
 *   --quick   begins with the seeds that are known to catch it (known_seeds.ts), then those of the others, then a few more
 *   --learn   looks for several seeds for each and writes them to known_seeds.ts
 *
 * The last line is "mutants: N of M caught"; the exit code is 1 when one was not.
 */
import { availableParallelism } from "node:os";
import { themeNames } from "../themes.ts";
import { type Found, hunt, inLanes, openSound, type Sound } from "./hunt.ts";
import { knownSeeds } from "./known_seeds.ts";
import { learn, provenSeeds } from "./learn.ts";
import type { Mutant } from "./mutant.ts";
import { mutants } from "./mutants.ts";

type Mode = "full" | "quick" | "learn";
type Told = {
  readonly mode: Mode;
  readonly only: readonly string[] | null;
  readonly seeds: number;
  readonly from: number;
  readonly steps: number;
  readonly jobs: number;
};

const usage = "Say [--quick | --learn] [--only NAME[,NAME]] [--seeds N] [--from K] [--steps M] [--jobs J]";
/** Seeds that the quick mode tries when the known ones and those of the others have shifted. */
const quickSeeds = 60;
/** Of the seeds that catch others, those that catch most. */
const provenTried = 6;
/** Seeds of each world that a mutant names. */
const hintedRounds = 24;
const seedsKept = 2;
/** Once one seed is known, so many more are tried for the others. */
const furtherMax = 15;

function readArguments(argv: readonly string[]): Told {
  const told = new Map<string, string>();
  let mode: Mode = "full";
  for (let at = 0; at < argv.length; at += 1) {
    const name = argv[at] ?? "";
    if (name === "--quick" || name === "--learn") {
      mode = name === "--quick" ? "quick" : "learn";
      continue;
    }
    at += 1;
    const value = argv[at];
    if (!/^--(only|seeds|from|steps|jobs)$/.test(name) || value === undefined)
      throw new Error(`Not known: ${name}. ${usage}`);
    told.set(name.slice(2), value);
  }
  const number = (name: string, otherwise: number): number => {
    const value = Number(told.get(name) ?? otherwise);
    if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} needs a whole number above 0`);
    return value;
  };
  return {
    mode,
    only: told.get("only")?.split(",") ?? null,
    seeds: number("seeds", mode === "quick" ? quickSeeds : 2_000),
    from: number("from", 1),
    steps: number("steps", 500),
    jobs: number("jobs", Math.min(2, availableParallelism())),
  };
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/**
 * All worlds in turn: a plain one, then one of each theme, then the next plain one. Who is in a hurry asks before that what
 * caught this bug or others the last time, and the worlds in which it shows soonest.
 */
function* seedsFor(mutant: Mutant, told: Told, caught: readonly Found[]): Iterable<string> {
  const rounds = Math.ceil(told.seeds / (themeNames.length + 1));
  if (told.mode !== "full") {
    for (const { seed } of knownSeeds[mutant.name] ?? []) yield seed;
    yield* provenSeeds(caught).slice(0, provenTried);
    for (let round = told.from; round < told.from + hintedRounds; round += 1)
      for (const world of mutant.worlds ?? []) yield `${world}:${round}`;
  }
  for (let round = told.from; round < told.from + rounds; round += 1) {
    yield String(round);
    for (const world of themeNames) yield `${world}:${round}`;
  }
}

const huntFor = (
  mutant: Mutant,
  told: Told,
  { sound, caught }: { sound: Sound; caught: readonly Found[] },
): Promise<Found> =>
  hunt({
    mutant,
    seeds: seedsFor(mutant, told, caught),
    steps: told.steps,
    wanted: told.mode === "learn" ? seedsKept : 1,
    furtherMax,
    sound,
  });

const line = (cells: readonly string[]): string =>
  [34, 22, 14, 12].map((width, at) => (cells[at] ?? "").padEnd(width)).join(" | ");

function row({ mutant, catches, ran, passedOver, problem }: Found): string {
  if (problem !== undefined) return line([mutant.name, "not planted", "", problem]);
  const first = catches[0];
  const runs = `${ran}${passedOver.length > 0 ? ` (${passedOver.length} passed over)` : ""}`;
  if (first === undefined) return line([mutant.name, "not caught", "", runs]);
  const isOther = !first.by.some((id) => (mutant.expects as readonly string[]).includes(id));
  const seeds = catches.map(({ seed }) => seed).join(" ");
  const cells = line([mutant.name, first.by.join(", "), seeds, `${runs}, step ${first.steps}`]);
  return `${cells}${isOther ? `  (expected ${mutant.expects.join(", ")})` : ""}`;
}

async function main(told: Told): Promise<number> {
  const wanted = mutants.filter((mutant) => told.only === null || told.only.includes(mutant.name));
  if (wanted.length === 0) throw new Error(`No mutant is called ${told.only?.join(" or ") ?? ""}`);
  const started = performance.now();
  const sound = await openSound();
  try {
    say(line(["mutant", "caught by", "seed", "seeds run"]));
    const soFar: Found[] = [];
    const all = await inLanes(
      wanted,
      told.jobs,
      async (mutant) => {
        const found = await huntFor(mutant, told, { sound, caught: soFar });
        soFar.push(found);
        // At once: a long hunt that is broken off keeps what it found.
        if (told.mode === "learn") learn(soFar);
        return found;
      },
      (found) => say(row(found)),
    );
    const caught = all.filter(({ catches }) => catches.length > 0);
    const escaped = all.filter(({ catches }) => catches.length === 0);
    if (escaped.length > 0) say(`escaped: ${escaped.map(({ mutant }) => mutant.name).join(", ")}`);
    const passedOver = new Set(all.flatMap((found) => found.passedOver));
    if (passedOver.size > 0) say(`seeds that accuse the sound house too: ${[...passedOver].join(", ")}`);
    say(`${((performance.now() - started) / 1_000).toFixed(1)} s`);
    say(`mutants: ${caught.length} of ${wanted.length} caught`);
    return escaped.length === 0 ? 0 : 1;
  } finally {
    sound.end();
  }
}

process.exitCode = await main(readArguments(process.argv.slice(2)));
