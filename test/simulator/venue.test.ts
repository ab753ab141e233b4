/** The simulated venue keeps its own promises: quirks of each profile, every family of faults, and money that never appears or vanishes. */
import { describe, expect, it } from "vitest";
import { instant } from "../../src/core/time.ts";
import { limit, openTestWorld, pair, stop, type TestWorld } from "./venue/test_world.ts";

const sums = ({ sim }: TestWorld): Record<string, bigint> => {
  const { accounts, outside } = sim.inside;
  return Object.fromEntries(
    [...new Set([...accounts.keys(), ...outside.keys()])].map((asset) => {
      const { free, held } = accounts.get(asset) ?? { free: 0n, held: 0n };
      return [asset, free + held + (outside.get(asset) ?? 0n)];
    }),
  );
};
const expectConserved = (world: TestWorld): void => {
  for (const [asset, sum] of Object.entries(sums(world))) expect(sum, asset).toBe(0n);
  for (const [asset, { free, held }] of world.sim.inside.accounts) {
    expect(free >= 0n, `${asset} free`).toBe(true);
    expect(held >= 0n, `${asset} held`).toBe(true);
  }
};

describe("the simulated venue", () => {
  it("fills an order that crosses, at the ask, and charges the fee once", async () => {
    const world = openTestWorld();
    const answer = await world.send({ id: "one", quantity: "2", shape: limit("160") });
    expect(answer.ok).toBe(true);
    const [fill] = world.sim.truth.fills;
    expect(fill).toMatchObject({ clientOrderId: "one", side: "buy", quantity: "2", feeAsset: "USDT" });
    expect(world.sim.truth.balances()["SOL"]).toEqual({ free: "2", held: "0" });
    const told = await world.hear(world.venue.fills("SOL/USDT", instant(0)));
    expect(told.ok && told.value.map((one) => one.quantity)).toEqual(["2"]);
    expectConserved(world);
  });

  it("refuses the same client id for good, without a second order", async () => {
    const world = openTestWorld();
    await world.send({ id: "one", quantity: "1", shape: limit("160") });
    const again = await world.send({ id: "one", quantity: "1", shape: limit("160") });
    expect(again).toMatchObject({ ok: false, problem: { kind: "exists" } });
    expect(world.sim.truth.orders()).toHaveLength(1);
    expect(world.sim.truth.creates.map((one) => one.verdict)).toEqual(["accepted", "duplicate"]);
  });

  it("fires a pair when the market comes, and tells its child's fills as the pair's", async () => {
    const world = openTestWorld();
    await world.send({ id: "in", quantity: "1", shape: limit("160") });
    await world.send({ id: "guard", quantity: "1", shape: pair("150.2", "149.8", "140") });
    await world.pass(60_000, true);
    const ref = { clientOrderId: "guard", venueOrderId: null, instrumentId: "kucoin:SOL/USDT", kind: "oco" } as const;
    const found = await world.hear(world.venue.findOrder(ref));
    expect(found).toMatchObject({ ok: true, value: { state: "filled", hasTriggered: true, filledQuantity: "1" } });
    const child = found.ok ? found.value?.childOrderIds[0] : null;
    expect(world.sim.truth.fills.at(-1)).toMatchObject({ venueOrderId: child, clientOrderId: "guard", side: "sell" });
    expect(world.sim.truth.balances()["SOL"]).toEqual({ free: "0", held: "0" });
    expectConserved(world);
  });

  it("refuses a stop that the market is through already", async () => {
    const world = openTestWorld();
    await world.send({ id: "in", quantity: "1", shape: limit("160") });
    const answer = await world.send({ id: "guard", quantity: "1", shape: stop("151", "140") });
    expect(answer).toMatchObject({ ok: false, problem: { kind: "rejected", reason: "would_trigger" } });
  });
});
