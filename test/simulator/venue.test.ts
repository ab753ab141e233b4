/** The simulated venue in fair weather: orders, money, candles, and the quirks of each profile. */
import { describe, expect, it } from "vitest";
import { instant } from "../../src/core/time.ts";
import { entry, expectConserved, find, open, refOf } from "./venue/test_venue.ts";
import { limit, pair, stop } from "./venue/test_world.ts";

describe("the simulated venue in fair weather", () => {
  it("fills an order that crosses, at the ask, and charges the fee once", async () => {
    const world = open("kucoin");
    expect((await world.send(entry("one", "2"))).ok).toBe(true);
    expect(world.sim.truth.fills[0]).toMatchObject({ clientOrderId: "one", quantity: "2", feeAsset: "USDT" });
    expect(world.sim.truth.balances()["SOL"]).toEqual({ free: "2", held: "0" });
    const told = await world.hear(world.venue.fills("SOL/USDT", instant(0)));
    expect(told.ok && told.value.map((one) => one.quantity)).toEqual(["2"]);
    expectConserved(world);
  });

  it("takes its fee from what was received where the profile says so", async () => {
    const world = open("binance");
    await world.send(entry("one", "2"));
    expect(world.sim.truth.balances()["SOL"]).toEqual({ free: "1.998", held: "0" });
    expect(world.sim.truth.fills[0]).toMatchObject({ fee: "0.002", feeAsset: "SOL" });
    expectConserved(world);
  });

  it.each(["kucoin", "alpaca", "polymarket"] as const)("%s refuses the same client id for good", async (profile) => {
    const world = open(profile);
    const wish = profile === "polymarket" ? { id: "one", quantity: "20", shape: limit("0.5") } : entry("one");
    await world.send(wish);
    expect(await world.send(wish)).toMatchObject({ ok: false, problem: { kind: "exists" } });
    expect(world.sim.truth.orders()).toHaveLength(1);
    expect(world.sim.truth.creates.map((one) => one.verdict)).toEqual(["accepted", "duplicate"]);
  });

  it("binance takes a client id again once its first order is filled [V10]", async () => {
    const world = open("binance");
    await world.send(entry("one"));
    expect((await world.send(entry("one"))).ok).toBe(true);
    await world.send({ id: "rests", quantity: "1", shape: limit("140", "gtc") });
    const twice = await world.send({ id: "rests", quantity: "1", shape: limit("140", "gtc") });
    expect(twice).toMatchObject({ ok: false, problem: { kind: "exists", message: "-2010 Duplicate order sent." } });
  });

  it.each([
    ["kucoin", 3_500, "stale_stamp"],
    ["binance", 3_500, "stale_stamp"],
    ["alpaca", 3_500, "accepted"],
  ] as const)("%s looks at a stamp of %i ms ago: %s", async (profile, ageMs, verdict) => {
    const world = open(profile);
    await world.send(entry("one"), { stampedAt: instant(world.scheduler.now() - ageMs) });
    expect(world.sim.truth.creates[0]?.verdict).toBe(verdict);
  });

  it("asks the house once more before the first byte, and then sends nothing", async () => {
    const world = open("kucoin");
    expect(await world.send(entry("one"), { mayLeave: () => false })).toMatchObject({ problem: { kind: "not_sent" } });
    expect(world.sim.truth.creates).toHaveLength(0);
  });

  it.each([
    ["increment", { id: "x", quantity: "1", shape: limit("150.005") }],
    ["increment", { id: "x", quantity: "1.00001", shape: limit("160") }],
    ["too_small", { id: "x", quantity: "0.001", shape: limit("99.99") }],
    ["balance", { id: "x", quantity: "1000", shape: limit("160") }],
    ["price_band", { id: "x", quantity: "1", shape: limit("100", "gtc") }],
  ] as const)("binance refuses for %s", async (reason, wish) => {
    const world = open("binance");
    expect(await world.send(wish)).toMatchObject({ ok: false, problem: { kind: "rejected", reason } });
    expect(world.sim.truth.orders()).toHaveLength(0);
  });

  it("refuses a stop that the market is through already [V36]", async () => {
    const world = open("kucoin");
    await world.send(entry("in"));
    const answer = await world.send({ id: "guard", quantity: "1", shape: stop("151", "140") });
    expect(answer).toMatchObject({ problem: { kind: "rejected", reason: "would_trigger" } });
  });

  it("binance has five slots for stops [V37]", async () => {
    const world = open("binance");
    await world.send(entry("in", "10"));
    for (let at = 0; at < 5; at += 1)
      expect((await world.send({ id: `s${at}`, quantity: "1", shape: stop("145", "140") })).ok).toBe(true);
    const sixth = await world.send({ id: "s5", quantity: "1", shape: stop("145", "140") });
    expect(sixth).toMatchObject({ problem: { message: "Filter failure: MAX_NUM_ALGO_ORDERS" } });
  });

  it("polymarket has no stop orders", async () => {
    const world = open("polymarket");
    await world.send({ id: "in", quantity: "20", shape: limit("0.5") });
    expect(world.sim.definition.capabilities.protection).toBe("none");
    const answer = await world.send({ id: "s", quantity: "20", shape: stop("0.3", "0.2") });
    expect(answer).toMatchObject({ problem: { kind: "rejected" } });
  });

  it("fires a pair when the market comes, and tells its child's fills as the pair's", async () => {
    const world = open("kucoin");
    await world.send(entry("in"));
    await world.send({ id: "guard", quantity: "1", shape: pair("150.2", "149.8", "140") });
    const waiting = await find(world, "guard", "oco");
    expect(waiting).toMatchObject({ value: { state: "open", hasTriggered: false, childOrderIds: [] } });
    // The list of plain orders does not know it.
    expect(await find(world, "guard", "limit")).toMatchObject({ value: { kind: "oco" } });
    await world.pass(60_000, true);
    const found = await find(world, "guard", "oco");
    expect(found).toMatchObject({ ok: true, value: { state: "filled", hasTriggered: true, filledQuantity: "1" } });
    const child = found.ok ? found.value?.childOrderIds[0] : null;
    expect(world.sim.truth.fills.at(-1)).toMatchObject({ venueOrderId: child, clientOrderId: "guard", side: "sell" });
    expect(world.sim.truth.balances()["SOL"]).toEqual({ free: "0", held: "0" });
    expect(world.sim.truth.orders().filter((one) => one.clientOrderId === "guard")).toHaveLength(1);
    expectConserved(world);
  });

  it("kucoin only takes the request of a cancel; the order ends a moment later", async () => {
    const world = open("kucoin");
    await world.send({ id: "rests", quantity: "1", shape: limit("140", "gtc") });
    const asked = world.venue.cancelOrder(refOf("rests"));
    expect(await world.hear(asked)).toEqual({ ok: true, value: "accepted" });
    await world.pass(200);
    expect(await find(world, "rests")).toMatchObject({ value: { state: "canceled" } });
    expect(await world.hear(world.venue.cancelOrder(refOf("rests")))).toEqual({ ok: true, value: "already_done" });
    expectConserved(world);
  });

  it("keeps closed candles only, oldest first, without a gap, that meet the market's own", async () => {
    const world = open("kucoin");
    await world.pass(300_000, true);
    const read = await world.hear(world.venue.candles("SOL/USDT", { timeframe: "1m", count: 200 }));
    if (!read.ok) throw new Error("no candles");
    expect(read.value).toHaveLength(200);
    const last = read.value.at(-1);
    expect((last?.openedAt ?? 0) + 60_000).toBeLessThanOrEqual(world.scheduler.now());
    for (const [at, candle] of read.value.entries()) {
      if (at > 0) expect(candle.openedAt - (read.value[at - 1]?.openedAt ?? 0)).toBe(60_000);
      expect(Number(candle.high)).toBeGreaterThanOrEqual(Math.max(Number(candle.open), Number(candle.close)));
      expect(Number(candle.low)).toBeLessThanOrEqual(Math.min(Number(candle.open), Number(candle.close)));
    }
  });

  it("moves enough within an hour that stops and targets of one percent are reached both ways", async () => {
    let up = 0;
    let down = 0;
    for (const seed of ["a", "b", "c", "d", "e", "f"]) {
      const world = open("kucoin", undefined, 0, seed);
      const start = Number(world.sim.truth.price("SOL/USDT"));
      for (let minute = 0; minute < 60; minute += 1) {
        await world.pass(60_000, true);
        const moved = Number(world.sim.truth.price("SOL/USDT")) / start - 1;
        if (moved > 0.01) up += 1;
        if (moved < -0.01) down += 1;
      }
    }
    expect(up).toBeGreaterThan(0);
    expect(down).toBeGreaterThan(0);
  });

  it("answers a request within 50 µs of its own work", async () => {
    const world = open("kucoin");
    await world.send(entry("one"));
    const state = world.sim.inside;
    const before = process.hrtime.bigint();
    for (let at = 0; at < 2_000; at += 1) {
      state.scheduler.after(0, "nothing", () => undefined);
      void world.venue.findOrder(refOf("one"));
    }
    const events = 2_000 * 4;
    for (let at = 0; at < events; at += 1) world.scheduler.take()?.act?.();
    const each = Number(process.hrtime.bigint() - before) / 2_000 / 1_000;
    // Ten times the aim, so that a busy machine does not fail it.
    expect(each).toBeLessThan(500);
  });
});
