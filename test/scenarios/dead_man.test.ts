/** A dead-man switch of the venue, set by another program on our account: never by us, seen at once, and survived when it fires. */
import { describe, expect, test } from "vitest";
import { createClient } from "../../src/venues/kucoin/client.ts";
import { watchMarks } from "../fixtures/watch_marks.ts";
import { buy } from "./conversation.ts";
import { factsOf, play, sentStops, storyMs, untilProtected } from "./play.ts";
import type { Stage } from "./stage.ts";

const marks = watchMarks();

/** As another program would: with the same key, and through no door of ours. @returns what it can set and ask. */
async function stranger(stage: Stage) {
  const [credentials] = stage.exchange.credentials;
  if (credentials === undefined) throw new Error("the stage has no account");
  const client = await createClient(credentials, stage.exchange.url);
  return {
    set: (timeout: number, symbols = "") => client.privatePostHfOrdersDeadCancelAll({ timeout, symbols }),
    isSet: async () => "timeout" in ((await client.privateGetHfOrdersDeadCancelAllQuery()) as { data: object }).data,
  };
}

const switchBreaker = (stage: Stage) =>
  Object.values(stage.books().house.breakers).find((one) => one.cause === "dead_man_switch");
const settersOf = (stage: Stage) =>
  stage.exchange.wireLog.all().filter((entry) => entry.method === "POST" && entry.target.includes("dead-cancel-all"));

describe("a dead-man switch that somebody set", () => {
  test(
    "is never ours, stops entries while it is set, and is forgotten when it is gone [V29]",
    { timeout: storyMs },
    () =>
      play({}, async (stage) => {
        await buy(stage, "SOL/USDT");
        expect(settersOf(stage)).toEqual([]);
        const other = await stranger(stage);
        await other.set(600, "SOL-USDT,ETH-USDT");
        await stage.until(() => switchBreaker(stage)?.state === "open", "the breaker", 20_000);
        expect(switchBreaker(stage)?.evidence).toMatchObject({ cancels: "SOL/USDT ETH/USDT" });
        await expect(stage.ask("BTC/USDT")).rejects.toThrow(/breaker_open/);
        expect(stage.position("SOL/USDT")?.protection).toBe("placed");
        await other.set(-1);
        await stage.until(() => stage.house().needs.memory.venue.deadMan === null, "that it is gone", 20_000);
        expect(settersOf(stage)).toHaveLength(2);
        expect(marks.reached()).toContain("V29.switch_of_somebody_else");
      }),
  );

  test(
    "and that takes our stops (variant A): the stop is back within ten seconds, once [V29]",
    { timeout: storyMs },
    () =>
      play({ switches: { deadManTakesStops: true } }, async (stage) => {
        await buy(stage, "SOL/USDT");
        await untilProtected(stage, "SOL/USDT");
        const [before] = sentStops(stage);
        const other = await stranger(stage);
        await other.set(5);
        await stage.until(() => factsOfStops(stage) > 0, "the loss of the stop", 30_000);
        const lostAt = performance.now();
        await untilProtected(stage, "SOL/USDT", 12_000);
        expect(performance.now() - lostAt).toBeLessThan(10_000);
        expect(await other.isSet()).toBe(false);
        expect(sentStops(stage)).toHaveLength(2);
        expect(sentStops(stage)[1]?.["clientOid"]).not.toBe(before?.["clientOid"]);
        expect(await factsOf(stage, "stop_lost")).toHaveLength(1);
        expect(stage.position("SOL/USDT")?.state).toBe("monitoring");
      }),
  );

  test("and that spares stops (variant B): nothing of ours changes [V29]", { timeout: storyMs }, () =>
    play({ switches: { deadManTakesStops: false } }, async (stage) => {
      await buy(stage, "SOL/USDT");
      await untilProtected(stage, "SOL/USDT");
      const other = await stranger(stage);
      await other.set(5);
      await new Promise((resolve) => setTimeout(resolve, 6_000));
      expect(await other.isSet()).toBe(false);
      await new Promise((resolve) => setTimeout(resolve, 12_000));
      expect(sentStops(stage)).toHaveLength(1);
      expect(await factsOf(stage, "stop_lost")).toEqual([]);
      expect(stage.position("SOL/USDT")?.protection).toBe("placed");
    }),
  );
});

const factsOfStops = (stage: Stage): number => stage.position("SOL/USDT")?.stopsLostAt?.length ?? 0;
