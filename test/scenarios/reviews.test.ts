/** The review of a week and the test alarm on real parts: told once each whatever dies in between, answered by a person, kept on record. */
import { describe, expect, test } from "vitest";
import type { Fact } from "../../src/core/events.ts";
import { instant } from "../../src/core/time.ts";
import { tendDrill } from "../../src/flows/drill_alarm.ts";
import { makeReports } from "../../src/flows/make_reports.ts";
import { reportFile } from "../../src/flows/report.ts";
import { buy, cardsWith, chatsOf, factCount, textOf, told } from "./conversation.ts";
import { crashPoint } from "./crash_point.ts";
import { play, storyMs } from "./play.ts";
import type { Stage, StageWish } from "./stage.ts";

const dayMs = 86_400_000;
const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** House time may jump to the next Monday at 08:30 UTC; real time stays. */
function nextMonday(): { readonly wish: StageWish; go(): void; readonly week: string } {
  let shift = 0;
  const wall = Date.now();
  const today = Math.floor(wall / dayMs);
  const monday = (today + 7 - ((today + 3) % 7)) * dayMs;
  const thursday = monday - 4 * dayMs;
  const first = Date.parse(`${new Date(thursday).getUTCFullYear()}-01-01T00:00:00Z`);
  const number = 1 + Math.floor((thursday - first) / (7 * dayMs));
  return {
    wish: {
      clock: (system) => ({ ...system, now: () => instant(system.now() + shift) }),
      settings: (settings) => ({ ...settings, summaryHour: 8 }),
    },
    go: () => {
      shift = monday + 8.5 * 3_600_000 - wall;
    },
    week: `${new Date(thursday).getUTCFullYear()}-W${String(number).padStart(2, "0")}`,
  };
}

const weekReport = (stage: Stage) => stage.books().reports.made.findLast(({ kind }) => kind === "week");
const reviews = (stage: Stage) => chatsOf(stage).map((chat) => cardsWith(chat, "Weekly review").length);
const everywhere = (stage: Stage) =>
  stage.until(() => reviews(stage).every((count) => count === 1), "the review on every chat");

test.concurrent("the week is told with its trades, and one tap says on every chat who has read it", {
  timeout: storyMs,
}, () => {
  const { wish, go, week } = nextMonday();
  return play(wish, async (stage) => {
    await buy(stage, "SOL/USDT");
    stage.exchange.faults.jump("SOL-USDT", stage.position("SOL/USDT")?.exitPlan.stopPrice ?? "");
    await stage.until(() => stage.position("SOL/USDT")?.state === "closed", "the close");
    const { needs } = stage.house();
    expect(await makeReports(needs)).toEqual([]);
    go();
    expect(await makeReports(needs)).toContain(week);
    await everywhere(stage);
    const text = textOf(cardsWith(stage.telegram, "Weekly review")[0]);
    expect(text).toContain(`Weekly review ${week} · PAPER`);
    expect(text).toMatch(/always_trade_canary: -.* 1 trade \(0 won\)/);
    expect(text).toMatch(/Approvals: 1 asked, 1 approved, 0 declined, 0 expired, median answer \d/);
    const file = (await reportFile(needs, week))?.trim().split("\r\n") ?? [];
    expect(file).toHaveLength(2);
    expect(file[1]).toContain(",SOL/USDT,stop,");

    expect((await told(stage, stage.desk, "status")).fields).toContainEqual(
      expect.objectContaining({ name: "Weekly review", value: expect.stringContaining("/ack weekly_review") }),
    );
    await stage.telegram.tap("Acknowledge");
    await stage.until(
      () =>
        chatsOf(stage).every((chat) => cardsWith(chat, "Weekly review")[0]?.footer?.includes("acknowledged") === true),
      "the name on every copy",
    );
    expect(weekReport(stage)?.ack?.personId).toBe("owner");
    const buttons = stage.discord.messages.find(({ card }) => card.title.includes("Weekly review"))?.buttons;
    expect(buttons).toEqual([]);
    await stage.restart();
    expect(await makeReports(stage.house().needs)).toEqual([]);
    expect(reviews(stage)).toEqual([1, 1, 1]);
    expect(weekReport(stage)?.ack?.personId).toBe("owner");
  });
});

describe("kill -9", () => {
  const isOf = (type: Fact["type"]) => (fact: Fact) => fact.type === type;
  test.concurrent.each<[string, (fact: Fact) => boolean]>([
    ["right after the commit that tells it", isOf("report_made")],
    ["before its first message leaves", isOf("notice_prepared")],
    ["between one chat and the next", (fact) => fact.type === "card_sent" && fact.rev !== undefined],
  ])("%s: one review on every chat, and one on record", { timeout: storyMs }, (_, after) => {
    const { wish, go } = nextMonday();
    const crash = crashPoint({ after });
    return play({ ...wish, ...crash.wish }, async (stage) => {
      go();
      void makeReports(stage.house().needs);
      await stage.until(crash.happened, "the crash");
      await stage.restart();
      await makeReports(stage.house().needs);
      await everywhere(stage);
      await stage.house().needs.clock.sleep(1_500);
      expect(reviews(stage)).toEqual([1, 1, 1]);
      expect(await factCount(stage, "report_made")).toBe(1);
    });
  });

  test.concurrent(
    "while a test alarm waits: it is the same one after the start, and a tap on the old message passes it",
    { timeout: storyMs },
    () =>
      play({}, async (stage) => {
        expect((await told(stage, stage.telegram, "drill", "alarm")).title).toBe("Test alarm sent to 3 chats");
        await stage.until(
          () => chatsOf(stage).every((chat) => cardsWith(chat, "Test alarm").length === 1),
          "the alarm",
        );
        await stage.restart();
        await tendDrill(stage.house().needs);
        expect((await told(stage, stage.discord, "drill")).title).toBe("A test alarm runs already");
        await stage.discord.tap("Acknowledge");
        await stage.until(() => Object.values(stage.books().chat.inbox).length === 0, "the tap");
        await tendDrill(stage.house().needs);
        expect(stage.books().drills.last?.end).toMatchObject({ how: "acknowledged", personId: "owner", unreached: [] });
        const field = (await told(stage, stage.desk, "status")).fields.find(({ name }) => name === "Test alarm");
        expect(field?.value).toMatch(
          new RegExp(`^${isoDay(Date.now()).slice(0, 8)}\\d\\d: acknowledged by owner after `),
        );
        expect(await factCount(stage, "drill_started")).toBe(1);
        await stage.until(
          () => chatsOf(stage).every((chat) => cardsWith(chat, "was heard").length === 1),
          "the end",
          40_000,
        );
      }),
  );
});
