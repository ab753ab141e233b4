/** A person at the exchange's own page, on the same account and past the house. */
import { systemClock } from "../../src/adapters/system/clock.ts";
import type { ClearedIntent } from "../../src/core/clearance.ts";
import type { OrderIntent } from "../../src/core/intent.ts";
import { price, quantity } from "../../src/core/money.ts";
import { instant } from "../../src/core/time.ts";
import type { Venue } from "../../src/ports/venue.ts";
import { kucoin } from "../../src/venues/kucoin/venue.ts";
import type { Stage } from "./stage.ts";

/** Gives the account to a connection of its own, which ends with the act. */
export async function byHand<Value>(stage: Stage, act: (venue: Venue) => Promise<Value>): Promise<Value> {
  const [credentials] = stage.exchange.credentials;
  if (credentials === undefined) throw new Error("the stage has no account");
  const venue = await kucoin.open({ credentials, baseUrl: stage.exchange.url, clock: systemClock(), log: stage.log });
  try {
    await venue.instruments(["SOL/USDT"]);
    return await act(venue);
  } finally {
    await venue.stop();
  }
}

export const restingStops = (stage: Stage) =>
  Object.values(stage.books().orders).filter((order) => order.intent.leg === "protect" && order.state === "open");

export async function cancelStops(stage: Stage, venue: Venue): Promise<void> {
  for (const { clientOrderId, venueOrderId, intent } of restingStops(stage)) {
    const { instrumentId, shape } = intent;
    const answer = await venue.cancelOrder({ clientOrderId, venueOrderId, instrumentId, kind: shape.orderType });
    if (!answer.ok) throw new Error(JSON.stringify(answer.problem));
  }
}

/** Sells at the best bid under a name that a browser would give. */
export async function sellByHand(stage: Stage, venue: Venue, size: string): Promise<void> {
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
