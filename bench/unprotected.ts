/**
 * How long a purchase stands without a stop: from its first fill to the pair that rests, both as the exchange dates them. One
 * after the other, and a dozen at once against a limit of ten requests a second.
 */
import { buy, untilProtected } from "./bench_entry.ts";
import { type BenchHouse, openBenchHouse, realClock } from "./bench_house.ts";
import { milliseconds, printRows } from "./figures.ts";
import { type SlowExchange, slowExchange } from "./slow_exchange.ts";

const latencyMs = 200;
const perSecond = 10;
const entries = 12;
const target = "worst <= 10 s";

export async function run(): Promise<void> {
  const alone = await measured(async (bench, symbols) => {
    for (const symbol of symbols) await untilProtected(bench, await buy(bench, symbol));
  });
  const together = await measured(async (bench, symbols) => {
    await Promise.all(symbols.map(async (symbol) => untilProtected(bench, await buy(bench, symbol))));
  });
  printRows(`From the first fill to a resting stop, the exchange ${latencyMs} ms away`, [
    { name: `${entries} entries, one after the other`, value: shown(alone), target },
    { name: `${entries} entries at once, ${perSecond} requests a second`, value: shown(together), target },
  ]);
}

const shown = (samples: readonly number[]): string =>
  `${milliseconds(samples)}, worst ${(Math.max(...samples) / 1_000).toFixed(2)} s`;

async function measured(
  work: (bench: BenchHouse, symbols: readonly string[]) => Promise<void>,
): Promise<readonly number[]> {
  const markets = Array.from({ length: entries }, (_none, index) => `T${index}-USDT`);
  const wires: SlowExchange[] = [];
  const bench = await openBenchHouse(undefined, {
    clock: realClock,
    capabilities: { requestsPerSecond: perSecond - 1 },
    symbols: markets,
    async through(url) {
      const wire = await slowExchange({ target: url, latencyMs, perSecond, isLimiting: () => true });
      wires.push(wire);
      return wire.url;
    },
  });
  try {
    await bench.house.run();
    await work(
      bench,
      markets.map((market) => market.replace("-", "/")),
    );
    return markets.flatMap((market) => bareMs(bench, market));
  } finally {
    await bench.close();
    for (const wire of wires) await wire.stop();
  }
}

/** Until its pair rested, or until it was sold because none could be placed; empty = nothing was bought. */
function bareMs({ exchange }: BenchHouse, market: string): readonly number[] {
  const { fills, ocos } = exchange.house.core.state;
  const traded = fills.filter((fill) => fill.symbol === market);
  const bought = traded.find((fill) => fill.side === "buy");
  if (bought === undefined) return [];
  const ends = [...ocos.values()].filter((oco) => oco.symbol === market).map((oco) => oco.createdAt);
  const sold = traded.filter((fill) => fill.side === "sell").map((fill) => fill.createdAt);
  return [Math.min(...ends, ...sold) - bought.createdAt];
}
