/**
 * The story that the smoke test tells, in order. Each step waits for what a person would see and throws when it does not come.
 *
 *   link x3 -> BTC by Telegram -> ETH by Discord -> kill -9 while the order is out -> restart -> SOL by the desk
 *     -> stop -> target -> /pause -> /resume -> /flatten + tap -> flat -> Ctrl-C -> audit
 */

import { type BookedPosition, type BotBooks, openPositions, readBooks } from "./bot_books.ts";
import { type BotProcess, runBot } from "./bot_process.ts";
import { approve, type ChatName, type Copy, type Hands, handsOf, openCopies, picturesOn, seeClosed } from "./chats.ts";
import { type DeskClient, openDeskClient } from "./desk_client.ts";
import { linkEverywhere } from "./link.ts";
import { leftovers, liveButtons, violationsOf } from "./oracle.ts";
import type { Stage } from "./stage.ts";
import { until } from "./until.ts";

export type Told = {
  readonly trades: number;
  readonly approvals: number;
  readonly unknown: number;
  readonly violations: readonly string[];
};
export type Say = (line: string) => void;

type Scene = {
  readonly stage: Stage;
  readonly say: Say;
  readonly hands: Hands;
  bot: BotProcess;
  desk: DeskClient;
  /** Why waiting makes no sense: the bot is gone. */
  readonly hopeless: () => string | null;
};

export async function tellStory(stage: Stage, say: Say): Promise<Told> {
  const scene = await open(stage, say);
  await linkEverywhere(scene);
  say("one person is linked on Telegram, Discord and the desk");
  await buyFrom(scene, "telegram", "BTC");
  const killed = await killDuringOrder(scene);
  await comeBack(scene, killed);
  await buyFrom(scene, "desk", "SOL");
  const early = violationsOf(await readBooks(stage.home), stage.exchange);
  await seePictures(scene);
  await fireStop(scene);
  await fireTarget(scene);
  await pauseAndResume(scene);
  await flattenEverything(scene);
  const told = await judge(scene, early);
  await leave(scene);
  return { ...told, violations: [...told.violations, ...(await auditAll(scene))] };
}

async function open(stage: Stage, say: Say): Promise<Scene> {
  const bot = stage.start();
  const { address, code } = await bot.desk();
  const desk = await openDeskClient(address, code);
  await bot.ready();
  say(`the bot trades, the desk is open (${address})`);
  const scene: Scene = {
    stage,
    say,
    bot,
    desk,
    hands: handsOf(stage, () => scene.desk),
    hopeless: () => scene.bot.whyEnded(),
  };
  return scene;
}

const words = (coin: string): string => `${coin}/USDT`;
const instrument = (coin: string): string => `kucoin:${coin}/USDT`;

/** Waits until the books say so; every look opens a connection, so looks are rare. */
function untilBooks<Value>(
  scene: Scene,
  what: string,
  probe: (books: BotBooks) => Value | null | undefined | false,
): Promise<Value> {
  const look = () => readBooks(scene.stage.home).then(probe, () => null);
  return until(what, look, { hopeless: scene.hopeless, everyMs: 150 });
}

const heldOf = (books: BotBooks, coin: string): BookedPosition | undefined =>
  openPositions(books).find((position) => position.instrument_id === instrument(coin));

function pairOf({ stage }: Scene, coin: string) {
  return [...stage.exchange.house.core.state.ocos.values()].filter(
    (oco) => oco.symbol === `${coin}-USDT` && oco.status === "NEW",
  );
}

async function seeProtected(scene: Scene, coin: string): Promise<BookedPosition> {
  const position = await untilBooks(scene, `${coin} is held and protected`, (books) => {
    const held = heldOf(books, coin);
    return held?.protection === "placed" ? held : null;
  });
  await until(`one stop and target pair of ${coin} rests at the exchange`, () => pairOf(scene, coin).length === 1, {
    hopeless: scene.hopeless,
  });
  return position;
}

const copyAt = (copies: readonly Copy[], chat: ChatName): Copy => {
  const copy = copies.find((one) => one.chat === chat);
  if (copy === undefined) throw new Error(`There is no copy on ${chat}`);
  return copy;
};

