/** What is held has its stop: sized from the real fill, placed again when somebody takes it away, and sold when it can't be had. */
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/adapters/system/clock.ts";
import type { Venue } from "../../src/ports/venue.ts";
import { parseFixed } from "../../src/practice/fixed.ts";
import { kucoin } from "../../src/venues/kucoin/venue.ts";
import { buy, cardsWith } from "./conversation.ts";
import { factsOf, play, sentEntries, sentExits, sentStops, storyMs, untilClosed, untilProtected } from "./play.ts";
import type { Stage } from "./stage.ts";

const openStop = (stage: Stage) =>
  Object.values(stage.books().orders).findLast((order) => order.intent.leg === "protect");

/** Somebody else with the same key, as a person on the exchange's own page would be. */
const somebodyElse = (stage: Stage): Promise<Venue> => {
  const [credentials] = stage.exchange.credentials;
  if (credentials === undefined) throw new Error("the exchange has no account");
  return kucoin.open({ credentials, baseUrl: stage.exchange.url, clock: systemClock(), log: stage.log });
};

async function cancelFromOutside(stage: Stage): Promise<void> {
  const order = openStop(stage);
  if (order === undefined) throw new Error("there is no stop to cancel");
  const other = await somebodyElse(stage);
  await other.instruments(["SOL/USDT"]);
  const canceled = await other.cancelOrder({
    clientOrderId: order.clientOrderId,
    venueOrderId: order.venueOrderId,
    instrumentId: order.intent.instrumentId,
    kind: order.intent.shape.orderType,
  });
  await other.stop();
  expect(canceled.ok).toBe(true);
}

describe.concurrent("a stop that fired and could not sell", () => {
  test("is taken back and sold although the venue calls it by a name of its own [V16]", { timeout: storyMs }, () =>
    play({}, async (stage) => {
      await buy(stage, "SOL/USDT", { stop: "0.02", target: null });
      const { orders, clientOids } = stage.exchange.house.core.state;
      const before = orders.size;
      stage.exchange.faults.jump("SOL-USDT", "80");
      await stage.until(() => orders.size > before, "what the stop became");
      const child = [...orders.values()].at(-1);
      if (child === undefined) throw new Error("the stop became nothing");
      clientOids.delete(`${child.accountId}/${child.clientOid}`);
      child.clientOid = "venue-made-1";
      await untilClosed(stage, "SOL/USDT", 30_000);
      expect(sentExits(stage)).toHaveLength(1);
      expect(Number(stage.exchange.balances()["SOL"]?.free ?? 0)).toBe(0);
    }),
  );
});

describe.concurrent("the size of the stop", () => {
  test("an entry that fills only in part is protected for what was filled", { timeout: storyMs }, async () => {
    let thin: () => void = () => undefined;
    const venue = (real: Venue): Venue =>
      new Proxy(real, {
        get(target, name) {
          if (name !== "placeOrder") return Reflect.get(target, name) as unknown;
          return (...told: Parameters<Venue["placeOrder"]>) => {
            if (told[0].leg === "entry") thin();
            return target.placeOrder(...told);
          };
        },
      });
    await play({ venue }, async (stage) => {
      // The book dries up between the question and the order.
      thin = () => stage.exchange.faults.setInstrument("SOL-USDT", { depthFunds: parseFixed("18") ?? 0n });
      await stage.ask("SOL/USDT");
      await stage.telegram.tap("Approve");
      await untilProtected(stage, "SOL/USDT");
      const asked = Number(sentEntries(stage)[0]?.["size"]);
      const held = stage.position("SOL/USDT")?.quantity ?? "";
      expect(Number(held)).toBeGreaterThan(0);
      expect(Number(held)).toBeLessThan(asked);
      expect(sentStops(stage).map((order) => order["size"])).toEqual([held]);
      expect(stage.exchange.balances()["SOL"]?.held).toBe(held);
      expect((await factsOf(stage, "order_ended")).map((fact) => fact.by)).toEqual(["us"]);
    });
  });

  test(
    "$123 buys what is free, in tenths of a SOL and cents, and never risks more than 1 %",
    { timeout: storyMs },
    () =>
      play(
        { balances: { USDT: "123" }, settings: (settings) => ({ ...settings, profile: "integration" }) },
        async (stage) => {
          await buy(stage, "SOL/USDT", { stop: "0.008", target: null });
          const [entry] = sentEntries(stage);
          const [stop] = sentStops(stage);
          expect(entry?.["size"]).toMatch(/^\d+(\.\d)?$/);
          for (const price of [entry?.["price"], stop?.["price"], stop?.["stopPrice"]])
            expect(price).toMatch(/^\d+(\.\d{1,2})?$/);
          const cost = Number(entry?.["size"]) * Number(entry?.["price"]);
          expect(cost).toBeLessThanOrEqual(123);
          // One step more would not have been affordable, or would have risked more than 1 %.
          const risk = Number(entry?.["size"]) * (Number(entry?.["price"]) - Number(stop?.["stopPrice"]));
          expect(risk).toBeLessThanOrEqual(1.23);
          expect(cost).toBeGreaterThan(60);
          expect(stop?.["size"]).toBe(entry?.["size"]);
        },
      ),
  );
});

