/**
 * npm run crash               kills a real bot at every place where one can die, at least once each, every scenario three times
 * npm run crash -- --all      every place x every scenario that passes it
 * npm run crash -- --scout    nobody is killed: which places each scenario passes, and which none does
 * npm run crash -- --only entry,exit   [--hook "after commit order_sending"]   [--workers 3]
 *
 * The bot, its PostgreSQL, the exchange and the chats are real; the kill is SIGKILL. After each one the bot is started again
 * and judged from outside: nothing doubled, nothing lost, nothing invented, nothing bare. Ends with one line.
 */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { crashHooks } from "../../src/flows/crash_hooks.ts";
import { runBot } from "../smoke/bot_process.ts";
import { type Pair, type Round, scout, workThrough } from "./rounds.ts";
import { type CrashScenario, scenarios } from "./scenarios.ts";
import { openCrashScene } from "./scene.ts";

const argument = (name: string): string | null => {
  const at = process.argv.indexOf(name);
  return at < 0 ? null : (process.argv[at + 1] ?? null);
};
const isAll = process.argv.includes("--all");
const workers = Number(argument("--workers") ?? 3);
const only = argument("--only")?.split(",") ?? null;
const onlyHook = argument("--hook");
const started = performance.now();
const say = (line: string): void =>
  void process.stdout.write(`${((performance.now() - started) / 1_000).toFixed(0).padStart(5)} s  ${line}\n`);

/** First every scenario is walked through with nobody killed: what it passes is what can be killed in it. */
async function reachable(wanted: readonly CrashScenario[]): Promise<readonly Pair[]> {
  const waiting = [...wanted];
  const pairs: Pair[] = [];
  const walk = async () => {
    for (let scenario = waiting.shift(); scenario !== undefined; scenario = waiting.shift()) {
      const scene = await openCrashScene(`scout-${scenario.name}`);
      try {
        const hooks = await scout(scene, scenario);
        say(`${scenario.name}: passes ${hooks.length} places`);
        for (const hook of hooks) pairs.push({ scenario, hook, nth: scenario.isSecondPass?.(hook) === true ? 2 : 1 });
      } finally {
        await scene.stage.close();
      }
    }
  };
  await Promise.all(Array.from({ length: workers }, walk));
  return pairs.filter((pair) => onlyHook === null || pair.hook === onlyHook);
}

/** Each place once, in the scenario that has the fewest kills so far; then more until every scenario has three. */
function choose(pairs: readonly Pair[]): readonly Pair[] {
  const chosen: Pair[] = [];
  const killsOf = (scenario: CrashScenario) => chosen.filter((pair) => pair.scenario === scenario).length;
  for (const hook of new Set(pairs.map((pair) => pair.hook))) {
    const [best] = pairs
      .filter((pair) => pair.hook === hook)
      .sort((one, other) => killsOf(one.scenario) - killsOf(other.scenario));
    if (best !== undefined) chosen.push(best);
  }
  for (const pair of pairs) if (killsOf(pair.scenario) < 3 && !chosen.includes(pair)) chosen.push(pair);
  return chosen;
}

async function run(): Promise<number> {
  await runBot({ words: ["--help"], folder: "/" });
  const wanted = scenarios.filter(({ name }) => only === null || only.includes(name));
  const pairs = await reachable(wanted);
  if (process.argv.includes("--scout")) {
    const never = crashHooks.filter((hook) => !pairs.some((pair) => pair.hook === hook));
    say(`places that no scenario passes: ${never.join(", ")}`);
    return 0;
  }
  const plan = isAll || onlyHook !== null ? [...pairs] : [...choose(pairs)];
  const total = plan.length;
  const rounds: Round[] = [];
  const tell = (round: Round): void => {
    rounds.push(round);
    say(
      `${rounds.length}/${total} ${round.scenario} · ${round.hook}: ${round.outcome} (${(round.ms / 1_000).toFixed(1)} s)`,
    );
    for (const problem of round.problems) say(`      ${problem}`);
  };
  process.once("SIGINT", () => {
    say("stopping after the rounds under way");
    plan.length = 0;
  });
  await Promise.all(
    Array.from({ length: workers }, (_, index) => workThrough(String(index), () => plan.shift(), tell)),
  );
  return verdict(rounds, pairs);
}

function verdict(rounds: readonly Round[], pairs: readonly Pair[]): number {
  const kills = rounds.filter((round) => round.outcome !== "not reached");
  const bad = rounds.filter((round) => round.outcome === "violated" || round.outcome === "stuck");
  const places = new Set(kills.map((round) => round.hook)).size;
  const never = crashHooks.filter((hook) => !pairs.some((pair) => pair.hook === hook));
  const hash = createHash("sha256")
    .update(
      rounds
        .map(({ scenario, hook, outcome }) => `${scenario} ${hook} ${outcome}`)
        .sort()
        .join("\n"),
    )
    .digest("hex")
    .slice(0, 16);
  if (only === null && onlyHook === null && never.length > 0)
    say(`places that no scenario passes: ${never.join(", ")}`);
  const line = `crash: ${kills.length} kills at ${places} of ${crashHooks.length} places, ${pairs.length} pairs known, ${bad.length} violations, hash ${hash}`;
  if (isAll && only === null)
    writeFileSync(join(import.meta.dirname, "last_full_run.txt"), `${new Date().toISOString().slice(0, 10)} ${line}\n`);
  process.stdout.write(`${line}\n`);
  return bad.length === 0 && kills.length > 0 ? 0 : 1;
}

process.exit(await run());
