/** KuCoin's own examples, as its documents print them: 20 places, bare integers, nanoseconds, arms among the stops. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { addMs, instant } from "../../src/core/time.ts";
import type { Venue } from "../../src/ports/venue.ts";
import { kucoin } from "../../src/venues/kucoin/venue.ts";
import { credentials, hastyClock, listeningLog } from "./bench_kucoin.ts";
import { sure } from "./contract_tools.ts";

const stopItem = (id: string, more: string) =>
  `{"id":"${id}","symbol":"BTC-USDT","status":"NEW","type":"limit","side":"sell","price":"94000.00000000000000000000",` +
  `"size":"0.10000000000000000000","funds":null,"timeInForce":"GTC","orderTime":1740626554883000024,` +
  `"createdAt":1740626554884,"stopTriggerTime":null,"stopPrice":"94000.00000000000000000000",${more}}`;

const symbols =
  '[{"symbol":"BTC-USDT","baseCurrency":"BTC","quoteCurrency":"USDT","baseMinSize":"0.00001","quoteMinSize":"0.1",' +
  '"baseMaxSize":"10000000000","baseIncrement":"0.00000001","priceIncrement":"0.1","minFunds":"0.1","enableTrading":true}]';
const arms = "vs93gpqc7dn6h3fa003sfelj,vs93gpqc7dn6h3fa003sfelk".split(",");
const head =
  '"orderId":"674c3b6e688dea0007c7bab2","symbol":"BTC-USDT","clientOid":"pair1","orderTime":1733049198863,"status":"NEW"';
const arm = (id: string) =>
  `{"id":"${id}","symbol":"BTC-USDT","side":"sell","price":"94000.00000000000000000000",` +
  '"stopPrice":"94000.00000000000000000000","size":"0.10000000000000000000","status":"NEW"}';
const fill =
  '{"id":19814995255305,"orderId":"6717422bd51c29000775ea03","tradeId":11029373945659392,"symbol":"BTC-USDT","side":"buy",' +
  '"liquidity":"taker","type":"limit","price":"67717.6","size":"0.00001","funds":"0.677176","fee":"0.000677176",' +
  '"feeRate":"0.001","feeCurrency":"USDT","createdAt":1729577515473}';
const page = (items: readonly string[]) =>
  `{"currentPage":1,"pageSize":50,"totalNum":2,"totalPage":1,"items":[${items.join(",")}]}`;

/** Answers by the beginning of the path; the longest fits first. */
const answers: readonly (readonly [string, string])[] = [
  ["/api/v2/symbols", symbols],
  ["/api/v1/hf/orders/active", "[]"],
  ["/api/v3/oco/orders", page([`{${head}}`])],
  ["/api/v3/oco/order/details/", `{${head},"orders":[${arms.map(arm).join(",")}]}`],
  [
    "/api/v1/stop-order",
    page([
      ...arms.map((id) => stopItem(id, '"stop":"loss","clientOid":"pair1"')),
      stopItem("vs8", '"stop":"loss","clientOid":"alone"'),
    ]),
  ],
  ["/api/v1/hf/fills", `{"items":[${fill}],"lastId":19814995255305}`],
  [
    "/api/v1/user/api-key",
    '{"remark":"a","apiKey":"k","apiVersion":3,"permission":"General,Spot,Fortune","uid":165111215,"isMaster":true}',
  ],
  [
    "/api/v1/market/orderbook/level2_20",
    '{"time":1600000000000,"sequence":"1","bids":[["100.10","1e-7"]],"asks":[["100.20","2"]]}',
  ],
];

let server: Server | null = null;
let venue: Venue | null = null;

async function openRaw(): Promise<Venue> {
  const made = createServer((request, response) => {
    const data = answers.find(([path]) => request.url?.startsWith(path))?.[1] ?? "null";
    response.end(`{"code":"200000","data":${data}}`);
  });
  await new Promise<void>((resolve) => made.listen(0, "127.0.0.1", resolve));
  server = made;
  const baseUrl = `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
  venue = await kucoin.open({ credentials, baseUrl, clock: hastyClock(), log: listeningLog().log });
  return venue;
}

afterEach(async () => {
  await venue?.stop();
  server?.closeAllConnections();
  server?.close();
});

describe("KuCoin's documented answers", () => {
  it("tell a pair once, also where its arms stand among the stops", async () => {
    const orders = sure(await (await openRaw()).openOrders("BTC/USDT"));
    expect(orders.map((order) => [order.kind, order.clientOrderId, order.quantity])).toEqual([
      ["stop_limit", "alone", "0.1"],
      ["oco", "pair1", "0.1"],
    ]);
    expect(orders[0]?.createdAt).toBe(1_740_626_554_884);
  });

  it("keep the digits of bare integers and of money", async () => {
    const fills = sure(await (await openRaw()).fills("BTC/USDT", addMs(instant(Date.now()), -60_000)));
    expect(fills).toEqual([
      {
        venueFillId: "19814995255305",
        venueOrderId: "6717422bd51c29000775ea03",
        instrumentId: "kucoin:BTC/USDT",
        side: "buy",
        price: "67717.6",
        quantity: "0.00001",
        fee: "0.000677176",
        feeAsset: "USDT",
        liquidity: "taker",
        filledAt: 1_729_577_515_473,
      },
    ]);
  });

  it("report a right that nobody has documented as able to move money out", async () => {
    expect(sure(await (await openRaw()).keyRights())).toEqual({
      accountId: "165111215",
      mayTrade: true,
      mayWithdraw: true,
    });
  });

  it("give a frozen book the age of what it shows", async () => {
    const book = sure(await (await openRaw()).orderBook("BTC/USDT"));
    expect(book.bids).toEqual([{ price: "100.1", quantity: "0.0000001" }]);
    expect(book.receivedAt).toBeLessThan(1_600_000_001_000);
  });
});
