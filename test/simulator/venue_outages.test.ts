/** What each simulated venue calls an outage, how Polymarket settles late, and what else a venue tells of itself. */
import { describe, expect, it } from "vitest";
import { instant } from "../../src/core/time.ts";
import { entry, expectConserved, find, open, orderOf, refOf } from "./venue/test_venue.ts";
import { limit, type SentOrder, stop } from "./venue/test_world.ts";

describe("what each venue calls an outage", () => {
  it("alpaca halts: entries are refused, stops don't run [V52]", async () => {
    const world = open("alpaca", "venue_outage", 1);
    while (!world.story.includes("the market is halted")) world.sim.act();
    world.rates.clear();
    world.sim.inside.outageUntil = 0;
    expect(await world.send(entry("one"))).toMatchObject({ problem: { kind: "rejected", reason: "instrument" } });
    const told = await world.hear(world.venue.instruments(["SOL/USDT"]));
    expect(told.ok && told.value[0]?.isTrading).toBe(false);
    world.sim.heal();
    await world.send(entry("in"));
    for (const market of world.sim.inside.markets.values()) market.haltedUntil = world.scheduler.now() + 60_000;
    const guard = { id: "guard", quantity: "0.9", shape: stop("149.9", "140") };
    expect((await world.send(guard)).ok).toBe(true);
    await world.pass(50_000, true);
    expect(await find(world, "guard", "stop_limit")).toMatchObject({ value: { hasTriggered: false } });
  });

  it("polymarket restarts its engine, then takes passive orders only [V26]", async () => {
    const world = open("polymarket", "venue_outage", 1);
    while (!world.story.includes("the venue: restart")) world.sim.act();
    world.rates.clear();
    const state = world.sim.inside;
    Object.assign(state, { outageUntil: 0, lockedUntil: 0, cancelOnlyUntil: 0, disabledUntil: 0 });
    const taker = (id: string): SentOrder => ({ id, quantity: "20", shape: limit("0.6") });
    expect(await world.send(taker("a"))).toMatchObject({ problem: { kind: "not_sent", retryAfterMs: 5_000 } });
    await world.pass(41_000);
    expect(await world.send(taker("b"))).toMatchObject({ problem: { kind: "rejected", reason: "other" } });
    expect((await world.send({ id: "c", quantity: "20", shape: limit("0.3", "gtc") })).ok).toBe(true);
    await world.pass(121_000);
    expect((await world.send(taker("d"))).ok).toBe(true);
  });

  it("polymarket takes cancels only, or not even those [V27]", async () => {
    const world = open("polymarket");
    await world.send({ id: "rests", quantity: "20", shape: limit("0.3", "gtc") });
    const state = world.sim.inside;
    state.cancelOnlyUntil = world.scheduler.now() + 10_000;
    expect(await world.send({ id: "a", quantity: "20", shape: limit("0.3", "gtc") })).toMatchObject({
      problem: { kind: "rejected" },
    });
    expect((await world.hear(world.venue.cancelOrder(refOf("rests")))).ok).toBe(true);
    state.disabledUntil = world.scheduler.now() + 10_000;
    expect((await world.hear(world.venue.cancelOrder(refOf("rests")))).ok).toBe(false);
  });

  it("polymarket resolves: orders end, shares are paid out, nothing trades any more [V55]", async () => {
    const world = open("polymarket", "market_gap", 1);
    await world.send({ id: "in", quantity: "20", shape: limit("0.6") });
    for (let at = 0; at < 20_000 && !world.story.join().includes("RAINYES/USDT resolves"); at += 1) world.sim.act();
    expect(world.sim.truth.balances()["RAINYES"]).toEqual({ free: "0", held: "0" });
    expect(await world.send({ id: "b", quantity: "20", shape: limit("0.6") })).toMatchObject({
      problem: { reason: "instrument" },
    });
    expectConserved(world);
  });

  it("polymarket tells a match before it settles, and takes some back [V25]", async () => {
    const world = open("polymarket");
    const rows = async (id: string) => {
      const read = await world.hear(world.venue.fills("RAINYES/USDT", instant(0)));
      const order = orderOf(world, id)?.venueOrderId;
      return read.ok
        ? read.value.filter((one) => one.venueOrderId === order).map((one) => one.settlement ?? "final")
        : [];
    };
    await world.send({ id: "good", quantity: "20", shape: limit("0.6") });
    expect(await rows("good")).toEqual(["pending"]);
    await world.pass(6_000);
    expect(await rows("good")).toEqual(["final"]);
    world.rates.set("fill_quirks", 1);
    let at = 0;
    for (; !world.story.join().includes(`of bad${at - 1} is going to fail`); at += 1)
      await world.send({ id: `bad${at}`, quantity: "20", shape: limit("0.6") });
    world.rates.clear();
    const bad = `bad${at - 1}`;
    await world.pass(4_100);
    expect(await rows(bad)).toEqual(["pending"]);
    expect(await find(world, bad)).toMatchObject({ value: { state: "filled", filledQuantity: "20" } });
    expect(orderOf(world, bad)).toMatchObject({ filled: "0" });
    await world.pass(50_000);
    expect(await rows(bad)).toEqual(["failed"]);
    expect(await find(world, bad)).toMatchObject({ value: { state: "canceled", filledQuantity: "0" } });
    expect(world.sim.truth.balances()["USDT"]?.held).toBe("0");
    expectConserved(world);
  });

  it("says what it takes at the moment", () => {
    const world = open("polymarket");
    const state = world.sim.inside;
    expect(world.venue.window?.()).toBe("open");
    state.postOnlyUntil = world.scheduler.now() + 10;
    expect(world.venue.window?.()).toBe("post_only");
    state.cancelOnlyUntil = world.scheduler.now() + 10;
    expect(world.venue.window?.()).toBe("cancel_only");
    state.restartUntil = world.scheduler.now() + 10;
    expect(world.venue.window?.()).toBe("closed");
  });

  it("lists deposits and withdrawals where it can be asked [V41]", async () => {
    const world = open("kucoin", "human_at_venue", 1);
    for (let at = 0; at < 200; at += 1) world.sim.act();
    world.rates.clear();
    const read = await world.hear(world.venue.transfers?.(instant(0)) ?? Promise.reject(new Error("not asked")));
    const told = read.ok ? read.value : [];
    expect(told).toHaveLength(world.sim.truth.transfers.length);
    expect(new Set(told.map((one) => one.direction))).toEqual(new Set(["in", "out"]));
    expect(told.every((one) => /^\d+(\.\d+)?$/.test(one.amount))).toBe(true);
    expect(open("alpaca").venue.transfers).toBeUndefined();
  });

  it("refuses the key for a while [V50]", async () => {
    const world = open("kucoin", "venue_outage", 1);
    while (!world.story.includes("the venue refuses the key")) world.sim.act();
    world.rates.clear();
    world.sim.inside.outageUntil = 0;
    expect(await world.hear(world.venue.balances())).toMatchObject({ problem: { trouble: "key" } });
    expect(await world.send(entry("one"))).toMatchObject({ problem: { reason: "permission" } });
  });
});
