/** Which house dies where: by what the scouts have passed, every place in every scenario that passes it. */
import { type CrashHook, crashHooks } from "../../../src/flows/crash_hooks.ts";
import type { RunWish, SeedResult } from "../run.ts";
import { type ScenarioName, type Scene, scenarioNames } from "./scene.ts";
import { scenes } from "./scenes.ts";

export type Pair = { readonly scene: Scene; readonly hook: CrashHook; readonly nth: number };
export type Choice = {
  readonly scenarios: readonly ScenarioName[];
  /** One place only, and then exactly the nth pass; null = every place, and every pass up to the nth. */
  readonly hook: CrashHook | null;
  readonly nth: number;
  /** In every scene of a scenario, and not only in one that passes the place. */
  readonly isEveryScene: boolean;
};

const named = ({ scenario, name }: Scene): string => `${scenario}/${name}`;

/** A scene with nobody killed. */
export const scoutOf = (scene: Scene): RunWish => ({
  seed: named(scene),
  steps: scene.steps,
  scene: { scenario: scene.scenario, name: scene.name, hook: null, nth: 1 },
});

export const scenesOf = (scenarios: readonly ScenarioName[]): readonly Scene[] =>
  scenes.filter(({ scenario }) => scenarios.includes(scenario));

export const labelOf = ({ scene, hook, nth }: Pair): string => `${named(scene)} · ${hook} · pass ${nth}`;

export const killOf = (pair: Pair): RunWish => {
  const { scene, hook, nth } = pair;
  return { ...scoutOf(scene), label: labelOf(pair), scene: { scenario: scene.scenario, name: scene.name, hook, nth } };
};

/** @param scouted by the label of the scout; a scene that fails with nobody killed is left out. */
export function choosePairs(scouted: ReadonlyMap<string, SeedResult>, choice: Choice): readonly Pair[] {
  const hooks = choice.hook === null ? crashHooks : [choice.hook];
  const passes = choice.hook === null ? Array.from({ length: choice.nth }, (_, index) => index + 1) : [choice.nth];
  return choice.scenarios.flatMap((scenario) => {
    const sound = scenesOf([scenario]).filter((scene) => scouted.get(named(scene))?.violations.length === 0);
    return hooks.flatMap((hook) =>
      passes.flatMap((nth) => {
        const fitting = sound.filter((scene) => passedBy(scouted, scene, hook) >= nth);
        // In turn, by the place alone, so that one pair is played in the same scene whether it is told alone or with all.
        const turn = (crashHooks.indexOf(hook) + nth - 1) % Math.max(1, fitting.length);
        const chosen = choice.isEveryScene ? fitting : fitting.slice(turn, turn + 1);
        return chosen.map((scene) => ({ scene, hook, nth }));
      }),
    );
  });
}

const passedBy = (scouted: ReadonlyMap<string, SeedResult>, scene: Scene, hook: CrashHook): number =>
  scouted.get(named(scene))?.places?.passed[hook] ?? 0;

/** Places that no scout has passed. */
export const neverPassed = (scouted: ReadonlyMap<string, SeedResult>): readonly CrashHook[] =>
  crashHooks.filter((hook) => ![...scouted.values()].some((result) => (result.places?.passed[hook] ?? 0) > 0));

export const isScenario = (word: string): word is ScenarioName => (scenarioNames as readonly string[]).includes(word);
