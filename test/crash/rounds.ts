/** One kill after another: prepare, arm, act, die, start again, judge. */
import { until } from "../smoke/until.ts";
import type { CrashScenario } from "./scenarios.ts";
import { arm, type CrashScene, disarm, openCrashScene, settle, startAgain, takeTrace, toBase } from "./scene.ts";

export type Pair = { readonly scenario: CrashScenario; readonly hook: string; readonly nth: number };
export type Round = {
  readonly scenario: string;
  readonly hook: string;
  readonly outcome: "recovered" | "not reached" | "violated" | "stuck";
  readonly problems: readonly string[];
  readonly ms: number;
};

/** What an act may take before it is taken for done. A lost cancel is asked about for some seconds. */
const actMs = 12_000;
/** After an act the house goes on by itself for a moment: protection, cards, the end of a prompt. */
const afterglowMs = 2_000;

/** Acts, and waits for the death of the bot or for the end of the act, whichever comes first. */
async function actOrDie(scene: CrashScene, scenario: CrashScenario): Promise<void> {
  let isOver = false;
  const acted = scenario
    .act(scene)
    .catch(() => undefined)
    .then(() => new Promise((resolve) => setTimeout(resolve, afterglowMs)))
    .then(() => {
      isOver = true;
    });
  const started = performance.now();
  await until(
    "the act is over or the bot has died",
    () => isOver || hasDied(scene) || performance.now() - started > actMs,
    {
      deadlineMs: actMs * 3,
    },
  );
  if (hasDied(scene)) return;
  await Promise.race([acted, scene.bot.ended]);
}

const hasDied = ({ bot }: CrashScene): boolean => bot.whyEnded() !== null;

/** Which hooks a scenario passes between its arming and the quiet after it, with nobody killed. */
export async function scout(scene: CrashScene, scenario: CrashScenario): Promise<readonly string[]> {
  await scenario.prepare(scene);
  takeTrace(scene);
  await actOrDie(scene, scenario);
  if (hasDied(scene)) await startAgain(scene);
  const problems = await settle(scene);
  if (problems.length > 0)
    throw new Error(`${scenario.name} breaks a rule even when nobody dies: ${problems.join("; ")}`);
  const passed = takeTrace(scene);
  await toBase(scene);
  const counts = new Map<string, number>();
  for (const hook of passed) counts.set(hook, (counts.get(hook) ?? 0) + 1);
  return [...counts]
    .filter(([hook, count]) => scenario.isSecondPass?.(hook) !== true || count > 1)
    .map(([hook]) => hook);
}

export async function killOnce(scene: CrashScene, { scenario, hook, nth }: Pair): Promise<Round> {
  const started = performance.now();
  const done = (outcome: Round["outcome"], problems: readonly string[] = []): Round => ({
    scenario: scenario.name,
    hook,
    outcome,
    problems,
    ms: Math.round(performance.now() - started),
  });
  try {
    await scenario.prepare(scene);
    arm(scene, hook, nth);
    await actOrDie(scene, scenario);
    disarm(scene);
    const wasKilled = scene.bot.whyEnded()?.includes("SIGKILL") === true;
    if (hasDied(scene)) await startAgain(scene);
    const problems = await settle(scene);
    await toBase(scene);
    const after = await settle(scene);
    if (problems.length + after.length > 0) return done("violated", [...problems, ...after]);
    return done(wasKilled ? "recovered" : "not reached");
  } catch (error) {
    return done("stuck", [String(error).slice(0, 3_000)]);
  }
}

/** Works through its share of the pairs; a scene that broke is replaced, so that one finding does not hide the next. */
export async function workThrough(
  name: string,
  next: () => Pair | undefined,
  tell: (round: Round) => void,
): Promise<void> {
  let scene: CrashScene | null = null;
  for (let pair = next(); pair !== undefined; pair = next()) {
    scene ??= await openCrashScene(`crash-${name}`);
    const round = await killOnce(scene, pair);
    tell(round);
    if (round.outcome === "recovered" || round.outcome === "not reached") continue;
    await scene.stage.close();
    scene = null;
  }
  await scene?.stage.close();
}
