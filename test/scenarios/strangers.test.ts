/** A person at the exchange's own page, beside the house: what they do is taken in, and nobody fights them. */
import { describe, expect, test } from "vitest";
import type { Venue } from "../../src/ports/venue.ts";
import { byHand, cancelStops, restingStops, sellByHand } from "./by_hand.ts";
import { buy, cardsWith, textOf, told } from "./conversation.ts";
import { factsOf, play, sentEntries, sentExits, sentStops, storyMs, untilProtected } from "./play.ts";

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
          await cancelStops(stage, venue);
          await sellByHand(stage, venue, String(sold));
        });
        const left = () => Number(stage.position("SOL/USDT")?.quantity);
        await stage.until(() => Math.abs(left() - (held - sold)) < 1e-9, "the smaller position", 30_000);
        await stage.until(
          () =>
            Math.abs(Number(restingStops(stage).at(-1)?.intent.quantity) - left()) < 0.1 &&
            restingStops(stage).at(-1) !== undefined,
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
      const first = restingStops(stage).at(-1)?.clientOrderId;
      await byHand(stage, (venue) => cancelStops(stage, venue));
      await stage.until(
        () => restingStops(stage).at(-1) !== undefined && restingStops(stage).at(-1)?.clientOrderId !== first,
        "the stop again",
        12_000,
      );
      await byHand(stage, (venue) => cancelStops(stage, venue));
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
