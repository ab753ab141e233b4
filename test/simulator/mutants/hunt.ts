/**
 * One planted bug after another meets one seed after another until the oracle notices. A seed on which the sound house is
 * accused as well proves nothing and is passed over; so does an error of the simulator itself.
 */
import { type Bundle, bundleWorker } from "../bundle.ts";
import type { SeedResult } from "../run.ts";
import { openRunner, type Runner } from "../runner.ts";
import type { KnownSeed } from "./known_seeds.ts";
import type { Mutant } from "./mutant.ts";
import { mutantPlugin } from "./plugin.ts";

export type Caught = KnownSeed & { readonly by: readonly string[] };
export type Found = {
  readonly mutant: Mutant;
  /** As many as were wanted, or fewer. */
  readonly catches: readonly Caught[];
  readonly ran: number;
  /** Seeds that accused the mutant and the sound house alike. */
  readonly passedOver: readonly string[];
  /** Why it could not be planted at all. */
  readonly problem?: string;
};

/** The house without a bug; each seed is asked once, whoever needs to know. */
export type Sound = {
  keeps(wish: { readonly seed: string; readonly steps: number }): Promise<boolean>;
  end(): void;
};

export async function openSound(): Promise<Sound> {
  const bundle = await bundleWorker(process.cwd(), { name: "-sound" });
  const runner = openRunner(bundle.path);
  const known = new Map<string, Promise<boolean>>();
  return {
    keeps(wish) {
      const key = `${wish.seed} ${wish.steps}`;
      const answer = known.get(key) ?? runner.run(wish).then(({ violations }) => violations.length === 0);
      known.set(key, answer);
      return answer;
    },
    end() {
      runner.end();
      bundle.remove();
    },
  };
}

export type HuntWish = {
  readonly mutant: Mutant;
  /** In the order in which they are tried; none is tried twice. */
  readonly seeds: Iterable<string>;
  readonly steps: number;
  /** How many seeds that catch it are wanted. */
  readonly wanted: number;
  /** Seeds that are tried at most once the first has caught it. */
  readonly furtherMax: number;
  readonly sound: Sound;
};

export async function hunt(wish: HuntWish): Promise<Found> {
  const { mutant } = wish;
  const bundle = await planted(mutant);
  if (typeof bundle === "string") return { mutant, catches: [], ran: 0, passedOver: [], problem: bundle };
  const runner = openRunner(bundle.path);
  try {
    return await huntWith(runner, wish);
  } finally {
    runner.end();
    bundle.remove();
  }
}

/** A text that stands in the source no more must not keep the others from being hunted. */
const planted = (mutant: Mutant): Promise<Bundle | string> =>
  bundleWorker(process.cwd(), { name: `-${mutant.name}`, plugins: [mutantPlugin(mutant)] }).catch((error: unknown) =>
    String(error),
  );

async function huntWith(runner: Runner, { mutant, seeds, steps, wanted, furtherMax, sound }: HuntWish): Promise<Found> {
  const catches: Caught[] = [];
  const passedOver: string[] = [];
  const tried = new Set<string>();
  let further = 0;
  for (const seed of seeds) {
    if (tried.has(seed)) continue;
    if (catches.length >= wanted || further > furtherMax) break;
    tried.add(seed);
    if (catches.length > 0) further += 1;
    const result = await runner.run({ seed, steps });
    if (!isNoticed(result)) continue;
    if (await sound.keeps({ seed, steps })) catches.push({ seed, steps: result.steps, by: invariantsOf(result) });
    else passedOver.push(seed);
  }
  return { mutant, catches, ran: tried.size, passedOver };
}

const isNoticed = ({ violations }: SeedResult): boolean =>
  violations.length > 0 && violations.every(({ invariant }) => invariant !== "SIM");

const invariantsOf = ({ violations }: SeedResult): readonly string[] => [
  ...new Set(violations.map(({ invariant }) => invariant)),
];

/** Runs `act` on each, `lanes` of them at a time; results are told in the order of the list as soon as that is possible. */
export async function inLanes<Item, Value>(
  items: readonly Item[],
  lanes: number,
  act: (item: Item) => Promise<Value>,
  tell: (value: Value) => void,
): Promise<readonly Value[]> {
  const values = new Map<number, Value>();
  let [next, told] = [0, 0];
  const lane = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) {
      values.set(at, await act(items[at] as Item));
      for (let value = values.get(told); value !== undefined; value = values.get(told)) {
        tell(value);
        told += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, lanes) }, lane));
  return items.map((_, index) => values.get(index) as Value);
}
