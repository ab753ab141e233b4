/** What was answered is still true after kill -9, and what the price did meanwhile is caught up. */
import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { startPractice } from "../../src/practice/exchange.ts";
import { encode, lastJournalTime } from "../../src/practice/journal.ts";
import { main } from "../../src/practice/main.ts";
import { syntheticMarket } from "../../src/practice/market/synthetic.ts";
import { closeBenches, handClock, KEY, openBench, rawClient, START, scriptedMarket } from "./bench_exchange.ts";

const folder = mkdtempSync(join(tmpdir(), "practice-journal-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(closeBenches);

let files = 0;
const freshPath = (): string => {
  files += 1;
  return join(folder, `${files}`, "journal.jsonl");
};

const order = { symbol: "SOL-USDT", side: "buy", type: "limit", price: "87", size: "1" };
const stop = { symbol: "SOL-USDT", side: "sell", type: "market", size: "2", stop: "loss", stopPrice: "85.6" };
const prints: [number, string][] = [
  [0, "87.36"],
  [5000, "86.9"],
  [60_000, "85"],
  [120_000, "88"],
];

/** Starts a second exchange on a copy of the journal, as after a crash of the first. */
const reopened = async (path: string, at: number, market = scriptedMarket(prints)) => {
  const copy = freshPath();
  const text = readFileSync(path, "utf8");
  const { mkdirSync } = await import("node:fs");
  mkdirSync(join(copy, ".."), { recursive: true });
  writeFileSync(copy, text);
  const clock = handClock(at);
  const exchange = await startPractice({
    venue: "kucoin",
    port: 0,
    market,
    accounts: [{ ...KEY, balances: { USDT: "10000", SOL: "100" } }],
    seed: "bench",
    clock,
    journalPath: copy,
  });
  return {
    exchange,
    clock,
    copy,
    raw: rawClient(
      () => exchange.url,
      () => clock.wireNow(),
    ),
  };
};

describe("the journal", () => {
  it("after a crash the state is the same, byte for byte", async () => {
    const path = freshPath();
    const { raw, exchange, clock } = await openBench(scriptedMarket(prints), { journalPath: path });
    await raw("POST", "/api/v1/hf/orders", { ...order, clientOid: "a" });
    await raw("POST", "/api/v1/stop-order", { ...stop, clientOid: "b" });
    await raw("POST", "/api/v3/oco/order", {
      clientOid: "c",
      symbol: "SOL-USDT",
      side: "sell",
      size: "1",
      price: "90",
      stopPrice: "85",
      limitPrice: "84.9",
    });
    clock.pass(6000);
    await raw("DELETE", "/api/v1/hf/orders?symbol=SOL-USDT");
    clock.pass(50);
    exchange.faults.jump("SOL-USDT", "86.5");
    const second = await reopened(path, clock.marketNow());
    expect(encode(second.exchange.house.core.state)).toBe(encode(exchange.house.core.state));
    await second.exchange.stop();
  });

  it("a stop that the price passed while nobody ran has fired when it is back", async () => {
    const path = freshPath();
    const { raw } = await openBench(scriptedMarket(prints), { journalPath: path });
    await raw("POST", "/api/v1/stop-order", { ...stop, clientOid: "b" });
    const second = await reopened(path, START + 200_000);
    const found = (await second.raw("GET", "/api/v1/hf/orders/client-order/b?symbol=SOL-USDT")).json.data as Record<
      string,
      unknown
    >;
    expect(found).toMatchObject({ side: "sell", dealSize: "2", active: false });
    expect(second.exchange.balances()["SOL"]).toEqual({ free: "98", held: "0" });
    await second.exchange.stop();
  });

  it("a torn last line was never answered and is dropped; what follows is written on a whole line", async () => {
    const path = freshPath();
    const { raw, clock } = await openBench(scriptedMarket(prints), { journalPath: path });
    await raw("POST", "/api/v1/hf/orders", { ...order, price: "80", clientOid: "a" });
    appendFileSync(path, '{"at":1770000000000,"command":{"do":"pla');
    const second = await reopened(path, clock.marketNow());
    expect(second.exchange.house.core.state.orders.size).toBe(1);
    expect((await second.raw("POST", "/api/v1/hf/orders", { ...order, price: "80", clientOid: "b" })).json.code).toBe(
      "200000",
    );
    const third = await reopened(second.copy, clock.marketNow());
    expect(third.exchange.house.core.state.orders.size).toBe(2);
    await second.exchange.stop();
    await third.exchange.stop();
  });

  it("a damaged line in the middle, and a journal of another market, are refused in one sentence", async () => {
    const path = freshPath();
    const { raw, clock } = await openBench(scriptedMarket(prints), { journalPath: path });
    await raw("POST", "/api/v1/hf/orders", { ...order, clientOid: "a" });
    await expect(reopened(path, clock.marketNow(), syntheticMarket({ seed: "other" }))).rejects.toThrow(
      /belongs to market .* start with that market or name another journal/,
    );
    const lines = readFileSync(path, "utf8").split("\n");
    lines[1] = "{broken";
    writeFileSync(path, lines.join("\n"));
    await expect(reopened(path, clock.marketNow())).rejects.toThrow(/line 2 is damaged; restore the file/);
  });

  it("a clean stop compacts to head and snapshot, and the accounts are not paid in again", async () => {
    const path = freshPath();
    const bench = await openBench(scriptedMarket(prints), { journalPath: path });
    await bench.raw("POST", "/api/v1/hf/orders", { ...order, price: "88", clientOid: "a" });
    const before = bench.exchange.balances();
    await closeBenches();
    expect(readFileSync(path, "utf8").trim().split("\n").length).toBe(2);
    const second = await reopened(path, START + 1000);
    expect(second.exchange.balances()).toEqual(before);
    expect(lastJournalTime(path)).toBe(START);
    await second.exchange.stop();
  });

  it("is compacted by itself after many commands, without losing one", async () => {
    const path = freshPath();
    const { exchange, clock } = await openBench(scriptedMarket(prints), { journalPath: path });
    for (let i = 0; i < 2100; i += 1) exchange.faults.deposit(KEY.key, "USDT", "0.01");
    expect(readFileSync(path, "utf8").split("\n").length).toBeLessThan(200);
    const second = await reopened(path, clock.marketNow());
    expect(second.exchange.balances()["USDT"]?.free).toBe("10021");
    await second.exchange.stop();
  });
});

const ready = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = "";
    child.stdout?.on("data", (part: Buffer) => {
      text += part.toString();
      if (text.includes("Stop with Ctrl-C")) resolve(text);
    });
    child.on("exit", (code) => reject(new Error(`ended with ${code}: ${text}`)));
  });

