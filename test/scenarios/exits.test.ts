/** Every position comes to an end: by time, through refusals and lost answers, and whatever hangs beside it. */
import { describe, expect, test } from "vitest";
import { buy, cardsWith } from "./conversation.ts";
import { factsOf, play, sentExits, storyMs, untilClosed, untilProtected } from "./play.ts";

const exitPath = "/api/v1/hf/orders";

describe.concurrent("an exit", () => {
  test("at its time limit a position is sold, and the stop goes first", { timeout: storyMs }, () =>
    play({}, async (stage) => {
      await stage.ask("SOL/USDT", { timeLimitMs: 4_000 });
      await stage.telegram.tap("Approve");
      await untilProtected(stage, "SOL/USDT");
      await untilClosed(stage, "SOL/USDT", 20_000);
      expect(stage.position("SOL/USDT")?.exitReason).toBe("time");
      expect(sentExits(stage)).toHaveLength(1);
      expect(stage.exchange.balances()["SOL"]).toEqual({ free: "0", held: "0" });
    }),
  );

  test(
    "refused again and again it is tried at longer intervals, people hear of it, and it ends",
    { timeout: storyMs },
    () =>
      play({}, async (stage) => {
        await buy(stage, "SOL/USDT");
        const verb = { do: "refuse", code: "400100", msg: "Price increment invalid." } as const;
        const allow = stage.exchange.faults.add({ method: "POST", path: exitPath, verb, times: 1_000 });
        await stage.telegram.say("close", "SOL");
        await stage.until(() => sentExits(stage).length === 3, "three tries", 20_000);
        await stage.until(() => cardsWith(stage.desk, "Exit refused").length > 0, "the alert");
        allow();
        await untilClosed(stage, "SOL/USDT", 30_000);
        const refused = (await factsOf(stage, "order_rejected")).map((fact) => fact.wallAt);
        const [first = 0, second = 0, third = 0] = refused;
        expect(refused).toHaveLength(3);
        expect(second - first).toBeGreaterThanOrEqual(950);
        expect(third - second).toBeGreaterThanOrEqual(1_950);
        expect(stage.position("SOL/USDT")?.exitReason).toBe("operator");
      }),
  );

  test.for(["drop_after", "stall_body", "empty_after"] as const)(
    "its answer lost by %s it is found, and nothing is sold twice",
    { timeout: storyMs },
    (fault) =>
      play({}, async (stage) => {
        await buy(stage, "SOL/USDT");
        stage.exchange.faults.add({ method: "POST", path: exitPath, verb: { do: fault } });
        await stage.telegram.say("close", "SOL");
        await untilClosed(stage, "SOL/USDT", 40_000);
        expect(sentExits(stage)).toHaveLength(1);
        expect((await factsOf(stage, "order_answer_lost")).length).toBe(1);
      }),
  );

  test("a lost cancel of the stop is asked about before anything is sold", { timeout: storyMs }, () =>
    play({}, async (stage) => {
      await buy(stage, "SOL/USDT");
      stage.exchange.faults.add({ method: "DELETE", path: "/api/v3/oco", verb: { do: "drop_after" } });
      await stage.telegram.say("close", "SOL");
      await untilClosed(stage, "SOL/USDT", 40_000);
      expect(sentExits(stage)).toHaveLength(1);
    }),
  );

  test("an outage only delays it", { timeout: storyMs }, () =>
    play({}, async (stage) => {
      await buy(stage, "SOL/USDT");
      stage.exchange.faults.outage(true);
      await stage.telegram.say("close", "SOL");
      await new Promise((done) => setTimeout(done, 4_000));
      expect(stage.position("SOL/USDT")?.state).not.toBe("closed");
      stage.exchange.faults.outage(false);
      await untilClosed(stage, "SOL/USDT", 40_000);
      expect(stage.position("SOL/USDT")?.exitReason).toBe("operator");
    }),
  );

  test("an instrument that hangs keeps no other from its stop, its exit and its questions", { timeout: storyMs }, () =>
    play({}, async (stage) => {
      await buy(stage, "SOL/USDT");
      await buy(stage, "ETH/USDT");
      const verb = { do: "hang_before" } as const;
      const heal = stage.exchange.faults.add({ path: /SOL-USDT/, verb, times: 1_000_000 });
      await stage.telegram.say("close", "SOL");
      await stage.telegram.say("close", "ETH");
      await untilClosed(stage, "ETH/USDT", 6_000);
      await stage.ask("BTC/USDT");
      await stage.desk.tap("Approve");
      await untilProtected(stage, "BTC/USDT", 6_000);
      expect(stage.position("SOL/USDT")?.state).not.toBe("closed");
      heal();
      await untilClosed(stage, "SOL/USDT", 40_000);
    }),
  );
});
