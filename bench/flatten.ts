/** The kill drill: 20 positions on three far exchanges, one house each, from the confirming tap to two clean looks. */

import type { Approval } from "../src/core/approval.ts";
import { flattenBoundMs } from "../src/core/flatten_plan.ts";
import { instrumentIdOf } from "../src/core/instrument.ts";
import type { OrderIntent } from "../src/core/intent.ts";
import { killReport } from "../src/core/kill.ts";
import { floorToTick, movePrice, price, quantity, ratio } from "../src/core/money.ts";
import { confirmBySilence } from "../src/flows/flatten.ts";
import { startFlatten } from "../src/flows/flatten_procedure.ts";
import { followOrder } from "../src/flows/follow_order.ts";
import { raiseLevel } from "../src/flows/halt_trading.ts";
import { tendPosition } from "../src/flows/manage_exit.ts";
import { draft, record } from "../src/flows/record.ts";
import { settle } from "../src/flows/request_approval.ts";
import { submitOrder } from "../src/flows/submit_order.ts";
import { type BenchHouse, openBenchHouse, realClock } from "./bench_house.ts";
import { printRows } from "./figures.ts";
import { type SlowExchange, slowExchange } from "./slow_exchange.ts";

const perHouse = [7, 7, 6] as const;
const latencyMs = 200;
const perSecond = 10;
const retryAfterMs = 10_000;

type Far = {
  readonly bench: BenchHouse;
  readonly wire: SlowExchange;
  readonly symbols: readonly string[];
  limit: boolean;
};

