/**
 * Asks KuCoin to take an order back. Plain, stop and OCO orders are kept in three lists, and each has its own way out.
 * A success only means that the request was taken.
 */
import { symbolOf } from "../../core/instrument.ts";
import { fail, ok, type Result } from "../../core/result.ts";
import type { CancelWire, OrderRef, PlaceProblem } from "../../ports/venue.ts";
import { writeOnce } from "../_ccxt/write.ts";
import { readyMarkets } from "./market.ts";
import { type KucoinParts, marketIdOf } from "./parts.ts";
import { problemOf } from "./place.ts";
import { weights } from "./rates.ts";

type CancelPlan = {
  readonly path: string;
  readonly weight: number;
  readonly send: (client: KucoinParts["client"]) => Promise<unknown>;
};

export async function cancelOrder(
  parts: KucoinParts,
  ref: OrderRef,
  { stampedAt, mayLeave }: CancelWire = {},
): Promise<Result<"accepted" | "already_done", PlaceProblem>> {
  const ready = await readyMarkets(parts);
  if (!ready.ok) {
    const because = "KuCoin's instruments are not loaded";
    return fail({ kind: "not_sent", because, retryAfterMs: ready.problem.retryAfterMs });
  }
  const plan = planCancel(ref);
  const verdict = await writeOnce(parts.writer, {
    method: "DELETE",
    pool: "spot",
    weight: plan.weight,
    lane: "vital",
    ...(stampedAt === undefined ? {} : { stampedAt }),
    ...(mayLeave === undefined ? {} : { mayLeave }),
    run: async () => await plan.send(parts.client),
    inspect: (request) =>
      request.url === `${parts.baseUrl}${plan.path}` ? null : `the cancel would go to another path than ${plan.path}`,
  });
  if (verdict.kind === "accepted") {
    // Success without data is what an in-between answers; then nobody knows whether KuCoin heard it.
    return verdict.data === null
      ? fail({ kind: "unknown_outcome", because: "KuCoin answered success without saying what was canceled" })
      : ok("accepted");
  }
  return verdict.kind === "absent" ? ok("already_done") : fail(problemOf(verdict));
}

/**
 * By client id: it is the one name that we know even when the answer to our order was lost. Only what a fired stop became is
 * canceled by KuCoin's id, since its client id may be one of KuCoin's own making.
 */
function planCancel({ clientOrderId, instrumentId, kind, firedAs }: OrderRef): CancelPlan {
  const market = symbolOf(instrumentId);
  const marketId = marketIdOf(instrumentId);
  if (firedAs != null)
    return {
      path: `/api/v1/hf/orders/${encodeURIComponent(firedAs)}?symbol=${marketId}`,
      weight: weights.cancelOrder,
      send: async (client) => await client.cancelOrder(firedAs, market),
    };
  const name = encodeURIComponent(clientOrderId);
  switch (kind) {
    case "limit":
      return {
        path: `/api/v1/hf/orders/client-order/${name}?symbol=${marketId}`,
        weight: weights.cancelOrder,
        send: async (client) => await client.cancelOrder("", market, { clientOrderId }),
      };
    case "stop_limit":
      return {
        path: `/api/v1/stop-order/cancelOrderByClientOid?clientOid=${name}&symbol=${marketId}`,
        weight: weights.cancelStop,
        send: async (client) =>
          await client.privateDeleteStopOrderCancelOrderByClientOid({ clientOid: clientOrderId, symbol: marketId }),
      };
    case "oco":
      return {
        path: `/api/v3/oco/client-order/${name}`,
        weight: weights.cancelOco,
        send: async (client) => await client.privateDeleteOcoClientOrderClientOid({ clientOid: clientOrderId }),
      };
    default:
      return kind satisfies never;
  }
}
