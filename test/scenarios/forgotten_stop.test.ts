/** A protective pair that the exchange has forgotten, or says that it has, while everything is to be sold. */
import { describe, expect, test } from "vitest";
import { ok } from "../../src/core/result.ts";
import type { Venue } from "../../src/ports/venue.ts";
import { byHand } from "./by_hand.ts";
import { buy, heldAt, saleQuestion, told } from "./conversation.ts";
import { factsOf, sentExits, storyMs, untilClosed } from "./play.ts";
import { openStage, type Stage } from "./stage.ts";

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));
const over = (venue: Venue, change: Partial<Venue>): Venue => Object.assign(Object.create(venue) as Venue, change);
const pairOf = (stage: Stage) => Object.values(stage.books().orders).find((order) => order.intent.leg === "protect");

/** From then on the exchange knows no pair any more: not by name, not in a list, and there is nothing to cancel. */
function forgetful(): { readonly venue: (venue: Venue) => Venue; forget(): void } {
  let isForgotten = false;
  return {
    venue: (real) =>
      over(real, {
        findOrder: async (ref) => (isForgotten && ref.kind === "oco" ? ok(null) : real.findOrder(ref)),
        cancelOrder: async (ref, wire) =>
          isForgotten && ref.kind === "oco" ? ok("already_done" as const) : real.cancelOrder(ref, wire),
        async openOrders(symbol) {
          const open = await real.openOrders(symbol);
          return isForgotten && open.ok ? ok(open.value.filter((order) => order.kind !== "oco")) : open;
        },
        ...(real.allOpenOrders === undefined
          ? {}
          : {
              async allOpenOrders() {
                const open = await (real.allOpenOrders as NonNullable<Venue["allOpenOrders"]>)();
                return isForgotten && open.ok ? ok(open.value.filter((order) => order.kind !== "oco")) : open;
              },
            }),
      }),
    forget() {
      isForgotten = true;
    },
  };
}

async function confirmEmergency(stage: Stage): Promise<void> {
  await stage.until(() => pairOf(stage)?.state === "unknown", "a pair of unknown fate", 60_000);
  await told(stage, stage.telegram, "emergency", "out");
  await stage.until(() => saleQuestion(stage.discord) !== undefined, "the question");
  const message = saleQuestion(stage.discord);
  await stage.discord.tap("Approve", message === undefined ? {} : { message });
}

/** Somebody takes the pair away at the exchange's own page, which has forgotten it before the house can look. */
async function takeAway(stage: Stage, forget: () => void): Promise<void> {
  const pair = pairOf(stage);
  if (pair === undefined) throw new Error("nothing rests");
  const { clientOrderId, venueOrderId, intent } = pair;
  const ref = { clientOrderId, venueOrderId, instrumentId: intent.instrumentId, kind: "oco" } as const;
  await byHand(stage, async (venue) => {
    forget();
    const done = await venue.cancelOrder(ref);
    if (!done.ok) throw new Error(JSON.stringify(done.problem));
  });
}

describe.concurrent("a stop that the exchange does not show any more, under a kill", () => {
  test("its coins are free: it has ended, what is held is sold, and nothing is left in doubt [V12] [K02]", {
    timeout: storyMs,
  }, async () => {
    const exchange = forgetful();
    const stage = await openStage({ venue: exchange.venue });
    try {
      await buy(stage, "SOL/USDT");
      await takeAway(stage, exchange.forget);
      await confirmEmergency(stage);
      await untilClosed(stage, "SOL/USDT", 20_000);
      expect(heldAt(stage, "SOL")).toBe("none");
      expect(sentExits(stage)).toHaveLength(1);
      expect((await factsOf(stage, "order_ended")).at(0)?.because).toMatch(/nothing of it to take back/);
      await stage.until(() => stage.books().house.kill?.verifiedAt != null, "verified flat", 20_000);
    } finally {
      await stage.close();
    }
  });

  test("something holds its coins: nothing is concluded and nothing sold beside it [V12]", {
    timeout: storyMs,
  }, async () => {
    const exchange = forgetful();
    const stage = await openStage({ venue: exchange.venue });
    try {
      await buy(stage, "SOL/USDT");
      exchange.forget();
      await confirmEmergency(stage);
      await pause(15_000);
      expect(sentExits(stage)).toEqual([]);
      expect(pairOf(stage)?.state).toBe("unknown");
    } finally {
      await stage.close();
    }
  });
});
