/** Every family of faults of the simulated venue can be seen through its port, and none of them makes or loses money. */
import { describe, expect, it } from "vitest";
import { instant } from "../../src/core/time.ts";
import { entry, expectConserved, find, open, orderOf, refOf, sendUntil } from "./venue/test_venue.ts";
import { limit, openTestWorld, pair, stop } from "./venue/test_world.ts";

describe("the simulated venue in bad weather", () => {
  it("loses requests on the way: refused, never there, or late but not later than it may be accepted", async () => {
    const world = open("kucoin", "request_lost");
    await sendUntil(world, (kind) => kind === "not_sent");
    const id = await sendUntil(world, (kind) => kind === "unknown_outcome");
    await world.pass(60_000);
    expect(world.sim.truth.onTheWay()).toEqual([]);
    const { creates } = world.sim.truth;
    for (const one of creates) expect(one.verdict === "accepted").toBe(one.receivedAt - one.stampedAt <= 3_000);
    expect(creates.filter((one) => one.clientOrderId === id).length).toBeLessThanOrEqual(1);
  });

  it("says which requests may still be accepted while they are on the way", async () => {
    const world = open("alpaca", "request_lost");
    let seen = 0;
    for (let at = 0; at < 20; at += 1) {
      const asked = world.send({ id: `t${at}`, quantity: "0.1", shape: limit("160") });
      const answer = await asked;
      const isWaiting = world.sim.truth.onTheWay().some((one) => one.clientOrderId === `t${at}`);
      if (!isWaiting) continue;
      seen += 1;
      expect(answer.ok).toBe(false);
      await world.pass(60_000);
      expect(orderOf(world, `t${at}`)).toBeDefined();
    }
    expect(seen).toBeGreaterThan(0);
  });

  it("loses the answer of an order that it took [V01]", async () => {
    const world = open("kucoin", "answer_lost");
    expect(await world.send(entry("one"))).toMatchObject({ problem: { kind: "unknown_outcome" } });
    expect(orderOf(world, "one")).toMatchObject({ filled: "1", isLive: false });
  });

  it("answers late, on both sides of five seconds [N05]", async () => {
    const world = open("kucoin", "answer_late");
    const waits = new Set<string>();
    for (let at = 0; at < 30; at += 1) {
      const left = world.scheduler.now();
      await world.send({ id: `t${at}`, quantity: "0.1", shape: limit("160") });
      waits.add(world.scheduler.now() - left < 5_000 ? "before" : "after");
    }
    expect(waits).toEqual(new Set(["before", "after"]));
  });

  it("binance answers -1007 about an order that its engine takes later [V05]", async () => {
    const world = open("binance", "answer_late");
    for (let at = 0; ; at += 1) {
      const answer = await world.send({ id: `t${at}`, quantity: "0.1", shape: limit("160") });
      if (answer.ok || !("because" in answer.problem) || !answer.problem.because.startsWith("-1007")) continue;
      expect(world.sim.truth.onTheWay().map((one) => one.clientOrderId)).toContain(`t${at}`);
      expect(orderOf(world, `t${at}`)).toBeUndefined();
      await world.pass(11_000);
      expect(orderOf(world, `t${at}`)).toMatchObject({ filled: "0.1" });
      break;
    }
  });

  it.each(["answer_garbled", "server_error"] as const)(
    "%s leaves the outcome unknown, taken or not [V04] [V06]",
    async (family) => {
      const world = open("kucoin", family);
      for (let at = 0; at < 20; at += 1)
        expect(await world.send({ id: `t${at}`, quantity: "0.1", shape: limit("160") })).toMatchObject({
          problem: { kind: "unknown_outcome" },
        });
      const taken = world.sim.truth.orders().length;
      expect(taken).toBeGreaterThan(5);
      if (family === "server_error") expect(taken).toBeLessThan(15);
    },
  );

  it("says 429 with a wait, and bans who asks on [V30] [V31]", async () => {
    const world = open("kucoin", "rate_limit", 1);
    let told = await world.hear(world.venue.time());
    for (let at = 0; at < 400 && (told.ok || told.problem.trouble !== "banned"); at += 1)
      told = await world.hear(world.venue.time());
    expect(told).toMatchObject({ ok: false, problem: { trouble: "banned" } });
    expect(!told.ok && (told.problem.retryAfterMs ?? 0) > 100_000).toBe(true);
    expect(await world.send(entry("one"))).toMatchObject({ problem: { kind: "not_sent" } });
    expect(world.sim.truth.orders()).toHaveLength(0);
  });

  it("goes away as a whole and comes back [V32]", async () => {
    const world = open("kucoin", "venue_outage", 1);
    while (!world.story.some((line) => line.includes("is away"))) world.sim.act();
    expect((await world.hear(world.venue.balances())).ok).toBe(false);
    expect(world.sim.truth.answeredWithin(0)).toBe(false);
    world.sim.heal();
    expect((await world.hear(world.venue.balances())).ok).toBe(true);
  });

  it("does not show an order for a while that lives and fills [V11]", async () => {
    const world = open("kucoin", "index_lag");
    const id = await sendUntil(world, (kind) => kind === "ok");
    const isShown = await find(world, id);
    expect(isShown).toMatchObject({ ok: true, value: null });
    const fills = await world.hear(world.venue.fills("SOL/USDT", instant(0)));
    expect(fills.ok && fills.value.length).toBe(1);
    await world.pass(181_000);
    expect(await find(world, id)).toMatchObject({ value: { state: "filled" } });
  });

  it("takes cancels late, or forgets them", async () => {
    const world = open("kucoin", "async_cancel");
    const lasting = new Set<string>();
    for (let at = 0; at < 30; at += 1) {
      const id = `t${at}`;
      await world.send({ id, quantity: "0.1", shape: limit("140", "gtc") });
      expect(await world.hear(world.venue.cancelOrder(refOf(id)))).toEqual({ ok: true, value: "accepted" });
      await world.pass(500);
      const soon = orderOf(world, id)?.isLive;
      await world.pass(6_000);
      lasting.add(soon === false ? "soon" : orderOf(world, id)?.isLive === true ? "never" : "late");
    }
    expect(lasting).toEqual(new Set(["soon", "late", "never"]));
    expectConserved(world);
  });

  it("fills an order while its cancel is on the way [V17]", async () => {
    const world = open("kucoin", "cancel_race");
    await world.send({ id: "rests", quantity: "1", shape: limit("149", "gtc") });
    await world.hear(world.venue.cancelOrder(refOf("rests")));
    await world.pass(500);
    expect(Number(orderOf(world, "rests")?.filled)).toBeGreaterThan(0);
    expectConserved(world);
  });

  it("fills in part, and ends the rest of an immediate order [V15]", async () => {
    const world = open("kucoin", "partial_fills");
    const filled = new Set<string>();
    for (let at = 0; at < 12; at += 1) {
      await world.send({ id: `t${at}`, quantity: "0.8", shape: limit("160") });
      const order = orderOf(world, `t${at}`);
      expect(order?.isLive).toBe(false);
      filled.add(order?.filled ?? "");
    }
    expect(filled).toContain("0.3"); // 37.5 %
    expect(filled).toContain("0");
    expectConserved(world);
  });

  it("jumps through a stop and its limit, so that the child rests [V16]", async () => {
    const world = open("kucoin");
    await world.send(entry("in"));
    await world.send({ id: "guard", quantity: "1", shape: stop("147", "146.9") });
    world.rates.set("market_gap", 1);
    for (let at = 0; at < 500 && !world.story.join().includes("jumps through the stop"); at += 1) world.sim.act();
    world.rates.clear();
    await world.pass(1_000);
    expect(world.story.join()).toContain("jumps through the stop");
    expect(await find(world, "guard", "stop_limit")).toMatchObject({ value: { hasTriggered: true } });
  });

  it("tells one print that is ten times off, then the truth again [V47]", async () => {
    const world = open("kucoin", "bad_tick", 1);
    while (!world.story.some((line) => line.includes("SOL/USDT: one print"))) world.sim.act();
    world.rates.clear();
    const first = await world.hear(world.venue.orderBook("SOL/USDT"));
    const second = await world.hear(world.venue.orderBook("SOL/USDT"));
    const mid = Number(world.sim.truth.price("SOL/USDT"));
    const share = (read: typeof first): number => (read.ok ? Number(read.value.bids[0]?.price) / mid : 0);
    expect(share(first) > 5 || share(first) < 0.2).toBe(true);
    expect(share(second)).toBeCloseTo(1, 2);
  });

  it("repeats an old book with its old time while the feed stands still [V46]", async () => {
    const world = open("kucoin", "stale_market", 1);
    while (!world.story.some((line) => line.includes("SOL/USDT: the feed stands still for 60000"))) {
      world.sim.act();
      if (!world.story.at(-1)?.includes("60000"))
        for (const market of world.sim.inside.markets.values()) market.frozen = null;
    }
    await world.pass(5_000);
    const read = await world.hear(world.venue.orderBook("SOL/USDT"));
    expect(read.ok && world.scheduler.now() - read.value.receivedAt).toBeGreaterThanOrEqual(5_000);
  });

  it("refuses protective orders for the band, the trigger or the slots [V35] [V36] [V37]", async () => {
    const world = open("kucoin", "stop_refused");
    await world.send(entry("in", "5"));
    const reasons = new Set<string>();
    for (let at = 0; at < 20; at += 1) {
      await world.pass(9_000);
      const answer = await world.send({ id: `s${at}`, quantity: "0.1", shape: stop("145", "140") });
      reasons.add(answer.ok || answer.problem.kind !== "rejected" ? "?" : answer.problem.reason);
    }
    expect(reasons).toEqual(new Set(["price_band", "would_trigger", "other"]));
  });

  it("holds the funds of a canceled order a moment longer [V44]", async () => {
    const world = open("kucoin", "balance_lag");
    await world.send({ id: "rests", quantity: "60", shape: limit("140", "gtc") });
    await world.hear(world.venue.cancelOrder(refOf("rests")));
    await world.pass(150);
    expect(orderOf(world, "rests")?.isLive).toBe(false);
    expect(await world.send(entry("next", "60"))).toMatchObject({ problem: { reason: "balance" } });
    await world.pass(3_000);
    expect((await world.send(entry("after", "60"))).ok).toBe(true);
    expectConserved(world);
  });

  it("changes its rules while orders are made by the old ones [V34]", async () => {
    const world = open("kucoin", "filters_change", 1);
    while (!world.story.some((line) => line.includes("SOL/USDT: its tick"))) world.sim.act();
    world.rates.clear();
    world.sim.heal();
    const told = await world.hear(world.venue.instruments(["SOL/USDT"]));
    expect(told.ok && told.value[0]?.tickSize).toBe("0.1");
    const answer = await world.send({ id: "old", quantity: "1", shape: limit("155.01") });
    expect(answer).toMatchObject({ problem: { kind: "rejected", reason: "increment" } });
  });

  it("has people at its own page who sell, cancel, rest, deposit and withdraw [V40] [V41]", async () => {
    const world = open("kucoin", "human_at_venue", 1);
    await world.send(entry("in", "5"));
    await world.send({ id: "guard", quantity: "5", shape: stop("145", "140") });
    for (let at = 0; at < 1_000; at += 1) world.sim.act();
    for (const deed of ["sell", "cancel_stop", "buy", "rest", "take_back", "deposit", "withdraw", "withdraw_coins"])
      expect(world.story.join("\n")).toContain(`: ${deed} SOL/USDT`);
    expect(orderOf(world, "guard")?.isLive).toBe(false);
    expect(world.sim.truth.orders().some((one) => one.owner === "human" && one.clientOrderId === null)).toBe(true);
    expectConserved(world);
  });

  it("tells fills twice, under other ids, changed, or without an order [V20] [V21] [V22] [V54]", async () => {
    const world = open("kucoin", "fill_quirks", 0.5);
    await world.send(entry("in", "3"));
    const seen = { twice: false, changed: false, other: false };
    const truth = world.sim.truth.fills[0];
    for (let at = 0; at < 80; at += 1) {
      if (at % 2 === 0) await world.send({ id: `t${at}`, quantity: "0.1", shape: limit("160") });
      const read = await world.hear(world.venue.fills("SOL/USDT", instant(0)));
      const rows = read.ok ? read.value : [];
      const same = rows.filter((one) => one.venueFillId === truth?.venueFillId);
      if (same.length > 1) seen.twice = true;
      if (same.some((one) => one.quantity !== truth?.quantity)) seen.changed = true;
      if (rows.some((one) => one.venueFillId.includes("|"))) seen.other = true;
    }
    expect(seen).toEqual({ twice: true, changed: true, other: true });
    for (let at = 0; at < 2_000 && !world.story.join().includes("liquidates"); at += 1) world.sim.act();
    const known = world.sim.truth.orders().map((one) => one.venueOrderId);
    expect(world.sim.truth.fills.some((one) => one.clientOrderId === null && !known.includes(one.venueOrderId))).toBe(
      true,
    );
    expectConserved(world);
  });

  it("leaves the other arm of a pair in its list for a while, where it can't sell [V39]", async () => {
    const world = open("kucoin");
    await world.send(entry("in"));
    await world.send({ id: "guard", quantity: "1", shape: pair("150.05", "140", "139") });
    world.rates.set("async_cancel", 1);
    for (let at = 0; at < 600 && world.sim.inside.siblings.size === 0; at += 1) await world.pass(1_000, true);
    const listed = await world.hear(world.venue.openOrders("SOL/USDT"));
    expect(listed.ok && listed.value.map((one) => [one.kind, one.clientOrderId])).toEqual([["stop_limit", null]]);
    expect(orderOf(world, "guard")).toMatchObject({ isLive: false, filled: "1" });
    expectConserved(world);
  });

  it("needs every page of many fills, or tells none [V56]", async () => {
    const world = open("kucoin");
    for (let at = 0; at < 120; at += 1) await world.send({ id: `t${at}`, quantity: "0.01", shape: limit("160") });
    world.rates.set("server_error", 0.4);
    const answers = new Set<number | null>();
    for (let at = 0; at < 20; at += 1) {
      const read = await world.hear(world.venue.fills("SOL/USDT", instant(0)));
      answers.add(read.ok ? read.value.length : null);
    }
    expect(answers).toEqual(new Set([120, null]));
  });
});

