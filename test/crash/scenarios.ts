/**
 * What the bot is in the middle of when it dies. Each prepares a quiet state, then sets something going; the kill is armed
 * between the two. Scenarios share a home.
 */
import type { FaultRule } from "../../src/practice/faults.ts";
import { sleep } from "../smoke/until.ts";
import {
  anEntry,
  approveOne,
  asked,
  close,
  confirmed,
  dieAt,
  drift,
  held,
  jump,
  moveCoins,
  prepareHeld,
  sellByHand,
  symbolOf,
  takeStopAway,
  tapUntilClosed,
  untilBooked,
} from "./deeds.ts";
import { type CrashScene, factsOf, standingBreakers, startAgain, tidy, untilFacts } from "./scene.ts";

export type CrashScenario = {
  readonly name: string;
  /** Hooks that the first order of the way passes too: here the second pass is meant. */
  readonly isSecondPass?: (hook: string) => boolean;
  /** Takes much longer than a moment. */
  readonly isSlow?: boolean;
  /** What it does to a home can be taken back by one person a few times only. */
  readonly isCostly?: boolean;
  prepare(scene: CrashScene): Promise<void>;
  /** May reject or hang when the bot dies under it; the caller looks at the bot, not at this. */
  act(scene: CrashScene): Promise<void>;
};

const entries = { method: "POST", path: "/api/v1/hf/orders" } as const;
const stops = { method: "POST", path: "/api/v3/oco/order" } as const;
const cancels = { method: "DELETE", path: "/api/" } as const;

const spoiled =
  (rule: FaultRule, act: (scene: CrashScene) => Promise<void>) =>
  async (scene: CrashScene): Promise<void> => {
    scene.stage.exchange.faults.add(rule);
    await act(scene);
  };

const ofOrders = /order_(intended|sending|acknowledged)|wire place|fill_received/;

const entryScenarios: readonly CrashScenario[] = [
  { name: "entry", prepare: asked, act: approveOne },
  {
    name: "entry, its answer is lost",
    prepare: asked,
    act: spoiled({ ...entries, verb: { do: "drop_after" } }, bought),
  },
  {
    name: "entry, refused",
    prepare: asked,
    act: spoiled({ ...entries, verb: { do: "refuse", code: "200004", msg: "Balance insufficient!" } }, approveOne),
  },
  {
    name: "entry, not now",
    prepare: asked,
    act: spoiled({ ...entries, verb: { do: "rate_limited", resetMs: 1_000 } }, approveOne),
  },
  {
    name: "entry, never arrived",
    isSlow: true,
    prepare: asked,
    act: spoiled({ ...entries, verb: { do: "drop_before" } }, lookedFor),
  },
  {
    name: "approval, declined",
    prepare: asked,
    async act(scene) {
      await tapUntilClosed(scene, await anEntry(scene), "Decline");
    },
  },
  {
    name: "approval, the price moved",
    prepare: asked,
    async act(scene) {
      const copy = await anEntry(scene);
      drift(scene, copy, 0.6);
      await scene.hands.tap(copy, "Approve");
      await sleep(1_500);
    },
  },
  {
    name: "approval, the limits change",
    prepare: asked,
    async act(scene) {
      await scene.desk.command("deny", "LTC/USDT");
      await scene.desk.command("allow", "LTC/USDT the drill is over");
    },
  },
];

async function bought(scene: CrashScene): Promise<void> {
  await approveOne(scene);
  await untilBooked(
    scene,
    "it is protected",
    (open) => open.length > 0 && open.every((one) => one.protection === "placed"),
  );
}

/** An order that the venue never had is looked for until its absence is proven. */
async function lookedFor(scene: CrashScene): Promise<void> {
  await approveOne(scene);
  await sleep(35_000);
}

