/** One bot that is killed and started again at the same home, with the exchange and the chats living on around it. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BotBooks, openPositions, readBooks, unknownOrders, withDatabase } from "../smoke/bot_books.ts";
import type { BotProcess } from "../smoke/bot_process.ts";
import { type Hands, handsOf } from "../smoke/chats.ts";
import { type DeskClient, openDeskClient } from "../smoke/desk_client.ts";
import { linkEverywhere } from "../smoke/link.ts";
import { violationsOf } from "../smoke/oracle.ts";
import { openStage, type Stage } from "../smoke/stage.ts";
import { until } from "../smoke/until.ts";

export type CrashScene = {
  readonly stage: Stage;
  readonly hands: Hands;
  readonly crashFile: string;
  bot: BotProcess;
  desk: DeskClient;
  readonly hopeless: () => string | null;
};

const coins = ["BTC", "ETH", "SOL"];
const settings = `
watch_list: [${coins.map((coin) => `${coin}/USDT`).join(", ")}]
timeframe: 1m
interval: 2s
strategies:
  - { name: always_trade_canary }
risk: { position_notional: 400, exposure_share: 90%, losing_streak_max: 20, session_loss_share: 50%, daily_loss_share: 50% }
approvals: { policy: ask, expires_after: 20m, quote_ttl: 15s, exec_deadline: 60s }
`;
const instruments = coins.map((coin) => ({
  symbol: `${coin}-USDT`,
  around: "100",
  tick: "0.01",
  step: "0.01",
  depthFunds: "200000",
}));

const preload = new URL("./kill_at.mjs", import.meta.url).href;

export async function openCrashScene(seed: string): Promise<CrashScene> {
  const stage = await openStage({ settings, instruments, seed });
  const crashFile = join(stage.folder, "kill_at");
  const started = { bot: startBot(stage, crashFile) };
  const { address, code } = await started.bot.desk();
  const scene: CrashScene = {
    stage,
    crashFile,
    bot: started.bot,
    desk: await openDeskClient(address, code),
    hands: handsOf(stage, () => scene.desk),
    hopeless: () => scene.bot.whyEnded(),
  };
  await scene.bot.ready();
  await linkEverywhere(scene);
  return scene;
}

function startBot(stage: Stage, crashFile: string): BotProcess {
  return stage.start([], { NODE_OPTIONS: `--import ${preload}`, KILL_AT_FILE: crashFile });
}

/** Starts it and waits until it is ready; it may die on the way when a kill is armed. */
export async function startAgain(scene: CrashScene): Promise<void> {
  scene.desk.close();
  scene.bot = startBot(scene.stage, scene.crashFile);
  const { address, code } = await scene.bot.desk();
  scene.desk = await openDeskClient(address, code);
  await scene.bot.ready();
}

export function arm({ crashFile }: CrashScene, hook: string, nth: number): void {
  writeFileSync(crashFile, `${hook}|${nth}`);
}

export function disarm({ crashFile }: CrashScene): void {
  rmSync(crashFile, { force: true });
}

/** Hooks passed since the last call, oldest first. */
export function takeTrace({ crashFile }: CrashScene): readonly string[] {
  const path = `${crashFile}.trace`;
  const lines = existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
  rmSync(path, { force: true });
  return lines;
}

/** Everything that began has an end, and everything that is held is protected. */
function isSettled(books: BotBooks): boolean {
  return (
    unknownOrders(books).length === 0 &&
    books.orders.every((order) => order.state !== "intent" && order.state !== "sending") &&
    books.approvals.every((one) => !["approved", "executing", "exec_unknown"].includes(one.state)) &&
    openPositions(books).every((one) => one.state === "monitoring" && one.protection === "placed")
  );
}

/** Waits until the books are settled. @returns what does not fit then: books, exchange and wire side by side. */
export async function settle(scene: CrashScene): Promise<readonly string[]> {
  const books = await until(
    "everything is settled",
    async () => {
      const now = await readBooks(scene.stage.home).catch(() => null);
      return now !== null && isSettled(now) ? now : null;
    },
    { hopeless: scene.hopeless, everyMs: 150, deadlineMs: 150_000, seen: () => scene.bot.output().slice(-1_500) },
  );
  return violationsOf(books, scene.stage.exchange);
}

/** Closes what is held and lifts a halt, so that the next kill begins in the same state. */
export async function toBase(scene: CrashScene): Promise<void> {
  await until(
    "nothing is held and nothing is halted",
    async () => {
      const level = await levelOf(scene);
      const [position] = openPositions(await readBooks(scene.stage.home));
      if (level === "none" && position === undefined) return true;
      if (position !== undefined && position.state === "monitoring")
        await scene.desk.command("close", position.instrument_id.split(":")[1] ?? "");
      else if (level !== "none") await scene.desk.command("resume", "the drill is over");
      return false;
    },
    { hopeless: scene.hopeless, everyMs: 400, deadlineMs: 150_000, seen: () => lastCards(scene) },
  );
}

const lastCards = ({ desk }: CrashScene): string =>
  desk
    .cards()
    .slice(-3)
    .map(({ card }) => `${card.title}: ${card.lines.join(" ")}`)
    .join(" | ");

function levelOf({ stage }: CrashScene): Promise<string> {
  return withDatabase(stage.home, async (client) => {
    const rows = await client.query<{ value: string }>("select value from runtime_controls where name = 'kill_switch'");
    return rows.rows[0]?.value ?? "none";
  });
}
