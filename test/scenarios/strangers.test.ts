/** A person at the exchange's own page, beside the house: what they do is taken in, and nobody fights them. */
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/adapters/system/clock.ts";
import type { ClearedIntent } from "../../src/core/clearance.ts";
import type { OrderIntent } from "../../src/core/intent.ts";
import { price, quantity } from "../../src/core/money.ts";
import { instant } from "../../src/core/time.ts";
import type { Venue } from "../../src/ports/venue.ts";
import { kucoin } from "../../src/venues/kucoin/venue.ts";
import { buy, cardsWith, textOf, told } from "./conversation.ts";
import { factsOf, play, sentEntries, sentExits, sentStops, storyMs, untilProtected } from "./play.ts";
import type { Stage } from "./stage.ts";

/** The same account, used by hand. */
async function byHand<Value>(stage: Stage, act: (venue: Venue) => Promise<Value>): Promise<Value> {
  const [credentials] = stage.exchange.credentials;
  if (credentials === undefined) throw new Error("the stage has no account");
  const venue = await kucoin.open({ credentials, baseUrl: stage.exchange.url, clock: systemClock(), log: stage.log });
  await venue.instruments(["SOL/USDT"]);
  try {
    return await act(venue);
  } finally {
    await venue.stop();
  }
}

const stopOf = (stage: Stage) =>
  Object.values(stage.books().orders).findLast((order) => order.intent.leg === "protect" && order.state === "open");

async function cancelStop(stage: Stage, venue: Venue): Promise<void> {
  const stop = stopOf(stage);
  if (stop === undefined) throw new Error("no stop rests");
  const { clientOrderId, venueOrderId, intent } = stop;
  const answer = await venue.cancelOrder({
    clientOrderId,
    venueOrderId,
    instrumentId: intent.instrumentId,
    kind: intent.shape.orderType,
  });
  if (!answer.ok) throw new Error(JSON.stringify(answer.problem));
}

/** Sells at the best bid under a name that a browser would give. */
async function sellByHand(stage: Stage, venue: Venue, size: string): Promise<void> {
  const entry = Object.values(stage.books().orders).find((order) => order.intent.leg === "entry");
  if (entry === undefined) throw new Error("there is no trade to copy");
  const intent: OrderIntent = {
    ...entry.intent,
    side: "sell",
    quantity: quantity(size),
    shape: { orderType: "limit", limitPrice: price("80"), timeInForce: "ioc" },
  };
  const placed = await venue.placeOrder(intent as unknown as ClearedIntent, {
    clientOrderId: "web-7f3a",
    stampedAt: instant(systemClock().wall()),
  });
  if (!placed.ok) throw new Error(JSON.stringify(placed.problem));
}

