/** Identifies are counted by Discord, and the thousandth and first of a day costs the token: however bad the day, we stay far below. */
import { describe, expect, it } from "vitest";
import { defaultPacing, doubling, pacesConnections } from "../../src/adapters/discord/pacing.ts";
import { instant } from "../../src/core/time.ts";
import { manualClock } from "../fixtures/doubles.ts";

const dayMs = 86_400_000;

/** Lives a day in which every session lasts `standsMs` (0: none ever stands) and counts the identifies. */
async function identifiesInADay(standsMs: number): Promise<number> {
  const clock = manualClock(instant(0));
  const pacing = pacesConnections(clock, defaultPacing);
  let count = 0;
  while (clock.mono() < dayMs) {
    let isDone = false;
    const waiting = pacing.beforeConnect(true, new AbortController().signal).then(() => {
      isDone = true;
    });
    for (;;) {
      await Promise.resolve();
      await Promise.resolve();
      if (isDone) break;
      await clock.advance(1_000);
    }
    await waiting;
    count += 1;
    if (standsMs > 0) {
      pacing.sessionStands();
      await clock.advance(standsMs);
      pacing.sessionFell();
    } else {
      await clock.advance(500);
    }
  }
  return count;
}

describe("a bad day", () => {
  it.each([
    ["no session ever stands", 0],
    ["sessions break after a second", 1_000],
    ["sessions break after five minutes", 300_000],
    ["sessions break just before they are called good", 599_000],
    ["sessions break just after they were called good", 601_000],
  ])(
    "when %s, identifies fewer than 320 times",
    async (_, standsMs) => {
      const count = await identifiesInADay(standsMs);
      expect(count).toBeGreaterThan(50);
      expect(count).toBeLessThan(320);
    },
    30_000,
  );
});

describe("pauses", () => {
  it("double from nothing up to the most", () => {
    expect([0, 1, 2, 3, 4, 50].map((done) => doubling(done, 1_000, 6_000))).toEqual([
      0, 1_000, 2_000, 4_000, 6_000, 6_000,
    ]);
  });
  it("keep a dead gateway from being knocked at more than 125 times in an hour", async () => {
    const clock = manualClock(instant(0));
    const pacing = pacesConnections(clock, defaultPacing);
    const over = new AbortController();
    let knocks = 0;
    const knock = async (): Promise<void> => {
      while (clock.mono() < 3_600_000) {
        await pacing.beforeConnect(false, over.signal);
        knocks += 1;
        if (knocks > 500) return;
      }
    };
    const knocking = knock();
    for (let second = 0; second <= 3_600; second += 1) await clock.advance(1_000);
    over.abort();
    await knocking;
    expect(knocks).toBeGreaterThan(100);
    expect(knocks).toBeLessThan(126);
  });
  it("end at once when the line is closed", async () => {
    const clock = manualClock(instant(0));
    const pacing = pacesConnections(clock, defaultPacing);
    const closed = new AbortController();
    await pacing.beforeConnect(false, closed.signal);
    const second = pacing.beforeConnect(false, closed.signal);
    closed.abort();
    await expect(second).resolves.toBeUndefined();
  });
});
