/** Single questions to KuCoin about orders, each one request. null = KuCoin states that it knows none. */
import type { Instant } from "../../core/time.ts";
import type { OrderRef, Read } from "../../ports/venue.ts";
import { type KucoinParts, marketIdOf } from "./parts.ts";
import { weights } from "./rates.ts";
import {
  activeSymbols,
  doneOrders,
  type HfOrder,
  hfOrder,
  hfOrders,
  type OcoDetail,
  ocoDetail,
  ocoFound,
  type StopOrder,
  stopFound,
} from "./wire.ts";

/** By client id; null = KuCoin knows none, said with an error or with empty data. */
export async function readHfOrder(
  parts: KucoinParts,
  instrumentId: string,
  clientOid: string,
): Promise<Read<HfOrder | null>> {
  return await parts.reader.read({
    what: `order ${clientOid}`,
    pool: "spot",
    weight: weights.findOrder,
    lane: "vital",
    run: async () =>
      await parts.client.privateGetHfOrdersClientOrderClientOid({ clientOid, symbol: marketIdOf(instrumentId) }),
    parse: (data): HfOrder | null => (data === null ? null : hfOrder.parse(data)),
    absent: null,
  });
}

export async function readById(
  parts: KucoinParts,
  instrumentId: string,
  orderId: string,
): Promise<Read<HfOrder | null>> {
  return await parts.reader.read({
    what: `order ${orderId}`,
    pool: "spot",
    weight: weights.findOrder,
    lane: "vital",
    run: async () => await parts.client.privateGetHfOrdersOrderId({ orderId, symbol: marketIdOf(instrumentId) }),
    parse: (data): HfOrder | null => (data === null ? null : hfOrder.parse(data)),
    absent: null,
  });
}

export async function readActive(parts: KucoinParts, instrumentId: string): Promise<Read<readonly HfOrder[]>> {
  return await parts.reader.read({
    what: `open orders of ${instrumentId}`,
    pool: "spot",
    weight: weights.activeOrders,
    lane: "vital",
    run: async () => await parts.client.privateGetHfOrdersActive({ symbol: marketIdOf(instrumentId) }),
    parse: (data): readonly HfOrder[] => (data === null ? [] : hfOrders.parse(data)),
  });
}

/** The instruments, in KuCoin's spelling, on which a plain order works. */
export async function readActiveSymbols(parts: KucoinParts): Promise<Read<readonly string[]>> {
  return await parts.reader.read({
    what: "instruments with open orders",
    pool: "spot",
    weight: weights.activeOrders,
    lane: "vital",
    run: async () => await parts.client.privateGetHfOrdersActiveSymbols(),
    parse: (data): readonly string[] => (data === null ? [] : (activeSymbols.parse(data).symbols ?? [])),
  });
}

/** The newest hundred since `since`: a child is looked for soon after it was born. */
export async function readDone(
  parts: KucoinParts,
  instrumentId: string,
  since: Instant,
): Promise<Read<readonly HfOrder[]>> {
  return await parts.reader.read({
    what: `done orders of ${instrumentId}`,
    pool: "spot",
    weight: weights.doneOrders,
    lane: "vital",
    run: async () =>
      await parts.client.privateGetHfOrdersDone({ symbol: marketIdOf(instrumentId), startAt: since, limit: 100 }),
    parse: (data): readonly HfOrder[] => (data === null ? [] : doneOrders.parse(data).items),
  });
}

export async function readStop(parts: KucoinParts, ref: OrderRef): Promise<Read<StopOrder | null>> {
  return await parts.reader.read({
    what: `stop ${ref.clientOrderId}`,
    pool: "spot",
    weight: weights.findStop,
    lane: "vital",
    run: async () =>
      await parts.client.privateGetStopOrderQueryOrderByClientOid({
        clientOid: ref.clientOrderId,
        symbol: marketIdOf(ref.instrumentId),
      }),
    parse: (data): StopOrder | null => (data === null ? null : (stopFound.parse(data)[0] ?? null)),
    absent: null,
  });
}

/** KuCoin's own id of a pair that we know by our name. */
export async function readOcoId(parts: KucoinParts, ref: OrderRef): Promise<Read<string | null>> {
  return await parts.reader.read({
    what: `OCO ${ref.clientOrderId}`,
    pool: "spot",
    weight: weights.findOco,
    lane: "vital",
    run: async () => await parts.client.privateGetOcoClientOrderClientOid({ clientOid: ref.clientOrderId }),
    parse: (data): string | null => (data === null ? null : ocoFound.parse(data).orderId),
    absent: null,
  });
}

export async function readOcoDetail(parts: KucoinParts, orderId: string): Promise<Read<OcoDetail | null>> {
  return await parts.reader.read({
    what: `OCO ${orderId}`,
    pool: "spot",
    weight: weights.findOco,
    lane: "vital",
    run: async () => await parts.client.privateGetOcoOrderDetailsOrderId({ orderId }),
    parse: (data): OcoDetail | null => (data === null ? null : ocoDetail.parse(data)),
    absent: null,
  });
}