describe.concurrent("a person trades what the house holds", () => {
  test(
    "sold by hand in part: the position and its stop shrink, entries wait, nothing is undone [V40]",
    { timeout: storyMs },
    () =>
      play({}, async (stage) => {
        await buy(stage, "SOL/USDT");
        await untilProtected(stage, "SOL/USDT");
        const held = Number(stage.position("SOL/USDT")?.quantity);
        const sold = Math.round(held * 4) / 10;
        // Nothing is concluded while a fill of ours is younger than five seconds.
        await new Promise((done) => setTimeout(done, 4_000));
        await byHand(stage, async (venue) => {
          await cancelStop(stage, venue);
          await sellByHand(stage, venue, String(sold));
        });
        const left = () => Number(stage.position("SOL/USDT")?.quantity);
        await stage.until(() => Math.abs(left() - (held - sold)) < 1e-9, "the smaller position", 30_000);
        await stage.until(
          () => Math.abs(Number(stopOf(stage)?.intent.quantity) - left()) < 0.1 && stopOf(stage) !== undefined,
          "a stop of its size",
          15_000,
        );
        expect(stage.position("SOL/USDT")?.exitFacts).toEqual([]);
        expect((await factsOf(stage, "order_adopted")).map((fact) => fact.origin)).toEqual(["external"]);
        expect((await factsOf(stage, "breaker_opened")).map((fact) => fact.cause)).toContain("external_close");
        expect(sentExits(stage)).toEqual([expect.objectContaining({ clientOid: "web-7f3a" })]);
        await expect(stage.ask("SOL/USDT")).rejects.toThrow(/refused|slot/);
      }),
  );

  test("a stop taken away is placed once more, and the second time a person is asked [O03]", { timeout: storyMs }, () =>
    play({}, async (stage) => {
      await buy(stage, "SOL/USDT");
      await untilProtected(stage, "SOL/USDT");
      const first = stopOf(stage)?.clientOrderId;
      await byHand(stage, (venue) => cancelStop(stage, venue));
      await stage.until(
        () => stopOf(stage) !== undefined && stopOf(stage)?.clientOrderId !== first,
        "the stop again",
        12_000,
      );
      await byHand(stage, (venue) => cancelStop(stage, venue));
      await stage.until(() => stage.position("SOL/USDT")?.protection === "local_guard", "the watch", 12_000);
      await new Promise((done) => setTimeout(done, 2_500));
      expect(sentStops(stage)).toHaveLength(2);
      expect((await factsOf(stage, "stop_lost")).length).toBe(2);
      expect((await factsOf(stage, "breaker_opened")).map((fact) => fact.cause)).toContain("stop_lost");
      expect(stage.position("SOL/USDT")?.exitFacts).toEqual([]);
      await stage.until(() => cardsWith(stage.telegram, "The venue differs").length > 0, "the call");
    }),
  );
});

test("an order in doubt shows its evidence, and giving it up can be taken back [V11]", { timeout: storyMs }, () => {
  let isHidden = true;
  const hiding = (venue: Venue): Venue =>
    Object.assign(Object.create(venue) as Venue, {
      findOrder: async (ref: Parameters<Venue["findOrder"]>[0]) =>
        isHidden ? ({ ok: true, value: null } as const) : venue.findOrder(ref),
      openOrders: async (symbol: string) => (isHidden ? ({ ok: true, value: [] } as const) : venue.openOrders(symbol)),
      fills: async (symbol: string, since: Parameters<Venue["fills"]>[1]) =>
        isHidden ? ({ ok: true, value: [] } as const) : venue.fills(symbol, since),
    });
  return play({ venue: hiding }, async (stage) => {
    await stage.ask("SOL/USDT");
    stage.exchange.faults.add({ method: "POST", path: "/api/v1/hf/orders", verb: { do: "drop_after" } });
    await stage.telegram.tap("Approve");
    const unknown = () => Object.values(stage.books().orders).find((order) => order.state === "unknown");
    await stage.until(() => (unknown()?.probes.total ?? 0) >= 3, "three looks", 20_000);
    const id = unknown()?.clientOrderId.slice(-8) ?? "";
    expect(textOf(await told(stage, stage.desk, "unknown"))).toMatch(/by client id: absent[\s\S]*open orders: absent/);
    // The coins are there and the cash is gone: the fourth witness speaks against absence.
    expect(unknown()?.problem).not.toBeNull();
    expect(textOf(await told(stage, stage.desk, "unknown", `${id} lost nobody there can find it`))).toMatch(
      /decide alone/,
    );
    expect(unknown()?.lostRequest?.by).toBe("owner");
    expect(textOf(await told(stage, stage.telegram, "unknown", `${id} keep`))).toMatch(/stays unknown/);
    expect(unknown()?.lostRequest).toBeUndefined();
    const rows = await stage.database.pool.query<{ endpoints: { endpoint: string; responseHash: string }[] }>(
      "select endpoints from order_evidence order by seq limit 1",
    );
    expect(rows.rows[0]?.endpoints.map((look) => look.endpoint)).toEqual([
      "by_client_id",
      "open_orders",
      "fills",
      "balances",
    ]);
    expect(rows.rows[0]?.endpoints[0]?.responseHash).toMatch(/^[0-9a-f]{64}$/);
    isHidden = false;
    await untilProtected(stage, "SOL/USDT", 60_000);
    expect(sentEntries(stage)).toHaveLength(1);
  });
});
