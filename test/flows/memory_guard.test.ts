/** A process that leaks ends in order and never in the middle of something; LIVE takes no clock but the machine's own. */
import { expect, it } from "vitest";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { assemble, type Ports } from "../../src/assemble.ts";
import { isQuiet, untilTooLarge } from "../../src/boot/memory_guard.ts";
import { emptyBooks } from "../../src/core/books.ts";
import { instant } from "../../src/core/time.ts";
import type { Clock } from "../../src/ports/clock.ts";

/** A clock whose repeated work runs when the test says so. */
function steppedClock() {
  const works: (() => Promise<void> | void)[] = [];
  const clock = {
    every: (_ms: number, work: () => Promise<void> | void) => {
      works.push(work);
      return () => works.splice(0);
    },
  } as unknown as Clock;
  return { clock, tick: () => works.forEach((work) => void work()) };
}

it("a process over its limit ends when nothing is under way, and not before [S04]", async () => {
  const { clock, tick } = steppedClock();
  const sending = { ...emptyBooks, orders: { a: { state: "sending" } as never } };
  const world = { books: sending as typeof emptyBooks, bytes: 100 * 1_048_576 };
  const guard = untilTooLarge({ clock, limitMb: 200, residentBytes: () => world.bytes, books: () => world.books });
  let told: string | null = null;
  void guard.because.then((because) => {
    told = because;
  });
  tick();
  world.bytes = 300 * 1_048_576;
  tick();
  await Promise.resolve();
  expect(told).toBeNull();
  world.books = emptyBooks;
  tick();
  expect(await guard.because).toContain("300 MB");
  expect(isQuiet(sending as typeof emptyBooks)).toBe(false);
});

it.each([
  ["one that runs faster", { ...systemClock({ speed: 60 }) }],
  ["one that starts elsewhere", { ...systemClock({ speed: 1, houseStart: instant(0) }) }],
  ["one that a test made", steppedClock().clock],
])("LIVE is not assembled with %s [C09]", (_what, clock) => {
  expect(() =>
    assemble({ clock, settings: { mode: "live" }, messengers: [], venue: {}, ledger: {} } as unknown as Ports),
  ).toThrow(/LIVE needs the clock of this machine/);
  expect(systemClock().kind).toBe("live");
});
