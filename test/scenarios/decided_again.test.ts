/** A decision about an exit is made again where the world moved on: on the books that take it, and for a stronger reason. */
import { describe, expect, test } from "vitest";
import { notional, quantity } from "../../src/core/money.ts";
import { recordFacts } from "../../src/flows/record.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import { buy, told } from "./conversation.ts";
import { factsOf, play, sentExits, storyMs, untilClosed } from "./play.ts";
import type { Stage } from "./stage.ts";

const orderPath = "/api/v1/hf/orders";

/** Books a late fill of the entry, as the stream or a reconcile would. */
function lateFill(stage: Stage, positionId: string, venueFillId: string, size: string): Promise<void> {
  const entry = Object.values(stage.books().orders).find(
    (one) => one.tradeId === positionId && one.intent.leg === "entry",
  );
  if (entry === undefined) throw new Error("there is no entry");
  const { needs } = stage.house();
  const fill = {
    type: "fill_received",
    clientOrderId: entry.clientOrderId,
    venueFillId,
    price: entry.intent.shape.limitPrice,
    quantity: quantity(size),
    fee: notional("0"),
    feeAsset: "USDT",
    feeInQuote: notional("0"),
    liquidity: "taker",
    filledAt: needs.clock.now(),
  } as const;
  return recordFacts(needs, "venue:kucoin", [fill], positionId);
}

describe.concurrent("what was decided on older books", () => {
  test("a position is not closed as dust over a fill that lands just before the commit [V42]", {
    timeout: storyMs,
  }, async () => {
    let beforeClose: (() => Promise<void>) | null = null;
    const ledger = (inner: Ledger): Ledger => ({
      ...inner,
      async commit(decide) {
        const run = beforeClose;
        const at = Date.now() as Parameters<typeof decide>[1]["at"];
        const closes =
          run !== null &&
          decide(inner.books(), { at, wallAt: at }).drafts.some((one) => one.fact.type === "position_closed");
        if (run !== null && closes) {
          beforeClose = null;
          await run();
        }
        return inner.commit(decide);
      },
    });
    await play({ ledger }, async (stage) => {
      const id = await buy(stage, "SOL/USDT", { stop: "0.02", target: null });
      await told(stage, stage.telegram, "close", "sol");
      await untilClosed(stage, "SOL/USDT", 20_000);
      const closings = (await factsOf(stage, "position_closed")).length;
      // The exchange has these coins too, as it would have after fills that were late.
      stage.exchange.faults.deposit(stage.exchange.credentials[0]?.key ?? "", "SOL", "3.000001");
      beforeClose = () => lateFill(stage, id, "late-2", "3");
      await lateFill(stage, id, "late-1", "0.000001");
      await stage.until(() => beforeClose === null, "the close that came too early");
      await untilClosed(stage, "SOL/USDT", 20_000);
      const closed = (await factsOf(stage, "position_closed")).slice(closings);
      expect(closed.map((fact) => fact.dust)).toEqual(["0.000001"]);
      expect(stage.position("SOL/USDT")).toMatchObject({ state: "closed", quantity: "0.000001" });
    });
  });
});

describe.concurrent("the back-off of a refused exit", () => {
  test("does not hold a kill that comes later", { timeout: 150_000 }, () =>
    play({}, async (stage) => {
      await buy(stage, "SOL/USDT", { stop: "0.02", target: null });
      const verb = { do: "refuse", code: "400350", msg: "Order size exceeds" } as const;
      const end = stage.exchange.faults.add({ method: "POST", path: orderPath, verb, times: Number.POSITIVE_INFINITY });
      await told(stage, stage.telegram, "close", "sol");
      await stage.until(() => sentExits(stage).length >= 4, "four refusals", 40_000);
      end();
      await told(stage, stage.telegram, "emergency", "now");
      await stage.until(() => stage.telegram.openPrompts().length > 0, "the question");
      const begun = Date.now();
      await stage.telegram.tap("Approve");
      await untilClosed(stage, "SOL/USDT", 60_000);
      expect(Date.now() - begun).toBeLessThan(9_000);
    }),
  );
});
