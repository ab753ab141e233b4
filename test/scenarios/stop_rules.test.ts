/** The rules of protective stops and exits at a venue that refuses, holds money back, or was closed by the emergency process. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openLifelineFiles } from "../../src/adapters/lifeline/lifeline_files.ts";
import { systemVault } from "../../src/adapters/system/vault.ts";
import { type EmergencyNotice, type Lifeline, lifelineSchema } from "../../src/core/lifeline.ts";
import { fail } from "../../src/core/result.ts";
import { runEmergency } from "../../src/emergency/run.ts";
import { heedEmergency, writeLifeline } from "../../src/flows/lifeline.ts";
import type { Venue } from "../../src/ports/venue.ts";
import { kucoinEmergency } from "../../src/venues/kucoin/emergency_wire.ts";
import { buy, heldAt, isHeld, told } from "./conversation.ts";
import { type Notes, noteIn } from "./emergency_notes.ts";
import { factsOf, play, sentExits, sentStops, storyMs, untilClosed, untilProtected } from "./play.ts";
import { openStage, type Stage } from "./stage.ts";

const refuse = (stage: Stage, path: string, code: string, msg: string, times: number) =>
  stage.exchange.faults.add({ method: "POST", path, verb: { do: "refuse", code, msg }, times });
const over = (venue: Venue, change: Partial<Venue>): Venue => Object.assign(Object.create(venue) as Venue, change);
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));
const ocoPath = "/api/v3/oco/order";
const orderPath = "/api/v1/hf/orders";

async function approve(stage: Stage): Promise<void> {
  await stage.ask("SOL/USDT");
  await stage.telegram.tap("Approve");
}

describe.concurrent("a stop that is refused", () => {
  test("out of the price band: once more nearer to its trigger, within 10 s [V35]", { timeout: storyMs }, () =>
    play({}, async (stage) => {
      refuse(stage, ocoPath, "400370", "Max. price: 1.0", 1);
      await approve(stage);
      await untilProtected(stage, "SOL/USDT", 10_000);
      const [wide, near] = sentStops(stage);
      expect(Number(near?.["limitPrice"])).toBeGreaterThan(Number(wide?.["limitPrice"]));
      expect(near?.["stopPrice"]).toBe(wide?.["stopPrice"]);
      expect(sentExits(stage)).toEqual([]);
    }),
  );

  test("out of the band twice: the position is left at once [V35]", { timeout: storyMs }, () =>
    play({}, async (stage) => {
      refuse(stage, ocoPath, "400370", "Max. price: 1.0", 2);
      await approve(stage);
      await untilClosed(stage, "SOL/USDT", 15_000);
      expect(stage.position("SOL/USDT")?.exitReason).toBe("protection_failed");
      expect([sentStops(stage).length, sentExits(stage).length]).toEqual([2, 1]);
    }),
  );

  test(
    "the tick changed under our feet: the rules are read anew and the stop stands on the new tick [V34]",
    { timeout: storyMs },
    () =>
      play({}, async (stage) => {
        await stage.ask("SOL/USDT");
        stage.exchange.faults.setInstrument("SOL-USDT", { tick: 500_000_000_000n });
        await stage.telegram.tap("Approve");
        await stage.until(
          () => sentStops(stage).length > 0 || !isHeld(stage, "SOL/USDT"),
          "a stop or nothing held",
          20_000,
        );
        if (!isHeld(stage, "SOL/USDT")) return;
        await untilProtected(stage, "SOL/USDT", 20_000);
        expect(Number(sentStops(stage).at(-1)?.["stopPrice"]) % 0.5).toBeCloseTo(0, 9);
      }),
  );

  test("it would trigger at once: that is the stop, and the position is sold [V36]", { timeout: storyMs }, () =>
    play({}, async (stage) => {
      refuse(stage, ocoPath, "400100", "Your order will be triggered; would trigger immediately", 1);
      await approve(stage);
      await untilClosed(stage, "SOL/USDT", 15_000);
      expect(stage.position("SOL/USDT")?.exitReason).toBe("stop");
      expect([sentStops(stage).length, sentExits(stage).length]).toEqual([1, 1]);
    }),
  );
});

describe.concurrent("an exit that is refused", () => {
  test(
    "money still held after our own cancel: tried again within 3 s under new names, sold once [V44]",
    { timeout: storyMs },
    () =>
      play({}, async (stage) => {
        await buy(stage, "SOL/USDT");
        refuse(stage, orderPath, "200004", "Balance insufficient!", 2);
        const begun = Date.now();
        await told(stage, stage.telegram, "close", "sol");
        await untilClosed(stage, "SOL/USDT", 15_000);
        expect(Date.now() - begun).toBeLessThan(8_000);
        const exits = sentExits(stage);
        expect([exits.length, new Set(exits.map((order) => order["clientOid"])).size]).toEqual([3, 3]);
        expect(heldAt(stage, "SOL")).toBe("none");
      }),
  );

  test(
    "refused for another reason: the stop is back within 2 s, and the exit is tried again later",
    { timeout: storyMs },
    () =>
      play({}, async (stage) => {
        await buy(stage, "SOL/USDT");
        refuse(stage, orderPath, "400350", "Order size exceeds the limit", 1);
        await told(stage, stage.telegram, "close", "sol");
        await stage.until(() => sentStops(stage).length === 2, "the stop again", 10_000);
        const refused = (await factsOf(stage, "order_rejected"))[0]?.wallAt ?? 0;
        const intended = (await factsOf(stage, "order_intended")).filter((fact) => fact.intent.leg === "protect");
        expect((intended.at(-1)?.wallAt ?? 0) - refused).toBeLessThan(2_000);
        await untilClosed(stage, "SOL/USDT", 20_000);
        expect(stage.position("SOL/USDT")?.exitReason).toBe("operator");
      }),
  );

  test("when it can't be sent at all, the stop is back within 2 s; it is not taken away again every second, and the sale follows [V30]", {
    timeout: storyMs,
  }, async () => {
    let isShut = true;
    await play(
      {
        venue: (venue) =>
          over(venue, {
            async placeOrder(cleared, wire) {
              if (cleared.leg !== "exit" || !isShut) return venue.placeOrder(cleared, wire);
              return fail({ kind: "not_sent", because: "no sale leaves here", retryAfterMs: null });
            },
          }),
      },
      async (stage) => {
        await buy(stage, "SOL/USDT");
        await told(stage, stage.telegram, "close", "sol");
        await stage.until(() => sentStops(stage).length === 2, "the stop again", 10_000);
        const [ended] = await factsOf(stage, "order_ended");
        const stops = (await factsOf(stage, "order_intended")).filter((fact) => fact.intent.leg === "protect");
        expect((stops[1]?.wallAt ?? 0) - (ended?.wallAt ?? 0)).toBeLessThan(2_000);
        await pause(6_000);
        expect(sentStops(stage).length).toBeLessThanOrEqual(4);
        isShut = false;
        await untilClosed(stage, "SOL/USDT", 40_000);
        expect(heldAt(stage, "SOL")).toBe("none");
      },
    );
  });

  test.each(["fails", "hangs"])(
    "when the book %s after the stop was taken away, it rests again until there is a price [V14]",
    {
      timeout: storyMs,
    },
    async (how) => {
      let isBlind = false;
      let wasBlind = false;
      const blind = () =>
        fail({ kind: "unavailable", venue: "kucoin", what: "book", because: "503", retryAfterMs: null } as const);
      await play(
        {
          venue: (venue) =>
            over(venue, {
              async orderBook(symbol) {
                if (isBlind && how === "hangs") await pause(9_000);
                return isBlind ? blind() : venue.orderBook(symbol);
              },
              async cancelOrder(ref, wire) {
                const done = await venue.cancelOrder(ref, wire);
                if (wasBlind) return done;
                wasBlind = true;
                isBlind = true;
                // The last price that was read is too old to sell at.
                await pause(5_500);
                return done;
              },
            }),
        },
        async (stage) => {
          await buy(stage, "SOL/USDT");
          await told(stage, stage.telegram, "close", "sol");
          await stage.until(() => sentStops(stage).length === 2, "the stop again", 15_000);
          expect(sentExits(stage)).toHaveLength(0);
          const [ended] = await factsOf(stage, "order_ended");
          const again = (await factsOf(stage, "order_intended")).findLast((fact) => fact.intent.leg === "protect");
          expect((again?.wallAt ?? 0) - (ended?.wallAt ?? 0)).toBeLessThan(6_000);
          isBlind = false;
          await untilClosed(stage, "SOL/USDT", 40_000);
        },
      );
    },
  );

  test("coins left the wallet under an open position: what is there is sold, never more [O04]", {
    timeout: storyMs,
  }, async () => {
    const stage = await openStage();
    try {
      await buy(stage, "SOL/USDT");
      const held = Number(stage.position("SOL/USDT")?.quantity);
      const key = stage.exchange.credentials[0]?.key ?? "";
      // The first sale finds the money held; meanwhile somebody takes two coins away.
      refuse(stage, orderPath, "200004", "Balance insufficient!", 1);
      await told(stage, stage.telegram, "close", "sol");
      await stage.until(() => sentExits(stage).length === 1, "the first try");
      stage.exchange.faults.deposit(key, "SOL", "-2");
      await stage.until(
        () => sentExits(stage).some((order) => Number(order["size"]) < held),
        "the smaller sale",
        20_000,
      );
      const smaller = sentExits(stage).find((order) => Number(order["size"]) < held);
      expect(Number(smaller?.["size"])).toBeLessThanOrEqual(held - 2);
      expect(Number(smaller?.["size"])).toBeGreaterThan(held - 2.2);
      await stage.until(
        () => heldAt(stage, "SOL") === "none" || Number(stage.exchange.balances()["SOL"]?.free) < 0.1,
        "sold",
      );
    } finally {
      await stage.close();
    }
  });
});

describe.concurrent("the emergency process and the house", () => {
  test(
    "the house stands back while it works, then takes in what it sold and needs nothing more [P14]",
    { timeout: storyMs },
    () =>
      play({}, async (stage) => {
        await buy(stage, "SOL/USDT");
        const home = mkdtempSync(join(tmpdir(), "countersign-lifeline-"));
        try {
          const lifeline = openLifelineFiles(home, { baseUrl: stage.exchange.url, database: null, practice: null });
          const needs = { ...stage.house().needs, lifeline };
          await writeLifeline(needs);
          expect(readFileSync(join(home, "lifeline.txt"), "utf8")).toContain("Positions held: 1");
          const left = lifelineSchema.parse(JSON.parse(readFileSync(join(home, "lifeline.json"), "utf8")));
          expect(Date.parse(left.comparedAt ?? "")).toBeLessThanOrEqual(Date.parse(left.at));
          expect(left.ended?.map((one) => one.filled)).toEqual(left.positions.map((one) => one.quantity));
          const notes = noteIn(home);
          notes.save();
          expect(await heedEmergency(needs)).toBe("standing_back");
          expect(stage.books().house.level).toBe("emergency");
          const report = await close(stage, home, notes);
          expect(report.left).toEqual([]);
          expect(heldAt(stage, "SOL")).toBe("none");
          // The books don't know yet, and the house sells nothing on its own.
          expect(isHeld(stage, "SOL/USDT")).toBe(true);
          const sold = sentExits(stage).length;
          notes.tell({ isDone: true });
          expect(await heedEmergency(needs)).toBe("taken_in");
          await untilClosed(stage, "SOL/USDT");
          expect(stage.position("SOL/USDT")?.exitReason).toBe("emergency");
          await stage.until(() => stage.books().house.kill?.verifiedAt != null, "verified flat", 30_000);
          // The process may have asked twice where the book moved away; the house adds nothing to it.
          expect(sentExits(stage)).toHaveLength(sold);
        } finally {
          rmSync(home, { recursive: true, force: true });
        }
      }),
  );
});

describe.concurrent("a permission that is refused once", () => {
  test(
    "leaves no position naked: the stop is tried again in seconds, or the position is left [V50]",
    { timeout: storyMs },
    () =>
      play({}, async (stage) => {
        refuse(stage, ocoPath, "400007", "Access denied--> Require more permission.", 1);
        await approve(stage);
        await stage.until(() => sentStops(stage).length > 0, "the first stop");
        const isSafe = ({ protection, state } = stage.position("SOL/USDT") ?? { protection: "none", state: "open" }) =>
          protection === "placed" || state === "closed";
        await stage.until(isSafe, "a stop, or the way out", 10_000);
      }),
  );
});

describe.concurrent("the house stands back while the emergency process sells", () => {
  /** Buys, leaves the snapshot, and gives the notes in which the process tells. */
  async function readied(stage: Stage, story: (home: string, notes: Notes) => Promise<void>) {
    await buy(stage, "SOL/USDT");
    const home = mkdtempSync(join(tmpdir(), "countersign-lifeline-"));
    try {
      const lifeline = openLifelineFiles(home, { baseUrl: stage.exchange.url, database: null, practice: null });
      Object.assign(stage.house().needs, { lifeline });
      await writeLifeline(stage.house().needs);
      await story(home, noteIn(home));
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  }

  test("what it sold is booked once, under its own name, however long it goes on", { timeout: storyMs }, () =>
    play({}, (stage) =>
      readied(stage, async (home, notes) => {
        notes.save();
        const beat = setInterval(() => notes.save(), 500);
        await stage.until(() => stage.house().needs.memory.isStandingBack, "standing back");
        await close(stage, home, notes);
        // Long enough for two comparisons, in which the coins are gone and nobody here has sold them.
        await new Promise((done) => setTimeout(done, 12_500));
        expect(isHeld(stage, "SOL/USDT")).toBe(true);
        notes.tell({ isDone: true });
        clearInterval(beat);
        await untilClosed(stage, "SOL/USDT");
        const exits = Object.values(stage.books().orders).filter((order) => order.intent.leg === "exit");
        expect(exits.map((order) => order.clientOrderId.startsWith("xcs"))).toEqual([true]);
      }),
    ),
  );

  test("its sale is taken in although the house had tried an exit since its last snapshot", { timeout: storyMs }, () =>
    play({}, (stage) =>
      readied(stage, async (home, notes) => {
        refuse(stage, orderPath, "400350", "Order size exceeds", 1);
        await told(stage, stage.telegram, "close", "sol");
        const isRefused = () => Object.values(stage.books().orders).some((order) => order.state === "rejected");
        await stage.until(isRefused, "the refused exit");
        notes.save();
        await stage.until(() => stage.house().needs.memory.isStandingBack, "standing back");
        await close(stage, home, notes);
        notes.tell({ isDone: true });
        await stage.until(() => !stage.house().needs.memory.isStandingBack, "the house goes on");
        await untilClosed(stage, "SOL/USDT");
      }),
    ),
  );
});

