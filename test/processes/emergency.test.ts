/**
 * The emergency process as it is started by people, against a practice exchange over loopback, with PostgreSQL, Redis and
 * every chat gone: it cancels, sells, proves, and leaves a note that a house takes in.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readJournal } from "../../src/adapters/journal/file_journal.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { systemVault } from "../../src/adapters/system/vault.ts";
import type { Lifeline } from "../../src/core/lifeline.ts";
import { type PracticeHandle, startPractice } from "../../src/practice/exchange.ts";
import { syntheticMarket } from "../../src/practice/market/synthetic.ts";

const clock = systemClock();
const account = { key: "emergency-key-0000000000", secret: "emergency-secret-00000", passphrase: "emergency-pass" };
const ownId = (rest: string) => `xcsp5z${rest.padStart(16, "0")}`;

describe("closing everything with nothing but an exchange", () => {
  let exchange: PracticeHandle;
  let home: string;
  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), "countersign-emergency-"));
    exchange = await startPractice({
      venue: "kucoin",
      port: 0,
      market: syntheticMarket({ seed: "emergency", volatility: 0 }),
      accounts: [{ ...account, balances: { USDT: "1000", SOL: "10", ETH: "0.5" } }],
      seed: "emergency",
      clock: { wireNow: () => clock.wall(), marketNow: () => clock.now(), every: (ms, work) => clock.every(ms, work) },
    });
  });
  afterEach(async () => {
    await exchange.stop();
    rmSync(home, { recursive: true, force: true });
  });

  /** Ends by itself. @returns its exit code and what it said. */
  function run(...words: readonly string[]): Promise<{ code: number | null; said: string }> {
    return runWith({}, ...words);
  }

  function runWith(
    change: Readonly<Record<string, string>>,
    ...words: readonly string[]
  ): Promise<{ code: number | null; said: string }> {
    return start(change, ...words).ended;
  }

  function start(change: Readonly<Record<string, string>>, ...words: readonly string[]) {
    const env = {
      PATH: process.env["PATH"] ?? "",
      COUNTERSIGN_HOME: home,
      KUCOIN_API_ROOT: exchange.url,
      KUCOIN_API_KEY: account.key,
      KUCOIN_API_SECRET: account.secret,
      KUCOIN_API_PASSPHRASE: account.passphrase,
      // Nothing listens there: refused, as a dead server would.
      DATABASE_URL: "postgres://nobody:nothing@127.0.0.1:9/none",
      REDIS_URL: "redis://127.0.0.1:9",
      ...change,
    };
    const child = spawn(
      process.execPath,
      ["--import", "tsx", "test/fixtures/emergency_process.ts", "--home", home, ...words],
      {
        env,
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let said = "";
    child.stdout.on("data", (bytes: Buffer) => (said += bytes.toString()));
    child.stderr.on("data", (bytes: Buffer) => (said += bytes.toString()));
    const ended = new Promise<{ code: number | null; said: string }>((resolve) =>
      child.once("exit", (code) => resolve({ code, said })),
    );
    return { child, ended };
  }

  function leave(change: Partial<Lifeline> = {}, folder = home): void {
    const lifeline: Lifeline = {
      form: "lifeline-1",
      at: new Date().toISOString(),
      mode: "paper",
      venue: "kucoin",
      account: "main",
      epoch: 5,
      baseUrl: exchange.url,
      symbols: ["SOL/USDT", "ETH/USDT"],
      positions: [
        {
          positionId: "trade_sol",
          instrumentId: "kucoin:SOL/USDT",
          account: "main",
          strategy: "canary",
          quantity: "4" as never,
          stopPrice: "80" as never,
          protection: "placed",
          exitAttempts: 0,
        },
      ],
      orders: [],
      ...change,
    };
    writeFileSync(join(folder, "lifeline.json"), JSON.stringify(lifeline));
  }

  const held = (asset: string) => {
    const row = exchange.balances()[asset];
    return Number(row?.free ?? 0) + Number(row?.held ?? 0);
  };
  const posts = () =>
    exchange.wireLog
      .all()
      .filter((entry) => entry.method === "POST")
      .map((entry) => JSON.parse(entry.body) as Record<string, string>);

  async function rest(body: Record<string, string>, path = "/api/v1/hf/orders"): Promise<void> {
    const { kucoinEmergency } = await import("../../src/venues/kucoin/emergency_wire.ts");
    expect(kucoinEmergency).toBeDefined();
    const { createHmac } = await import("node:crypto");
    const sign = (text: string) => createHmac("sha256", account.secret).update(text).digest("base64");
    const at = String(Date.now());
    const text = JSON.stringify(body);
    const answer = await fetch(`${exchange.url}${path}`, {
      method: "POST",
      body: text,
      headers: {
        "KC-API-KEY": account.key,
        "KC-API-SIGN": sign(`${at}POST${path}${text}`),
        "KC-API-TIMESTAMP": at,
        "KC-API-PASSPHRASE": sign(account.passphrase),
        "KC-API-KEY-VERSION": "2",
        "Content-Type": "application/json",
      },
    });
    expect(((await answer.json()) as { code: string }).code).toBe("200000");
  }
  const last = (symbol: string) => Number(exchange.market.lastPrice(symbol) ?? 0);
  const stopFor = (symbol: string, size: string, clientOid: string) =>
    rest(
      {
        clientOid,
        side: "sell",
        symbol,
        type: "limit",
        size,
        price: (last(symbol) * 0.8).toFixed(1),
        stop: "loss",
        stopPrice: (last(symbol) * 0.85).toFixed(1),
        timeInForce: "GTC",
      },
      "/api/v1/stop-order",
    );

  test("sells what is ours and leaves what is not; PostgreSQL, Redis and chats are gone [P01] [P14] [K05]", {
    timeout: 60_000,
  }, async () => {
    leave();
    await stopFor("SOL-USDT", "4", ownId("1"));
    await rest({
      clientOid: ownId("2"),
      side: "buy",
      symbol: "ETH-USDT",
      type: "limit",
      size: "0.05",
      price: (last("ETH-USDT") * 0.5).toFixed(1),
      timeInForce: "GTC",
    });
    await rest({
      clientOid: "somebody-else",
      side: "sell",
      symbol: "ETH-USDT",
      type: "limit",
      size: "0.1",
      price: (last("ETH-USDT") * 2).toFixed(1),
      timeInForce: "GTC",
    });
    const begun = Date.now();
    const { code, said } = await run("now", "the", "bot", "is", "dead");
    expect(said).toContain("The database does not answer");
    expect([code, said.includes("Flat:")]).toEqual([3, true]);
    expect(held("SOL")).toBeCloseTo(6, 9);
    expect(held("ETH")).toBeCloseTo(0.5, 9);
    expect(Number(exchange.balances()["ETH"]?.held)).toBeCloseTo(0.1, 9);
    const sales = posts().filter((body) => body["timeInForce"] === "IOC");
    expect(sales.map((body) => [body["symbol"], body["size"]])).toEqual([["SOL-USDT", "4"]]);
    // A name of ours, with an epoch above the one of the snapshot, and a stamp that the exchange judges.
    expect(sales[0]?.["clientOid"]).toMatch(/^xcsp6z[0-9a-z]{16}$/);
    expect(Number(sales[0]?.["clientTimestamp"])).toBeGreaterThan(begun - 1_000);
    const journal = readFileSync(join(home, "emergency.journal"), "utf8");
    const steps = [...journal.matchAll(/"step":"(\w+)"/g)].map((match) => match[1]);
    expect(steps.indexOf("selling")).toBeLessThan(steps.indexOf("sold"));
    expect(steps.at(0)).toBe("begun");
    expect(steps.at(-1)).toBe("done");
    const note = JSON.parse(readFileSync(join(home, "emergency.json"), "utf8")) as {
      isDone: boolean;
      orders: { clientOrderId: string }[];
    };
    expect([note.isDone, note.orders[0]?.clientOrderId]).toEqual([true, sales[0]?.["clientOid"]]);
  });

  test("a dedicated account: everything on it is closed, whoever ordered it", { timeout: 60_000 }, async () => {
    // Without a snapshot nobody knows the mode, so a loopback address must be allowed by being named.
    leave({ positions: [], symbols: ["SOL/USDT", "ETH/USDT"] });
    await stopFor("SOL-USDT", "10", "somebody-else");
    const { code } = await run("now", "everything", "--dedicated");
    expect(code).toBe(3);
    expect([held("SOL") < 0.1, held("ETH") < 0.001]).toEqual([true, true]);
  });

  test("429 is waited for exactly as long as it says, and nothing is sold twice [V30]", {
    timeout: 60_000,
  }, async () => {
    leave();
    exchange.faults.add({ method: "POST", path: "/api/v1/hf/orders", verb: { do: "rate_limited", resetMs: 1_500 } });
    exchange.faults.add({
      method: "GET",
      path: "/api/v1/hf/orders/active",
      verb: { do: "rate_limited", resetMs: 1_500 },
    });
    const { code } = await run("now", "limits");
    expect(code).toBe(3);
    expect(held("SOL")).toBeCloseTo(6, 9);
    const log = exchange.wireLog.all().map((entry) => entry.target);
    expect(log.length).toBeGreaterThan(4);
  });

  test("a sale whose answer is lost is looked up, never repeated under another name while it may exist", {
    timeout: 60_000,
  }, async () => {
    leave();
    exchange.faults.add({ method: "POST", path: "/api/v1/hf/orders", verb: { do: "drop_after" } });
    const { code } = await run("now", "lost answer");
    expect(code).toBe(3);
    expect(held("SOL")).toBeCloseTo(6, 9);
    expect(posts().filter((body) => body["timeInForce"] === "IOC")).toHaveLength(1);
  });

  test.each([
    ["a key that the exchange does not know", { KUCOIN_API_KEY: "emergency-key-1111111111" }],
    ["a wrong secret", { KUCOIN_API_SECRET: "emergency-secret-11111" }],
    ["a wrong passphrase", { KUCOIN_API_PASSPHRASE: "another-pass" }],
  ])("%s ends it before the bot is told to stand back", { timeout: 60_000 }, async (_, change) => {
    leave();
    const { code, said } = await runWith(change, "now", "with a bad key");
    expect([code, said.includes("The exchange refuses this key")]).toEqual([2, true]);
    expect(existsSync(join(home, "emergency.json"))).toBe(false);
    expect(held("SOL")).toBe(10);
  });

  test("called twice, and with a sale under way when the first was killed, it sells once what is ours", {
    timeout: 60_000,
  }, async () => {
    leave();
    expect((await run("now", "first")).code).toBe(3);
    expect(held("SOL")).toBeCloseTo(6, 9);
    // The bot is dead, so the snapshot is what it was; and the first run died before it wrote down what became of its sale.
    const journal = join(home, "emergency.journal");
    const lines = readFileSync(journal, "utf8").split("\n");
    const known = lines.slice(
      0,
      lines.findIndex((line) => line.includes('"step":"sold"')),
    );
    writeFileSync(journal, `${known.join("\n")}\n`);
    const { code, said } = await run("now", "second");
    expect([code, said.includes("0 to sell")]).toEqual([3, true]);
    expect(held("SOL")).toBeCloseTo(6, 9);
    expect(posts().filter((body) => body["timeInForce"] === "IOC")).toHaveLength(1);
    const note = JSON.parse(readFileSync(join(home, "emergency.json"), "utf8")) as { orders: unknown[] };
    expect(note.orders).toHaveLength(1);
  });

  test("a stop that fired while nobody watched has sold what is ours already", { timeout: 60_000 }, async () => {
    leave();
    await stopFor("SOL-USDT", "4", ownId("1"));
    exchange.faults.jump("SOL-USDT", (last("SOL-USDT") * 0.84).toFixed(2));
    while (held("SOL") > 6.5) await clock.sleep(50);
    const { code, said } = await run("now", "too late");
    expect([code, said.includes("0 to sell")]).toEqual([3, true]);
    expect(held("SOL")).toBeCloseTo(6, 9);
  });

  test("real money comes first: with a snapshot of LIVE in the home that is what is closed", {
    timeout: 60_000,
  }, async () => {
    leave({ positions: [] });
    mkdirSync(join(home, "live"));
    leave({ mode: "live" }, join(home, "live"));
    expect((await run("now", "live")).code).toBe(3);
    expect(held("SOL")).toBeCloseTo(6, 9);
    expect(existsSync(join(home, "live", "emergency.json"))).toBe(true);
  });

  test("a drill is closed where it is named, and a snapshot of LIVE that names nothing does not stand before it", {
    timeout: 60_000,
  }, async () => {
    mkdirSync(join(home, "live"));
    leave({ mode: "live", positions: [], at: "2026-01-01T00:00:00.000Z" }, join(home, "live"));
    leave();
    const { code, said } = await run("now", "drill");
    expect([code, said.includes("(paper), compared") || said.includes("(paper):")]).toEqual([3, true]);
    expect(held("SOL")).toBeCloseTo(6, 9);
    leave({ mode: "live" }, join(home, "live"));
    const named = await run("now", "drill", "--mode", "paper");
    expect([named.code, existsSync(join(home, "live", "emergency.json"))]).toEqual([3, false]);
  });

  test("two at once: the second names the first, sells nothing, and the journal stays whole [P14]", {
    timeout: 60_000,
  }, async () => {
    leave();
    await stopFor("SOL-USDT", "4", ownId("1"));
    const both = await Promise.all([run("now", "one"), run("now", "two")]);
    expect(both.map((one) => one.code).sort()).toEqual([2, 3]);
    expect(both.find((one) => one.code === 2)?.said).toMatch(
      /Another emergency process is at work in .+: process \d+, since .+, called by command line: (one|two)/,
    );
    expect(held("SOL")).toBeCloseTo(6, 9);
    expect(posts().filter((body) => body["timeInForce"] === "IOC")).toHaveLength(1);
    expect(readJournal(join(home, "emergency.journal"), systemVault().sha256).ok).toBe(true);
  });

  test("frozen until the bot took over: it cancels nothing and sells nothing when it wakes up [P14]", {
    timeout: 60_000,
  }, async () => {
    leave();
    await stopFor("SOL-USDT", "4", ownId("1"));
    const note = join(home, "emergency.json");
    // So slow that it has asked hardly anything when its note lies there.
    const { child, ended } = start({}, "now", "frozen", "--rate", "3");
    while (!existsSync(note)) await clock.sleep(20);
    child.kill("SIGSTOP");
    renameSync(note, join(home, "emergency_settled.json"));
    await clock.sleep(500);
    child.kill("SIGCONT");
    const { code, said } = await ended;
    expect([code, said.includes("the bot has taken over")]).toEqual([4, true]);
    expect(existsSync(note)).toBe(false);
    expect(held("SOL")).toBe(10);
    expect(Number(exchange.balances()["SOL"]?.held)).toBe(4);
    expect(posts().filter((body) => body["timeInForce"] === "IOC")).toHaveLength(0);
  });

  test("it waits for a file, and refuses a request without its token", { timeout: 60_000 }, async () => {
    leave();
    const running = run("serve", "--port", "0");
    const deadline = Date.now() + 20_000;
    while (!existsSync(join(home, "emergency.token")) && Date.now() < deadline) await clock.sleep(50);
    await clock.sleep(300);
    expect(held("SOL")).toBe(10);
    writeFileSync(join(home, "EMERGENCY"), "");
    const { code, said } = await running;
    expect(said).toContain("waiting: http://127.0.0.1:");
    expect(code).toBe(3);
    expect(held("SOL")).toBeCloseTo(6, 9);
    expect(existsSync(join(home, "EMERGENCY"))).toBe(false);
  });
});
