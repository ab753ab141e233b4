/**
 * Runs one seed: events in the order of the scheduler, every promise drained between two of them, the oracle after each step.
 *
 *   storm: until `steps` steps are counted  -->  calm: everything is mended; must settle within 10 minutes of the world
 */
import { mark } from "../../src/core/mark.ts";
import type { Violation } from "./contract.ts";
import { playOf } from "./matrix/play.ts";
import type { SceneWish } from "./matrix/scene.ts";
import { problemOfScene } from "./matrix/scene_problem.ts";
import { invariants } from "./oracle/index.ts";
import { whatIsUnsettled } from "./settled.ts";
import type { Totals } from "./stats.ts";
import { openWorld, type World } from "./world.ts";

export type SeedResult = {
  readonly seed: string;
  /** As it was told; the seed where nothing was. */
  readonly label: string;
  readonly steps: number;
  /** Steps of the storm that were asked for: a replay must ask for as many. */
  readonly asked?: number;
  readonly trace: string;
  readonly totals: Totals;
  readonly violations: readonly Violation[];
  /** The last lines of the story; all of them when asked for. */
  readonly story: readonly string[];
  readonly families: readonly string[];
  readonly profile: string;
  /** Simulated seconds. */
  readonly simulatedS: number;
  /** Of a scene: how often each place where a process can die was passed, and whether one died there. */
  readonly places?: { readonly passed: Readonly<Record<string, number>>; readonly isStruck: boolean };
};

export type RunWish = {
  readonly seed: string;
  /** Tells runs of one seed apart. */
  readonly label?: string;
  readonly steps: number;
  /** Lines of the story that are kept for a failure. */
  readonly lines?: number;
  /** A scene instead of what the seed would draw. */
  readonly scene?: SceneWish;
};

const calmMsMin = 32_000;
const calmMsMax = 600_000;
const fullEvery = 50;
/** More events than any seed needs; a world that spins without steps is stopped. */
const eventsMax = 2_000_000;

type Run = {
  readonly world: World;
  readonly open: ReturnType<(typeof invariants)[number]["open"]>[];
  readonly violations: Violation[];
  readonly unhandled: unknown[];
  step: number;
  revision: number;
  events: number;
};

export async function runSeed(wish: RunWish): Promise<SeedResult> {
  const unhandled: unknown[] = [];
  const hear = (error: unknown): void => void unhandled.push(error);
  process.on("unhandledRejection", hear);
  const played = wish.scene === undefined ? null : playOf(wish.scene);
  const world = openWorld(wish.seed, played);
  const open = invariants.map((invariant) => invariant.open());
  const run: Run = { world, open, violations: [], unhandled, step: 0, revision: -1, events: 0 };
  const startedAt = world.scheduler.now();
  try {
    await storm(run, wish.steps);
    if (played !== null && run.violations.length === 0) run.violations.push(...problemOfScene(played, world.planned));
    if (run.violations.length === 0) await calm(run);
    if (run.violations.length === 0) judge(run, "full");
  } catch (error) {
    run.violations.push(brokenWorld(error));
  } finally {
    process.off("unhandledRejection", hear);
  }
  return {
    seed: wish.seed,
    label: wish.label ?? wish.seed,
    steps: run.step,
    asked: wish.steps,
    trace: world.story.trace(),
    totals: world.counts.totals,
    violations: run.violations,
    story: world.story.last(wish.lines ?? 60),
    families: [...world.climate.families].map(([family, rate]) => `${family} ${rate.toFixed(2)}`),
    profile: world.view.profile,
    simulatedS: (world.scheduler.now() - startedAt) / 1_000,
    ...placesOf(world),
  };
}

const placesOf = ({ planned }: World): Pick<SeedResult, "places"> =>
  planned === null
    ? {}
    : { places: { passed: Object.fromEntries(planned.passed), isStruck: planned.struckAt() !== null } };

/** The same seed twice. @returns the first course, and whether the second was the same to the last line of its story. */
export async function runTwice(wish: RunWish): Promise<{ readonly first: SeedResult; readonly isSame: boolean }> {
  const [first, second] = [await runSeed(wish), await runSeed(wish)];
  const isSame = first.trace === second.trace && first.story.join("\n") === second.story.join("\n");
  if (isSame) mark("K07.same_course_twice");
  return { first, isSame };
}

const brokenWorld = (error: unknown): Violation => ({
  invariant: "SIM",
  what: "the simulator itself met an error",
  evidence: { error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
});

/** Steps after the death of a scene: the next process starts, and meets what the scene still has for it. */
const afterwards = 110;

async function storm(run: Run, steps: number): Promise<void> {
  const end = (): number => {
    const struckAt = run.world.planned?.struckAt() ?? null;
    return struckAt === null ? steps : struckAt + afterwards;
  };
  while (run.step < end() && run.violations.length === 0) {
    await advance(run);
  }
}

async function calm(run: Run): Promise<void> {
  const { world } = run;
  world.heal();
  const since = world.scheduler.now();
  for (;;) {
    const isStep = await advance(run);
    if (run.violations.length > 0) return;
    const passed = world.scheduler.now() - since;
    if (passed < calmMsMin || !isStep) continue;
    const problem = whatIsUnsettled(world);
    if (problem === null) {
      mark("K06.settled_after_the_last_fault");
      break;
    }
    if (passed < calmMsMax) continue;
    run.violations.push({
      invariant: "L",
      what: `ten minutes after the last fault ${problem}`,
      evidence: { since: new Date(since).toISOString() },
    });
    return;
  }
  for (const one of run.open) run.violations.push(...(one.checkCalm?.(world.view) ?? []));
}

/** One event and everything that follows from it at once. @returns whether it was a step. */
async function advance(run: Run): Promise<boolean> {
  const { world } = run;
  const event = world.scheduler.take();
  if (event === null) throw new Error("Nothing will ever happen again in this world");
  run.events += 1;
  if (run.events > eventsMax) throw new Error(`${eventsMax} events and only ${run.step} steps`);
  const act = event.act;
  event.act = null;
  act?.();
  await settled();
  if (run.unhandled.length > 0) return unhandledRejection(run);
  const revision = world.revision();
  if (revision === run.revision) return false;
  run.revision = revision;
  run.step += 1;
  world.setStep(run.step);
  world.story.step(event.label);
  const isFull = world.takeDeath() || run.step % fullEvery === 0;
  judge(run, isFull ? "full" : "quick");
  return true;
}

/** Resolves when no promise has anything left to do: macrotasks come after all microtasks. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function judge(run: Run, how: "quick" | "full"): void {
  const { view } = run.world;
  for (const one of run.open) {
    const found = how === "full" && one.checkInFull !== undefined ? one.checkInFull(view) : one.check(view);
    for (const violation of found) run.violations.push(violation);
  }
}

/** It would end the real process, at a place that nobody chose. */
function unhandledRejection(run: Run): true {
  const error = run.unhandled[0];
  run.violations.push({
    invariant: "P00",
    what: "a promise of the house was left unhandled, which ends a real process",
    evidence: { error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
  });
  return true;
}
