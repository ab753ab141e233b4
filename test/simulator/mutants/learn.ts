/** Rewrites known_seeds.ts with the seeds of this hunt; a mutant that was not hunted, or escaped, keeps what was known of it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Found } from "./hunt.ts";
import { type KnownSeed, knownSeeds } from "./known_seeds.ts";
import { mutants } from "./mutants.ts";

const path = join("test", "simulator", "mutants", "known_seeds.ts");
const opening = "export const knownSeeds: Readonly<Record<string, readonly KnownSeed[]>> = ";

export function learn(all: readonly Found[]): void {
  const found = new Map(all.filter(({ catches }) => catches.length > 0).map((one) => [one.mutant.name, one.catches]));
  const rows = mutants.flatMap(({ name }) => {
    const seeds: readonly KnownSeed[] = found.get(name) ?? knownSeeds[name] ?? [];
    return seeds.length === 0 ? [] : [`  ${name}: [${seeds.map(shown).join(", ")}],\n`];
  });
  const text = readFileSync(path, "utf8");
  writeFileSync(path, `${text.slice(0, text.indexOf(opening))}${opening}{\n${rows.join("")}};\n`);
}

const shown = ({ seed, steps }: KnownSeed): string => `{ seed: ${JSON.stringify(seed)}, steps: ${steps} }`;

/** Every seed that is known to catch something, those that catch most first: the sound house has to be asked about few. */
export function provenSeeds(lately: readonly Found[]): readonly string[] {
  const times = new Map<string, number>();
  const found = lately.flatMap(({ catches }) => catches);
  for (const { seed } of [...Object.values(knownSeeds).flat(), ...found]) times.set(seed, (times.get(seed) ?? 0) + 1);
  return [...times].sort(([, left], [, right]) => right - left).map(([seed]) => seed);
}
