/** The crash matrix within the ordinary tests: a kill in each scenario, the same kill twice, and a planted bug that it finds. */
import { describe, expect, test } from "vitest";
import type { CrashHook } from "../../src/flows/crash_hooks.ts";
import { bundleWorker } from "./bundle.ts";
import { readArguments } from "./matrix/main.ts";
import { choosePairs, killOf, scenesOf, scoutOf } from "./matrix/pairs.ts";
import { type ScenarioName, type Scene, scenarioNames } from "./matrix/scene.ts";
import { findScene, scenes } from "./matrix/scenes.ts";
import { mutants } from "./mutants/mutants.ts";
import { mutantPlugin } from "./mutants/plugin.ts";
import { runSeed, runTwice, type SeedResult } from "./run.ts";
import { sweep } from "./sweep.ts";

type Kill = readonly [ScenarioName, string, CrashHook];

const kills: readonly Kill[] = [
  ["entry", "by policy", "after commit order_sending"],
  ["stop", "placed, then reached", "before commit order_acknowledged"],
  ["exit", "a person asks", "after commit exit_triggered"],
  ["cancel", "at once", "after wire cancel"],
  ["reconcile", "a person sold", "after commit house_started"],
  ["flatten", "one position", "after commit level_changed"],
  ["shutdown", "with a position", "before commit house_stopped"],
  ["approval", "two chats say yes", "after commit vote_cast"],
  // What the matrix has found: the house broke a promise there, or on the way to there.
  ["flatten", "an emergency with two", "after commit order_sending"],
  ["entry", "its answer is lost", "after commit order_found"],
  ["reconcile", "it was liquidated", "after commit order_rejected"],
  ["reconcile", "nobody will ever know", "after commit order_declared_lost"],
  ["reconcile", "the question was decided", "after commit order_adopted"],
];

const wishOf = ([scenario, name, hook]: Kill, nth = 1) => killOf({ scene: findScene(scenario, name), hook, nth });

const said = ({ violations }: SeedResult): readonly string[] =>
  violations.map(({ invariant, what }) => `${invariant}: ${what}`);

describe("a house that is killed at a place", () => {
  test.each(kills)("%s, %s, %s: comes back and breaks no promise", async (...kill) => {
    const result = await runSeed(wishOf(kill));
    expect(said(result)).toEqual([]);
    expect(result.places?.isStruck).toBe(true);
    expect(result.totals.crashes).toBe(1);
    expect(result.totals.starts).toBeGreaterThan(1);
  });

  test("takes the same course twice [K07]", async () => {
    const { first, isSame } = await runTwice({ ...wishOf(kills[0] as Kill), lines: 100_000 });
    expect(isSame).toBe(true);
    expect(first.story.some((line) => line.includes("p1 dies after commit order_sending"))).toBe(true);
  });

  test("a place that nobody comes to pass is a failure, not a success", async () => {
    const result = await runSeed(wishOf(["entry", "by policy", "after commit order_sending"], 99));
    expect(said(result)).toEqual([
      'SCENE: nobody came to pass 99 of "after commit order_sending", though the scout had',
    ]);
  });

  test("a bug that only a death brings out is found: a restart that takes what was on the wire for never sent", async () => {
    const mutant = mutants.find(({ name }) => name === "restart_means_not_sent");
    if (mutant === undefined) throw new Error("That bug is not planted any more: take another that needs a restart");
    const bundle = await bundleWorker(process.cwd(), { name: "-matrix-test", plugins: [mutantPlugin(mutant)] });
    try {
      const { failed, finished } = await sweep({
        tasks: [
          wishOf(["entry", "by policy", "after wire place"]),
          wishOf(["approval", "everybody says no", "after commit vote_cast"]),
        ],
        jobs: 1,
        workerPath: bundle.path,
        signal: new AbortController().signal,
        onDone: () => undefined,
      });
      expect(finished).toBe(2);
      expect(failed.map(({ label }) => label)).toEqual(["entry/by policy · after wire place · pass 1"]);
      expect(
        failed[0]?.violations.some(({ invariant }) => (mutant.expects as readonly string[]).includes(invariant)),
      ).toBe(true);
    } finally {
      bundle.remove();
    }
  }, 60_000);
});

describe("the scenes", () => {
  test("each scenario has several, each with its own name and with places that it must pass", () => {
    expect(new Set(scenes.map(({ scenario, name }) => `${scenario}/${name}`)).size).toBe(scenes.length);
    for (const scenario of scenarioNames) expect(scenesOf([scenario]).length).toBeGreaterThanOrEqual(5);
    for (const scene of scenes) expect(scene.passes.length, scene.name).toBeGreaterThan(0);
  });

  test("a scene whose matter does not happen is a failure", async () => {
    const scene: Scene = findScene("approval", "everybody says no");
    const result = await runSeed({ ...scoutOf(scene), steps: 5 });
    expect(said(result)).toContain("SCENE: its own matter did not happen: no after commit vote_cast");
  });
});

describe("which pairs are run", () => {
  const scouted = new Map([
    ["entry/asked", resultOf("entry/asked", { "after commit vote_cast": 2 })],
    ["entry/by policy", resultOf("entry/by policy", { "after commit vote_cast": 3, "after wire place": 1 })],
  ]);
  const chosen = (change: Partial<Parameters<typeof choosePairs>[1]>): readonly string[] =>
    choosePairs(scouted, { scenarios: ["entry"], hook: null, nth: 1, isEveryScene: false, ...change }).map(
      ({ scene, hook, nth }) => `${scene.name} ${hook} ${nth}`,
    );

  test("each place in one of the scenes that pass it", () => {
    expect(chosen({})).toEqual(["by policy after commit vote_cast 1", "by policy after wire place 1"]);
  });

  test("the first passes in turn, each where it is passed that often", () => {
    expect(chosen({ nth: 3 })).toEqual([
      "by policy after commit vote_cast 1",
      "asked after commit vote_cast 2",
      "by policy after commit vote_cast 3",
      "by policy after wire place 1",
    ]);
  });

  test("one pair alone is the same as among all", () => {
    expect(chosen({ nth: 2, hook: "after commit vote_cast" })).toEqual(["asked after commit vote_cast 2"]);
  });

  test("all scenes when asked for", () => {
    expect(chosen({ hook: "after commit vote_cast", isEveryScene: true })).toHaveLength(2);
  });

  test.each([
    [["--matrix", "--only", "lunch"], "--only knows"],
    [["--matrix", "--hook", "after lunch"], "No place is called"],
    [["--matrix", "--nth", "0"], "--nth needs a whole number above 0"],
    [["--matrix", "--seed", "1"], "Not known: --seed"],
  ])("%j is refused", (argv, because) => {
    expect(() => readArguments(argv)).toThrow(because);
  });
});

function resultOf(label: string, passed: Readonly<Record<string, number>>): SeedResult {
  return {
    seed: label,
    label,
    steps: 1,
    trace: "",
    totals: {} as SeedResult["totals"],
    violations: [],
    story: [],
    families: [],
    profile: "kucoin",
    simulatedS: 1,
    places: { passed, isStruck: false },
  };
}
