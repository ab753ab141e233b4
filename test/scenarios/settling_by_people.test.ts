/** What only a person can settle, in one list; the link to the desk; and what may be typed where. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { completeFor } from "../../src/flows/complete_option.ts";
import { useCodeAtDesk } from "../../src/flows/link_people.ts";
import { openBreaker } from "../../src/flows/open_breaker.ts";
import { buy, textOf, told } from "./conversation.ts";
import { openStage, type Stage } from "./stage.ts";

let stage: Stage;
const vera = {
  personId: "vera",
  name: "Vera",
  role: "viewer",
  timeZone: "UTC",
  telegramUserId: "333",
  discordUserId: null,
} as const;
const asVera = { sender: { userId: "333", displayName: "Vera", isPerson: true } };

beforeEach(async () => {
  stage = await openStage({ settings: (same) => ({ ...same, people: [...same.people, vera] }) });
});
afterEach(() => stage.close());

const stands = (cause: string) =>
  openBreaker(stage.house().needs, { scope: "global", cause, class: "sticky", evidence: { sold: "0.5 SOL" } } as never);

test("/resolve lists what waits with the words that settle it; only what somebody traded is accepted; /unknown is the same", async () => {
  expect((await told(stage, stage.telegram, "resolve")).title).toMatch(/^Nothing waits for a person/);
  await stands("external_close");
  await stands("two_writers");
  const list = textOf(await told(stage, stage.telegram, "unknown"));
  expect(list).toContain("1 matter waits for a person");
  expect(list).toContain("sold 0.5 SOL. It is booked. Settle it: /resolve external_close@global accept WHY");
  const other = await told(stage, stage.telegram, "resolve", "two_writers accept I know it");
  expect(other.title).toBe("two_writers is nothing that somebody traded.");
  expect(textOf(other)).toContain("/reset NAME REASON");
  expect((await told(stage, stage.telegram, "resolve", "external_close accept")).title).toBe("A reset needs a reason.");
  expect((await told(stage, stage.telegram, "resolve", "external_close@global accept sold it there")).title).toBe(
    "Closed: external_close@global",
  );
  expect((await told(stage, stage.telegram, "resolve", "trading override because")).title).toMatch(/Only a flatten/);
  expect((await told(stage, stage.telegram, "resolve", "x lost", asVera)).title).toMatch(/needs the role operator/);
});

test("/dashboard gives a link that opens the desk once, as who asked, and never where others read along", async () => {
  expect((await told(stage, stage.telegram, "dashboard")).title).toMatch(/no desk that listens/);
  Object.assign(stage.house().needs, { deskAddress: () => "https://desk.example.net" });
  const group = { isPrivate: false, chat: { platform: "telegram", chatId: "-5", threadId: null } } as const;
  expect((await told(stage, stage.telegram, "dashboard", "", group)).title).toMatch(/yours alone/);
  const card = await told(stage, stage.telegram, "desk");
  const code = /^https:\/\/desk\.example\.net\/#code=(\S{16})$/.exec(card.lines[0] ?? "")?.[1] ?? "";
  expect(textOf(card)).toContain("Opens: the desk as owner, role owner");
  const { needs } = stage.house();
  expect(await useCodeAtDesk(needs, code)).toMatchObject({ ok: true, value: { personId: "owner" } });
  expect((await useCodeAtDesk(needs, code)).ok).toBe(false);
});

test("what may be typed is what exists now, best first, and only for who may say the command", async () => {
  await buy(stage, "SOL/USDT");
  await buy(stage, "ETH/USDT");
  await stands("two_writers");
  const { needs } = stage.house();
  const offered = (command: string, option: string, prefix = "", userId = "111") =>
    completeFor(needs, { platform: "telegram", userId }, { command, option, prefix }).map(({ value }) => value);
  // A position by its id: what is chosen here later never names another one.
  const held = ["SOL/USDT", "ETH/USDT"].map((symbol) => stage.position(symbol)?.positionId);
  expect(offered("close", "what")).toEqual(held);
  expect(offered("sell", "what", "et")).toEqual(held.slice(1));
  expect(offered("reset", "breaker")).toEqual(["two_writers@global"]);
  expect(offered("limits", "name", "risk")[0]).toBe("riskPerTrade");
  expect(offered("people", "action", "r")).toEqual(["refuse", "role", "remove", "grant"]);
  expect(offered("help", "command", "em")).toContain("emergency");
  expect(offered("close", "what", "", "333")).toEqual([]);
  expect(offered("positions", "what", "", "333")).toEqual(held);
  expect(offered("positions", "what", "", "999")).toEqual([]);
  expect([offered("nonsense", "what"), offered("close", "constructor")]).toEqual([[], []]);
});
