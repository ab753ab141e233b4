/** What the tests of the simulated venue ask again and again. */
import { expect } from "vitest";
import type { OrderKind, OrderRef } from "../../../src/ports/venue.ts";
import type { FaultFamily, QuirkProfile } from "../contract.ts";
import { limit, openTestWorld, type SentOrder, type TestWorld } from "./test_world.ts";

export function expectConserved(world: TestWorld): void {
  const { accounts, outside } = world.sim.inside;
  for (const asset of new Set([...accounts.keys(), ...outside.keys()])) {
    const { free, held } = accounts.get(asset) ?? { free: 0n, held: 0n };
    expect(free + held + (outside.get(asset) ?? 0n), `${asset} in the whole world`).toBe(0n);
    expect(free >= 0n && held >= 0n, `${asset}: ${free} free, ${held} held`).toBe(true);
  }
}

export const refOf = (clientOrderId: string, kind: OrderKind = "limit"): OrderRef => ({
  clientOrderId,
  venueOrderId: null,
  instrumentId: "kucoin:SOL/USDT",
  kind,
});

export const open = (profile: QuirkProfile, family?: FaultFamily, rate = 1, seed = "a"): TestWorld => {
  const world = openTestWorld(profile, seed);
  if (family !== undefined) world.rates.set(family, rate);
  return world;
};

export const entry = (id: string, quantity = "1"): SentOrder => ({ id, quantity, shape: limit("160") });
export const find = (world: TestWorld, id: string, kind?: OrderKind) =>
  world.hear(world.venue.findOrder(refOf(id, kind)));
export const orderOf = (world: TestWorld, id: string) =>
  world.sim.truth.orders().find((one) => one.clientOrderId === id);
/** Sends until a kind of answer comes; each try is an order of its own. */
export async function sendUntil(world: TestWorld, holds: (kind: string) => boolean, tries = 60): Promise<string> {
  for (let at = 0; at < tries; at += 1) {
    const answer = await world.send({ id: `try${at}`, quantity: "0.1", shape: limit("160") });
    if (holds(answer.ok ? "ok" : answer.problem.kind)) return `try${at}`;
  }
  throw new Error("never answered like that");
}