describe.concurrent("a stop that can't be had", () => {
  test.for(["1", "2"])("refused %s times: placed or closed, never left alone", { timeout: storyMs }, (times) =>
    play({}, async (stage) => {
      const verb = { do: "refuse", code: "400100", msg: "Price increment invalid." } as const;
      stage.exchange.faults.add({ method: "POST", path: "/api/v3/oco/order", verb, times: Number(times) });
      await stage.ask("SOL/USDT");
      await stage.telegram.tap("Approve");
      await stage.until(() => cardsWith(stage.telegram, "Stop missing").length > 0, "the alert");
      if (times === "1") {
        await untilProtected(stage, "SOL/USDT");
        expect(sentStops(stage)).toHaveLength(2);
        return;
      }
      await untilClosed(stage, "SOL/USDT");
      expect(stage.position("SOL/USDT")?.exitReason).toBe("protection_failed");
      expect(sentStops(stage)).toHaveLength(2);
      expect(sentExits(stage)).toHaveLength(1);
    }),
  );

  test("canceled by somebody else it is placed again, once, and every chat hears of it", { timeout: storyMs }, () =>
    play({}, async (stage) => {
      await buy(stage, "SOL/USDT");
      await cancelFromOutside(stage);
      await stage.until(() => sentStops(stage).length === 2, "the second stop");
      await untilProtected(stage, "SOL/USDT");
      await stage.until(() => cardsWith(stage.discord, "Stop missing").length > 0, "the alert");
      await new Promise((done) => setTimeout(done, 3_000));
      expect(sentStops(stage)).toHaveLength(2);
      expect((await factsOf(stage, "order_ended")).map((fact) => fact.by)).toEqual(["venue"]);
      expect(sentExits(stage)).toEqual([]);
    }),
  );

  test("its lost answer is no reason for a second one: guarded until it is found", { timeout: storyMs }, () =>
    play({}, async (stage) => {
      stage.exchange.faults.add({ method: "POST", path: "/api/v3/oco/order", verb: { do: "drop_after" } });
      await buy(stage, "SOL/USDT");
      expect(sentStops(stage)).toHaveLength(1);
      expect((await factsOf(stage, "order_found")).length).toBeGreaterThan(0);
    }),
  );

  test("a gap through stop and limit is sold by our own guard", { timeout: storyMs }, () =>
    play({}, async (stage) => {
      await buy(stage, "SOL/USDT", { target: null });
      const stop = Number(stage.position("SOL/USDT")?.exitPlan.stopPrice);
      stage.exchange.faults.jump("SOL-USDT", (stop * 0.94).toFixed(2));
      await untilClosed(stage, "SOL/USDT", 30_000);
      expect(stage.position("SOL/USDT")?.exitReason).toBe("stop");
      expect(sentExits(stage)).toHaveLength(1);
      expect(stage.exchange.balances()["SOL"]).toEqual({ free: "0", held: "0" });
    }),
  );
});
