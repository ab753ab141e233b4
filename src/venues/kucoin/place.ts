/**
 * Forms an order for KuCoin and sends it once.
 *
 *   intent shape   request                                   never
 *   limit          POST /api/v1/hf/orders                    market orders: more than the balance is accepted and partly filled
 *   stop_limit     POST /api/v1/stop-order with `stop`       triggerPrice or stopPrice alone: KuCoin then picks the direction
 *   oco            POST /api/v3/oco/order                    attached stopLoss/takeProfit: sent as an order without protection
 *
 * The body that must leave is written down first; ccxt forms its own from the same intent, and the two must be equal.
 */
import type { ClearedIntent } from "../../core/clearance.ts";
import { symbolOf } from "../../core/instrument.ts";
import type { OrderIntent } from "../../core/intent.ts";
import { mark } from "../../core/mark.ts";
import { fail, ok, type Result } from "../../core/result.ts";
import type { Instant } from "../../core/time.ts";
import type { PlaceAnswer, PlaceProblem, PlaceWire, RehearsedRequest } from "../../ports/venue.ts";
import type { OutgoingRequest } from "../_ccxt/call.ts";
import { refusalToWrite } from "../_ccxt/host_guard.ts";
import type { Verdict } from "../_ccxt/verdict.ts";
import { differenceOfBodies, writeOnce } from "../_ccxt/write.ts";
import { readyMarkets } from "./market.ts";
import { type KucoinParts, marketIdOf, venueName } from "./parts.ts";
import { weights } from "./rates.ts";
import { placedOrder } from "./wire.ts";

/** KuCoin refuses an order that reaches it later than this after its stamp; hf orders only, others have the header's 5 s. */
const allowMaxTimeWindowMs = 3_000;

export type WireName = PlaceWire;
export type OrderPlan = {
  readonly path: string;
  readonly body: Readonly<Record<string, string | number>>;
  readonly weight: number;
  readonly send: (client: KucoinParts["client"]) => Promise<unknown>;
};

export async function placeOrder(parts: KucoinParts, intent: ClearedIntent, name: WireName): Promise<PlaceAnswer> {
  const refused = refusalToWrite(intent.mode, parts.baseUrl) ?? refusalOfIntent(intent, name.clientOrderId);
  if (refused !== null) return notSent(refused);
  const ready = await readyMarkets(parts);
  if (!ready.ok) return notSent("KuCoin's instruments are not loaded", ready.problem.retryAfterMs);
  const plan = planOrder(intent, name);
  const verdict = await writeOnce(parts.writer, {
    method: "POST",
    pool: "spot",
    weight: plan.weight,
    lane: intent.leg === "entry" ? "ordinary" : "vital",
    stampedAt: name.stampedAt,
    ...(name.mayLeave === undefined ? {} : { mayLeave: name.mayLeave }),
    run: async () => await plan.send(parts.client),
    inspect: (request) => differenceOf(request, plan, name.stampedAt, parts.baseUrl),
  });
  return answerOf(verdict, parts, name);
}

/** The same way up to the last look, which keeps the request and lets nothing pass. */
export async function rehearseOrder(
  parts: KucoinParts,
  intent: ClearedIntent,
  name: WireName,
): Promise<Result<RehearsedRequest, PlaceProblem>> {
  const refused = refusalOfIntent(intent, name.clientOrderId);
  if (refused !== null) return fail(heldBack(refused));
  const ready = await readyMarkets(parts);
  if (!ready.ok) return fail(heldBack("KuCoin's instruments are not loaded"));
  const plan = planOrder(intent, name);
  const caught: { request: RehearsedRequest | null; odd: string | null } = { request: null, odd: null };
  await writeOnce(parts.writer, {
    method: "POST",
    pool: "spot",
    weight: plan.weight,
    lane: "ordinary",
    stampedAt: name.stampedAt,
    run: async () => await plan.send(parts.client),
    inspect: (request) => {
      caught.odd = differenceOf(request, plan, name.stampedAt, parts.baseUrl);
      caught.request = { method: request.method, url: request.url, body: request.body ?? "" };
      return "this is a rehearsal";
    },
  });
  if (caught.odd !== null) return fail(heldBack(caught.odd));
  return caught.request === null ? fail(heldBack("the request could not be formed")) : ok(caught.request);
}

function heldBack(because: string): PlaceProblem {
  return { kind: "not_sent", because, retryAfterMs: null };
}

const plainNumber = /^\d+(\.\d+)?$/;
const timesInForce: ReadonlySet<string> = new Set(["gtc", "ioc", "fok"]);

