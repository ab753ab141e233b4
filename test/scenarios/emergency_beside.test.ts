/** The emergency process beside a house that had begun to sell, and the signs of life by which one knows of the other. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openLifelineFiles } from "../../src/adapters/lifeline/lifeline_files.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { systemVault } from "../../src/adapters/system/vault.ts";
import type { ClearedIntent } from "../../src/core/clearance.ts";
import { clientOrderIdOf } from "../../src/core/client_order_id.ts";
import type { OrderIntent } from "../../src/core/intent.ts";
import type { EmergencyNotice } from "../../src/core/lifeline.ts";
import { floorToStep, floorToTick, type Price, price, quantity } from "../../src/core/money.ts";
import type { Position } from "../../src/core/position.ts";
import { fail } from "../../src/core/result.ts";
import { instant } from "../../src/core/time.ts";
import { heedEmergency, writeLifeline } from "../../src/flows/lifeline.ts";
import type { LifelineFiles } from "../../src/ports/lifeline.ts";
import type { Venue } from "../../src/ports/venue.ts";
import { kucoin } from "../../src/venues/kucoin/venue.ts";
import { buy, cardsWith, heldAt, told } from "./conversation.ts";
import { type Notes, noteIn } from "./emergency_notes.ts";
import { factsOf, play, storyMs, untilClosed } from "./play.ts";
import { openStage, type Stage } from "./stage.ts";

const orderPath = "/api/v1/hf/orders";
const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));
const over = (venue: Venue, change: Partial<Venue>): Venue => Object.assign(Object.create(venue) as Venue, change);
const deaf = () =>
  fail({ kind: "unavailable", venue: "kucoin", what: "order", because: "it hangs", retryAfterMs: null } as const);
const exitsOf = (stage: Stage) => Object.values(stage.books().orders).filter((order) => order.intent.leg === "exit");
const isStandingBack = (stage: Stage) => stage.house().needs.memory.isStandingBack;

/** Buys, leaves the snapshot, and gives the notes in which the process tells. */
async function readied(stage: Stage, story: (notes: Notes) => Promise<void>): Promise<void> {
  await buy(stage, "SOL/USDT");
  const home = mkdtempSync(join(tmpdir(), "countersign-lifeline-"));
  try {
    const lifeline = openLifelineFiles(home, { baseUrl: stage.exchange.url, database: null, practice: null });
    Object.assign(stage.house().needs, { lifeline });
    await writeLifeline(stage.house().needs);
    await story(noteIn(home));
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** The emergency process from its first sign of life to its last, beside the house. */
async function closeBeside(stage: Stage, notes: Notes): Promise<void> {
  notes.save();
  const beat = setInterval(() => notes.save(), 500);
  try {
    await stage.until(() => isStandingBack(stage), "standing back");
    await sellBeside(stage, notes);
  } finally {
    clearInterval(beat);
  }
}

describe.concurrent("an exit of the house is under way when the emergency process is called", () => {
  test("acknowledged and followed by nobody: what sold is taken in at once, and the house goes on [P14]", {
    timeout: storyMs,
  }, async () => {
    let isDeaf = false;
    const venue = (real: Venue): Venue =>
      over(real, {
        async placeOrder(...order) {
          // The market falls through the collar while the exit is on its way: it finds no buyer, and nobody hears of that.
          if (order[0].leg === "exit") {
            stage.exchange.faults.jump("SOL-USDT", "70");
            isDeaf = true;
          }
          return real.placeOrder(...order);
        },
        findOrder: async (ref) => (isDeaf && ref.kind === "limit" ? deaf() : real.findOrder(ref)),
      });
    const stage: Stage = await openStage({ venue });
    try {
      await readied(stage, async (notes) => {
        await told(stage, stage.telegram, "close", "sol");
        const isWaiting = () =>
          exitsOf(stage).some((order) => ["open", "cancel_pending", "cancel_unknown"].includes(order.state));
        await stage.until(isWaiting, "the acknowledged exit", 20_000);
        await closeBeside(stage, notes);
        isDeaf = false;
        notes.tell({ isDone: true });
        await stage.until(() => !isStandingBack(stage), "the house goes on", 10_000);
        await untilClosed(stage, "SOL/USDT", 20_000);
        expect(heldAt(stage, "SOL")).toBe("none");
        expect(exitsOf(stage).map((order) => order.state)).toEqual(["canceled", "filled"]);
      });
      await stage.judge();
    } finally {
      await stage.close();
    }
  });

  test(
    "of unknown fate: its own proof takes as long as it takes, and what sold is in the books before [P14]",
    {
      timeout: storyMs,
    },
    () =>
      play({}, (stage) =>
        readied(stage, async (notes) => {
          stage.exchange.faults.add({ method: "POST", path: orderPath, verb: { do: "hang_before" }, times: 1 });
          await told(stage, stage.telegram, "close", "sol");
          await stage.until(
            () => exitsOf(stage).some((order) => order.state === "unknown"),
            "the unknown exit",
            20_000,
          );
          await closeBeside(stage, notes);
          notes.tell({ isDone: true });
          await stage.until(() => !isStandingBack(stage), "the house goes on", 6_000);
          expect(exitsOf(stage).map((order) => order.state)).toEqual(["unknown", "filled"]);
          expect(stage.position("SOL/USDT")?.quantity).toBe("0");
          await untilClosed(stage, "SOL/USDT", 60_000);
        }),
      ),
  );

  test("a sale that the database refuses is told and stops entries; the house does not stand back for ever", {
    timeout: storyMs,
  }, async () => {
    const stage = await openStage();
    try {
      await readied(stage, async (notes) => {
        await closeBeside(stage, notes);
        // A row about nothing fits no table.
        notes.change((sale) => ({ ...sale, intent: { ...sale.intent, quantity: quantity("0") } }));
        notes.tell({ isDone: true });
        await stage.until(() => !isStandingBack(stage), "the house goes on", 10_000);
        expect((await factsOf(stage, "breaker_opened")).map((fact) => fact.cause)).toContain("record_refused");
        await stage.until(() => cardsWith(stage.telegram, "record refused").length > 0, "the call");
        // It is booked as what a stranger would have sold: nothing is sold a second time.
        await untilClosed(stage, "SOL/USDT", 20_000);
        expect(exitsOf(stage).map((order) => order.origin)).toEqual(["external"]);
      });
    } finally {
      await stage.close();
    }
  });
});

describe.concurrent("signs of life of the emergency process", () => {
  const noteOf = (beatAt: number): EmergencyNotice => ({
    form: "emergency-1",
    id: "emergency test",
    at: new Date(beatAt).toISOString(),
    beatAt: new Date(beatAt).toISOString(),
    by: "test",
    reason: "the house is frozen",
    isDone: false,
    orders: [],
    left: [],
  });
  const files = (notice: LifelineFiles["notice"]): LifelineFiles => ({
    baseUrl: null,
    write: () => null,
    notice,
    settle: () => undefined,
  });

  test.each([
    ["back by an hour after it died: it is taken for dead in 20 s", 3_600_000],
    ["forward by an hour after it died: it is taken for dead in 20 s", -3_600_000],
  ])("the wall clock was set %s", { timeout: storyMs }, async (_, ahead) => {
    const stage = await openStage();
    try {
      const note = noteOf(Date.now() + ahead);
      Object.assign(stage.house().needs, { lifeline: files(() => note) });
      expect(await heedEmergency(stage.house().needs)).toBe("standing_back");
      const begun = performance.now();
      await stage.until(() => !isStandingBack(stage), "the house goes on", 20_000);
      expect(performance.now() - begun).toBeGreaterThan(12_000);
    } finally {
      await stage.close();
    }
  });

  test("one that beats is never taken over, whatever its clock says", { timeout: storyMs }, async () => {
    const stage = await openStage();
    try {
      let beats = 0;
      // Its clock runs an hour behind ours, and each look finds a newer sign.
      const notice = () => {
        beats += 1;
        return noteOf(Date.now() - 3_600_000 + beats);
      };
      Object.assign(stage.house().needs, { lifeline: files(notice) });
      const until = performance.now() + 18_000;
      while (performance.now() < until) {
        expect(await heedEmergency(stage.house().needs)).toBe("standing_back");
        await pause(500);
      }
    } finally {
      await stage.close();
    }
  });

  test("a house that was frozen beside it does not take it for dead at its first look", {
    timeout: storyMs,
  }, async () => {
    let frozenMs = 0;
    const stage = await openStage({ clock: (system) => ({ ...system, mono: () => system.mono() + frozenMs }) });
    try {
      const note = noteOf(Date.now());
      Object.assign(stage.house().needs, { lifeline: files(() => note) });
      expect(await heedEmergency(stage.house().needs)).toBe("standing_back");
      frozenMs = 60_000;
      expect(await heedEmergency(stage.house().needs)).toBe("standing_back");
    } finally {
      await stage.close();
    }
  });
});

describe("a note that can't be read", () => {
  const opened = (home: string) => openLifelineFiles(home, { baseUrl: null, database: null, practice: null });
  const inHome = (story: (home: string, path: string) => void | Promise<void>) => async () => {
    const home = mkdtempSync(join(tmpdir(), "countersign-lifeline-"));
    try {
      await story(home, join(home, "emergency.json"));
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  };

  test(
    "only absence is absence",
    inHome((home, path) => {
      expect(opened(home).notice()).toBeNull();
      writeFileSync(path, '{"form": "emergency-2"}');
      expect(opened(home).notice()).toMatchObject({ problem: expect.stringContaining(path) });
      // A process with all rights reads whatever it likes.
      if (process.getuid?.() === 0) return;
      chmodSync(path, 0o000);
      expect(opened(home).notice()).toMatchObject({ problem: expect.stringMatching(/EACCES/) });
    }),
  );

  test("the house stands back from it until it is gone, and goes on then", { timeout: storyMs }, () =>
    play({}, async (stage) => {
      await inHome(async (home, path) => {
        writeFileSync(path, "not a note");
        Object.assign(stage.house().needs, { lifeline: opened(home) });
        await stage.until(() => isStandingBack(stage), "standing back");
        expect(stage.books().house.level).toBe("none");
        rmSync(path);
        await stage.until(() => !isStandingBack(stage), "the house goes on");
      })();
    }),
  );
});

/** What the emergency process does at the exchange, with a connection of its own: its note first, then the stop, then the sale. */
async function sellBeside(stage: Stage, notes: Notes): Promise<void> {
  const position = stage.position("SOL/USDT");
  const [credentials] = stage.exchange.credentials;
  if (position === undefined || credentials === undefined) throw new Error("nothing is held");
  const venue = await kucoin.open({ credentials, baseUrl: stage.exchange.url, clock: systemClock(), log: stage.log });
  try {
    await venue.instruments(["SOL/USDT"]);
    const book = await venue.orderBook("SOL/USDT");
    const limitPrice = floorToTick(
      price(String(Number(book.ok ? book.value.bids[0]?.price : 87) * 0.98)),
      price("0.01"),
    );
    const intent = exitOf(position, limitPrice);
    const bound = { epoch: stage.books().house.epoch + 1, digest: "emergency" };
    const clientOrderId = clientOrderIdOf(intent, bound, systemVault().sha256);
    notes.tell({ orders: [{ clientOrderId, intent, referencePrice: price("87"), digest: "emergency" }] });
    const { instrumentId } = intent;
    const resting = await venue.openOrders("SOL/USDT");
    for (const { clientOrderId: name, venueOrderId, kind } of resting.ok ? resting.value : [])
      await venue.cancelOrder({ clientOrderId: name ?? "", venueOrderId, instrumentId, kind });
    const sold = await venue.placeOrder(intent as unknown as ClearedIntent, {
      clientOrderId,
      stampedAt: instant(systemClock().wall()),
    });
    if (!sold.ok) throw new Error(JSON.stringify(sold.problem));
  } finally {
    await venue.stop();
  }
}

function exitOf(position: Position, limitPrice: Price): OrderIntent {
  const { positionId, account, strategy, mode, instrumentId } = position;
  return {
    intentId: "emergency",
    tradeId: positionId,
    mode,
    venue: "kucoin",
    account,
    instrumentId,
    leg: "exit",
    side: "sell",
    quantity: floorToStep(position.quantity, quantity("0.1")),
    reduceOnly: true,
    shape: { orderType: "limit", limitPrice, timeInForce: "ioc" },
    exitPlan: null,
    strategy,
    signalId: null,
    attempt: 1,
  };
}