async function buyFrom(scene: Scene, chat: ChatName, coin: string): Promise<void> {
  const { hands, hopeless, say } = scene;
  const copies = await openCopies(hands, words(coin), hopeless);
  await approve(hands, copyAt(copies, chat), hopeless);
  await seeClosed(hands, copies, /APPROVED[^\n]*filled/, hopeless);
  const { quantity, stop_price, target_price } = await seeProtected(scene, coin);
  say(
    `${coin} approved on ${chat}: ${Number(quantity)} held, stop ${Number(stop_price)} and target ${Number(target_price)} rest at the exchange, all copies closed in place`,
  );
}

type Killed = { readonly before: readonly BookedPosition[]; readonly copies: readonly Copy[] };

/** The hardest moment: the exchange has executed the order, and its answer never comes. */
async function killDuringOrder(scene: Scene): Promise<Killed> {
  const { stage, hands, hopeless, say } = scene;
  const before = openPositions(await readBooks(stage.home));
  const copies = await openCopies(hands, words("ETH"), hopeless);
  stage.exchange.faults.add({ verb: { do: "hang_after" }, method: "POST", path: "/api/v1/hf/orders" });
  let tappedAt = Number.NEGATIVE_INFINITY;
  await until(
    "the exchange has bought ETH",
    async () => {
      if (stage.exchange.balances()["ETH"] !== undefined) return true;
      const copy = hands.messages("discord").find((one) => one.id === copyAt(copies, "discord").id);
      if (copy === undefined || copy.buttons.length === 0 || performance.now() - tappedAt < 8_000) return false;
      tappedAt = performance.now();
      await hands.tap(copy, "Approve");
      return false;
    },
    { hopeless },
  );
  await scene.bot.end("SIGKILL");
  stage.exchange.faults.clear();
  say("ETH approved on discord; the bot is killed with -9 while its order is out");
  return { before, copies };
}

async function comeBack(scene: Scene, { before, copies }: Killed): Promise<void> {
  const { stage, hands, hopeless, say } = scene;
  const started = performance.now();
  scene.bot = stage.start();
  const { address, code } = await scene.bot.desk();
  scene.desk = await openDeskClient(address, code);
  const guarded = await scene.bot.ready();
  const tookMs = Math.round(performance.now() - started);
  for (const coin of ["BTC", "ETH"]) await seeProtected(scene, coin);
  const books = await readBooks(stage.home);
  const same = (position: BookedPosition) =>
    JSON.stringify(books.positions.find((one) => one.position_id === position.position_id)) ===
    JSON.stringify(position);
  if (!before.every(same))
    throw new Error(
      `A position changed over the restart: ${JSON.stringify(before)} became ${JSON.stringify(books.positions)}`,
    );
  if (openPositions(books).length !== 2)
    throw new Error(`Two positions were open, after the restart there are ${openPositions(books).length}`);
  // The desk's page of before is gone with its process; the two platforms still show the very messages.
  await seeClosed(
    hands,
    copies.filter((copy) => copy.chat !== "desk"),
    /APPROVED[^\n]*filled/,
    hopeless,
  );
  say(
    `back after ${(tookMs / 1_000).toFixed(1)} s with ${guarded} guarded at once: same positions, nothing doubled, protection in place`,
  );
}

/** The built bot paints: prompts brought theirs on Discord, and a position that is asked for brings one on Telegram. */
async function seePictures(scene: Scene): Promise<void> {
  const { stage, hopeless, say } = scene;
  const before = picturesOn(stage).telegram;
  await ask(scene, "/positions BTC", /1 open position/);
  await until("a picture follows /positions on Telegram", () => picturesOn(stage).telegram > before, { hopeless });
  await until("a prompt brought a picture on Discord", () => picturesOn(stage).discord > 0, { hopeless });
  say("pictures: a position on Telegram, prompts on Discord");
}

async function fireStop(scene: Scene): Promise<void> {
  const position = await seeProtected(scene, "BTC");
  scene.stage.exchange.faults.jump("BTC-USDT", (Number(position.stop_price) * 0.9995).toFixed(1));
  await seeExit(scene, "BTC", /closed by stop/);
}

async function fireTarget(scene: Scene): Promise<void> {
  const position = await seeProtected(scene, "ETH");
  scene.stage.exchange.faults.jump("ETH-USDT", (Number(position.target_price) * 1.0005).toFixed(2));
  await seeExit(scene, "ETH", /closed by target/);
}

