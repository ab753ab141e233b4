/** Limits while the house runs: tightened by a word, loosened only by an owner with a reason, never beyond the profile. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { limitNames } from "../../src/core/profiles.ts";
import { currentLimits } from "../../src/flows/gather_view.ts";
import { cardsWith, chatsOf, noPrompts, textOf, told } from "./conversation.ts";
import { openStage, type Stage } from "./stage.ts";

describe("limits", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage({
      settings: (settings) => ({
        ...settings,
        people: [
          ...settings.people,
          {
            personId: "olga",
            name: "Olga",
            role: "operator",
            timeZone: "UTC",
            telegramUserId: "333",
            discordUserId: null,
          },
        ],
      }),
    });
  });
  afterEach(async () => {
    await stage.judge().finally(() => stage.close());
  });
  const limits = () => currentLimits(stage.house().needs, stage.books());
  const say = (text: string, change = {}) => told(stage, stage.telegram, "limits", text, change);
  const olga = { sender: { userId: "333", displayName: "Olga", isPerson: true } };

  test("/limits shows every limit and which ones were tightened", async () => {
    await say("exposureShare 10%");
    const card = await say("");
    await stage.telegram.tap("2 of 2 ▶");
    const turned = () => stage.telegram.messages.find((one) => one.card.footer?.includes("Page 2 of 2"))?.card;
    await stage.until(() => turned() !== undefined, "the second page");
    const fields = [...card.fields, ...(turned()?.fields ?? [])];
    expect(fields.map((field) => field.name)).toEqual(limitNames);
    expect(textOf(card)).toContain("exposureShare: 10 % (tightened)");
    expect(textOf(card)).toContain("riskPerTrade: 1 %\n");
    expect(textOf(card)).toContain("dailyLossNotional: no limit");
    expect((await say("drawdownmax")).title).toBe("drawdownMax: 10 %");
  });

  test("an operator tightens at once, and it holds for the next wish", async () => {
    const card = await say("riskPerTrade 0.5%", olga);
    expect(card.title).toBe("riskPerTrade: 1 % to 0.5 %");
    expect(limits().riskPerTrade).toBe("0.005");
    await say("openPositionsMax 0", olga);
    await expect(stage.ask("SOL/USDT")).rejects.toThrow(/too_many_positions/);
    expect(cardsWith(stage.discord, "Limit")).toHaveLength(0);
  });

  test("two who tighten at once end at the stricter value, and neither loosens what the other has tightened", async () => {
    await Promise.all([say("riskPerTrade 0.1%"), say("riskPerTrade 0.4%", olga)]);
    expect(limits().riskPerTrade).toBe("0.001");
    expect(stage.books().house.controls["riskPerTrade"]).toBe("0.1%");
  });

  test("tightening holds for what waits for an answer, too: what no longer fits is void at once [G04]", async () => {
    await stage.ask("SOL/USDT");
    await stage.until(() => stage.discord.openPrompts().length === 1, "the prompt");
    await say("openPositionsMax 0");
    await stage.until(() => noPrompts(stage), "voided prompts");
    expect(stage.orderPosts()).toHaveLength(0);
  });

  test("loosening wants an owner, a reason and a fresh word, and every chat hears of it", async () => {
    await say("riskPerTrade 0.2%");
    expect((await say("riskPerTrade 0.5% I like risk", olga)).title).toMatch(/needs the role owner; yours is operator/);
    const bare = await say("riskPerTrade 0.5%");
    expect(bare.title).toBe("Loosening a limit needs a reason.");
    expect(bare.lines[0]).toContain("/limits riskPerTrade 0.5% and why");
    const late = await say("riskPerTrade 0.5% fresh eyes", { sentAt: Date.now() - 40_000 });
    expect(late.title).toBe("/limits came 40 s late, so it was not done.");
    expect(limits().riskPerTrade).toBe("0.002");
    const done = await say("riskPerTrade 0.5% fresh eyes");
    expect(done.title).toBe("riskPerTrade: 0.2 % to 0.5 %");
    expect(limits().riskPerTrade).toBe("0.005");
    await stage.until(
      () =>
        chatsOf(stage).every((chat) => cardsWith(chat, "Limit loosened").length === (chat === stage.telegram ? 2 : 1)),
      "the news",
    );
    expect(textOf(cardsWith(stage.discord, "Limit loosened")[0])).toContain("By owner: fresh eyes");
  });

  test("nothing typed passes the profile, and the answer says which value holds", async () => {
    const card = await say("riskPerTrade 50% much more please");
    expect(limits().riskPerTrade).toBe("0.01");
    expect(textOf(card)).toContain("1 %");
    expect(textOf(card)).not.toMatch(/Loosened;/);
    expect(cardsWith(stage.discord, "Limit loosened")).toHaveLength(0);
    await say("isDowntrendGuarded off I do not need it");
    expect(limits().isDowntrendGuarded).toBe(true);
    await say("riskPerTrade 0.5%");
    await say("riskPerTrade 3% back to normal");
    expect(limits().riskPerTrade).toBe("0.01");
    await stage.until(() => cardsWith(stage.discord, "Limit loosened").length === 1, "the news");
    expect(cardsWith(stage.discord, "Limit loosened")[0]?.title).toBe("Limit loosened: riskPerTrade to 1 %");
  });

  test("a percent sign after a space is read as the person meant it", async () => {
    expect((await say("riskPerTrade 0.5 %")).title).toBe("riskPerTrade: 1 % to 0.5 %");
    expect((await say("riskPerTrade 0.7 % new month")).title).toBe("riskPerTrade: 0.5 % to 0.7 %");
    expect(limits().riskPerTrade).toBe("0.007");
  });

  test.each([
    ["riskPerTrade abc", "riskPerTrade takes a share such as 5 % or 0.05"],
    ["riskPerTrade -1%", "riskPerTrade takes a share such as 5 % or 0.05"],
    ["riskPerTrade 1e3", "riskPerTrade takes a share such as 5 % or 0.05"],
    ["riskPerTrade NaN", "riskPerTrade takes a share such as 5 % or 0.05"],
    ["riskPerTrade 101%", "riskPerTrade takes a share of at most 100 %, got 101%"],
    ["tradesPerMinute 1.5", 'tradesPerMinute takes a whole number, got "1.5"'],
    ["tradesPerMinute Infinity", 'tradesPerMinute takes a plain number that is not negative, got "Infinity"'],
    ["dailyLossNotional -5", 'dailyLossNotional takes a plain number that is not negative, got "-5"'],
    ["isStopMandatory maybe", "isStopMandatory is on or off"],
    ["riskOfRain 1%", "There is no limit riskOfRain."],
  ])("/limits %s changes nothing and gets one clear sentence", async (text, sentence) => {
    const card = await say(text);
    expect(card.title).toBe(sentence);
    expect(stage.books().house.controls).toEqual({});
  });

  test("a tightened limit survives a restart", async () => {
    await say("riskPerTrade 0.3%");
    await stage.restart();
    expect(limits().riskPerTrade).toBe("0.003");
    expect((await say("riskPerTrade 0.3%")).title).toContain("is 0.3 % already");
  });
});
