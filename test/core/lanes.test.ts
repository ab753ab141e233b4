/** How much a chat is told, in which order; and that every lane gets its turn. */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Bucket,
  budgetOf,
  chatBudget,
  deskBudget,
  fullBucket,
  groupBudget,
  type Lane,
  lanes,
  nextTurn,
} from "../../src/core/lanes.ts";

const all = { critical: true, warning: true, info: true };
const only = (lane: Lane) => ({ critical: false, warning: false, info: false, [lane]: true });
const empty: Bucket = { tokens: 0, filledAt: 0, since: {} };

test.each([
  [{ platform: "telegram", chatId: "-100" }, groupBudget],
  [{ platform: "telegram", chatId: "111" }, chatBudget],
  [{ platform: "discord", chatId: "900" }, chatBudget],
  [{ platform: "desk", chatId: "desk" }, deskBudget],
])("%o has a budget of its kind", (chat, budget) => {
  expect(budgetOf(chat)).toBe(budget);
});

test("critical goes first, whatever else waits", () => {
  expect(nextTurn(fullBucket(groupBudget, 0), all, groupBudget, 0).lane).toBe("critical");
});

test.each([
  ["info", 6],
  ["warning", 9],
  ["critical", 12],
] as const)("%s alone has %i messages of a full bucket; the rest is kept for the lanes before it", (lane, count) => {
  let bucket = fullBucket(groupBudget, 0);
  let sent = 0;
  for (; sent < 100; sent += 1) {
    const turn = nextTurn(bucket, only(lane), groupBudget, 0);
    if (turn.lane === null) break;
    bucket = turn.bucket;
  }
  expect(sent).toBe(count);
});

test("one more message may leave every three seconds", () => {
  expect(nextTurn(empty, all, groupBudget, 2_999).lane).toBeNull();
  expect(nextTurn(empty, all, groupBudget, 3_000).lane).toBe("critical");
});

test("under an endless storm of critical cards no lane starves: a warning within 16 s, an info within 36 s", () => {
  let bucket: Bucket = empty;
  const last = { critical: 0, warning: 0, info: 0 };
  const longest = { critical: 0, warning: 0, info: 0 };
  for (let now = 0; now < 3_600_000; now += 100) {
    const turn = nextTurn(bucket, all, groupBudget, now);
    bucket = turn.bucket;
    if (turn.lane === null) continue;
    longest[turn.lane] = Math.max(longest[turn.lane], now - last[turn.lane]);
    last[turn.lane] = now;
  }
  expect(longest.warning).toBeLessThanOrEqual(16_000);
  expect(longest.info).toBeLessThanOrEqual(36_000);
  expect(longest.critical).toBeLessThanOrEqual(9_000);
});

test("no story of waiting takes more tokens than there are, or lets a waiting lane wait for ever", () => {
  const step = fc.record({
    ms: fc.integer({ min: 0, max: 5_000 }),
    waiting: fc.record({ critical: fc.boolean(), warning: fc.boolean(), info: fc.boolean() }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      let bucket = fullBucket(groupBudget, 0);
      let now = 0;
      let sent = 0;
      for (const { ms, waiting } of steps) {
        now += ms;
        const { lane, bucket: next } = nextTurn(bucket, waiting, groupBudget, now);
        if (lane !== null) {
          expect(waiting[lane]).toBe(true);
          sent += 1;
        }
        bucket = next;
        expect(bucket.tokens).toBeGreaterThanOrEqual(0);
        expect(sent).toBeLessThanOrEqual(groupBudget.capacity + Math.floor(now / groupBudget.refillMs) + 1);
      }
      for (const lane of lanes) {
        let asks = 0;
        let turn = nextTurn(bucket, only(lane), groupBudget, now);
        while (turn.lane === null && asks < 60) {
          asks += 1;
          now += 1_000;
          turn = nextTurn(turn.bucket, only(lane), groupBudget, now);
        }
        expect(turn.lane).toBe(lane);
        bucket = turn.bucket;
      }
    }),
  );
});