/** The real procedure of the emergency process, in this one. */
function close(stage: Stage, home: string, notes: Notes) {
  const [credentials] = stage.exchange.credentials;
  if (credentials === undefined) throw new Error("the exchange has no account");
  const sleep = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));
  const yes = () => Promise.resolve(true);
  const pace = { turn: () => Promise.resolve(), mayWrite: yes, now: () => Date.now(), sleep, say: () => undefined };
  const lifeline = JSON.parse(readFileSync(join(home, "lifeline.json"), "utf8")) as Lifeline;
  return runEmergency({
    venue: kucoinEmergency({ baseUrl: stage.exchange.url, ...credentials }, pace),
    lifeline,
    snapshotAt: Date.parse(lifeline.at),
    comparedAt: lifeline.comparedAt == null ? null : Date.parse(lifeline.comparedAt),
    isOurs: yes,
    begunAt: Date.now(),
    unsettled: [],
    isDedicated: false,
    mode: "paper",
    epoch: stage.books().house.epoch + 1,
    sha256: (text) => systemVault().sha256(text),
    venueNow: () => Date.now(),
    mono: () => performance.now(),
    sleep,
    turn: () => Promise.resolve(),
    journal: () => undefined,
    tell: (change) => notes.tell(change as Partial<EmergencyNotice>),
    say: () => undefined,
  });
}
