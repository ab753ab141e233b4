/**
 * npm run chaos -- --minutes 10 [--seed 1]
 *
 * PAPER under fire: the real bot, killed, frozen and cut off from everything by turns, while people tap and the market jumps.
 * Then everything is mended, everything is closed, and the judge of the smoke test looks at books, exchange and wire. Ends with
 * one line; the exit code says the same.
 */
import { chance } from "../processes/bench.ts";
import { openPositions, readBooks, withDatabase } from "../smoke/bot_books.ts";
import { linkEverywhere } from "../smoke/link.ts";
import { leftovers, violationsOf } from "../smoke/oracle.ts";
import { sleep, until } from "../smoke/until.ts";
import { oneAct, type Tally, within } from "./acts.ts";
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
let isAsked = false;

async function rage(world: ChaosWorld, tally: Tally): Promise<void> {
  const dice = chance(seed);
  const until = performance.now() + minutes * 60_000;
  while (performance.now() < until && !isAsked) {
    const told = await oneAct(world, dice, tally);
    if (!/^nothing|^no /.test(told)) say(told);
    await sleep(200 + dice.below(1_500));
    if (world.bot.whyEnded() !== null && world.desk !== null)
      await within(
        world.start().catch(() => undefined),
        20_000,
      );
  }
}

/** Everything is mended; the bot gets the time that it promises to need, and then all is closed. */
async function calm(world: ChaosWorld): Promise<readonly string[]> {
  say("everything is mended");
  for (const cable of world.cables.values()) {
    cable.set("pass");
    cable.release();
  }
  world.stage.exchange.faults.clear();
  world.bot.signal("SIGCONT");
  await until(
    "a desk",
    async () =>
      (await within(
        world.start().then(
          () => true,
          () => false,
        ),
        30_000,
      )) === true,
    { deadlineMs: 180_000, everyMs: 1_000 },
  );
  await world.bot.ready();
  await until("everything is closed", () => closeOne(world), {
    deadlineMs: 300_000,
    everyMs: 1_500,
    seen: () => world.bot.output().slice(-3_000),
  });
  const books = await readBooks(world.databaseHome);
  return [
    ...violationsOf(books, world.stage.exchange),
    ...leftovers(books).filter((line) => !line.includes("is still pending")),
  ];
}

async function closeOne(world: ChaosWorld): Promise<boolean> {
  const books = await readBooks(world.databaseHome);
  const left = leftovers(books).filter((line) => !line.includes("is still pending"));
  if (left.length === 0) return true;
  await within(world.desk?.command("pause", "the run is over") ?? Promise.resolve(null), 5_000).catch(() => null);
  for (const { instrument_id, state } of openPositions(books))
    if (state === "monitoring")
      await within(
        world.desk?.command("close", instrument_id.split(":")[1] ?? "") ?? Promise.resolve(null),
        5_000,
      ).catch(() => null);
  return false;
}

/** Longest time between a first fill and protection (or the end), by the facts; time without a living bot is in it. */
async function longestBare({ databaseHome }: ChaosWorld): Promise<number> {
  return withDatabase(databaseHome, async (client) => {
    const rows = await client.query<{ ms: number | null }>(
      `select max(extract(epoch from coalesce(p.at, c.at, f.at) - f.at) * 1000)::float8 as ms
         from (select trade_id, min(wall_at) as at from events where kind = 'fill_received' group by trade_id) f
         left join (select trade_id, min(wall_at) as at from events where kind = 'position_protected' group by trade_id) p using (trade_id)
         left join (select trade_id, min(wall_at) as at from events where kind = 'position_closed' group by trade_id) c using (trade_id)`,
    );
    return Math.round(rows.rows[0]?.ms ?? 0);
  });
}

async function run(): Promise<number> {
  const tally: Tally = { kills: 0, freezes: 0, cables: 0, venueFaults: 0, taps: 0, commands: 0, jumps: 0, flushes: 0 };
  const world = await openWorld(`chaos-${seed}`);
  for (const name of ["SIGINT", "SIGTERM"] as const)
    process.once(name, () => {
      isAsked = true;
    });
  try {
    await world.start();
    await world.bot.ready();
    const hopeless = () => world.bot.whyEnded();
    if (world.desk !== null)
      await linkEverywhere({ stage: world.stage, hands: world.hands, desk: world.desk, hopeless });
    say("linked; the storm begins");
    await rage(world, tally);
    const violations = await calm(world);
    for (const violation of violations) say(`violation: ${violation}`);
    const trades = (await readBooks(world.databaseHome)).positions.length;
    const did = Object.entries(tally)
      .map(([what, count]) => `${what}=${count}`)
      .join(" ");
    const isGood = violations.length === 0 && trades > 0;
    process.stdout.write(
      `chaos: ${minutes} minutes, seed ${seed}, ${did}, trades=${trades}, longest bare ${await longestBare(world)} ms (dead time included), violations=${violations.length} ${isGood ? "ok" : "FAILED"}\n`,
    );
    return isGood ? 0 : 1;
  } catch (error) {
    process.stdout.write(`chaos: FAILED: ${String(error).slice(0, 4_000)}\n`);
    return 1;
  } finally {
    await world.close();
  }
}

process.exit(await run());
