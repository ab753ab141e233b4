/** The time of the house: a wall clock that somebody sets, a venue that says nothing, and a clock that must not decide in LIVE. */

import { describe, expect, it } from "vitest";
import { emptyBooks } from "../../src/core/books.ts";
import { instant } from "../../src/core/time.ts";
import {
  isTimeUnconfirmed,
  keepTime,
  measureOffset,
  venueClockUncertainty,
  venueNow,
} from "../../src/flows/measure_offset.ts";
import { makeMemory } from "../../src/flows/memory.ts";
import type { Needs } from "../../src/flows/needs.ts";
import { keptLog } from "../fixtures/kept_log.ts";

const born = Date.UTC(2026, 10, 21, 6);

/** A house of clocks alone: `true` time passes, the wall is set by people, the venue answers or not. */
function house(change: { mode?: "paper" | "live" } = {}) {
  const world = { mono: 0, wallSetBy: 0, venueAhead: 0, isVenueAway: false, asked: 0 };
  const needs = {
    clock: { speed: 1, mono: () => world.mono, wall: () => instant(born + world.mono + world.wallSetBy) },
    memory: makeMemory(),
    ledger: { books: () => emptyBooks },
    log: keptLog(),
    settings: { mode: change.mode ?? "paper" },
    venue: {
      time: () => {
        world.asked += 1;
        world.mono += 10;
        return Promise.resolve(
          world.isVenueAway
            ? {
                ok: false,
                problem: { kind: "unavailable", venue: "x", what: "time", because: "away", retryAfterMs: null },
              }
            : { ok: true, value: instant(born + world.mono - 5 + world.venueAhead) },
        );
      },
    },
  } as unknown as Needs;
  const wrongBy = () => venueNow(needs) - (born + world.mono + world.venueAhead);
  return { world, needs, wrongBy };
}

describe("a wall clock that is set back by 90 s", () => {
  it("moves no stamp: the venue's time is counted on the monotonic clock, and asked for anew at once [C02]", async () => {
    const { world, needs, wrongBy } = house();
    await keepTime(needs);
    expect(Math.abs(wrongBy())).toBeLessThanOrEqual(1);
    world.mono += 2_000;
    world.wallSetBy = -90_000;
    expect(Math.abs(wrongBy())).toBeLessThanOrEqual(1);
    const before = world.asked;
    await keepTime(needs);
    expect(world.asked).toBeGreaterThan(before);
    expect(Math.abs(wrongBy())).toBeLessThanOrEqual(1);
    expect(venueClockUncertainty(needs)).toBeLessThan(250);
    expect(JSON.stringify((needs.log as ReturnType<typeof keptLog>).lines)).toContain("-90000");
  });

  it("is nobody's business while the wall only drifts with the machine [C02]", async () => {
    const { world, needs } = house();
    await keepTime(needs);
    world.mono += 30_000;
    world.wallSetBy = 200;
    const before = world.asked;
    await keepTime(needs);
    expect(world.asked).toBe(before);
  });
});

describe("a venue that is 3 s away from this machine", () => {
  it("is believed for its own stamps; LIVE opens nothing after ten minutes with nobody to confirm it [C04] [C08]", async () => {
    const { world, needs, wrongBy } = house({ mode: "live" });
    world.venueAhead = 3_000;
    await keepTime(needs);
    expect(Math.abs(wrongBy())).toBeLessThanOrEqual(1);
    expect(isTimeUnconfirmed(needs)).toBe(false);
    world.mono += 601_000;
    await keepTime(needs);
    expect(isTimeUnconfirmed(needs)).toBe(true);
    expect(isTimeUnconfirmed({ ...needs, settings: { ...needs.settings, mode: "paper" } })).toBe(false);
    world.wallSetBy = 3_000;
    await keepTime(needs);
    expect(isTimeUnconfirmed(needs)).toBe(false);
  });
});

describe("a venue that does not tell the time", () => {
  it("is unknown at first, and grows uncertain later; one failed round keeps what was known [C08]", async () => {
    const { world, needs } = house({ mode: "live" });
    world.isVenueAway = true;
    expect(await measureOffset(needs)).toBe(false);
    expect(venueClockUncertainty(needs)).toBeNull();
    world.isVenueAway = false;
    expect(await measureOffset(needs)).toBe(true);
    world.isVenueAway = true;
    world.mono += 60_000;
    expect(await measureOffset(needs)).toBe(false);
    expect(venueClockUncertainty(needs)).toBeLessThan(30);
    world.mono += 45 * 60_000;
    expect(venueClockUncertainty(needs)).toBeGreaterThan(500);
  });
});
