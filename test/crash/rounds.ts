/** One kill after another: prepare, arm, act, die, start again, judge. */
import { until } from "../smoke/until.ts";
import type { CrashScenario } from "./scenarios.ts";
import { type CrashScene, openCrashScene, settle, startAgain, tidy } from "./scene.ts";

export type Pair = { readonly scenario: CrashScenario; readonly hook: string; readonly nth: number };
export type Round = {
  readonly pair: Pair;
  /** Unprepared: nothing was killed, because the state before it did not come about; a loaded machine halts the house. */
  readonly outcome: "recovered" | "not reached" | "unprepared" | "violated" | "stuck";
  readonly problems: readonly string[];
  readonly ms: number;
};

/** Longer than any act needs, on a slow machine too. */
const actMs = 240_000;
/** After an act the house goes on by itself for a moment: protection, cards, the end of a prompt. */
const afterglowMs = 2_000;

/** Acts, and waits for the death of the bot or for the end of the act, whichever comes first. */
async function actOrDie(scene: CrashScene, scenario: CrashScenario): Promise<string | null> {
  const ended: { isOver: boolean; problem: string | null } = { isOver: false, problem: null };
  // Some acts begin with a bot that is dead already: its start is the act.
  const dead = hasDied(scene) ? scene.bot : null;
  const diesNow = (): boolean => hasDied(scene) && scene.bot !== dead;
  void scenario
    .act(scene)
    .catch((error: unknown) => {
      ended.problem = String(error).slice(0, 1_000);
    })
    .then(() => new Promise((resolve) => setTimeout(resolve, afterglowMs)))
    .then(() => {
      ended.isOver = true;
    });
  await until(`the end of "${scenario.name}" or of the bot`, () => ended.isOver || diesNow(), {
    deadlineMs: actMs,
  });
  return hasDied(scene) ? null : ended.problem;
}

const hasDied = ({ bot }: CrashScene): boolean => bot.whyEnded() !== null;

/** Which hooks a scenario passes between its arming and the quiet after it, with nobody killed. */
export async function scout(scene: CrashScene, scenario: CrashScenario): Promise<readonly string[]> {
  await scenario.prepare(scene);
  scene.takeTrace();
  const problem = await actOrDie(scene, scenario);
  if (problem !== null) throw new Error(`${scenario.name} does not work even when nobody dies: ${problem}`);
  const passed = scene.takeTrace();
  if (hasDied(scene)) await startAgain(scene);
  const problems = await settle(scene);
  if (problems.length > 0)
    throw new Error(`${scenario.name} breaks a rule even when nobody dies: ${problems.join("; ")}`);
  const counts = new Map<string, number>();
  for (const hook of passed) counts.set(hook, (counts.get(hook) ?? 0) + 1);
  return [...counts]
    .filter(([hook, count]) => scenario.isSecondPass?.(hook) !== true || count > 1)
    .map(([hook]) => hook);
}

async function killOnce(scene: CrashScene, pair: Pair): Promise<Round> {
  const { scenario, hook, nth } = pair;
  const started = performance.now();
  const done = (outcome: Round["outcome"], problems: readonly string[] = []): Round => ({
    pair,
    outcome,
    problems,
    ms: Math.round(performance.now() - started),
  });
  try {
    const problem = await scenario.prepare(scene).then(
      () => null,
      (error: unknown) => String(error).slice(0, 1_000),
    );
    if (problem !== null) return done("unprepared", [problem, ...(await settle(scene))]);
    scene.arm(hook, nth);
    await actOrDie(scene, scenario);
    const wasKilled = scene.disarm();
    if (wasKilled) await scene.bot.ended;
    scene.stage.exchange.faults.outage(false);
    if (hasDied(scene)) await startAgain(scene);
    const problems = await settle(scene);
    if (problems.length > 0) return done("violated", [...problems, scene.bot.output().slice(-2_000)]);
    await tidy(scene);
    return done(wasKilled ? "recovered" : "not reached");
  } catch (error) {
    return done("stuck", [String(error).slice(0, 3_000)]);
  }
}

/** Trades that end at a loss count as a streak, and a streak ends the entries; a breaker can be reset alone three times a day. */
const spentMax = 15;
const costly = 5;

/** Works through its share of the pairs; a scene that broke is replaced, so that one finding does not hide the next. */
export async function workThrough(
  name: string,
  next: () => Pair | undefined,
  tell: (round: Round) => void,
): Promise<void> {
  let scene: CrashScene | null = null;
  let spent = 0;
  for (let pair = next(); pair !== undefined; pair = next()) {
    const wanted = pair;
    scene ??= await openCrashScene(`crash-${name}`).catch((error: unknown) => {
      // Nothing was killed yet: a machine too busy to open a house in time is no finding about the house.
      tell({ pair: wanted, outcome: "unprepared", problems: [String(error).slice(0, 3_000)], ms: 0 });
      return null;
    });
    if (scene === null) continue;
    const round = await killOnce(scene, pair);
    tell(round);
    spent += pair.scenario.isCostly === true ? costly : 1;
    const isFine = round.outcome === "recovered" || round.outcome === "not reached";
    if (isFine && spent < spentMax) continue;
    await scene.stage.close();
    scene = null;
    spent = 0;
  }
  await scene?.stage.close();
}