const launch = async (args: readonly string[]) => {
  const child = spawn(process.execPath, ["--import", "tsx", "src/practice/main.ts", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = await ready(child);
  const word = (name: string): string => new RegExp(`${name}\\s+(\\S+)`).exec(text)?.[1] ?? "";
  const url = /http:\/\/\S+/.exec(text)?.[0] ?? "";
  const raw = rawClient(
    () => url,
    () => Date.now(),
  );
  const sign = { key: word("key"), secret: word("secret"), passphrase: word("passphrase") };
  return { child, ask: (method: string, target: string, body?: object) => raw(method, target, body, sign) };
};

describe("a real process", () => {
  it("keeps an answered order over kill -9", async () => {
    const args = ["kucoin", "--port", "0", "--balance", "USDT=123", "--journal", freshPath()];
    const first = await launch(args);
    const last = Number(
      ((await first.ask("GET", "/api/v1/market/orderbook/level1?symbol=SOL-USDT")).json.data as { price: string })
        .price,
    );
    const body = { ...order, clientOid: "k9", price: (Math.round(last * 95) / 100).toFixed(2) };
    const made = await first.ask("POST", "/api/v1/hf/orders", body);
    expect(made.json.code).toBe("200000");
    const gone = new Promise((resolve) => first.child.once("exit", resolve));
    first.child.kill("SIGKILL");
    await gone;
    const second = await launch(args);
    try {
      const found = await second.ask("GET", "/api/v1/hf/orders/client-order/k9?symbol=SOL-USDT");
      expect(found.json.data).toMatchObject({ id: (made.json.data as { orderId: string }).orderId, clientOid: "k9" });
      expect((await second.ask("POST", "/api/v1/hf/orders", body)).json.msg).toBe("clientOid duplicate");
    } finally {
      const over = new Promise((resolve) => second.child.once("exit", resolve));
      second.child.kill("SIGTERM");
      expect(await over).toBe(0);
    }
  });

  it.each([
    [["kucoin", "--market", "/nowhere/x.csv"], /there is no such file; check the path/],
    [["kucoin", "--balance", "USDT"], /--balance "USDT" is not ASSET=AMOUNT/],
    [["kucoin", "--port", "x"], /--port "x" is not a number/],
    [["binance"], /there is no practice venue "binance"; use kucoin/],
    [["kucoin", "--strict", "maybe"], /--strict "maybe" is neither on nor off/],
    [["kucoin", "--live", "kucoin"], /--live needs at least one --symbol/],
  ])("%j ends with one sentence and code 2", async (args, message) => {
    const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const code = await main(args);
    const text = written.mock.calls.map(([part]) => String(part)).join("");
    written.mockRestore();
    expect(text).toMatch(message);
    expect(text.trim().split("\n").length).toBe(1);
    expect(code).toBe(2);
  });
});
