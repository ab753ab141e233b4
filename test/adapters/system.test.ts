/** Time, chance, names and secrets of the live house, and jobs that nobody can run twice at once. */
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { systemDice } from "../../src/adapters/system/dice.ts";
import { systemIds } from "../../src/adapters/system/ids.ts";
import { systemVault } from "../../src/adapters/system/vault.ts";
import { instant } from "../../src/core/time.ts";
import { guardJobs } from "../../src/flows/job_guard.ts";
import type { QueueHealth, QueueJob } from "../../src/ports/queue.ts";
import { countedIds, manualClock, seededDice } from "../fixtures/doubles.ts";
import { keptLog } from "../fixtures/kept_log.ts";

const pause = (ms: number): Promise<void> => new Promise((settle) => setTimeout(settle, ms));

describe("the clock", () => {
  test("without speed house time is the wall", () => {
    const clock = systemClock();
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(20);
    expect(clock.now() - clock.wall()).toBeLessThanOrEqual(1);
  });

  test("with speed 60 a second is a minute of the house, and the wall stays the wall", async () => {
    const houseStart = instant(Date.UTC(2026, 0, 1));
    const clock = systemClock({ speed: 60, houseStart });
    const [house, wall] = [clock.now(), clock.wall()];
    expect(house - houseStart).toBeLessThan(3_000);
    await pause(200);
    const ratio = (clock.now() - house) / (clock.wall() - wall);
    expect(ratio).toBeGreaterThan(50);
    expect(ratio).toBeLessThan(70);
    expect(Number.isInteger(clock.now())).toBe(true);
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("the speed %s is refused", (speed) => {
    expect(() => systemClock({ speed })).toThrow("speed must be above 0");
  });

  test("a sleep ends at once, without an error, when it is aborted before or during it", async () => {
    const clock = systemClock();
    const started = performance.now();
    await clock.sleep(60_000, AbortSignal.abort());
    const during = new AbortController();
    const sleeping = clock.sleep(60_000, during.signal);
    setTimeout(() => during.abort(), 20);
    await sleeping;
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  test("a sleep of two months does not end at once", async () => {
    let isOver = false;
    const stop = new AbortController();
    const sleeping = systemClock()
      .sleep(60 * 86_400_000, stop.signal)
      .then(() => (isOver = true));
    await pause(30);
    expect(isOver).toBe(false);
    stop.abort();
    await sleeping;
  });

  test("a repeated task never overlaps itself, catches nothing up, and ends when told", async () => {
    let [running, most, runs] = [0, 0, 0];
    const stop = systemClock().every(20, async () => {
      running += 1;
      runs += 1;
      most = Math.max(most, running);
      await pause(70);
      running -= 1;
    });
    await pause(400);
    stop();
    const before = runs;
    await pause(150);
    expect(most).toBe(1);
    expect(runs).toBe(before);
    expect(runs).toBeLessThanOrEqual(6);
    expect(runs).toBeGreaterThanOrEqual(3);
  });
});

describe("names, chance and secrets", () => {
  test("names are sortable by birth, short, unique and of plain characters", () => {
    const ids = systemIds(systemClock());
    const names = Array.from({ length: 20_000 }, () => ids.next("trade"));
    expect(new Set(names).size).toBe(20_000);
    expect(names.toSorted((left, right) => (left < right ? -1 : 1))).toEqual(names);
    for (const name of names.slice(0, 100)) expect(name).toMatch(/^trade_[0-9a-z]{26}$/);
    expect(ids.next("a234567890123").length).toBeLessThanOrEqual(40);
  });

  test("names stay in order when the wall clock is set back", () => {
    let wall = 2_000_000;
    const ids = systemIds({ ...systemClock(), wall: () => instant(wall) });
    const first = ids.next("x");
    wall = 1_000_000;
    expect(ids.next("x") > first).toBe(true);
  });

  test.each(["", "Trade", "a-b", "a_b", "12", "abcdefghijklmn"])("the prefix %j is refused", (prefix) => {
    expect(() => systemIds(systemClock()).next(prefix)).toThrow("An id prefix is 1 to 13");
  });

  test("dice stay within [0, 1) and spread", () => {
    const dice = systemDice();
    const rolls = Array.from({ length: 10_000 }, () => dice.roll());
    expect(Math.min(...rolls)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...rolls)).toBeLessThan(1);
    const mean = rolls.reduce((sum, roll) => sum + roll, 0) / rolls.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.03);
  });

  test("a token is 16 characters of base64url and never the same", () => {
    const vault = systemVault();
    const tokens = Array.from({ length: 1_000 }, () => vault.token());
    expect(new Set(tokens).size).toBe(1_000);
    for (const token of tokens) expect(token).toMatch(/^[A-Za-z0-9_-]{16}$/);
    expect(vault.sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  test("the stand-ins repeat themselves exactly", () => {
    const rolls = (seed: number): number[] => {
      const dice = seededDice(seed);
      return [dice.roll(), dice.roll(), dice.roll()];
    };
    expect(rolls(7)).toEqual(rolls(7));
    expect(rolls(7)).not.toEqual(rolls(8));
    const ids = countedIds();
    expect([ids.next("trade"), ids.next("order")]).toEqual(["trade_000001", "order_000002"]);
  });
});

const jobOf = (run: QueueJob["run"], everyMs: number | null = null): QueueJob => ({
  name: "watch",
  everyMs,
  attempts: 1,
  deadlineMs: 1_000,
  run,
});
const alive: QueueHealth = { isAlive: true, lastRingAtMono: 0, problem: null };
const dead: QueueHealth = { isAlive: false, lastRingAtMono: null, problem: "gone" };

describe("guarded jobs", () => {
  test("calls during a run are followed by one more run for each different payload, one after the other [R07]", async () => {
    const clock = manualClock(instant(0));
    const seen: string[] = [];
    let [running, most] = [0, 0];
    const run: QueueJob["run"] = async (payload) => {
      running += 1;
      most = Math.max(most, running);
      seen.push(payload["id"] ?? "tick");
      await clock.sleep(100);
      running -= 1;
    };
    const [job] = guardJobs([jobOf(run)], { clock, log: keptLog() }).jobs;
    const first = job?.run({});
    for (const id of ["a", "a", "b", "a"]) await job?.run({ id });
    for (let step = 0; step < 5; step += 1) await clock.advance(100);
    await first;
    expect(seen).toEqual(["tick", "a", "b"]);
    expect(most).toBe(1);
  });

  test("a failure reaches its caller, is counted, and the next call runs", async () => {
    const clock = manualClock(instant(0));
    let count = 0;
    const guard = guardJobs(
      [
        jobOf(async () => {
          count += 1;
          if (count < 3) throw new Error("no");
        }),
      ],
      { clock, log: keptLog() },
    );
    const [job] = guard.jobs;
    await expect(job?.run({})).rejects.toThrow("no");
    await expect(job?.run({})).rejects.toThrow("no");
    expect(guard.report()).toMatchObject([{ failuresInARow: 2, isRunning: false }]);
    await job?.run({});
    expect(guard.report()).toMatchObject([{ failuresInARow: 0 }]);
  });

  test("a run past its deadline is reported to its caller, and no second one starts beside it", async () => {
    const clock = manualClock(instant(0));
    const log = keptLog();
    let runs = 0;
    const guard = guardJobs(
      [
        jobOf(async () => {
          runs += 1;
          await clock.sleep(5_000);
        }),
      ],
      { clock, log },
    );
    const [job] = guard.jobs;
    const outcome = job?.run({}).catch((error: Error) => error.message);
    await clock.advance(1_500);
    expect(await outcome).toBe("watch passed its deadline of 1000 ms");
    await job?.run({});
    await clock.advance(1_000);
    expect(runs).toBe(1);
    expect(guard.report()).toMatchObject([{ isRunning: true }]);
    await clock.advance(3_000);
    expect(runs).toBe(2);
    expect(log.lines).toHaveLength(1);
  });

  test.each([
    ["the queue rings in time", alive, 100, 0],
    ["the queue is alive but has missed two intervals", alive, null, 4],
    ["the queue is dead", dead, null, 10],
  ])("a vital job runs from here only when needed: %s [R03] [R12]", async (_when, health, ringMs, standIns) => {
    const clock = manualClock(instant(0));
    const guard = guardJobs([jobOf(async () => undefined, 100)], { clock, log: keptLog() });
    const stop = guard.standIn(["watch"], () => health);
    if (ringMs !== null) clock.every(ringMs, () => guard.jobs[0]?.run({}));
    for (let step = 0; step < 20; step += 1) await clock.advance(50);
    stop();
    const [report] = guard.report();
    expect(report?.standIns).toBeGreaterThanOrEqual(standIns === 0 ? 0 : standIns - 1);
    expect(report?.standIns).toBeLessThanOrEqual(standIns);
    await clock.advance(1_000);
    expect(guard.report()[0]?.standIns).toBe(report?.standIns);
  });

  test("a job that is not vital is left to the queue", async () => {
    const clock = manualClock(instant(0));
    const guard = guardJobs([jobOf(async () => undefined, 100)], { clock, log: keptLog() });
    guard.standIn([], () => dead);
    await clock.advance(2_000);
    expect(guard.report()).toMatchObject([{ standIns: 0, startedAtMono: null }]);
  });
});
