/** What the tables take in, and what becomes of the rest when they refuse one thing. */
import { describe, expect, test } from "vitest";
import type { Fact } from "../../src/core/events.ts";
import type { OrderIntent } from "../../src/core/intent.ts";
import { price, quantity, zeroNotional } from "../../src/core/money.ts";
import type { PlanItem } from "../../src/core/reconcile_plan.ts";
import type { SeenOrder } from "../../src/core/snapshot.ts";
import { applyPlan } from "../../src/flows/apply_plan.ts";
import { recordFacts } from "../../src/flows/record.ts";
import { byHand, cancelStops, sellByHand } from "./by_hand.ts";
import { buy, cardsWith, textOf } from "./conversation.ts";
import { factsOf, storyMs } from "./play.ts";
import { openStage, type Stage } from "./stage.ts";

const sol = "kucoin:SOL/USDT";
const size = "1";

/** One coin of the account is ours as well: an order whose record was lost has bought it. */
async function bringSecond(stage: Stage, account: string): Promise<void> {
  const intent: OrderIntent = {
    intentId: "lost-1",
    tradeId: "lost-1",
    mode: "paper",
    venue: "kucoin",
    account,
    instrumentId: sol,
    leg: "entry",
    side: "buy",
    quantity: quantity(size),
    reduceOnly: false,
    shape: { orderType: "limit", limitPrice: price("90"), timeInForce: "ioc" },
    exitPlan: { stopPrice: price("60"), targetPrice: null, trail: null, timeLimitMs: null },
    strategy: "adopted",
    signalId: null,
    attempt: 1,
  };
  const facts: Fact[] = [
    {
      type: "order_adopted",
      clientOrderId: "xcsp1zlost",
      venueOrderId: "bought-1",
      origin: "lost_intent",
      intent,
      exitReason: null,
      referencePrice: price("87"),
      because: "our record of it was lost",
    },
    {
      type: "fill_received",
      clientOrderId: "xcsp1zlost",
      venueFillId: "fill-0",
      price: price("87"),
      quantity: quantity(size),
      fee: zeroNotional,
      feeAsset: "USDT",
      feeInQuote: zeroNotional,
      liquidity: "taker",
      filledAt: stage.house().needs.clock.now(),
    },
  ];
  await recordFacts(stage.house().needs, "house", facts, "lost-1");
}

describe.concurrent("what the tables take in", () => {
  test("one sale by hand that empties two positions is one fill of the venue, booked in two parts [V40]", {
    timeout: storyMs,
  }, async () => {
    const stage = await openStage({ balances: { USDT: "10000", SOL: size } });
    try {
      const first = await buy(stage, "SOL/USDT");
      const position = stage.books().positions[first];
      await bringSecond(stage, position?.account ?? "");
      await stage.until(() => stage.books().positions["lost-1"]?.protection === "placed", "the second stop", 20_000);
      // Nothing is concluded while an order of ours is younger than five seconds.
      await new Promise((done) => setTimeout(done, 5_500));
      const total = Math.floor((Number(position?.quantity) + Number(size) - 0.05) * 10) / 10;
      await byHand(stage, async (venue) => {
        await cancelStops(stage, venue);
        await sellByHand(stage, venue, String(total));
      });
      const sold = () =>
        Object.values(stage.books().orders)
          .filter((order) => order.origin === "external")
          .reduce((sum, order) => sum + Number(order.filledQuantity), 0);
      await stage.until(() => Math.abs(sold() - total) < 1e-9, "both parts", 40_000);
      const parts = await stage.database.pool.query<{ trade_id: string; venue_fill_id: string }>(
        "select trade_id, venue_fill_id from fills where share = 'part'",
      );
      expect(new Set(parts.rows.map((row) => row.trade_id))).toEqual(new Set([first, "lost-1"]));
      const borne = new Set(parts.rows.map((row) => row.venue_fill_id));
      expect(borne.size).toBeLessThan(parts.rows.length);
      expect((await factsOf(stage, "breaker_opened")).map((fact) => fact.cause)).not.toContain("record_refused");
    } finally {
      await stage.close();
    }
  });

  test("an item of the reconcile that the database refuses is told and stops entries, and the rest of the plan is applied", {
    timeout: storyMs,
  }, async () => {
    const stage = await openStage();
    try {
      const seen = (id: string, total: string): SeenOrder => ({
        clientOrderId: `xcsp1z${id}`,
        venueOrderId: id,
        instrumentId: sol,
        kind: "limit",
        side: "buy",
        quantity: quantity(total),
        filledQuantity: quantity("0"),
        state: "canceled",
        hasTriggered: false,
        childOrderIds: [],
        createdAt: stage.house().needs.clock.now(),
        limitPrice: price("70"),
      });
      const adopt = (order: SeenOrder): PlanItem => ({
        row: 16,
        about: order.venueOrderId,
        wish: null,
        does: "adopt",
        seen: order,
        fills: [],
      });
      // No row of an order may be about nothing.
      const refused = await applyPlan(stage.house().needs, [adopt(seen("none", "0")), adopt(seen("some", "1"))]);
      expect(refused).toEqual(["none: it could not be booked (adopt)"]);
      expect(stage.books().orders["xcsp1znone"]).toBeUndefined();
      expect(stage.books().orders["xcsp1zsome"]?.state).toBe("canceled");
      const [opened] = await factsOf(stage, "breaker_opened");
      expect(opened).toMatchObject({ cause: "record_refused", scope: "global", class: "sticky" });
      await stage.until(() => cardsWith(stage.telegram, "record refused").length > 0, "the call");
      expect(textOf(cardsWith(stage.telegram, "record refused")[0])).toMatch(/none[\s\S]*orders_quantity_check/);
      await expect(stage.ask("SOL/USDT")).rejects.toThrow(/refused|record/);
    } finally {
      await stage.close();
    }
  });
});
