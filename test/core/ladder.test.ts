/** Who is asked again, when, and who is left in peace; and what silence cost. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Approval } from "../../src/core/approval.ts";
import type { Books } from "../../src/core/books.ts";
import { dueStep, lastRung, rungAt, rungs } from "../../src/core/ladder.ts";
import { price, ratio } from "../../src/core/money.ts";
import { isAtPeace, isWithin, minuteOfDay, parseQuietHours } from "../../src/core/quiet_hours.ts";
import { silenceValue } from "../../src/core/silence.ts";
import { addMs, instant } from "../../src/core/time.ts";
import { makeApproval } from "../fixtures/facts.ts";
import { startStory, storyStart } from "../fixtures/story.ts";

const asked = makeApproval();
const whole = asked.expiresAt - asked.createdAt;
const atShare = (share: number) => addMs(asked.createdAt, Math.floor(whole * share));

const link = (personId: string, platform: string, chatId: string) => ({
  personId,
  platform,
  userId: chatId,
  chat: { platform, chatId, threadId: null },
  linkedAt: storyStart,
  origin: "code" as const,
});
const person = (personId: string, role: "viewer" | "operator" | "approver" | "owner") => ({
  personId,
  name: personId,
  role,
  timeZone: "UTC",
  isActive: true,
});
const books: Books = {
  ...startStory().books(),
  people: {
    persons: Object.fromEntries(
      [person("ana", "owner"), person("bo", "approver"), person("oz", "operator")].map((one) => [one.personId, one]),
    ),
    links: Object.fromEntries(
      [
        link("ana", "telegram", "1"),
        link("ana", "discord", "2"),
        link("bo", "telegram", "3"),
        link("oz", "telegram", "4"),
      ].map((one) => [`${one.platform}:${one.userId}`, one]),
    ),
    codes: {},
    sessions: {},
    access: {},
    refusals: {},
  },
};
const whom = (approval: Approval, share: number, peace = {}) =>
  dueStep(approval, books, peace, atShare(share))?.to.map(({ personId, chat }) => `${personId} ${chat.platform}`) ??
  null;

describe("the ladder", () => {
  test.each([
    [0, 0],
    [0.2499, 0],
    [0.25, 1],
    [0.49, 1],
    [0.5, 2],
    [0.75, 3],
    [0.999, 3],
  ])("at %d of its time the rung is %i", (share, rung) => {
    expect(rungAt(asked, addMs(asked.createdAt, Math.ceil(whole * share)))).toBe(rung);
  });

  test("before it was asked and when it is over there is nothing to climb", () => {
    expect(rungAt(asked, addMs(asked.expiresAt, 0))).toBe(-1);
    expect(dueStep(asked, books, {}, asked.expiresAt)).toBeNull();
  });

  test.each([
    ["nobody a second time at the beginning", asked, 0.1, null],
    ["one person elsewhere first", asked, 0.3, ["ana discord"]],
    ["then the others", asked, 0.6, ["bo telegram"]],
    ["at last everybody everywhere", asked, 0.8, ["ana telegram", "ana discord", "bo telegram"]],
    ["nobody whose yes is given", makeApproval({ yes: ["ana"] }), 0.8, ["bo telegram"]],
    ["nobody who asked for it", makeApproval({ requester: "person:bo" }), 0.6, ["ana telegram", "ana discord"]],
    ["nobody who rests", { ...asked, snoozed: { ana: asked.expiresAt } }, 0.8, ["bo telegram"]],
    ["him again when the rest is over", { ...asked, snoozed: { ana: asked.createdAt } }, 0.3, ["ana discord"]],
    ["nobody when it is decided", makeApproval({ state: "approved" }), 0.8, null],
    ["nobody at a rung that was climbed", { ...asked, rung: 3 }, 0.8, null],
  ] as const)("asks %s", (_what, approval, share, expected) => {
    expect(whom(approval, share)).toEqual(expected);
  });

  test("quiet hours keep small requests from a person, and large ones never", () => {
    const always = { ana: { fromMinute: 0, toMinute: 1_439 } };
    expect(whom(asked, 0.8, always)).toEqual(["bo telegram"]);
    expect(whom(makeApproval({ tier: "T2" }), 0.8, always)).toEqual(["ana telegram", "ana discord", "bo telegram"]);
  });

  test("a step has one name, and however often time passes it is climbed once", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1.2, noNaN: true }), { maxLength: 30 }), (shares) => {
        let now: Approval = asked;
        const names: string[] = [];
        for (const share of [...shares].sort((left, right) => left - right)) {
          const step = dueStep(now, books, {}, atShare(share));
          if (step === null) continue;
          names.push(step.stepId);
          expect(step.rung).toBeGreaterThan(now.rung ?? 0);
          now = { ...now, rung: step.rung };
        }
        expect(new Set(names).size).toBe(names.length);
        expect(names.length).toBeLessThanOrEqual(lastRung);
      }),
    );
    expect(rungs[0]).toBe(0);
  });
});

describe("quiet hours", () => {
  test.each([
    ["22:00-07:00", "23:30", true],
    ["22:00-07:00", "06:59", true],
    ["22:00-07:00", "07:00", false],
    ["22:00-07:00", "21:59", false],
    ["13:00-14:00", "13:00", true],
    ["13:00-14:00", "14:00", false],
  ])("%s at %s: %s", (text, time, expected) => {
    const hours = parseQuietHours(text);
    const [hour = 0, minute = 0] = time.split(":").map(Number);
    expect(hours !== null && isWithin(hours, hour * 60 + minute)).toBe(expected);
  });

  test.each(["", "22-7", "24:00-07:00", "22:00-22:00", "22:60-07:00", "always"])("%j is none", (text) => {
    expect(parseQuietHours(text)).toBeNull();
  });

  test("they are those of the person's own clock, summer time included", () => {
    const night = instant(Date.UTC(2026, 6, 1, 20, 30));
    expect(minuteOfDay(night, "Europe/Berlin")).toBe(22 * 60 + 30);
    const ana = { timeZone: "Europe/Berlin", quietHours: parseQuietHours("22:00-07:00") };
    expect(isAtPeace(ana, "T1", night)).toBe(true);
    expect(isAtPeace({ ...ana, timeZone: "UTC" }, "T1", night)).toBe(false);
    expect(isAtPeace(ana, "T2", night)).toBe(false);
    expect(isAtPeace({ timeZone: "UTC" }, "T1", night)).toBe(false);
  });
});

describe("what silence cost", () => {
  const subject = asked.subject;
  if (subject.kind !== "order" || subject.intent.exitPlan === null)
    throw new Error("the sample is an order with a stop");
  const { stopPrice, targetPrice } = subject.intent.exitPlan;
  const at = { wallAt: addMs(asked.createdAt, 60_000), takerFee: ratio("0.001") };

  test("it is followed to the stop, to the target, or for an hour, after the fees of both sides", () => {
    expect(silenceValue(asked, subject.terms.quotedPrice, at)).toBeNull();
    expect(silenceValue(asked, stopPrice, at)?.how).toBe("stop");
    if (targetPrice !== null) expect(silenceValue(asked, targetPrice, at)?.how).toBe("target");
    const over = silenceValue(asked, subject.terms.quotedPrice, { ...at, wallAt: addMs(asked.createdAt, 3_600_000) });
    expect(over?.how).toBe("time");
    // Sold for what was paid: only the two fees are lost.
    const fees = Number(subject.terms.quotedPrice) * Number(subject.intent.quantity) * 0.002;
    expect(Number(over?.pnl)).toBeCloseTo(-fees, 9);
    expect(Number(silenceValue(asked, price("0.01"), at)?.pnl)).toBeLessThan(0);
  });

  test("only an order has a price", () => {
    const flatten = { ...asked, subject: { kind: "flatten", positions: [] } as const };
    expect(silenceValue(flatten, price("1"), at)).toBeNull();
  });
});
