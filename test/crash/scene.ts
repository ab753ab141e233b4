/** One bot that is killed and started again at the same home, with the exchange and the chats living on around it. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BotBooks, openPositions, readBooks, unknownOrders, withDatabase } from "../smoke/bot_books.ts";
import type { BotProcess } from "../smoke/bot_process.ts";
import { type Hands, handsOf } from "../smoke/chats.ts";
import { type DeskClient, openDeskClient } from "../smoke/desk_client.ts";
import { haltsOf, liftHalts } from "../smoke/halts.ts";
import { linkEverywhere } from "../smoke/link.ts";
import { violationsOf } from "../smoke/oracle.ts";
import { openStage, type Stage } from "../smoke/stage.ts";
import { until } from "../smoke/until.ts";

export type CrashScene = {
  readonly stage: Stage;
  readonly hands: Hands;
  /** How often something was done: turns go round the chats, and names stay apart. */
  readonly turn: { count: number };
  bot: BotProcess;
  desk: DeskClient;
  readonly hopeless: () => string | null;
  /** The process dies when it passes this place for the nth time from now on. */
  arm(hook: string, nth: number): void;
  /** @returns whether it was already too late: the process is dying, or has died. */
  disarm(): boolean;
  /** Hooks passed since the last call, oldest first. */
  takeTrace(): readonly string[];
};

export const coins = ["BTC", "ETH", "SOL", "ADA", "XRP", "LTC"] as const;
const settings = `
watch_list: [${coins.map((coin) => `${coin}/USDT`).join(", ")}]
timeframe: 1m
interval: 2s
strategies:
  - { name: always_trade_canary }
risk: { position_notional: 400, exposure_share: 90%, open_positions_max: 12, losing_streak_max: 20, session_loss_share: 50%, daily_loss_share: 50% }
approvals: { policy: ask, expires_after: 20m, quote_ttl: 15s, exec_deadline: 60s }
starts_max: 1000
`;
const instruments = coins.map((coin) => ({
  symbol: `${coin}-USDT`,
  around: "100",
  tick: "0.01",
  step: "0.01",
  depthFunds: "200000",
}));

const preload = new URL("./kill_at.mjs", import.meta.url).href;

/** Starts cost most of what there is to compute: with too many at once the others would come late, and halt for it. */
const startsAtOnce = 2;
const starts = { running: 0 };

async function inTurn<Value>(start: () => Promise<Value>): Promise<Value> {
  // Looked at and taken in one go: between a look and a taking after it, everybody else would look too.
  const take = () => {
    const isFree = starts.running < startsAtOnce;
    if (isFree) starts.running += 1;
    return isFree;
  };
  await until("a turn to start", take, { deadlineMs: 600_000 });
  try {
    return await start();
  } finally {
    starts.running -= 1;
  }
}

export const openCrashScene = (seed: string): Promise<CrashScene> => inTurn(() => openScene(seed));

async function openScene(seed: string): Promise<CrashScene> {
  const stage = await openStage({ settings, instruments, seed });
  try {
    return await openOn(stage);
  } catch (error) {
    // A house that came too late would go on beside the next one, and make that late as well.
    await stage.close();
    throw error;
  }
}

async function openOn(stage: Stage): Promise<CrashScene> {
  const bot = startBot(stage);
  const { address, code } = await bot.desk();
  const scene: CrashScene = {
    stage,
    turn: { count: 0 },
    bot,
    desk: await openDeskClient(address, code),
    hands: handsOf(stage, () => scene.desk),
    hopeless: () => scene.bot.whyEnded(),
    ...killing(crashFileOf(stage)),
  };
  await scene.bot.ready();
  await linkEverywhere(scene);
  return scene;
}

const crashFileOf = ({ folder }: Stage): string => join(folder, "kill_at");

function killing(file: string): Pick<CrashScene, "arm" | "disarm" | "takeTrace"> {
  return {
    arm: (hook, nth) => writeFileSync(file, `${hook}|${nth}`),
    disarm() {
      // Who kills takes the file away first.
      const isGone = !existsSync(file);
      rmSync(file, { force: true });
      return isGone;
    },
    takeTrace() {
      const path = `${file}.trace`;
      const lines = existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
      rmSync(path, { force: true });
      return lines;
    },
  };
}

function startBot(stage: Stage): BotProcess {
  return stage.start([], { NODE_OPTIONS: `--import ${preload}`, KILL_AT_FILE: crashFileOf(stage) });
}

/** Starts it and waits until it is ready; it may die on the way when a kill is armed. */
export const startAgain = (scene: CrashScene): Promise<void> => inTurn(() => start(scene));

