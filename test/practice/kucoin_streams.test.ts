/** Streams over a real WebSocket: welcome, ping, topics, tokens; every message in the shape of KuCoin's OpenAPI; ccxt.pro listens too. */
import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import ccxt from "ccxt";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { type Bench, closeBenches, KEY, openBench, scriptedMarket } from "./bench_exchange.ts";
import { pointAt } from "./ccxt_client.ts";

const sockets: WebSocket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await closeBenches();
});

type Message = { type: string; topic?: string; subject?: string; id?: string; data?: Record<string, unknown> };

interface Ear {
  say(message: object): void;
  /** Waits for a message that fits; messages stay heard. */
  hear(fits: (message: Message) => boolean): Promise<Message>;
  heard: Message[];
  closed: Promise<void>;
}

const connect = async (bench: Bench, kind: "public" | "private"): Promise<Ear> => {
  const { token, instanceServers } = (await bench.raw("POST", `/api/v1/bullet-${kind}`)).json.data as {
    token: string;
    instanceServers: { endpoint: string }[];
  };
  const socket = new WebSocket(`${instanceServers[0]?.endpoint}?token=${token}&connectId=c1`);
  sockets.push(socket);
  const heard: Message[] = [];
  const waiting = new Set<() => void>();
  socket.on("message", (data) => {
    heard.push(JSON.parse(String(data)) as Message);
    for (const look of [...waiting]) look();
  });
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  const ear: Ear = {
    say: (message) => socket.send(JSON.stringify(message)),
    hear: (fits) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = heard.find(fits);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    heard,
    closed,
  };
  expect(await ear.hear((message) => message.type === "welcome")).toEqual({ id: "c1", type: "welcome" });
  return ear;
};

const subscribe = async (ear: Ear, topic: string): Promise<void> => {
  ear.say({ id: topic, type: "subscribe", topic, response: true });
  await ear.hear((message) => message.type === "ack" && message.id === topic);
};

const fixture = JSON.parse(readFileSync(new URL("fixtures/kucoin_openapi.json", import.meta.url), "utf8")) as {
  streams: Record<string, object>;
};
const ajv = new Ajv({ strict: false, formats: { int64: true, int32: true } });
const expectShape = (name: string, message: Message): void => {
  const check = ajv.compile(fixture.streams[name] as object);
  check(message);
  expect(`${name}: ${ajv.errorsText(check.errors)}`).toBe(`${name}: No errors`);
};

const open = (): Promise<Bench> =>
  openBench(
    scriptedMarket([
      [0, "87.36"],
      [1000, "87.5"],
      [2000, "85"],
      [3000, "84"],
    ]),
  );

