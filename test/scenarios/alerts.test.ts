/** What wakes people, once and with the facts; and the breakers that only a person closes. */
import { afterEach, describe, expect, test } from "vitest";
import { ratio } from "../../src/core/money.ts";
import type { HouseSettings } from "../../src/core/settings.ts";
import { recordFacts } from "../../src/flows/record.ts";
import { buy, cardsWith, chatsOf, factCount, textOf, told } from "./conversation.ts";
import { openStage, type Stage, type StageWish } from "./stage.ts";

const orders = { method: "POST", path: /^\/api\/v1\/(hf\/)?orders/ } as const;
const limitsAt = (overrides: HouseSettings["overrides"]) => (settings: HouseSettings) => ({ ...settings, overrides });
/** One position may take the whole account, so that a fall of the price is a fall of the equity. */
const bold = { positionShare: ratio("1"), exposureShare: ratio("1"), assetShare: null };

describe("alerts", () => {
  let stage: Stage;
  const open = async (wish: StageWish = {}) => {
    stage = await openStage(wish);
  };
  afterEach(async () => {
    await stage.judge().finally(() => stage.close());
  });
  const everywhere = (title: string) => () => chatsOf(stage).every((chat) => cardsWith(chat, title).length > 0);

  test("a lost answer says that the order is unknown, on every chat, once, and the order is found", async () => {
    await open();
    stage.exchange.faults.add({ ...orders, verb: { do: "drop_after" } });
    await stage.ask("SOL/USDT");
    await stage.until(() => stage.discord.openPrompts().length === 1, "the prompt");
    await stage.discord.tap("Approve");
    await stage.until(everywhere("Order unknown"), "the alert");
    const card = textOf(cardsWith(stage.desk, "Order unknown")[0]);
    expect(card).toMatch(/Entry: buy [\d.]+ SOL\/USDT/);
    expect(card).toContain("Nothing is sent twice");
    await stage.until(() => stage.position("SOL/USDT")?.protection === "placed", "the order to be found", 30_000);
    expect(cardsWith(stage.desk, "Order unknown")).toHaveLength(1);
  }, 60_000);

  test("a refused stop is called missing, and placed again", async () => {
    await open();
    await stage.ask("SOL/USDT");
    await stage.until(() => stage.discord.openPrompts().length === 1, "the prompt");
    stage.exchange.faults.add({
      method: "POST",
      path: /order/,
      skip: 1,
      verb: { do: "refuse", code: "400370", msg: "Price out of band" },
    });
    await stage.discord.tap("Approve");
    await stage.until(everywhere("Stop missing"), "the alert");
    expect(textOf(cardsWith(stage.telegram, "Stop missing")[0])).toMatch(/SOL\/USDT has no stop at the venue/);
    await stage.until(() => stage.position("SOL/USDT")?.protection === "placed", "the second stop", 40_000);
    expect(cardsWith(stage.telegram, "Stop missing")).toHaveLength(1);
  }, 60_000);

  test("a closed position brings one card with result, prices and fees", async () => {
    await open();
    await buy(stage, "SOL/USDT");
    stage.exchange.faults.jump("SOL-USDT", stage.position("SOL/USDT")?.exitPlan.stopPrice ?? "");
    await stage.until(everywhere("SOL/USDT closed by stop"), "the card");
    const position = stage.position("SOL/USDT");
    const card = textOf(cardsWith(stage.telegram, "closed by stop")[0]);
    expect(card).toMatch(/Result: [-\u2212]/);
    expect(card).toContain(`Entry: ${position?.entryPrice}`);
    expect(card).toContain("after fees of ");
    expect(cardsWith(stage.telegram, "closed by stop")[0]?.tone).toBe("warning");
    expect(cardsWith(stage.telegram, "closed by")).toHaveLength(1);
  });

  test("a request that nobody answers says that nothing was traded; more of them within half an hour are folded", async () => {
    await open({
      settings: (settings) => ({ ...settings, approvals: { ...settings.approvals, expiresMs: 1_200 } }),
    });
    await stage.ask("SOL/USDT");
    await stage.ask("ETH/USDT");
    await stage.until(everywhere("Approval expired"), "the card");
    await stage.until(
      () => Object.values(stage.books().approvals).every((one) => one.state === "expired"),
      "both over",
    );
    await stage.until(() => Object.keys(stage.books().chat.outbox).length === 0, "an empty outbox");
    expect(chatsOf(stage).map((chat) => cardsWith(chat, "Approval expired").length)).toEqual([1, 1, 1]);
    expect(textOf(cardsWith(stage.telegram, "Approval expired")[0])).toContain(
      "nobody answered, so nothing was traded",
    );
    expect(stage.orderPosts()).toHaveLength(0);
  });

  test("an exchange that does not answer is called gone after seconds, and back when it is", async () => {
    await open();
    await buy(stage, "SOL/USDT");
    stage.exchange.faults.outage(true);
    await stage.until(everywhere("does not answer"), "the alert", 40_000);
    await expect(stage.ask("ETH/USDT")).rejects.toThrow(/data_missing|data_stale|refused/);
    stage.exchange.faults.outage(false);
    await stage.until(everywhere("answers again"), "the all-clear", 40_000);
    expect(textOf(cardsWith(stage.telegram, "answers again")[0])).toMatch(/It was gone for \d+/);
    expect(stage.position("SOL/USDT")?.protection).toBe("placed");
    expect(stage.books().house.gone).toEqual({});
  }, 90_000);

  test("an entry denied by a loss limit is told, one denied by anything else is not", async () => {
    await open();
    const { needs } = stage.house();
    const deny = (code: "daily_loss_reached" | "signal_too_weak") =>
      recordFacts(needs, "strategy:ema_trend", [
        {
          type: "intent_denied",
          signalId: null,
          strategy: "ema_trend",
          instrumentId: "kucoin:SOL/USDT",
          intent: null,
          denials: [{ code, check: "x", facts: { loss: "301 USDT", limit: "3 % (300 USDT)" } }],
          stage: "cycle",
          notes: [],
        } as never,
      ]);
    await deny("signal_too_weak");
    await deny("daily_loss_reached");
    await deny("daily_loss_reached");
    await stage.until(everywhere("Entry denied by a loss limit"), "the card");
    await stage.until(() => Object.keys(stage.books().chat.outbox).length === 0, "an empty outbox");
    expect(cardsWith(stage.telegram, "Entry denied")).toHaveLength(1);
    expect(textOf(cardsWith(stage.telegram, "Entry denied")[0])).toContain("loss 301 USDT, limit 3 % (300 USDT)");
    expect(await factCount(stage, "intent_denied")).toBe(3);
  });

  test("a fall of the equity opens the drawdown breaker; it survives a restart, and only a person with a reason closes it", async () => {
    await open({
      settings: limitsAt({
        ...bold,
        drawdownMax: ratio("0.002"),
        dailyLossShare: ratio("1"),
        sessionLossShare: ratio("1"),
      }),
    });
    await buy(stage, "SOL/USDT", { stop: "0.03" });
    const entry = Number(stage.position("SOL/USDT")?.entryPrice);
    stage.exchange.faults.jump("SOL-USDT", (Math.floor(entry * 97.6) / 100).toFixed(2));
    await stage.until(() => stage.books().house.breakers["drawdown_reached@account:main"] !== undefined, "the breaker");
    await stage.until(everywhere("Breaker open: drawdown reached"), "the alert");
    expect(textOf(cardsWith(stage.telegram, "Breaker open")[0])).toMatch(/Drawdown: [\d.-]+ ?%/);
    await expect(stage.ask("ETH/USDT")).rejects.toThrow(/breaker_open/);
    await stage.restart();
    expect(stage.books().house.breakers["drawdown_reached@account:main"]?.cause).toBe("drawdown_reached");
    await expect(stage.ask("ETH/USDT")).rejects.toThrow(/breaker_open/);
    expect((await told(stage, stage.telegram, "resume", "ok")).tone).toBe("warning");
    expect(stage.books().house.breakers["drawdown_reached@account:main"]).toBeDefined();
    expect(textOf(await told(stage, stage.telegram, "status"))).toContain("drawdown_reached@account:main open");
    expect(textOf(await told(stage, stage.telegram, "resume", "I looked, the fall was real"))).toContain(
      "drawdown_reached@account:main stands",
    );
    // Something is still open, so the fall is not over.
    const refused = await told(stage, stage.telegram, "reset", "drawdown_reached I looked, the fall was real");
    expect(textOf(refused)).toMatch(/Not reset: drawdown reached is still true[\s\S]*drawdown/);
    await told(stage, stage.telegram, "close", "SOL/USDT");
    await stage.until(() => stage.position("SOL/USDT")?.state === "closed", "the close");
    const card = await told(stage, stage.telegram, "reset", "drawdown_reached I looked, the fall was real");
    expect(textOf(card)).toContain("Closed: drawdown_reached@account:main");
    expect(await factCount(stage, "breaker_closed")).toBe(1);
    await stage.until(() => stage.house().needs.memory.looks.size === 0, "a look that finds nothing");
    expect(stage.books().house.breakers).toEqual({});
  });

  test("a daily loss halts entries as well, with the loss and the limit in the card", async () => {
    await open({ settings: limitsAt({ ...bold, drawdownMax: ratio("0.9"), dailyLossNotional: { usd: "5" } }) });
    await buy(stage, "SOL/USDT", { stop: "0.03" });
    stage.exchange.faults.jump("SOL-USDT", stage.position("SOL/USDT")?.exitPlan.stopPrice ?? "");
    await stage.until(everywhere("Breaker open: daily loss reached"), "the alert");
    expect(textOf(cardsWith(stage.telegram, "Breaker open: daily loss")[0])).toMatch(
      /Loss: [\d.]+ USDT · [\d.]+ %[\s\S]*Limit: 5.00 USDT/,
    );
    await stage.until(() => stage.position("SOL/USDT")?.state === "closed", "the close");
    await expect(stage.ask("ETH/USDT")).rejects.toThrow(/daily_loss_reached/);
  });
});
