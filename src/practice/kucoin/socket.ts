/**
 * The WebSocket side of the KuCoin skin.
 *
 *   connect ?token&connectId -> welcome;  ping -> pong;  subscribe -> ack, then messages of the topic
 *
 * A token comes from bullet-public or bullet-private and is good for connections until the server stops; private topics
 * need a private token. Market topics speak at most every 100 ms, as fast as the market is walked.
 */
import type { IncomingMessage, Server } from "node:http";
import { WebSocket, WebSocketServer } from "ws";
import { hexOf } from "../chance.ts";
import type { CoreEvent } from "../core/state.ts";
import { writeJson } from "./answer.ts";
import type { KeyHolder } from "./auth.ts";
import { bookSide, bookView, candleRow, candlesFor, dayStats, frames, level1View } from "./market_routes.ts";
import type { Skin } from "./route.ts";
import { balanceChange, candleUpdate, matchPrint, orderChange, snapshot, stopChange } from "./stream_views.ts";

interface Line {
  socket: WebSocket;
  holder: KeyHolder | null;
  topics: Set<string>;
}

export interface Streams {
  /** Connections stay and answer pings, but tell nothing. */
  mute(isOn: boolean): void;
  /** Cuts every connection. */
  cut(): void;
  close(): void;
}

export interface StreamParts {
  skin: Skin;
  server: Server;
  owners: ReadonlyMap<string, KeyHolder | null>;
  isOut(): boolean;
  log(line: string): void;
}

const PRIVATE = [
  "/spotMarket/tradeOrdersV2",
  "/spotMarket/tradeOrders",
  "/spotMarket/advancedOrders",
  "/account/balance",
];
const MARKET =
  /^\/(market\/(ticker|snapshot|match|candles)|spotMarket\/level2Depth(5|50)|spotMarket\/level1):([A-Z0-9-]+)(?:_([0-9a-z]+))?$/;

const tell = (line: Line, message: Record<string, unknown>): void => {
  if (line.socket.readyState === WebSocket.OPEN) line.socket.send(writeJson(message));
};

const problemOf = (line: Line, skin: Skin, topic: string): string | null => {
  if (PRIVATE.includes(topic)) return line.holder === null ? "topic needs a private token" : null;
  const match = MARKET.exec(topic);
  if (match === null) return `topic ${topic} is not found`;
  if (!skin.house.core.state.instruments.has(match[4] ?? "")) return `symbol of ${topic} is not found`;
  return match[2] === "candles" && frames[match[5] ?? ""] === undefined ? `candle type of ${topic} is not found` : null;
};

/** "/market/ticker:BTC-USDT,ETH-USDT" is two topics. */
const splitTopic = (topic: string): string[] => {
  const [path = "", symbols] = topic.split(":");
  return symbols === undefined ? [topic] : symbols.split(",").map((symbol) => `${path}:${symbol}`);
};

type Heard = { id?: unknown; type?: unknown; topic?: unknown };

const readHeard = (text: string): Heard | null => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : null;
  } catch {
    return null;
  }
};

const changeTopics = (line: Line, skin: Skin, message: Heard): void => {
  const { id, type } = message;
  const topics = splitTopic(String(message.topic));
  const problem = topics.map((topic) => problemOf(line, skin, topic)).find((one) => one !== null);
  if (problem !== undefined) {
    tell(line, { id, type: "error", code: 404, data: problem });
    return;
  }
  for (const topic of topics) {
    if (type === "subscribe") line.topics.add(topic);
    else line.topics.delete(topic);
  }
  tell(line, { id, type: "ack" });
};

const hear = (line: Line, skin: Skin, text: string): void => {
  const message = readHeard(text);
  const { id, type } = message ?? {};
  if (message === null) tell(line, { type: "error", code: 400, data: "message is not JSON" });
  else if (type === "ping") tell(line, { id, type: "pong", timestamp: BigInt(Math.floor(skin.wireNow())) * 1000n });
  else if (type === "subscribe" || type === "unsubscribe") changeTopics(line, skin, message);
  else tell(line, { id, type: "error", code: 403, data: `type ${String(type)} is not supported` });
};

/** What a private event says on which topic. */
const privateMessage = (
  parts: StreamParts,
  event: CoreEvent,
  memory: Map<string, { free: bigint; held: bigint }>,
  number: number,
) => {
  const { now } = parts.skin.house.core.state;
  switch (event.kind) {
    case "order_opened":
    case "order_matched":
    case "order_canceled":
    case "order_done": {
      const data = orderChange(event.kind, event.order, event.fill);
      return { accountId: event.order.accountId, topics: PRIVATE.slice(0, 2), subject: "orderChange", data };
    }
    case "stop_opened":
    case "stop_triggered":
    case "stop_canceled":
      return {
        accountId: event.stop.accountId,
        topics: [PRIVATE[2] ?? ""],
        subject: "stopOrder",
        data: stopChange(event.kind, event.stop, now),
      };
    case "balance": {
      const name = `${event.accountId}/${event.asset}`;
      const before = memory.get(name) ?? { free: 0n, held: 0n };
      memory.set(name, event.balance);
      const { accountId, asset, relation } = event;
      const data = balanceChange({ accountId, asset, before, after: event.balance, relation, number, now });
      return { accountId, topics: [PRIVATE[3] ?? ""], subject: "account.balance", data };
    }
    default:
      return null;
  }
};

