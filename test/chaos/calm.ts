/** After the storm: everything is mended, the bot gets the time that it promises to need, all is closed by one command, and judged. */
import { readBooks } from "../smoke/bot_books.ts";
import { runBot } from "../smoke/bot_process.ts";
import { leftovers, liveButtons, violationsOf } from "../smoke/oracle.ts";
import { sleep, until } from "../smoke/until.ts";
import { within } from "./acts.ts";
import type { ChaosWorld } from "./world.ts";

type Say = (line: string) => void;

/** Real ms. Generous: what is judged is the state in the end, and a slow machine is no fault of the bot. */
const closedWithinMs = 240_000;
const toldWithinMs = 60_000;

export async function calm(world: ChaosWorld, say: Say): Promise<readonly string[]> {
  say("everything is mended");
  world.mend();
  world.stage.exchange.faults.clear();
  world.bot.signal("SIGCONT");
  await until("a desk", () => deskNow(world), { deadlineMs: 180_000, everyMs: 250 });
  await world.bot.ready();
  say("the bot is ready; /flatten");
  const seen = (): string => world.bot.output().slice(-3_000);
  await until("everything is closed", () => closeAll(world), { deadlineMs: closedWithinMs, everyMs: 700, seen });
  say("everything is closed");
  await until("no chat shows a button", () => liveButtons(world.hands).length === 0, {
    deadlineMs: toldWithinMs,
  }).catch(() => undefined);
  const books = await readBooks(world.databaseHome);
  const found = [...violationsOf(books, world.stage.exchange), ...leftovers(books), ...liveButtons(world.hands)];
  return [...found, ...(await endInOrder(world)), ...(await audit(world))];
}

async function deskNow(world: ChaosWorld): Promise<boolean> {
  world.revive();
  return (
    (await within(
      world.openDesk().then(
        () => true,
        () => false,
      ),
      20_000,
    )) === true
  );
}

/** One look, and what a person would do then: say it, confirm it, wait. */
async function closeAll(world: ChaosWorld): Promise<boolean> {
  const { desk, hands } = world;
  if (desk === null || desk.whyClosed() !== null) return deskNow(world).then(() => false);
  const prompt = hands.messages("desk").findLast((copy) => /Close every/.test(copy.title) && copy.buttons.length > 0);
  const level = desk.state()?.level;
  // Only this level keeps new requests away too: without it a strategy may ask while the judge still reads.
  const isUnderWay = level === "flatten" || level === "emergency";
  if (isUnderWay && leftovers(await readBooks(world.databaseHome)).length === 0) return true;
  if (prompt !== undefined)
    await within(
      hands.tap(prompt, "Approve").catch(() => null),
      5_000,
    );
  else if (!isUnderWay)
    await within(
      desk.command("flatten", "the run is over").catch(() => null),
      5_000,
    );
  await sleep(500);
  return false;
}

/** A bot that was through all this still ends in order when it is asked to. */
async function endInOrder(world: ChaosWorld): Promise<readonly string[]> {
  const { code, signal } = await world.bot.end("SIGINT");
  return code === 0 ? [] : [`Ctrl-C ended the bot with code ${code}, signal ${signal}`];
}

async function audit({ stage, straightEnv }: ChaosWorld): Promise<readonly string[]> {
  const look = async ([action, good]: readonly [string, RegExp]): Promise<readonly string[]> => {
    const words = ["audit", action, "--home", stage.home, "--config", stage.configPath];
    const { code, output } = await runBot({ words, env: { ...stage.env, ...straightEnv }, folder: stage.folder });
    return code === 0 && good.test(output) ? [] : [`audit ${action} ended with ${code}: ${output.slice(-500)}`];
  };
  const looks = [
    ["verify", /The chain of \d+ facts holds/] as const,
    ["rebuild", /gives the same \d+ tables/] as const,
  ];
  return (await Promise.all(looks.map(look))).flat();
}
