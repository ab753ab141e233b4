/** What a start of LIVE does with the verdict: real key rights and balances of a venue, real records. */
import { generateSync } from "otplib";
import { describe, expect, test } from "vitest";
import type { HouseSettings } from "../../src/core/settings.ts";
import { armLive, checkKey } from "../../src/flows/arm_live.ts";
import type { Needs } from "../../src/flows/needs.ts";
import type { LiveStart } from "../../src/ports/live_start.ts";
import type { KeyRights, Venue } from "../../src/ports/venue.ts";
import { buy, told } from "./conversation.ts";
import { factsOf, play, storyMs } from "./play.ts";
import type { Stage } from "./stage.ts";

const inLive = (settings: HouseSettings): HouseSettings => ({ ...settings, mode: "live", declaredBalance: "10000" });

/** The venue of the stage with rights of a key as a story needs them. */
const withKey =
  (rights: () => Partial<KeyRights>) =>
  (venue: Venue): Venue =>
    Object.assign(Object.create(venue) as Venue, {
      keyRights: async () => ({
        ok: true,
        value: { accountId: "uid-1", mayTrade: true, mayWithdraw: false, ...rights() },
      }),
    });

function startOf(stage: Stage, start: Partial<LiveStart> = {}): { needs: Needs; refusals: string[] } {
  const refusals: string[] = [];
  const live: LiveStart = {
    keyFingerprint: "aaaa",
    phrase: null,
    otherProblems: [],
    refuse: (problems) => void refusals.push(...problems),
    ...start,
  };
  return { needs: { ...stage.house().needs, live }, refusals };
}

const safeModeOf = (stage: Stage) => stage.books().house.safeMode["live_not_armed"];

describe("a start of LIVE", () => {
  test(
    "once an owner has an authenticator app, arming takes its code beside the phrase, and each code counts once",
    { timeout: storyMs },
    () =>
      play({ settings: inLive, venue: withKey(() => ({})) }, async (stage) => {
        const card = await told(stage, stage.desk, "code");
        const secret = card.fields.find((field) => field.name === "Can't scan")?.value ?? "";
        const codeAt = (steps: number) => generateSync({ secret, epoch: Math.floor(Date.now() / 1_000) + steps * 30 });
        await told(stage, stage.desk, "code", codeAt(-1));
        const phrase = "YES I AM SURE";
        for (const [code, says] of [
          [null, /add --live-code/],
          ["000000", /code of --live-code is wrong/],
          [codeAt(-1), /used before/],
        ] as const) {
          const start = startOf(stage, { phrase, code });
          await armLive(start.needs);
          expect(start.refusals.join()).toMatch(says);
          expect(safeModeOf(stage)).toBeDefined();
        }
        const good = codeAt(0);
        await armLive(startOf(stage, { phrase, code: good }).needs);
        expect(safeModeOf(stage)).toBeUndefined();
        expect(await factsOf(stage, "live_armed")).toHaveLength(1);
        const again = startOf(stage, { phrase, code: good, keyFingerprint: "bbbb" });
        await armLive(again.needs);
        expect(again.refusals.join()).toMatch(/used before/);
        const tries = await factsOf(stage, "question_tried");
        expect(tries.filter((one) => one.questionId === "arm_live").map((one) => one.isRight)).toEqual([
          false,
          false,
          true,
          false,
        ]);
      }),
  );

  test(
    "asks for the phrase, opens nothing without it, and is armed by it for exactly these values",
    { timeout: storyMs },
    () =>
      play({ settings: inLive, venue: withKey(() => ({})) }, async (stage) => {
        const asked = startOf(stage);
        expect(await armLive(asked.needs)).toEqual({ ok: true, value: null });
        expect(asked.refusals.join()).toContain('--live-phrase "YES I AM SURE"');
        expect(safeModeOf(stage)).toBeDefined();
        await armLive(startOf(stage, { phrase: "YES I AM SURE" }).needs);
        expect(safeModeOf(stage)).toBeUndefined();
        expect(await factsOf(stage, "live_armed")).toMatchObject([
          { accountId: "uid-1", keyFingerprint: "aaaa", declaredBalance: "10000" },
        ]);
        await armLive(startOf(stage).needs);
        expect(safeModeOf(stage)).toBeUndefined();
        const otherKey = startOf(stage, { keyFingerprint: "bbbb" });
        await armLive(otherKey.needs);
        expect(safeModeOf(stage)).toBeDefined();
        expect(otherKey.refusals).toEqual([]);
      }),
  );

  test("with a key that can withdraw it is refused, phrase or not [V51]", { timeout: storyMs }, () =>
    play({ settings: inLive, venue: withKey(() => ({ mayWithdraw: true })) }, async (stage) => {
      const start = startOf(stage, { phrase: "YES I AM SURE" });
      await armLive(start.needs);
      expect(start.refusals.join()).toContain("can withdraw");
      expect(await factsOf(stage, "live_armed")).toEqual([]);
    }),
  );

  test(
    "what is held is guarded and not left alone, even by a start that may not trade [O07]",
    { timeout: storyMs },
    () =>
      play({ settings: inLive, venue: withKey(() => ({ accountId: "uid-1" })) }, async (stage) => {
        await armLive(startOf(stage, { phrase: "YES I AM SURE" }).needs);
        await buy(stage, "SOL/USDT");
        const { needs, refusals } = startOf(stage);
        const pinned = { ...needs, settings: { ...needs.settings, pinnedAccountId: "uid-2" } };
        await armLive(pinned);
        expect(refusals).toEqual([]);
        expect(safeModeOf(stage)?.because).toContain("account uid-1, the settings name uid-2");
        expect(stage.position("SOL/USDT")?.protection).toBe("placed");
      }),
  );

  test("a key that gains the right to withdraw while it runs opens a breaker that only a person closes [V51]", {
    timeout: storyMs,
  }, () => {
    let mayWithdraw = false;
    return play({ settings: inLive, venue: withKey(() => ({ mayWithdraw })) }, async (stage) => {
      const { needs } = startOf(stage);
      await checkKey(needs);
      expect(Object.keys(stage.books().house.breakers)).toEqual([]);
      mayWithdraw = true;
      await checkKey(needs);
      expect(Object.values(stage.books().house.breakers)).toMatchObject([{ cause: "key_refused", class: "sticky" }]);
    });
  });
});