/** Whatever KuCoin could misread is refused here, where refusing costs nothing. */
function refusalOfIntent(intent: OrderIntent, clientOrderId: string): string | null {
  if (intent.venue !== venueName || !intent.instrumentId.startsWith(`${venueName}:`)) {
    return `the intent is for ${intent.instrumentId}, not for KuCoin`;
  }
  if (!/^[A-Za-z0-9_-]{1,40}$/.test(clientOrderId))
    return "the client order id has characters or a length that KuCoin refuses";
  const { orderType, ...shape } = intent.shape;
  const numbers = [intent.quantity, ...Object.values(shape)].filter((one) => !timesInForce.has(one));
  const odd = numbers.find((number) => !plainNumber.test(number));
  if (odd !== undefined) {
    mark("D02.no_plain_number");
    return `${JSON.stringify(odd).slice(0, 40)} of a ${orderType} order is no plain decimal number`;
  }
  return null;
}

export function planOrder(intent: OrderIntent, { clientOrderId, stampedAt }: WireName): OrderPlan {
  const { shape, side, quantity: size } = intent;
  const market = symbolOf(intent.instrumentId);
  const common = { clientOid: clientOrderId, side, symbol: marketIdOf(intent.instrumentId), size };
  switch (shape.orderType) {
    case "limit": {
      const timing = {
        timeInForce: shape.timeInForce.toUpperCase(),
        clientTimestamp: stampedAt as number,
        allowMaxTimeWindow: allowMaxTimeWindowMs,
      };
      return {
        path: "/api/v1/hf/orders",
        body: { ...common, type: "limit", price: shape.limitPrice, ...timing },
        weight: weights.order,
        send: async (client) =>
          await client.createOrder(market, "limit", side, asNumber(size), asNumber(shape.limitPrice), {
            clientOrderId,
            ...timing,
          }),
      };
    }
    case "stop_limit": {
      const timeInForce = "GTC";
      const stop = side === "sell" ? "loss" : "entry";
      const stopPrice = shape.triggerPrice;
      return {
        path: "/api/v1/stop-order",
        body: { ...common, type: "limit", price: shape.limitPrice, stop, stopPrice, timeInForce },
        weight: weights.stop,
        send: async (client) => {
          const params = { clientOrderId, stopLossPrice: stopPrice, timeInForce };
          return await client.createOrder(market, "limit", side, asNumber(size), asNumber(shape.limitPrice), params);
        },
      };
    }
    case "oco": {
      const body = { ...common, price: shape.targetPrice, stopPrice: shape.triggerPrice, limitPrice: shape.limitPrice };
      return {
        path: "/api/v3/oco/order",
        body,
        weight: weights.oco,
        send: async (client) => await client.privatePostOcoOrder(body),
      };
    }
    default:
      return shape satisfies never;
  }
}

/** ccxt's types say number; told to keep numbers as texts it takes the text and keeps every digit. */
function asNumber(text: string): number {
  return text as unknown as number;
}

function differenceOf(request: OutgoingRequest, plan: OrderPlan, stampedAt: Instant, baseUrl: string): string | null {
  if (request.url !== `${baseUrl}${plan.path}`)
    return `the client library would send the order to another path than ${plan.path}`;
  if (request.headers["kc-api-timestamp"] !== String(stampedAt))
    return "the request is not signed with the time it was decided at";
  const mark = Object.keys(request.headers).find((header) => header.startsWith("kc-api-partner"));
  if (mark !== undefined) return `the request carries the mark ${mark}`;
  return differenceOfBodies(request.body, plan.body);
}

function answerOf(verdict: Verdict, parts: KucoinParts, { clientOrderId }: WireName): PlaceAnswer {
  if (verdict.kind !== "accepted") {
    const problem = problemOf(verdict);
    if (problem.kind === "not_sent" || problem.kind === "unknown_outcome") {
      parts.log.warn("order not placed", {
        venue: venueName,
        clientOrderId,
        kind: problem.kind,
        because: problem.because,
      });
    }
    return fail(problem);
  }
  const read = placedOrder.safeParse(verdict.data);
  if (read.success) return ok({ venueOrderId: read.data.orderId });
  return fail({ kind: "unknown_outcome", because: "KuCoin answered success without an order id" });
}

/** A verdict on a write, in the words of the port. `absent` makes no sense for a new order, so it proves nothing. */
export function problemOf(verdict: Exclude<Verdict, { kind: "accepted" }>): PlaceProblem {
  switch (verdict.kind) {
    case "rejected":
    case "exists":
    case "not_sent":
      return verdict.kind === "not_sent" ? { ...verdict, retryAfterMs: null } : verdict;
    case "busy":
      return { kind: "not_sent", because: "KuCoin's rate limit is reached", retryAfterMs: verdict.retryAfterMs };
    case "absent":
      return { kind: "unknown_outcome", because: "KuCoin answered that the order does not exist" };
    case "unknown":
      return { kind: "unknown_outcome", because: verdict.because };
    default:
      return verdict satisfies never;
  }
}

function notSent(because: string, retryAfterMs: number | null = null): PlaceAnswer {
  return fail({ kind: "not_sent", because, retryAfterMs });
}
