/** Where an alert goes: the first rule that fits, more where it goes on, every linked chat where none does, and never into silence. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chatsOfRoute, fittingRules, type RouteRule, type Routing, routeText } from "../../src/core/alert_routes.ts";
import { matchersIn } from "../../src/core/alerting.ts";
import { chatKey, type PeopleBooks } from "../../src/core/books_people.ts";
import type { Severity } from "../../src/core/card.ts";
import type { Fact } from "../../src/core/events.ts";
import { startStory } from "../fixtures/story.ts";

const person = (personId: string, isActive = true): Fact => ({
  type: "person_set",
  personId,
  name: personId,
  role: "owner",
  timeZone: "UTC",
  isActive,
});
const link = (personId: string, platform: string, userId: string, chatId: string): Fact => ({
  type: "chat_linked",
  personId,
  platform,
  userId,
  chat: { platform, chatId, threadId: null },
});
const people: PeopleBooks = startStory().tell(
  person("ana"),
  person("bo"),
  person("gone", false),
  link("ana", "telegram", "1", "1"),
  link("ana", "desk", "owner", "desk"),
  link("bo", "discord", "2", "20"),
  link("gone", "telegram", "3", "3"),
).people;

const rule = (
  match: string,
  to: Partial<Pick<RouteRule, "people" | "goesOn">> & { chats?: readonly string[] },
): RouteRule => ({
  matchers: matchersIn(match),
  chats: (to.chats ?? []).map((text) => {
    const [platform = "", chatId = "", threadId = null] = text.split(":");
    return { platform, chatId, threadId };
  }),
  people: to.people ?? [],
  goesOn: to.goesOn ?? false,
});

const routing: Routing = {
  account: "main",
  mode: "live",
  routes: [
    rule("alert=stop_missing", { people: ["bo"] }),
    rule("strategy=ema_trend", { chats: ["telegram:-100:7"], goesOn: true }),
    rule("severity=critical,account=main", { people: ["ana"] }),
    rule("severity=critical,account=other", { chats: ["telegram:-666"] }),
    rule("severity=info,mode=live", { people: ["gone"] }),
  ],
};
const alertOf = (name: string, severity: Severity, labels: Record<string, string> = {}, isVital = false) => ({
  name,
  severity,
  labels,
  isVital,
});
const goes = (alert: ReturnType<typeof alertOf>, by: Routing = routing) =>
  chatsOfRoute(people, [alert], by).map(chatKey);
const everywhere = ["desk:desk:", "discord:20:", "telegram:1:"];

describe("a route", () => {
  test.each([
    ["no rule at all", alertOf("feed_gap", "critical"), {}, everywhere],
    ["a warning that no rule fits", alertOf("feed_gap", "warning"), routing, everywhere],
    ["the first that fits, and the desk", alertOf("feed_gap", "critical"), routing, ["desk:desk:", "telegram:1:"]],
    [
      "one that goes on adds the next",
      alertOf("entry_denied", "critical", { strategy: "ema_trend" }),
      routing,
      ["desk:desk:", "telegram:-100:7", "telegram:1:"],
    ],
    [
      "a topic of a group",
      alertOf("entry_denied", "warning", { strategy: "ema_trend" }),
      routing,
      ["desk:desk:", "telegram:-100:7"],
    ],
    [
      "what could cost money unseen, whatever the rule",
      alertOf("stop_missing", "critical", {}, true),
      routing,
      everywhere,
    ],
    ["people who are not here any more", alertOf("exit_fired", "info"), routing, everywhere],
    [
      "a chat that refused it",
      alertOf("x", "warning", { chat: "discord:20:" }),
      routing,
      ["desk:desk:", "telegram:1:"],
    ],
  ] as const)("%s", (_, alert, by, chats) => {
    expect(goes(alert, by)).toEqual([...chats].sort());
  });

  test("of a message about several alerts is all of theirs", () => {
    const both = [alertOf("feed_gap", "critical"), alertOf("entry_denied", "warning", { strategy: "ema_trend" })];
    expect(chatsOfRoute(people, both, routing).map(chatKey)).toEqual(["desk:desk:", "telegram:-100:7", "telegram:1:"]);
  });

  test("never ends in silence: whatever the rules are, somebody who is linked or named hears it", () => {
    const words = fc.constantFrom("alert=a", "severity=critical", "account=main", "mode=paper", "venue=kucoin");
    const rules = fc.array(
      fc.record({
        match: words,
        people: fc.subarray(["ana", "bo", "gone", "nobody"]),
        chats: fc.subarray(["telegram:-1", "discord:9"]),
        goesOn: fc.boolean(),
      }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(
        rules,
        fc.boolean(),
        fc.constantFrom<Severity>("critical", "warning", "info"),
        (drawn, isVital, severity) => {
          const by: Routing = {
            account: "main",
            mode: "paper",
            routes: drawn.map(({ match, ...to }) => rule(match, to)),
          };
          const chats = goes(alertOf("a", severity, { venue: "kucoin" }, isVital), by);
          expect(chats.filter((key) => key !== "desk:desk:").length).toBeGreaterThan(0);
          expect(chats).toContain("desk:desk:");
          if (isVital) expect(chats).toEqual(expect.arrayContaining(everywhere));
          expect(new Set(chats).size).toBe(chats.length);
        },
      ),
    );
  });

  test("says by which rules, for a person who asks", () => {
    expect(routeText(people, alertOf("feed_gap", "critical"), routing)).toBe(
      "route critical by rule 3: desk (ana), telegram (ana); then discord (bo), discord (bo, in private), the outside monitor",
    );
    expect(routeText(people, alertOf("exit_fired", "info"), {})).toContain("without sound");
    expect(fittingRules(alertOf("entry_denied", "critical", { strategy: "ema_trend" }), routing)).toEqual([2, 3]);
  });
});
