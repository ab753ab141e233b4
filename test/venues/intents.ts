/** Cleared intents for contract tests: the one place in tests where a ClearedIntent is made by a cast. */
import type { ClearedIntent } from "../../src/core/clearance.ts";
import type { OrderShape, TimeInForce } from "../../src/core/intent.ts";
import { price, quantity } from "../../src/core/money.ts";
import { makeEntry } from "../fixtures/intent.ts";

function cleared(change: Parameters<typeof makeEntry>[0]): ClearedIntent {
  return makeEntry({ exitPlan: null, ...change }) as ClearedIntent;
}

export function buy(size: string, at: string, timeInForce: TimeInForce = "ioc"): ClearedIntent {
  return cleared({ quantity: quantity(size), shape: { orderType: "limit", limitPrice: price(at), timeInForce } });
}

export function sell(size: string, at: string, timeInForce: TimeInForce = "ioc"): ClearedIntent {
  const shape: OrderShape = { orderType: "limit", limitPrice: price(at), timeInForce };
  return cleared({ leg: "exit", side: "sell", reduceOnly: true, quantity: quantity(size), shape });
}

export function stop(size: string, trigger: string, worst: string): ClearedIntent {
  const shape: OrderShape = { orderType: "stop_limit", triggerPrice: price(trigger), limitPrice: price(worst) };
  return cleared({ leg: "protect", side: "sell", reduceOnly: true, quantity: quantity(size), shape });
}

export function pair(size: string, prices: { target: string; trigger: string; worst: string }): ClearedIntent {
  const shape: OrderShape = {
    orderType: "oco",
    targetPrice: price(prices.target),
    triggerPrice: price(prices.trigger),
    limitPrice: price(prices.worst),
  };
  return cleared({ leg: "protect", side: "sell", reduceOnly: true, quantity: quantity(size), shape });
}
