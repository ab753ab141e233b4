/** Any story of alerts, chats and people: nothing is lost, nothing is told twice for the same state, and the same story is told the same way. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isOver } from "../../src/core/alerting.ts";
import { allAlerts } from "../../src/core/books_alerts.ts";
import type { Recorded } from "../../src/core/events.ts";
import { tendAlerts } from "../../src/flows/tend_alerts.ts";
import { type AlertHouse, back, closed, doubted, failing, gone, openAlertHouse } from "../fixtures/alert_house.ts";

type Step =
  | { readonly do: "gone" | "back" | "fail" | "close" | "doubt"; readonly what: number }
  | { readonly do: "seconds"; readonly count: number }
  | { readonly do: "minutes"; readonly count: number }
  | { readonly do: "ack" | "restart" }
  | { readonly do: "deaf"; readonly chat: "telegram" | "discord"; readonly isDeaf: boolean }
  | { readonly do: "trouble"; readonly chat: "telegram" | "discord"; readonly kind: "later" | "lost" | "edit" };

const sources = ["venue:kucoin", "data:kucoin:SOL/USDT", "data:kucoin:ETH/USDT", "queue"] as const;
const causes = ["stop_lost", "key_refused", "drawdown_reached", "messages_late"] as const;
const what = fc.integer({ min: 0, max: 3 });
const chat = fc.constantFrom("telegram" as const, "discord" as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom("gone" as const, "fail" as const, "doubt" as const), what }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("back" as const, "close" as const), what }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("seconds" as const), count: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("minutes" as const), count: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("ack" as const, "restart" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("deaf" as const), chat, isDeaf: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("trouble" as const),
      chat,
      kind: fc.constantFrom("later" as const, "lost" as const, "edit" as const),
    }),
  },
);

async function take(house: AlertHouse, one: Step): Promise<void> {
  switch (one.do) {
    case "gone":
    case "back": {
      const source = sources[one.what] ?? sources[0];
      const isGone = house.books().house.gone[source] !== undefined;
      if (isGone === (one.do === "back")) await house.tell(one.do === "gone" ? gone(source) : back(source));
      return;
    }
    case "fail":
    case "close":
    case "doubt": {
      const cause = causes[one.what] ?? causes[0];
      const isOpen = house.books().house.breakers[`${cause}@global`] !== undefined;
      if (one.do === "close") return isOpen ? house.tell(closed(cause)) : undefined;
      return isOpen ? undefined : house.tell(one.do === "fail" ? failing(cause) : doubted(cause));
    }
    case "seconds":
      return house.second(one.count);
    case "minutes":
      return house.minutes(one.count);
    case "ack":
      return void (await house.acknowledge());
    case "restart":
      return house.restart();
    case "deaf":
      house[one.chat].isDeaf = one.isDeaf;
      return;
    case "trouble":
      return trouble(house, one);
    default:
      return one satisfies never;
  }
}

function trouble(house: AlertHouse, { chat: name, kind }: Extract<Step, { do: "trouble" }>): void {
  const { failures } = house[name];
  if (kind === "later") failures.post.push({ kind: "later", because: "429", retryAfterMs: 3_000 });
  if (kind === "lost") failures.post.push({ kind: "unknown_outcome", because: "cut" });
  if (kind === "edit") failures.edit.push({ kind: "later", because: "429", retryAfterMs: 3_000 });
}

async function play(steps: readonly Step[]): Promise<AlertHouse> {
  const house = await openAlertHouse({ alerts: { startHoldMs: 0 } });
  for (const one of steps) {
    await take(house, one);
    await tendAlerts(house.needs());
    const before = house.facts.length;
    await tendAlerts(house.needs());
    expect(house.facts.length, "a second look right after finds nothing to do").toBe(before);
  }
  return house;
}

/** Each time that an alert began and ended, with what was told of it in between. */
function neverTwice(facts: readonly Recorded[]): void {
  const told = new Map<string, "firing" | "over">();
  for (const { fact } of facts) {
    if (fact.type === "alert_fired") {
      // One that came back before its end was told is still told as firing.
      if (told.get(fact.fingerprint) !== "firing") told.delete(fact.fingerprint);
    }
    if (fact.type !== "alert_notified") continue;
    const isFirst = fact.reason === "first_notification" || fact.reason === "new_alerts_in_group";
    for (const print of fact.told) {
      if (isFirst && !fact.flapping.includes(print)) expect(told.get(print), "told as new twice").not.toBe("firing");
      if (fact.reason === "repeat_interval_elapsed")
        expect(told.get(print), "called again, never called").toBe("firing");
      told.set(print, "firing");
    }
    for (const print of fact.over) {
      expect(told.get(print), "told as over, never as firing").toBe("firing");
      told.set(print, "over");
    }
  }
}

describe("any story", () => {
  test("tells nothing as new twice, nothing as over that was never told, and is told the same way again", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const house = await play(steps);
        neverTwice(house.facts);
        const again = await play(steps);
        const plain = (facts: readonly Recorded[]) =>
          facts.map(({ fact }) => (fact.type === "notice_prepared" ? { ...fact, tokenHash: "" } : fact));
        expect(plain(again.facts)).toEqual(plain(house.facts));
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  test("loses nothing: once the chats hear, everything that stands is told on every chat, and every message shows what is true", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const house = await play(steps);
        for (const one of [house.telegram, house.discord]) {
          one.isDeaf = false;
          one.failures.post.length = 0;
          one.failures.edit.length = 0;
        }
        // What changed too often is told when it has been quiet for ten minutes; the lanes need a minute for the rest.
        await house.minutes(13);
        await house.second(120);
        const { alerts, outbox } = house.books().chat;
        expect(Object.keys(outbox)).toEqual([]);
        const explained = house.books().house.gone["venue:kucoin"] !== undefined;
        for (const alert of allAlerts(alerts)) {
          if (isOver(alert, house.books().at) || (explained && alert.name === "feed_gap")) continue;
          expect(alert.announced, `${alert.name} ${alert.labels["about"]}`).toBe("firing");
          const platforms = alert.noticeIds.flatMap((cardId) => alerts.notices[cardId]?.chat.platform ?? []);
          expect(new Set(platforms)).toEqual(new Set(["telegram", "discord", "desk"]));
        }
        for (const notice of Object.values(alerts.notices)) {
          expect(notice.messageId).not.toBeNull();
          expect(notice.revShown).toBe(notice.revWanted);
        }
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});
