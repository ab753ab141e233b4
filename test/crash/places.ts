/** Which places each scenario passes, as the last `--scout` has written it down, and which of them a run kills at. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crashHooks } from "../../src/flows/crash_hooks.ts";
import type { Pair } from "./rounds.ts";
import { type CrashScenario, scenarios } from "./scenarios.ts";
import { unreachable } from "./unreachable.ts";

const path = join(import.meta.dirname, "places.json");

/** By the name of the scenario. A hook that has another name now is left out. */
function knownPlaces(): ReadonlyMap<string, readonly string[]> {
  const known = new Set<string>(crashHooks);
  const written = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Record<string, string[]>) : {};
  return new Map(Object.entries(written).map(([name, hooks]) => [name, hooks.filter((hook) => known.has(hook))]));
}

/** Keeps what was known of scenarios that were not scouted this time. */
export function writePlaces(found: ReadonlyMap<string, readonly string[]>): void {
  const all = new Map([...knownPlaces(), ...found]);
  const rows = scenarios.flatMap(({ name }) => {
    const hooks = all.get(name);
    return hooks === undefined ? [] : [[name, crashHooks.filter((hook) => hooks.includes(hook))] as const];
  });
  writeFileSync(path, `${JSON.stringify(Object.fromEntries(rows), null, 2)}\n`);
}

export function pairsOf(wanted: readonly CrashScenario[], hook: string | null): readonly Pair[] {
  const places = knownPlaces();
  return wanted.flatMap((scenario) =>
    (places.get(scenario.name) ?? [])
      .filter((one) => hook === null || one === hook)
      .map((one) => ({ scenario, hook: one, nth: scenario.isSecondPass?.(one) === true ? 2 : 1 })),
  );
}

/** Places that no scenario passes; each must have its reason. */
export function neverPassed(): readonly { readonly hook: string; readonly because: string | null }[] {
  const passed = new Set([...knownPlaces().values()].flat());
  return crashHooks
    .filter((hook) => !passed.has(hook))
    .map((hook) => ({ hook, because: unreachable[hook.replace(/^(before|after) (commit )?/, "")] ?? null }));
}

const killsEach = 3;

/** Each place once, in the quick scenario that has the fewest kills so far; then more until every scenario has three. */
export function choose(pairs: readonly Pair[]): readonly Pair[] {
  const chosen: Pair[] = [];
  const killsOf = (scenario: CrashScenario) => chosen.filter((pair) => pair.scenario === scenario).length;
  const weight = ({ scenario }: Pair) => killsOf(scenario) + (scenario.isSlow === true ? 100 : 0);
  const ways = (hook: string) => pairs.filter((pair) => pair.hook === hook);
  const hooks = [...new Set(pairs.map((pair) => pair.hook))].sort(
    (one, other) => ways(one).length - ways(other).length,
  );
  for (const hook of hooks) {
    const [best] = [...ways(hook)].sort((one, other) => weight(one) - weight(other));
    if (best !== undefined) chosen.push(best);
  }
  const spread = [...pairs].sort((one, other) => ways(one.hook).length - ways(other.hook).length);
  for (const pair of spread) if (killsOf(pair.scenario) < killsEach && !chosen.includes(pair)) chosen.push(pair);
  return chosen;
}
