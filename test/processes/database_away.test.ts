/** The database dies, freezes or finds no room while positions are open: nothing leaves unrecorded, and nothing is lost. */
import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type BotBooks, openPositions, readBooks, unknownOrders } from "../smoke/bot_books.ts";
import { approve, type Copy } from "../smoke/chats.ts";
import { liftHalts } from "../smoke/halts.ts";
import { linkTelegram } from "../smoke/link.ts";
import { placements, violationsOf } from "../smoke/oracle.ts";
import type { Stage } from "../smoke/stage.ts";
import { sleep, until } from "../smoke/until.ts";
import { describeSlow, newStage, openScene, type Scene } from "./bench.ts";

/** The server with all its sessions: to stop the postmaster alone would only keep out new ones. */
function familyOf(pid: number): readonly number[] {
  const children = readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === pid;
    } catch {
      // It ended between the two looks.
      return false;
    }
  });
  return [pid, ...children.map(Number)];
}

function signalFamily(stage: Stage, name: NodeJS.Signals): void {
  const pid = stage.databasePid();
  if (pid === null) throw new Error("No database server lives");
  for (const one of familyOf(pid)) {
    try {
      process.kill(one, name);
    } catch (error) {
      // A session that ended between the look and the signal.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

const openPrompt = (scene: Scene, coin: string): Promise<Copy> =>
  until(
    `a prompt for ${coin} on Telegram`,
    () =>
      scene.hands
        .messages("telegram")
        .findLast((copy) => copy.title.includes(`${coin}/USDT`) && copy.buttons.length > 0),
    { hopeless: scene.hopeless },
  );

async function untilBooks(scene: Scene, what: string, probe: (books: BotBooks) => boolean): Promise<BotBooks> {
  const look = async () => {
    const books = await readBooks(scene.stage.home).catch(() => null);
    return books !== null && probe(books) ? books : null;
  };
  const found = until(what, look, { hopeless: scene.hopeless, everyMs: 250, deadlineMs: 40_000 });
  return found.catch(async (error: Error) => {
    throw new Error(
      `${error.message}\nbooks: ${JSON.stringify(await readBooks(scene.stage.home).catch(String))}\nbot: ${scene.bot.output().slice(-4_000)}`,
    );
  });
}

const isHeld = (books: BotBooks, coin: string): boolean =>
  openPositions(books).some((one) => one.instrument_id.includes(coin) && one.protection === "placed");
const isCalm = (books: BotBooks): boolean =>
  unknownOrders(books).length === 0 && openPositions(books).every((one) => one.protection === "placed");

async function sceneWithBitcoin(stage: Stage): Promise<Scene> {
  const scene = await openScene(stage);
  await linkTelegram(scene);
  await approve(scene.hands, await openPrompt(scene, "BTC"), scene.hopeless);
  await untilBooks(scene, "BTC is held", (books) => isHeld(books, "BTC"));
  return scene;
}

/** The whole path works again, and the books are those of the exchange. */
async function seeItWork(scene: Scene, coin: string): Promise<void> {
  // A house that could not look at anything for seconds may have halted; its owner says that the cause is over.
  const { hopeless } = scene;
  await until("nothing is halted", () => liftHalts(scene.stage.home, scene.desk, "the database is back"), { hopeless });
  await approve(scene.hands, await openPrompt(scene, coin), scene.hopeless);
  const books = await untilBooks(scene, `${coin} is held`, (now) => isHeld(now, coin) && isCalm(now));
  expect(violationsOf(books, scene.stage.exchange)).toEqual([]);
}

function jumpThroughStop(stage: Stage, books: BotBooks): void {
  const stop = openPositions(books).find((one) => one.instrument_id.includes("BTC"))?.stop_price;
  stage.exchange.faults.jump("BTC-USDT", (Number(stop) * 0.9995).toFixed(1));
}

describeSlow("a database that is away", () => {
  it("is started again after a kill -9, while a tap and a fired stop wait for it", async () => {
    const stage = await newStage();
    const scene = await sceneWithBitcoin(stage);
    const books = await readBooks(stage.home);
    process.kill(stage.databasePid() ?? 0, "SIGKILL");
    jumpThroughStop(stage, books);
    await scene.hands.tap(await openPrompt(scene, "ETH"), "Approve");
    await until("the bot says so", () => /database server is gone/.test(scene.bot.output()), {
      hopeless: scene.hopeless,
    });
    await until("the bot brings it back", () => /database server is back/.test(scene.bot.output()), {
      hopeless: scene.hopeless,
    });
    const after = await untilBooks(
      scene,
      "the fired stop is booked",
      (now) => now.positions.some((one) => one.exit_reason === "stop") && isCalm(now),
    );
    expect(violationsOf(after, stage.exchange)).toEqual([]);
    await seeItWork(scene, "SOL");
    expect((await scene.bot.end("SIGINT")).code).toBe(0);
  }, 90_000);

  it("is waited for when it freezes for 8 s; no order leaves meanwhile that is not in writing", async () => {
    const stage = await newStage();
    const scene = await sceneWithBitcoin(stage);
    const books = await readBooks(stage.home);
    const prompt = await openPrompt(scene, "ETH");
    signalFamily(stage, "SIGSTOP");
    const sentBefore = placements(stage.exchange).length;
    try {
      jumpThroughStop(stage, books);
      await scene.hands.tap(prompt, "Approve");
      await sleep(8_000);
      expect(placements(stage.exchange).length).toBe(sentBefore);
      expect(scene.bot.whyEnded()).toBeNull();
    } finally {
      signalFamily(stage, "SIGCONT");
    }
    const after = await untilBooks(
      scene,
      "the fired stop is booked",
      (now) => now.positions.some((one) => one.exit_reason === "stop") && isCalm(now),
    );
    expect(violationsOf(after, stage.exchange)).toEqual([]);
    await seeItWork(scene, "SOL");
    expect((await scene.bot.end("SIGINT")).code).toBe(0);
  }, 90_000);
});

const mountProblem =
  process.platform !== "linux" || process.getuid?.() !== 0 ? "only root may mount a small disk" : null;

describeSlow("a disk that is full", () => {
  it.skipIf(mountProblem !== null)(
    `stops the trading and nothing else${mountProblem === null ? "" : ` (skipped: ${mountProblem})`}`,
    async (test) => {
      const stage = await newStage();
      mkdirSync(stage.home, { mode: 0o711 });
      const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=110m,mode=0711", "tmpfs", stage.home]);
      if (mounted.status !== 0) return test.skip(`this machine lets nobody mount: ${String(mounted.stderr).trim()}`);
      try {
        const scene = await sceneWithBitcoin(stage);
        const prompt = await openPrompt(scene, "ETH");
        const filler = join(stage.home, "filler");
        fill(filler);
        const sentBefore = placements(stage.exchange).length;
        await scene.hands.tap(prompt, "Approve");
        await sleep(5_000);
        expect(scene.bot.whyEnded()).toBeNull();
        const sentMeanwhile = placements(stage.exchange).length - sentBefore;
        rmSync(filler);
        const agrees = (now: Parameters<typeof isCalm>[0]) =>
          isCalm(now) && violationsOf(now, stage.exchange).length === 0;
        const after = await untilBooks(scene, "the bot is calm again and its books are true", agrees);
        expect(after.sendings.length).toBeGreaterThanOrEqual(sentBefore + sentMeanwhile);
        expect(violationsOf(after, stage.exchange)).toEqual([]);
        await seeItWork(scene, "SOL");
        expect((await scene.bot.end("SIGINT")).code).toBe(0);
      } finally {
        await stage.endBot();
        spawnSync("umount", ["-l", stage.home]);
      }
    },
    120_000,
  );
});

/** Writes until the disk takes nothing more. */
function fill(path: string): void {
  const file = openSync(path, "w");
  const block = Buffer.alloc(64 * 1_024, 1);
  try {
    for (;;) writeSync(file, block);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  } finally {
    closeSync(file);
  }
}
