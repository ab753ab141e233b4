/** The gate before the wire, the locks of the flows, and the move of a day: each small, each relied on by everything. */
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { price } from "../../src/core/money.ts";
import type { Candle } from "../../src/core/signal.ts";
import { dayMove } from "../../src/flows/gather_view.ts";
import { makeLocks } from "../../src/flows/locks.ts";
import { makeSendGate, sendTtlMs } from "../../src/flows/send_gate.ts";

const clock = systemClock();
const entry = (mayLeave: () => boolean) => ({ orderId: "a", isEntry: true, mayLeave });

describe("the send gate", () => {
  test("a no at the door sends nothing", async () => {
    let isSent = false;
    const gate = makeSendGate(clock);
    const left = await gate.leave(
      entry(() => false),
      () => {
        isSent = true;
        return Promise.resolve("sent");
      },
    );
    expect([left, isSent]).toEqual(["held_back", false]);
    expect(await gate.close()).toEqual([]);
  });

  test("a level that is committed while the wire is being opened reaches the question before the first byte", async () => {
    const gate = makeSendGate(clock);
    let isOpen = true;
    const left = gate.leave(
      entry(() => isOpen),
      async (mayLeave) => {
        await clock.sleep(60);
        return mayLeave() ? "bytes" : "nothing";
      },
    );
    isOpen = false;
    const started = clock.mono();
    expect(await gate.close()).toEqual([]);
    expect(clock.mono() - started).toBeGreaterThanOrEqual(40);
    expect(await left).toBe("nothing");
  });

  test("a wire that never asks is named after the time limit, not waited for forever", async () => {
    const gate = makeSendGate(clock);
    let done: (value: string) => void = () => undefined;
    const left = gate.leave(
      entry(() => true),
      () =>
        new Promise<string>((resolve) => {
          done = resolve;
        }),
    );
    const started = clock.mono();
    await gate.close();
    expect(clock.mono() - started).toBeLessThan(sendTtlMs + 200);
    done("late");
    expect(await left).toBe("late");
  });

  test("exits are not waited for, and a send that fails lets the gate close", async () => {
    const gate = makeSendGate(clock);
    void gate.leave({ orderId: "exit", isEntry: false, mayLeave: () => true }, () => new Promise(() => undefined));
    expect(await gate.close()).toEqual([]);
    const failing = gate.leave(
      entry(() => true),
      () => Promise.reject(new Error("socket closed")),
    );
    const refused = expect(failing).rejects.toThrow("socket closed");
    expect(await gate.close()).toEqual([]);
    await refused;
  });
});

describe("locks", () => {
  test("one at a time per key, in order, also after a failure; other keys don't wait", async () => {
    const locks = makeLocks();
    const seen: string[] = [];
    const work = (name: string, ms: number) => async () => {
      seen.push(`${name}>`);
      await clock.sleep(ms);
      seen.push(`<${name}`);
      if (name === "a") throw new Error("a failed");
    };
    const failed = expect(locks.run("k", work("a", 30))).rejects.toThrow("a failed");
    await Promise.all([failed, locks.run("k", work("b", 1)), locks.run("other", work("c", 1))]);
    expect(seen.filter((one) => !one.includes("c"))).toEqual(["a>", "<a", "b>", "<b"]);
    expect(seen.indexOf("<c")).toBeLessThan(seen.indexOf("<a"));
  });

  test("tryRun does nothing while the key is held, and runs again afterwards", async () => {
    const locks = makeLocks();
    const first = locks.run("k", () => clock.sleep(20));
    expect(await locks.tryRun("k", () => Promise.resolve("ran"))).toBeNull();
    await first;
    expect(await locks.tryRun("k", () => Promise.resolve("ran"))).toBe("ran");
  });

  test("many refreshes while one runs are one repetition, which begins after the last of them", async () => {
    const locks = makeLocks();
    let wanted = 0;
    const seen: number[] = [];
    const refresh = () => {
      wanted += 1;
      return locks.refresh("k", async () => {
        seen.push(wanted);
        await clock.sleep(15);
      });
    };
    const first = refresh();
    await clock.sleep(5);
    await Promise.all([first, refresh(), refresh(), refresh()]);
    expect(seen).toEqual([1, 4]);
    await refresh();
    expect(seen).toEqual([1, 4, 5]);
  });
});

describe("the move of a day", () => {
  const candle = (close: string, index: number): Candle =>
    ({
      openedAt: index * 3_600_000,
      open: price(close),
      high: price(close),
      low: price(close),
      close: price(close),
      volume: "1",
    }) as never;
  const moves = (...closes: string[]) => dayMove(closes.map(candle), 3_600_000);

  test.each([
    ["one candle is no move", ["100"], null],
    ["a fall counts from the highest close", ["100", "125", "100"], "0.2"],
    ["a rise counts from the lowest", ["100", "80", "100"], "0.25"],
    ["still is still", ["100", "100"], "0"],
    ["what a day ago was does not count", ["1000", ...Array.from({ length: 25 }, () => "100")], "0"],
    ["exactly a day ago does", ["1000", ...Array.from({ length: 24 }, () => "100")], "0.9"],
  ])("%s", (_what, closes, move) => {
    expect(moves(...closes)).toBe(move);
  });
});
