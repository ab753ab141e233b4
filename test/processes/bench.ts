/** What the slow tests share: when they run, a build that nobody repeats under their feet, a stage that is always taken down. */
import { mkdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, describe } from "vitest";
import { type BotProcess, runBot } from "../smoke/bot_process.ts";
import { type Hands, handsOf } from "../smoke/chats.ts";
import { type DeskClient, openDeskClient } from "../smoke/desk_client.ts";
import { openStage, type Stage, type StageOptions } from "../smoke/stage.ts";
import { sleep } from "../smoke/until.ts";

const isAsked = process.env["COUNTERSIGN_SLOW"] === "1" || process.env["CI"] === "true";

/** A group of tests with real processes: minutes, not milliseconds, so only where they are asked for. */
export function describeSlow(name: string, tests: () => void): void {
  if (!isAsked) {
    describe.skip(`${name} (skipped: real processes; set COUNTERSIGN_SLOW=1)`, tests);
    return;
  }
  describe(name, () => {
    beforeAll(buildOnce, 120_000);
    afterEach(closeStages, 60_000);
    tests();
  });
}

const lock = join(tmpdir(), `countersign-build-${process.getuid?.() ?? 0}`);

/** Two test files must not build at once: the one would load what the other is writing. */
async function buildOnce(): Promise<void> {
  while (!takeLock()) await sleep(200);
  try {
    await runBot({ words: ["--help"], folder: tmpdir() });
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function takeLock(): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    // A lock of this age was left by a run that was killed.
    const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > 120_000) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

const stages: Stage[] = [];

/** Taken down after the test, whatever came of it. */
export async function newStage(options: StageOptions = {}): Promise<Stage> {
  const stage = await openStage(options);
  stages.push(stage);
  return stage;
}

/** The bot with its own practice exchange and without chats, as after a first `npm start`. */
export const alone = (stage: Stage, ...words: readonly string[]) => ({
  words: [...stage.place, "--port", "0", ...words],
  env: { LOG_LEVEL: "info" },
  folder: stage.folder,
});

async function closeStages(): Promise<void> {
  for (const stage of stages.splice(0)) await stage.close();
}

/** A running bot with Ana at its desk; `bot` and `desk` are replaced when it is started again. */
export type Scene = {
  readonly stage: Stage;
  readonly hands: Hands;
  bot: BotProcess;
  desk: DeskClient;
  readonly hopeless: () => string | null;
};

export async function openScene(stage: Stage, env: Readonly<Record<string, string>> = {}): Promise<Scene> {
  const bot = stage.start([], env);
  const { address, code } = await bot.desk();
  const scene: Scene = {
    stage,
    bot,
    desk: await openDeskClient(address, code),
    hands: handsOf(stage, () => scene.desk),
    hopeless: () => scene.bot.whyEnded(),
  };
  await bot.ready();
  return scene;
}

export async function restart(scene: Scene): Promise<void> {
  scene.bot = scene.stage.start();
  const { address, code } = await scene.bot.desk();
  scene.desk = await openDeskClient(address, code);
  await scene.bot.ready();
}

/** A small generator with a seed, so that a story that failed can be told again. */
export function chance(seed: number): { below(limit: number): number; pick<Item>(items: readonly Item[]): Item } {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    pick(items) {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error("Nothing to pick from");
      return item;
    },
  };
}