async function seeExit(scene: Scene, coin: string, says: RegExp): Promise<void> {
  const { hands, hopeless, say } = scene;
  await untilBooks(scene, `${coin} is flat`, (books) => heldOf(books, coin) === undefined);
  const isTold = (chat: ChatName) =>
    hands.messages(chat).some((copy) => copy.text.includes(words(coin)) && says.test(copy.text));
  for (const chat of ["telegram", "discord", "desk"] as const)
    await until(`${chat} tells that ${coin} is ${says}`, () => isTold(chat), {
      hopeless,
      seen: () => JSON.stringify(hands.messages(chat).map((copy) => copy.text)),
    });
  say(`${coin} ${says.source}, told on all three chats`);
}

/** What the bot answers on Telegram after this was written there. */
async function ask(scene: Scene, text: string, says: RegExp): Promise<Copy> {
  const { stage, hands, hopeless } = scene;
  const before = hands.messages("telegram").length;
  stage.telegram.sendText(stage.people.onTelegram, stage.people.privately, text);
  const fresh = () => hands.messages("telegram").slice(before);
  return until(`Telegram answers ${text} with ${says}`, () => fresh().find((copy) => says.test(copy.text)), {
    hopeless,
    seen: () => JSON.stringify(fresh()),
  });
}

async function pauseAndResume(scene: Scene): Promise<void> {
  await ask(scene, "/pause looking at the venue", /No entry can leave any more/);
  await until("the desk shows the pause", () => scene.desk.state()?.level === "pause", { hopeless: scene.hopeless });
  await ask(scene, "/resume the venue looks fine", /Trading again/);
  scene.say("/pause on telegram: no entry can leave; /resume with a reason");
}

async function flattenEverything(scene: Scene): Promise<void> {
  const { stage, hands, hopeless, say } = scene;
  const { discord, people, exchange } = stage;
  discord.slash(people.onDiscord, people.channel, "flatten", { reason: "the smoke test ends" });
  const copies = await openCopies(hands, "Close every position now?", hopeless);
  await approve(hands, copyAt(copies, "desk"), hopeless);
  await seeClosed(hands, copies, /APPROVED/, hopeless);
  await untilBooks(scene, "no position is open", (books) => openPositions(books).length === 0);
  await until(
    "nothing of ours rests at the exchange",
    () => Object.values(exchange.balances()).every((row) => Number(row.held) === 0),
    { hopeless },
  );
  say("/flatten on discord, confirmed on the desk: the exchange is flat");
}

async function judge(scene: Scene, early: readonly string[]): Promise<Told> {
  const { stage, hands, hopeless } = scene;
  await until("the chats have caught up", () => liveButtons(hands).length === 0, {
    hopeless,
    deadlineMs: 15_000,
  }).catch(() => undefined);
  await untilBooks(scene, "every order is settled", (books) => leftovers(books).length === 0).catch(() => undefined);
  const books = await readBooks(stage.home);
  const left = leftovers(books);
  return {
    trades: books.positions.filter((position) => position.state === "closed" && position.exit_reason !== "no_fill")
      .length,
    approvals: books.approvals.filter((approval) => approval.state === "executed").length,
    unknown: left.filter((line) => line.startsWith("order ")).length,
    violations: [...new Set([...early, ...violationsOf(books, stage.exchange), ...liveButtons(hands), ...left])],
  };
}

async function leave(scene: Scene): Promise<void> {
  const { bot, stage, say } = scene;
  const { code } = await bot.end("SIGINT");
  if (code !== 0) throw new Error(`Ctrl-C ended the bot with code ${code}: ${bot.output().slice(-2_000)}`);
  if (!bot.output().includes("No position is open."))
    throw new Error(`The goodbye names no positions: ${bot.output().slice(-500)}`);
  if (stage.databasePid() !== null) throw new Error("The database server outlived a graceful end");
  say("Ctrl-C: a graceful end, no position open, no process left");
}

async function auditAll({ stage, say }: Scene): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const [action, good] of [
    ["verify", /The chain of \d+ facts holds/],
    ["rebuild", /gives the same \d+ tables/],
  ] as const) {
    const { code, output } = await runBot({
      words: ["audit", action, "--home", stage.home, "--config", stage.configPath],
      folder: stage.folder,
    });
    if (code !== 0 || !good.test(output)) problems.push(`audit ${action} ended with ${code}: ${output.slice(-500)}`);
    else say(`audit ${action}: ${output.trim().split("\n").at(-1) ?? ""}`);
  }
  return problems;
}
