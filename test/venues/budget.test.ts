/** Our own rate count: what protects money always has room. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instant } from "../../src/core/time.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { type Budget, createBudget } from "../../src/venues/_ccxt/budget.ts";
import { poolRules } from "../../src/venues/kucoin/rates.ts";

function handClock(): Clock & { pass(ms: number): void } {
  let now = 0;
  return {
    speed: 1,
    now: () => instant(now),
    wall: () => instant(now),
    mono: () => now,
    sleep: async () => {},
    every: () => () => {},
    pass: (ms) => {
      now += ms;
    },
  };
}

function open(limit = 100): { clock: ReturnType<typeof handClock>; budget: Budget<"spot"> } {
  const clock = handClock();
  return {
    clock,
    budget: createBudget<"spot">({ windowMs: 30_000, limits: { spot: limit }, reservedShare: 0.3 }, clock),
  };
}

function usedUntil(taken: readonly { at: number; weight: number }[], at: number): number {
  return taken.filter((each) => each.at <= at && each.at > at - 30_000).reduce((all, each) => all + each.weight, 0);
}

type Ask = { readonly after: number; readonly weight: number; readonly vital: boolean };

/** What was granted, and when. */
function play(asks: readonly Ask[]): { at: number; weight: number; vital: boolean }[] {
  const { budget, clock } = open();
  return asks.flatMap(({ after, weight, vital }) => {
    clock.pass(after);
    const waitMs = budget.take("spot", weight, vital ? "vital" : "ordinary");
    return waitMs === 0 ? [{ at: clock.mono(), weight, vital }] : [];
  });
}

describe("the rate budget", () => {
  it("keeps at least 30 % of KuCoin's pools for protection and exits", () => {
    expect(poolRules.reservedShare).toBeGreaterThanOrEqual(0.3);
  });

  it("stops the ordinary lane at its share and lets the vital lane use the rest", () => {
    const { budget } = open();
    for (let weight = 0; weight < 70; weight += 10) expect(budget.take("spot", 10, "ordinary")).toBe(0);
    expect(budget.take("spot", 10, "ordinary")).toBe(30_000);
    for (let weight = 0; weight < 30; weight += 10) expect(budget.take("spot", 10, "vital")).toBe(0);
    expect(budget.take("spot", 10, "vital")).toBe(30_000);
  });

  it("gives weight back when it leaves the window", () => {
    const { budget, clock } = open();
    budget.take("spot", 60, "ordinary");
    clock.pass(20_000);
    expect(budget.take("spot", 20, "ordinary")).toBe(10_000);
    clock.pass(10_000);
    expect(budget.take("spot", 20, "ordinary")).toBe(0);
  });

  it("asks nothing, in no lane, while the venue wants to be left alone", () => {
    const { budget, clock } = open();
    budget.freeze("spot", 700);
    expect(budget.take("spot", 1, "vital")).toBe(700);
    clock.pass(699);
    expect(budget.take("spot", 1, "vital")).toBe(1);
    clock.pass(1);
    expect(budget.take("spot", 1, "vital")).toBe(0);
  });

  it("counts what others on the same account use, until the venue's window ends", () => {
    const { budget, clock } = open();
    budget.take("spot", 10, "ordinary");
    budget.observe("spot", { limit: 100, remaining: 20, resetMs: 5_000 });
    expect(budget.take("spot", 1, "ordinary")).toBeGreaterThan(0);
    expect(budget.take("spot", 20, "vital")).toBe(0);
    expect(budget.take("spot", 1, "vital")).toBeGreaterThan(0);
    clock.pass(5_000);
    expect(budget.take("spot", 1, "ordinary")).toBe(0);
  });

  it("never goes over the limit in any window, whatever is asked when", () => {
    const asks = fc.array(
      fc.record({ after: fc.nat(9_000), weight: fc.integer({ min: 1, max: 40 }), vital: fc.boolean() }),
    );
    fc.assert(
      fc.property(asks, (list) => {
        const taken = play(list);
        for (const { at } of taken) expect(usedUntil(taken, at)).toBeLessThanOrEqual(100);
        const ordinary = taken.filter(
          ({ at, vital }) => !vital && taken.findLast((each) => each.at === at)?.vital === false,
        );
        for (const { at } of ordinary) expect(usedUntil(taken, at)).toBeLessThanOrEqual(70);
      }),
    );
  });
});