const exitScenarios: readonly CrashScenario[] = [
  { name: "stop", isSecondPass: (hook) => ofOrders.test(hook), prepare: asked, act: bought },
  { name: "stop, its answer is lost", prepare: asked, act: spoiled({ ...stops, verb: { do: "drop_after" } }, bought) },
  {
    name: "stop, never arrived",
    isSlow: true,
    prepare: asked,
    // Nobody knows whether it rests; when its absence is proven the position has been bare for too long and is sold.
    act: spoiled({ ...stops, verb: { do: "drop_before" } }, lookedFor),
  },
  {
    name: "stop, refused",
    prepare: asked,
    act: spoiled(
      { ...stops, verb: { do: "refuse", code: "400100", msg: "validation.createOrder.stopPriceIsInvalid" } },
      bought,
    ),
  },
  {
    name: "stop, it fires",
    prepare: prepareHeld,
    async act(scene) {
      const { instrument_id } = await held(scene);
      await jump(scene, "stop");
      await untilBooked(scene, "it is sold", (open) => open.every((one) => one.instrument_id !== instrument_id));
    },
  },
  { name: "exit", prepare: prepareHeld, act: close },
  {
    name: "exit, its answer is lost",
    prepare: prepareHeld,
    act: spoiled({ ...entries, verb: { do: "drop_after" } }, close),
  },
  // The answer to the cancel is lost: nobody knows whether the stop still rests.
  {
    name: "cancel, its answer is lost",
    prepare: prepareHeld,
    act: spoiled({ ...cancels, verb: { do: "drop_after" } }, close),
  },
  {
    name: "cancel, it never arrived",
    prepare: prepareHeld,
    act: spoiled({ ...cancels, verb: { do: "drop_before" } }, close),
  },
  { name: "flatten", prepare: prepareHeld, act: (scene) => confirmed(scene, "flatten") },
  {
    name: "flatten, answers are lost",
    prepare: prepareHeld,
    act: spoiled(
      { ...cancels, verb: { do: "drop_after" } },
      spoiled({ ...entries, verb: { do: "drop_after" } }, (scene) => confirmed(scene, "flatten")),
    ),
  },
  { name: "emergency", prepare: prepareHeld, act: (scene) => confirmed(scene, "emergency") },
  {
    name: "flatten, back to trading",
    async prepare(scene) {
      await held(scene);
      await confirmed(scene, "flatten");
    },
    act: tidy,
  },
];

const houseScenarios: readonly CrashScenario[] = [
  {
    name: "start, the venue sold meanwhile",
    async prepare(scene) {
      await held(scene);
      scene.bot.signal("SIGKILL");
      await scene.bot.ended;
      await jump(scene, "target");
    },
    act: startAgain,
  },
  {
    name: "start, an order was never sent",
    async prepare(scene) {
      await asked(scene);
      await dieAt(scene, "after commit order_intended", () => approveOne(scene));
    },
    act: startAgain,
  },
  {
    name: "start, an order was on its way",
    async prepare(scene) {
      await asked(scene);
      await dieAt(scene, "after wire place", () => approveOne(scene));
    },
    act: startAgain,
  },
  {
    name: "shutdown",
    prepare: prepareHeld,
    async act(scene) {
      scene.bot.signal("SIGTERM");
      await scene.bot.ended;
    },
  },
];

const handScenarios: readonly CrashScenario[] = [
  {
    name: "by hand, a sale",
    isCostly: true,
    prepare: prepareHeld,
    async act(scene) {
      const position = await held(scene);
      sellByHand(scene, position);
      await untilBooked(scene, "the sale is booked", (open) =>
        open.every((one) => one.position_id !== position.position_id),
      );
      await tidy(scene);
    },
  },
  {
    name: "by hand, the stop taken away twice",
    isCostly: true,
    prepare: prepareHeld,
    async act(scene) {
      const position = await held(scene);
      for (const protection of ["placed", "local_guard"]) {
        const known = await factsOf(scene, "stop_lost");
        takeStopAway(scene, position);
        await untilFacts(scene, "stop_lost", known + 1);
        await untilBooked(scene, `its protection is ${protection}`, (open) =>
          open.some((one) => one.position_id === position.position_id && one.protection === protection),
        );
      }
      await tidy(scene);
      await prepareHeld(scene);
    },
  },
  {
    name: "by hand, coins lent and returned",
    isSlow: true,
    isCostly: true,
    prepare: prepareHeld,
    async act(scene) {
      const position = await held(scene);
      takeStopAway(scene, position);
      moveCoins(scene, position, "-1");
      try {
        await standingBreakers(scene, /short_holding/);
      } finally {
        moveCoins(scene, position, "1");
      }
      await sleep(12_000);
      await scene.desk.command("close", symbolOf(position.instrument_id));
      await tidy(scene);
    },
  },
  {
    name: "outage, and a trial order after it",
    isSlow: true,
    isCostly: true,
    prepare: asked,
    async act(scene) {
      scene.stage.exchange.faults.outage(true);
      await standingBreakers(scene, /./);
      scene.stage.exchange.faults.outage(false);
      await sleep(66_000);
      await approveOne(scene);
      await sleep(3_000);
    },
  },
];

export const scenarios: readonly CrashScenario[] = [
  ...entryScenarios,
  ...exitScenarios,
  ...houseScenarios,
  ...handScenarios,
];