export async function run(): Promise<void> {
  const plain = await drill(false);
  const refused = await drill(true);
  printRows("Flatten of 20 positions on 3 exchanges, 200 ms away, 10 requests a second each", [
    {
      name: "confirmed to verified flat, slowest of three",
      value: `${seconds(Math.max(...plain.map((one) => one.verifiedMs)))}`,
      target: "<= 30 s",
    },
    ...plain.map((one, index) => row(`exchange ${index + 1}`, one)),
    {
      name: "the same with 429 and Retry-After 10 s",
      value: seconds(Math.max(...refused.map((one) => one.verifiedMs))),
      target: `<= ${seconds(flattenBoundMs({ positions: 7, instruments: 7, perSecond, latencyMs, retryAfterMs }))}, the computed bound`,
    },
    ...refused.map((one, index) => row(`exchange ${index + 1}`, one)),
  ]);
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

type Drilled = {
  readonly positions: number;
  readonly flatMs: number;
  readonly verifiedMs: number;
  readonly requests: number;
  readonly limited: number;
  readonly left: number;
  readonly asked: ReadonlyMap<string, number>;
};

const row = (name: string, one: Drilled) => ({
  name: `  ${name}: ${one.positions} positions`,
  value: `last sold ${seconds(one.flatMs)}, verified ${seconds(one.verifiedMs)}, ${one.requests} requests, ${one.limited} refused, ${one.left} left`,
  target: "0 left",
});

async function drill(isRefusing: boolean): Promise<readonly Drilled[]> {
  const fars: Far[] = [];
  try {
    for (const count of perHouse) fars.push(await openFar(count));
    for (const far of fars) {
      far.limit = true;
      if (isRefusing) far.wire.refuse(1, retryAfterMs);
    }
    const drilled = await Promise.all(fars.map(flattenOne));
    process.stderr.write(
      `  ${isRefusing ? "with 429" : "without"}: ${drilled.map((one) => seconds(one.verifiedMs)).join(", ")}\n`,
    );
    for (const [what, times] of [...(drilled[0]?.asked ?? [])].sort((one, other) => other[1] - one[1]))
      process.stderr.write(`    exchange 1: ${String(times).padStart(4)} ${what}\n`);
    return drilled;
  } finally {
    for (const { bench, wire } of fars) {
      await bench.close();
      await wire.stop();
    }
  }
}

async function openFar(count: number): Promise<Far> {
  const symbols = Array.from({ length: count }, (_none, index) => `T${index}-USDT`);
  const state = { limit: false };
  const wires: SlowExchange[] = [];
  const bench = await openBenchHouse(undefined, {
    clock: realClock,
    capabilities: { requestsPerSecond: perSecond - 1 },
    symbols,
    async through(url) {
      const wire = await slowExchange({ target: url, latencyMs, perSecond, isLimiting: () => state.limit });
      wires.push(wire);
      return wire.url;
    },
  });
  const [wire] = wires;
  if (wire === undefined) throw new Error("the far exchange did not start");
  await Promise.all(symbols.map((symbol) => buy(bench, symbol.replace("-", "/"))));
  await bench.house.run();
  return {
    bench,
    wire,
    symbols,
    get limit() {
      return state.limit;
    },
    set limit(on: boolean) {
      state.limit = on;
    },
  };
}

/** A real entry, filled by the exchange and protected by the house. */
async function buy({ house, exchange }: BenchHouse, symbol: string): Promise<void> {
  const { needs } = house;
  const instrument = needs.memory.instruments.get(instrumentIdOf("kucoin", symbol));
  if (instrument === undefined) throw new Error(`${symbol} is not known`);
  const last = price(exchange.market.lastPrice(symbol.replace("/", "-")) ?? "0");
  const at = (share: string) => floorToTick(movePrice(last, ratio(share)), instrument.tickSize);
  const tradeId = needs.ids.next("trade");
  const intent = {
    intentId: needs.ids.next("int"),
    tradeId,
    mode: "paper" as const,
    venue: "kucoin",
    account: "main",
    instrumentId: instrument.instrumentId,
    leg: "entry" as const,
    side: "buy" as const,
    quantity: quantity("2"),
    reduceOnly: false,
    shape: { orderType: "limit" as const, limitPrice: at("0.01"), timeInForce: "ioc" as const },
    exitPlan: { stopPrice: at("-0.05"), targetPrice: at("0.1"), trail: null, timeLimitMs: null },
    strategy: "bench",
    signalId: null,
    attempt: 1,
  };
  const digest = `digest-${tradeId}`;
  const approvalId = await approved(needs, intent, digest);
  const sent = await submitOrder(needs, {
    intent,
    digest,
    approvalId,
    referencePrice: last,
    priceValidUntil: null,
    exitReason: null,
    actor: "bench",
    judgeNow: () => ({ denials: [], evidence: {} }),
  });
  if (!("clientOrderId" in sent)) throw new Error(`the entry was denied: ${JSON.stringify(sent)}`);
  await followOrder(needs, sent.clientOrderId);
  for (let tries = 0; needs.ledger.books().positions[tradeId]?.protection !== "placed"; tries += 1) {
    if (tries === 40)
      throw new Error(`${symbol} got no stop: ${JSON.stringify(needs.ledger.books().positions[tradeId])}`);
    await tendPosition(needs, tradeId);
    await realClock.sleep(100);
  }
}

/** Asked and approved at the same instant. */
function approved(needs: BenchHouse["house"]["needs"], intent: OrderIntent, digest: string): Promise<string> {
  const { tradeId } = intent;
  return record(needs, (_books, { wallAt }) => {
    const asked = {
      approvalId: `apr_${tradeId}`,
      tier: "T1" as const,
      requester: "strategy:bench",
      mode: "paper" as const,
      subject: { kind: "order" as const, intent, terms: {} as never },
      digest,
      softBps: 25,
      hardBps: 75,
      quorum: 1,
      createdAt: wallAt,
      expiresAt: (wallAt + 60_000) as typeof wallAt,
      execDeadlineMs: 30_000,
      dedupeKey: tradeId,
    };
    const pending = { ...asked, version: 1, state: "pending" } as unknown as Approval;
    const drafts = [
      draft("bench", { type: "approval_requested", ...asked }, tradeId),
      draft("bench", settle(pending, { to: "approved", by: ["bench"], reason: null, at: wallAt }), tradeId),
    ];
    return { drafts, value: asked.approvalId };
  });
}

async function flattenOne({ bench, wire, symbols }: Far): Promise<Drilled> {
  const { needs } = bench.house;
  const before = { ...wire.counts };
  wire.asked.clear();
  const started = realClock.mono();
  await raiseLevel(needs, "flatten", { actor: "person:owner", reason: "drill" });
  await confirmBySilence(needs, { actor: "person:owner", because: "drill:" });
  startFlatten(needs);
  const kill = () => needs.ledger.books().house.kill;
  while (kill()?.verifiedAt == null) {
    if (realClock.mono() - started > 180_000) throw new Error(`not flat after 3 min: ${JSON.stringify(kill())}`);
    await realClock.sleep(50);
  }
  const report = killReport(kill() as NonNullable<ReturnType<typeof kill>>);
  const left = Object.values(bench.exchange.balances()).filter(
    (row, index) => index >= 0 && Number(row.held) > 0,
  ).length;
  return {
    positions: symbols.length,
    flatMs: Math.max(...report.map((one) => one.flatMs ?? Number.POSITIVE_INFINITY)),
    verifiedMs: realClock.mono() - started,
    requests: wire.counts.requests - before.requests,
    limited: wire.counts.limited - before.limited,
    left,
    asked: wire.asked,
  };
}