describe("streams", () => {
  it("answer pings, refuse what they do not know, and private topics on a public token", async () => {
    const ear = await connect(await open(), "public");
    ear.say({ id: "p", type: "ping" });
    expect(await ear.hear((message) => message.type === "pong")).toMatchObject({ id: "p" });
    for (const topic of [
      "/nothing",
      "/market/ticker:FOO-USDT",
      "/spotMarket/tradeOrdersV2",
      "/market/candles:SOL-USDT_7min",
    ]) {
      ear.say({ id: topic, type: "subscribe", topic });
      expect(await ear.hear((message) => message.type === "error" && message.id === topic)).toMatchObject({
        code: 404,
      });
    }
  });

  it("a wrong token gets no connection", async () => {
    const bench = await open();
    const socket = new WebSocket(`${bench.exchange.url.replace("http", "ws")}/endpoint?token=no`);
    sockets.push(socket);
    expect(String(await new Promise((resolve) => socket.once("error", resolve)))).toContain("401");
  });

  it("market topics speak with each print", async () => {
    const bench = await open();
    const ear = await connect(bench, "public");
    const topics: [string, string][] = [
      ["ticker", "/market/ticker:SOL-USDT"],
      ["trade", "/market/match:SOL-USDT"],
      ["symbolSnapshot", "/market/snapshot:SOL-USDT"],
      ["orderbookLevel1", "/spotMarket/level1:SOL-USDT"],
      ["orderbookLevel5", "/spotMarket/level2Depth5:SOL-USDT"],
      ["orderbookLevel50", "/spotMarket/level2Depth50:SOL-USDT"],
    ];
    for (const [, topic] of topics) await subscribe(ear, topic);
    bench.clock.pass(1000);
    for (const [name, topic] of topics)
      expectShape(name, await ear.hear((message) => message.topic === topic && message.type === "message"));
    ear.say({ id: "u", type: "unsubscribe", topic: "/market/ticker:SOL-USDT" });
    await ear.hear((message) => message.id === "u");
    const before = ear.heard.filter((message) => message.topic === "/market/ticker:SOL-USDT").length;
    bench.clock.pass(1000);
    await ear.hear((message) => message.topic === "/market/match:SOL-USDT" && message.data?.["price"] === "85");
    expect(ear.heard.filter((message) => message.topic === "/market/ticker:SOL-USDT").length).toBe(before);
  });

  it("private topics tell the life of an order, a stop and the balance, to their owner only", async () => {
    const other = { key: "other-key", secret: "other-secret", passphrase: "other-pass" };
    const bench = await openBench(
      scriptedMarket([
        [0, "87.36"],
        [2000, "85"],
      ]),
      {
        accounts: [
          { ...KEY, balances: { USDT: "1000", SOL: "10" } },
          { ...other, balances: { USDT: "1000" } },
        ],
      },
    );
    const ear = await connect(bench, "private");
    for (const topic of ["/spotMarket/tradeOrdersV2", "/spotMarket/advancedOrders", "/account/balance"])
      await subscribe(ear, topic);
    const order = { clientOid: "a", symbol: "SOL-USDT", side: "buy", type: "limit", price: "86", size: "1" };
    await bench.raw("POST", "/api/v1/hf/orders", { ...order, clientOid: "foreign" }, other);
    await bench.raw("POST", "/api/v1/hf/orders", order);
    await bench.raw("POST", "/api/v1/stop-order", {
      ...order,
      clientOid: "s",
      side: "sell",
      price: "85",
      stop: "loss",
      stopPrice: "85.5",
    });
    bench.clock.pass(2000);
    const done = await ear.hear((message) => message.data?.["type"] === "filled" && message.data["clientOid"] === "a");
    expect(done.data).toMatchObject({ status: "done", filledSize: "1", remainSize: "0" });
    const kinds = ear.heard
      .filter((message) => message.subject === "orderChange" && message.data?.["clientOid"] === "a")
      .map((message) => message.data?.["type"]);
    expect(kinds).toEqual(["open", "match", "filled"]);
    await ear.hear((message) => message.subject === "stopOrder" && message.data?.["type"] === "match");
    for (const message of ear.heard) {
      if (message.subject === "orderChange") expectShape("orderV2", message);
      if (message.subject === "stopOrder") expectShape("stopOrder", message);
      if (message.subject === "account.balance") expectShape("account", message);
      expect(message.data?.["clientOid"]).not.toBe("foreign");
    }
    expect(ear.heard.some((message) => message.subject === "account.balance")).toBe(true);
  });

  it("a muted stream answers pings and tells nothing; a cut one is closed", async () => {
    const bench = await open();
    const ear = await connect(bench, "public");
    await subscribe(ear, "/market/ticker:SOL-USDT");
    bench.exchange.faults.muteStreams(true);
    bench.clock.pass(1000);
    ear.say({ id: "p", type: "ping" });
    await ear.hear((message) => message.type === "pong");
    expect(ear.heard.some((message) => message.type === "message")).toBe(false);
    bench.exchange.faults.cutStreams();
    await ear.closed;
  });

  it("the real ccxt.pro watches ticker and orders", async () => {
    const bench = await open();
    const client = pointAt(
      new ccxt.pro.kucoin({ apiKey: KEY.key, secret: KEY.secret, password: KEY.passphrase }),
      bench.exchange.url,
    ) as InstanceType<typeof ccxt.pro.kucoin>;
    client.nonce = () => bench.clock.wireNow();
    client.options["fetchMarkets"] = { types: ["spot"], fetchTickersFees: false };
    client.options["uta"] = false;
    client.options["hf"] = true;
    client.has["fetchCurrencies"] = false;
    await client.loadMarkets(false, { marginables: false });
    await client.loadHttpProxyAgent();
    const subscribed = async (topic: string): Promise<void> => {
      for (let i = 0; i < 100 && !bench.exchange.wireLog.all().some((entry) => entry.target.includes(topic)); i += 1)
        await new Promise((resolve) => setTimeout(resolve, 10));
      await new Promise((resolve) => setTimeout(resolve, 150));
    };
    const ticker = client.watchTicker("SOL/USDT");
    await subscribed("bullet-public");
    bench.clock.pass(1000);
    expect((await ticker).last).toBe(87.5);
    const orders = client.watchOrders("SOL/USDT");
    await subscribed("bullet-private");
    await bench.raw("POST", "/api/v1/hf/orders", {
      clientOid: "w",
      symbol: "SOL-USDT",
      side: "buy",
      type: "limit",
      price: "86",
      size: "1",
    });
    expect((await orders)[0]).toMatchObject({ clientOrderId: "w" });
    await client.close();
  });
});
