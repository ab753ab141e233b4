/** The kill drill: 20 positions on three far exchanges, one house each, from the confirming tap to two clean looks. */

import { flattenBoundMs } from "../src/core/flatten_plan.ts";
import { killReport } from "../src/core/kill.ts";
import { confirmUnasked } from "../src/flows/flatten.ts";
import { startFlatten } from "../src/flows/flatten_procedure.ts";
import { raiseLevel } from "../src/flows/halt_trading.ts";
import { buy, untilProtected } from "./bench_entry.ts";
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
  await Promise.all(symbols.map(async (symbol) => untilProtected(bench, await buy(bench, symbol.replace("-", "/")))));
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

async function flattenOne({ bench, wire, symbols }: Far): Promise<Drilled> {
  const { needs } = bench.house;
  const before = { ...wire.counts };
  wire.asked.clear();
  const started = realClock.mono();
  await raiseLevel(needs, "flatten", { actor: "person:owner", reason: "drill" });
  await confirmUnasked(needs, { actor: "person:owner", because: "drill:" });
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
