/** What every strategy promises: no look ahead, the same answer to the same question, bounds that are kept, and signals. */
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { isAtLeast, isAtMost, isPositive, ratio } from "../../src/core/money.ts";
import type { Candle, Signal } from "../../src/core/signal.ts";
import { addMs } from "../../src/core/time.ts";
import type { AnyStrategy } from "../../src/define/strategy.ts";
import { strategies } from "../../src/strategies/index.ts";
import { ethFiveMinutes, moreRecordings, type Recording, solFourHours } from "../fixtures/recorded_candles.ts";

const recordings = [solFourHours, ethFiveMinutes, ...moreRecordings(1_500)];
const defaultsOf = (strategy: AnyStrategy): z.infer<z.ZodObject> => strategy.params.parse({});

function ask(strategy: AnyStrategy, candles: readonly Candle[], { timeframeMs }: Recording): Signal | null {
  const latest = candles.at(-1);
  if (latest === undefined) return null;
  const at = addMs(latest.openedAt, timeframeMs);
  return strategy.read({ at, instrumentId: "kucoin:SOL/USDT", timeframeMs, candles }, defaultsOf(strategy));
}

function answers(strategy: AnyStrategy, recording: Recording): readonly (Signal | null)[] {
  const needed = strategy.lookback(defaultsOf(strategy));
  return recording.candles.map((_, at) =>
    at + 1 < needed ? null : ask(strategy, recording.candles.slice(0, at + 1), recording),
  );
}

test("the registry holds every file of the folder, by its name and in its order", () => {
  const files = readdirSync(new URL("../../src/strategies", import.meta.url)).filter(
    (file) => file !== "index.ts" && file.endsWith(".ts"),
  );
  expect(strategies.map((strategy) => `${strategy.name}.ts`)).toEqual(
    files.sort((left, right) => (left < right ? -1 : 1)),
  );
});

const pairs = strategies.flatMap((strategy) =>
  recordings.map((recording) => [strategy.name, recording.name, strategy, recording] as const),
);

describe.each(pairs)("%s on %s", (_strategy, _recording, strategy, recording) => {
  const seen = answers(strategy, recording);
  const needed: number = strategy.lookback(defaultsOf(strategy));

  test("never looks ahead: asked again about every earlier moment, after it has seen the future, it says the same", () => {
    for (let at = recording.candles.length; at >= needed; at -= 1)
      expect(ask(strategy, recording.candles.slice(0, at), recording)).toEqual(seen[at - 1]);
  });

  test("needs no more history than it says", () => {
    for (let at = needed; at <= recording.candles.length; at += 5)
      expect(ask(strategy, recording.candles.slice(at - needed, at), recording)).toEqual(seen[at - 1]);
  });

  test("gives the same answer twice and leaves the candles alone", () => {
    const frozen = Object.freeze(recording.candles.map((candle) => Object.freeze({ ...candle })));
    for (let at = needed; at <= frozen.length; at += 11) {
      expect(ask(strategy, frozen.slice(0, at), recording)).toEqual(seen[at - 1]);
      expect(ask(strategy, frozen.slice(0, at), recording)).toEqual(seen[at - 1]);
    }
  });

  test("every signal has a strength of 0 to 1, a reason with numbers and a stop", () => {
    for (const signal of seen) {
      if (signal === null) continue;
      expect(isAtLeast(signal.strength, ratio("0")) && isAtMost(signal.strength, ratio("1"))).toBe(true);
      expect(signal.because).toMatch(/\d/);
      expect(signal.because.length).toBeLessThan(200);
      expect(isPositive(signal.exit.stopDistance) && isAtMost(signal.exit.stopDistance, ratio("0.03"))).toBe(true);
    }
  });

  // A year of calm may hold no cross, so the further recordings promise nothing here.
  test.runIf(recording === solFourHours || recording === ethFiveMinutes)(
    "has at least one signal that is strong enough to trade",
    () => {
      expect(seen.some((signal) => signal?.direction === "long" && isAtLeast(signal.strength, ratio("0.1")))).toBe(
        true,
      );
    },
  );
});

const settings = strategies.flatMap((strategy) =>
  Object.entries(z.toJSONSchema(strategy.params, { io: "input" }).properties ?? {}).map(
    ([key, property]) =>
      [
        strategy.name,
        key,
        strategy,
        property as {
          minimum?: number;
          maximum?: number;
          description?: string;
          anyOf?: readonly { minimum?: number; maximum?: number }[];
        },
      ] as const,
  ),
);

describe.each(settings)("%s setting %s", (_name, key, strategy, property) => {
  const numeric = property.anyOf?.find((one) => one.minimum !== undefined) ?? property;
  const isAccepted = (value: unknown): boolean =>
    strategy.params
      .safeParse({ [key]: value })
      .error?.issues.every((issue: z.core.$ZodIssue) => issue.code === "custom") ?? true;

  test("is described and bounded on both sides", () => {
    expect(property.description).toMatch(/^[A-Z].{10,120}/);
    expect(numeric.minimum).toBeTypeOf("number");
    expect(numeric.maximum).toBeTypeOf("number");
  });

  test("takes its bounds and nothing beyond them", () => {
    const { minimum = 0, maximum = 0 } = numeric;
    expect([minimum, maximum].map(isAccepted)).toEqual([true, true]);
    expect([minimum - 1, maximum + 1, Number.NaN, Number.POSITIVE_INFINITY, "5"].map(isAccepted)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});