const printMessage = async (
  parts: StreamParts,
  topic: string,
  print: { price: bigint; volume: bigint; at: number },
): Promise<{ subject: string; data: unknown } | null> => {
  const match = MARKET.exec(topic);
  const { state } = parts.skin.house.core;
  const symbol = match?.[4] ?? "";
  const instrument = state.instruments.get(symbol);
  if (match === null || instrument === undefined) return null;
  const number = state.last.get(symbol)?.print ?? 0;
  if (match[3] !== undefined) {
    const { bids, asks } = bookView(state, symbol, Number(match[3]));
    return { subject: "level2", data: { asks, bids, timestamp: state.now } };
  }
  switch (match[2]) {
    case "ticker":
      return { subject: "trade.ticker", data: level1View(state, symbol) };
    case "match":
      return { subject: "trade.l3match", data: matchPrint(symbol, print.price, print.volume, number, print.at) };
    case "snapshot": {
      const touch = {
        bid: bookSide(state, symbol, "buy", 1)[0]?.price ?? 0n,
        ask: bookSide(state, symbol, "sell", 1)[0]?.price ?? 0n,
      };
      return {
        subject: "trade.snapshot",
        data: snapshot(instrument, await dayStats(parts.skin, symbol), touch, number, state.now),
      };
    }
    case "candles": {
      const frameMs = frames[match[5] ?? ""] ?? 60_000;
      const bar = (await candlesFor(parts.skin, symbol, frameMs, state.now - frameMs + 1, state.now)).at(-1);
      return bar === undefined
        ? null
        : { subject: "trade.candles.update", data: candleUpdate(symbol, candleRow(bar), state.now) };
    }
    default: {
      const { bids, asks } = bookView(state, symbol, 1) as { bids: unknown[]; asks: unknown[] };
      return { subject: "level1", data: { asks: asks[0] ?? [], bids: bids[0] ?? [], timestamp: state.now } };
    }
  }
};

const memoryOf = (parts: StreamParts): Map<string, { free: bigint; held: bigint }> => {
  const memory = new Map<string, { free: bigint; held: bigint }>();
  for (const account of parts.skin.house.core.state.accounts.values()) {
    for (const [asset, balance] of account.balances) memory.set(`${account.id}/${asset}`, { ...balance });
  }
  return memory;
};

/** Accepts connections that bring a token of ours. */
const acceptLines = (parts: StreamParts, lines: Set<Line>): WebSocketServer => {
  const sockets = new WebSocketServer({ noServer: true });
  parts.server.on("upgrade", (request: IncomingMessage, socket, head) => {
    const url = new URL(request.url ?? "/", "http://practice");
    const token = url.searchParams.get("token") ?? "";
    if (!parts.owners.has(token) || parts.isOut()) {
      socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (open) => {
      const line: Line = { socket: open, holder: parts.owners.get(token) ?? null, topics: new Set() };
      lines.add(line);
      open.on("close", () => lines.delete(line));
      open.on("error", (problem) => parts.log(`practice stream: ${problem.message}`));
      open.on("message", (data) => hear(line, parts.skin, String(data)));
      tell(line, { id: url.searchParams.get("connectId") ?? "", type: "welcome" });
    });
  });
  return sockets;
};

type Speak = (line: Line, topic: string, subject: string, data: unknown) => void;

const speakPrint = (
  parts: StreamParts,
  lines: Iterable<Line>,
  speak: Speak,
  print: Extract<CoreEvent, { kind: "print" }>,
): void => {
  for (const line of lines) {
    for (const topic of line.topics) {
      if (MARKET.exec(topic)?.[4] !== print.symbol) continue;
      printMessage(parts, topic, print)
        .then((message) => message !== null && speak(line, topic, message.subject, message.data))
        .catch((problem: unknown) => parts.log(`practice stream: ${topic}: ${String(problem)}`));
    }
  }
};

export const openStreams = (parts: StreamParts): Streams => {
  const lines = new Set<Line>();
  const sockets = acceptLines(parts, lines);
  const memory = memoryOf(parts);
  let isMute = false;
  let number = 0;
  const speak: Speak = (line, topic, subject, data) => {
    if (isMute || parts.isOut() || !line.topics.has(topic)) return;
    const isPrivate = PRIVATE.includes(topic) && line.holder !== null;
    const owner = isPrivate ? { userId: hexOf(line.holder?.accountId ?? "", 24), channelType: "private" } : {};
    const id = subject === "account.balance" ? { id: String(number) } : {};
    tell(line, { topic, type: "message", subject, ...id, ...owner, data });
  };
  const stopListening = parts.skin.house.listen((event) => {
    number += 1;
    if (event.kind === "print") {
      speakPrint(parts, lines, speak, event);
      return;
    }
    const message = privateMessage(parts, event, memory, number);
    for (const line of lines) {
      if (line.holder?.accountId !== message?.accountId) continue;
      for (const topic of message?.topics ?? []) speak(line, topic, message?.subject ?? "", message?.data);
    }
  });
  const cut = (): void => {
    for (const line of lines) line.socket.terminate();
  };
  return {
    mute(isOn) {
      isMute = isOn;
    },
    cut,
    close() {
      stopListening();
      cut();
      sockets.close();
    },
  };
};
