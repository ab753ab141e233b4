/** The pace of a venue that counts by the second: what waits, what goes at once, and whose place an order takes. */
import { describe, expect, test } from "vitest";
import { pacedVenue } from "../../src/flows/paced_venue.ts";
import type { Venue } from "../../src/ports/venue.ts";

/** Ten a second, a clock that only sleeps move, and the times at which each question arrived. */
function openPaced() {
  const arrived: [name: string, at: number][] = [];
  let at = 0;
  const clock = {
    mono: () => at,
    // Everybody else has had their say before the next moment comes.
    sleep: async (ms: number) => {
      await new Promise((resolve) => setImmediate(resolve));
      at += ms;
    },
  };
  const names = ["time", "candles", "findOrder", "openOrders", "allOpenOrders", "placeOrder"] as const;
  const answer = (name: string) => () => {
    arrived.push([name, Math.round(at)]);
    return Promise.resolve({ ok: true });
  };
  const venue = Object.fromEntries(names.map((name) => [name, answer(name)])) as unknown as Venue;
  return { venue: pacedVenue(venue, 10, clock), arrived, pass: (ms: number) => (at += ms) };
}

const ref = { clientOrderId: "a", instrumentId: "kucoin:SOL/USDT", kind: "oco" } as const;

describe("a paced venue", () => {
  test("questions come a tenth of a second apart, and one that is three requests is followed by three tenths", async () => {
    const { venue, arrived } = openPaced();
    await venue.time();
    await venue.allOpenOrders?.();
    await venue.time();
    expect(arrived.map(([, at]) => at)).toEqual([0, 100, 400]);
  });

  test("a pair whose id is known is one request, one that is not is two", async () => {
    const { venue, arrived } = openPaced();
    await venue.findOrder({ ...ref, venueOrderId: "7" });
    await venue.findOrder({ ...ref, venueOrderId: null });
    await venue.time();
    expect(arrived.map(([, at]) => at)).toEqual([0, 100, 300]);
  });

  test("what is no hurry has seven tenths of the pace, so that the rest is always left for a flatten [V30]", async () => {
    const { venue, arrived } = openPaced();
    for (let times = 0; times < 3; times += 1) await venue.candles("SOL/USDT", { timeframe: "5m", count: 1 });
    expect(arrived.map(([, at]) => at)).toEqual([0, 143, 286]);
  });

  test("an order goes at once, and the next question waits for its place too", async () => {
    const { venue, arrived } = openPaced();
    await venue.time();
    await venue.placeOrder({} as never, {} as never);
    await venue.time();
    expect(arrived.map(([, at]) => at)).toEqual([0, 0, 200]);
  });

  test("who waited for a place before the order was stamped has it: the order costs no second one", async () => {
    const { venue, arrived } = openPaced();
    await venue.time();
    await venue.whenFree?.();
    await venue.placeOrder({} as never, {} as never);
    await venue.time();
    expect(arrived.map(([, at]) => at)).toEqual([0, 100, 200]);
  });

  test("a stop that waits goes before every look that came earlier", async () => {
    const { venue, arrived } = openPaced();
    await venue.time();
    const looks = [venue.openOrders("A"), venue.openOrders("B"), venue.candles("A", { timeframe: "5m", count: 1 })];
    const stop = venue.whenFree?.().then(() => venue.placeOrder({} as never, {} as never));
    await Promise.all([...looks, stop]);
    expect(arrived).toEqual([
      ["time", 0],
      ["placeOrder", 100],
      ["openOrders", 200],
      ["openOrders", 600],
      ["candles", 1_000],
    ]);
  });

  test("a place that nobody used for a second is given up", async () => {
    const { venue, arrived, pass } = openPaced();
    await venue.whenFree?.();
    pass(1_500);
    await venue.placeOrder({} as never, {} as never);
    await venue.time();
    expect(arrived.map(([, at]) => at)).toEqual([1_500, 1_600]);
  });
});
