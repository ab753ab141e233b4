/** What the bot is in the middle of when it dies. Each prepares a quiet state, then sets something going; the kill is armed between the two. */
import { openPositions, readBooks } from "../smoke/bot_books.ts";
import { approve, openCopies } from "../smoke/chats.ts";
import { sleep, until } from "../smoke/until.ts";
import { type CrashScene, startAgain } from "./scene.ts";

export type CrashScenario = {
  readonly name: string;
  /** Hooks that the first order of the way passes too: here the second pass is meant. */
  readonly isSecondPass?: (hook: string) => boolean;
  prepare(scene: CrashScene): Promise<void>;
  /** May reject or hang when the bot dies under it; the caller looks at the bot, not at this. */
  act(scene: CrashScene): Promise<void>;
};

const entryWords = "Buy ";

async function asked(scene: CrashScene): Promise<void> {
  await openCopies(scene.hands, entryWords, scene.hopeless);
}

async function approveOne(scene: CrashScene): Promise<void> {
  const [copy] = await openCopies(scene.hands, entryWords, scene.hopeless);
  if (copy !== undefined) await approve(scene.hands, copy, scene.hopeless);
}

async function protectedPosition(scene: CrashScene): Promise<void> {
  await asked(scene);
  await approveOne(scene);
  await until(
    "a protected position",
    async () => openPositions(await readBooks(scene.stage.home)).some((one) => one.protection === "placed"),
    { hopeless: scene.hopeless, everyMs: 100, deadlineMs: 60_000 },
  );
}

async function held(scene: CrashScene) {
  const [position] = openPositions(await readBooks(scene.stage.home));
  if (position === undefined) throw new Error("nothing is held");
  return { ...position, symbol: position.instrument_id.split(":")[1] ?? "" };
}

async function jumpToTarget(scene: CrashScene): Promise<void> {
  const { symbol, target_price, stop_price } = await held(scene);
  const to = target_price === null ? Number(stop_price) * 0.9995 : Number(target_price) * 1.0005;
  scene.stage.exchange.faults.jump(symbol.replace("/", "-"), to.toFixed(2));
}

async function close(scene: CrashScene): Promise<void> {
  await scene.desk.command("close", (await held(scene)).symbol);
}

const ofOrders = /order_(intended|sending|acknowledged)|wire place|fill_received/;

export const scenarios: readonly CrashScenario[] = [
  { name: "entry", prepare: asked, act: approveOne },
  { name: "stop", isSecondPass: (hook) => ofOrders.test(hook), prepare: asked, act: approveOne },
  { name: "exit", prepare: protectedPosition, act: close },
  {
    name: "cancel",
    prepare: protectedPosition,
    async act(scene) {
      // The answer to the cancel is lost: nobody knows whether the stop still rests.
      scene.stage.exchange.faults.add({ method: "DELETE", path: "/api/", verb: { do: "drop_after" } });
      await close(scene);
    },
  },
  {
    name: "reconcile",
    // While nobody watches, the venue closes the position; the start that follows has to find it out.
    async prepare(scene) {
      await protectedPosition(scene);
      scene.bot.signal("SIGKILL");
      await scene.bot.ended;
      await jumpToTarget(scene);
    },
    act: startAgain,
  },
  {
    name: "flatten",
    prepare: protectedPosition,
    async act(scene) {
      await scene.desk.command("flatten", "a drill");
      const [copy] = await openCopies(scene.hands, "Close every", scene.hopeless);
      if (copy !== undefined) await approve(scene.hands, copy, scene.hopeless);
    },
  },
  {
    name: "shutdown",
    prepare: protectedPosition,
    async act(scene) {
      scene.bot.signal("SIGTERM");
      await scene.bot.ended;
    },
  },
  {
    name: "approval",
    prepare: asked,
    async act(scene) {
      const [copy] = await openCopies(scene.hands, entryWords, scene.hopeless);
      if (copy !== undefined) await scene.hands.tap(copy, "Decline");
      await sleep(1_500);
    },
  },
];
