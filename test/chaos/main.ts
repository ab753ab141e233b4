/**
 * npm run chaos -- --minutes 10 [--seed 1]
 *
 * PAPER under fire: the real bot, killed, frozen and cut off from everything by turns, while people tap and the market jumps.
 * Then everything is mended, everything is closed by /flatten, and the judge of the smoke test looks at books, exchange, wire,
 * chats and the chain of facts. Ends with one line; the exit code says the same.
 */
import { chance } from "../processes/bench.ts";
import { readBooks, withDatabase } from "../smoke/bot_books.ts";
import { linkEverywhere } from "../smoke/link.ts";
import { sleep } from "../smoke/until.ts";
import { oneAct, type Tally } from "./acts.ts";
import { calm } from "./calm.ts";
import { type ChaosWorld, openWorld } from "./world.ts";

const argument = (name: string, otherwise: string): string => {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : (process.argv[at + 1] ?? otherwise);
};
const minutes = Number(argument("--minutes", "10"));
const seed = Number(argument("--seed", "1"));
const started = performance.now();
const say = (line: string): void =>
  void process.stdout.write(`${((performance.now() - started) / 1_000).toFixed(1).padStart(7)} s  ${line}\n`);
/** Set by the first signal: the storm ends, and what it left is judged all the same. */
const asked = { isOver: false };

/** The minutes that were asked for hold the start too, so that a run ends when its caller expects it. */
async function rage(world: ChaosWorld, tally: Tally): Promise<void> {
  const dice = chance(seed);
  const leftMs = (): number => started + minutes * 60_000 - performance.now();
  while (leftMs() > 0 && !asked.isOver) {
    const told = await oneAct({ world, dice, tally, leftMs: leftMs() });
    if (told !== null) say(told);
    if (told === null || !told.startsWith("killed")) noteEnd(world);
    world.revive();
    // The page opens when it can; acts that need it are left out until then.
    void world.openDesk().catch(() => undefined);
    await sleep(told === null ? 100 : 150 + dice.below(900));
  }
}

/** A bot may end by itself when it must, such as without its lease; it is started again, as its supervisor would do. */
function noteEnd(world: ChaosWorld): void {
  const why = world.bot.whyEnded();
  if (why === null) return;
  const last = why.trim().split("\n").at(-1)?.slice(0, 160) ?? "";
  world.ends.push(last);
  say(`the bot ended by itself: ${last}`);
}

/** Longest time between a first fill and protection (or the end), by the facts; time without a living bot is in it. */
async function longestBare({ databaseHome }: ChaosWorld): Promise<number> {
  return withDatabase(databaseHome, async (client) => {
    const rows = await client.query<{ ms: number | null }>(
      `select max(extract(epoch from least(p.at, c.at) - f.at) * 1000)::float8 as ms
         from (select trade_id, min(wall_at) as at from events where kind = 'fill_received' group by trade_id) f
         left join (select trade_id, min(wall_at) as at from events where kind = 'position_protected' group by trade_id) p using (trade_id)
         left join (select trade_id, min(wall_at) as at from events where kind = 'position_closed' group by trade_id) c using (trade_id)`,
    );
    return Math.round(rows.rows[0]?.ms ?? 0);
  });
}

async function begin(world: ChaosWorld): Promise<void> {
  const desk = await world.openDesk();
  await world.bot.ready();
  const { stage, hands } = world;
  await linkEverywhere({ stage, hands, desk, hopeless: () => world.bot.whyEnded() });
  say("linked; the storm begins");
}

async function verdict(world: ChaosWorld, tally: Tally, violations: readonly string[]): Promise<number> {
  const books = await readBooks(world.databaseHome);
  const trades = books.positions.filter((one) => one.exit_reason !== "no_fill").length;
  for (const violation of violations) say(`violation: ${violation}`);
  const { acts, kills, ...others } = tally;
  const did = Object.entries(others).map(([what, count]) => `${count} ${what}`);
  say(
    `${did.join(", ")}; ${world.ends.length} ends by itself; longest without a stop ${await longestBare(world)} ms, dead and frozen time included`,
  );
  if (trades === 0) say("nothing was traded, so nothing was tried");
  process.stdout.write(
    `chaos: ${minutes} min, seed ${seed}, ${acts} acts, ${kills} kills, ${trades} trades, ${violations.length} violations\n`,
  );
  return violations.length === 0 && trades > 0 ? 0 : 1;
}

async function run(): Promise<number> {
  const counts = { kills: 0, freezes: 0, cables: 0, venueFaults: 0, taps: 0, commands: 0, jumps: 0, flushes: 0 };
  const tally: Tally = { acts: 0, ...counts };
  const world = await openWorld(`chaos-${seed}`);
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => (asked.isOver = true));
  try {
    await begin(world);
    await rage(world, tally);
    return await verdict(world, tally, await calm(world, say));
  } catch (error) {
    process.stdout.write(`${world.bot.output().slice(-2_000)}\nchaos: FAILED: ${String(error).slice(0, 4_000)}\n`);
    return 1;
  } finally {
    await world.close();
  }
}

process.exit(await run());
