/**
 * `npm run smoke`: the built bot as its owner runs it, against strict servers of both chat platforms and the practice
 * exchange, all on this machine. Ends with one line for people and machines:
 *
 *   smoke: trades=3 approvals=4 unknown=0 violations=0 ok        exit code 0
 *   smoke: ... FAILED: what went wrong                           exit code 1
 */
import { openStage } from "./stage.ts";
import { type Told, tellStory } from "./story.ts";

/** A run takes about half a minute; this is for a machine that does other things as well. */
const wholeMs = 5 * 60_000;

async function run(): Promise<number> {
  const started = performance.now();
  const say = (line: string): void =>
    void process.stdout.write(`${((performance.now() - started) / 1_000).toFixed(1).padStart(6)} s  ${line}\n`);
  const stage = await openStage();
  const stopped = new Promise<never>((_resolve, reject) => {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.once(name, () => reject(new Error(`stopped by ${name}`)));
    setTimeout(() => reject(new Error(`not done after ${wholeMs / 60_000} minutes`)), wholeMs).unref();
  });
  try {
    const told = await Promise.race([tellStory(stage, say), stopped]);
    return verdict(told);
  } catch (error) {
    const [first = "", ...more] = (error instanceof Error ? error.message : String(error)).split("\n");
    process.stdout.write(`${more.map((line) => `  ${line}\n`).join("")}smoke: FAILED: ${first.slice(0, 500)}\n`);
    return 1;
  } finally {
    await stage.close();
  }
}

function verdict({ trades, approvals, unknown, violations }: Told): number {
  const counts = `smoke: trades=${trades} approvals=${approvals} unknown=${unknown} violations=${violations.length}`;
  const isGood = trades === 3 && approvals === 4 && unknown === 0 && violations.length === 0;
  for (const violation of violations) process.stdout.write(`  violation: ${violation}\n`);
  const why = violations.length > 0 ? violations[0] : "three trades and four approvals were expected";
  process.stdout.write(isGood ? `${counts} ok\n` : `${counts} FAILED: ${why}\n`);
  return isGood ? 0 : 1;
}

process.exit(await run());