async function start(scene: CrashScene): Promise<void> {
  scene.desk.close();
  scene.bot = startBot(scene.stage);
  const { address, code } = await scene.bot.desk();
  scene.desk = await openDeskClient(address, code);
  await scene.bot.ready();
}

/** By a stop at the venue, or by the house itself where somebody has taken the stop away twice. */
const isGuarded = (protection: string): boolean => protection === "placed" || protection === "local_guard";

/** Everything that began has an end, and everything that is held is protected. */
function isSettled(books: BotBooks): boolean {
  return (
    unknownOrders(books).length === 0 &&
    books.orders.every((order) => order.state !== "intent" && order.state !== "cancel_pending") &&
    books.approvals.every((one) => !["approved", "executing", "exec_unknown"].includes(one.state)) &&
    openPositions(books).every((one) => one.state === "monitoring" && isGuarded(one.protection))
  );
}

/** Waits until the books are settled. @returns what does not fit then: books, exchange and wire side by side. */
export async function settle(scene: CrashScene): Promise<readonly string[]> {
  const kept: { books: BotBooks | null } = { books: null };
  await until(
    "everything is settled",
    async () => {
      kept.books = await readBooks(scene.stage.home).catch(() => null);
      return (
        kept.books !== null && isSettled(kept.books) && violationsOf(kept.books, scene.stage.exchange).length === 0
      );
    },
    { hopeless: scene.hopeless, everyMs: 250, deadlineMs: settledWithinMs },
  ).catch(() => undefined);
  const { books } = kept;
  if (scene.hopeless() !== null) return [`it does not live: ${scene.hopeless()}`];
  if (books === null) return ["its books can't be read"];
  const open = isSettled(books) ? [] : [`not settled after ${settledWithinMs / 1_000} s: ${unsettledOf(books)}`];
  return [...open, ...violationsOf(books, scene.stage.exchange)];
}

/** Real ms; an order that never arrived is proven absent after 14 s and three looks, and a slow machine is no fault of the bot. */
const settledWithinMs = 120_000;

function unsettledOf({ orders, approvals, positions }: BotBooks): string {
  const isOver = /^(filled|canceled|partial_canceled|expired|rejected|abandoned|absent|lost|open)$/;
  return [
    ...orders.filter((one) => !isOver.test(one.state)).map((one) => `${one.leg} ${one.client_order_id} ${one.state}`),
    ...approvals
      .filter((one) => /^(approved|exec)/.test(one.state) && one.state !== "executed" && one.state !== "exec_failed")
      .map((one) => `${one.kind} ${one.state}`),
    ...positions
      .filter((one) => one.state !== "closed")
      .map((one) => `${one.instrument_id} ${one.state} ${one.protection}`),
  ].join(", ");
}

/** Takes the faults away, lifts a halt and closes breakers, so that the next kill begins in the same state. What is held stays. */
export async function tidy(scene: CrashScene): Promise<void> {
  scene.stage.exchange.faults.clear();
  scene.stage.exchange.faults.outage(false);
  await until("nothing is halted", () => lift(scene), {
    hopeless: scene.hopeless,
    everyMs: 400,
    deadlineMs: 150_000,
    seen: () => lastCards(scene),
  });
}

export const lift = ({ stage, desk }: CrashScene): Promise<boolean> => liftHalts(stage.home, desk, "the drill is over");

const lastCards = ({ desk }: CrashScene): string =>
  desk
    .cards()
    .slice(-3)
    .map(({ card }) => `${card.title}: ${card.lines.join(" ")}`)
    .join(" | ");

/** Waits for a breaker whose name fits. */
export async function standingBreakers(scene: CrashScene, name: RegExp): Promise<void> {
  await until(
    `a breaker ${name}`,
    async () => (await haltsOf(scene.stage.home).catch(() => null))?.breakers.some((one) => name.test(one)),
    { hopeless: scene.hopeless, everyMs: 300, deadlineMs: 90_000 },
  );
}

/** How many facts of this kind the ledger holds. */
export function factsOf({ stage }: CrashScene, kind: string): Promise<number> {
  return withDatabase(stage.home, async (client) => {
    const told = await client.query<{ count: number }>("select count(*)::int as count from events where kind = $1", [
      kind,
    ]);
    return told.rows[0]?.count ?? 0;
  });
}

export async function untilFacts(scene: CrashScene, kind: string, count: number): Promise<void> {
  const look = async () => (await factsOf(scene, kind).catch(() => 0)) >= count;
  await until(`${count} facts ${kind}`, look, { hopeless: scene.hopeless, everyMs: 300, deadlineMs: 90_000 });
}