it.each(["kucoin", "binance", "alpaca", "polymarket"] as const)(
  "%s under a storm of everything conserves money, tells the same story twice, and heals",
  async (profile) => {
    const run = async (): Promise<string> => {
      const world = openTestWorld(profile, "storm");
      const families = [
        "request_lost",
        "answer_lost",
        "answer_late",
        "answer_garbled",
        "server_error",
        "rate_limit",
        "venue_outage",
        "index_lag",
        "async_cancel",
        "cancel_race",
        "partial_fills",
        "market_gap",
        "bad_tick",
        "stale_market",
        "stop_refused",
        "balance_lag",
        "filters_change",
        "human_at_venue",
        "fill_quirks",
      ] as const;
      for (const family of families) world.rates.set(family, 0.1);
      const price = profile === "polymarket" ? "0.7" : "160";
      for (let at = 0; at < 60; at += 1) {
        await world.send({ id: `in${at}`, quantity: "10", shape: limit(price) });
        if (profile !== "polymarket") await world.send({ id: `guard${at}`, quantity: "9", shape: stop("149", "148") });
        await world.pass(3_000, true);
        await world.hear(world.venue.cancelOrder(refOf(`guard${at}`, "stop_limit")));
        expectConserved(world);
      }
      world.rates.clear();
      world.sim.heal();
      await world.pass(200_000, true);
      expectConserved(world);
      for (const read of [world.venue.balances(), world.venue.openOrders("SOL/USDT"), world.venue.time()])
        expect((await world.hear<{ ok: boolean }>(read)).ok).toBe(true);
      return world.story.join("\n");
    };
    expect(await run()).toBe(await run());
  },
);
