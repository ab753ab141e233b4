/** Who is refused is on record wherever it happens, and who may not change something changes nothing by a side door. */
import { expect, test } from "vitest";
import { breakers } from "../../commands/breakers.ts";
import type { Fact } from "../../src/core/events.ts";
import { recordFacts } from "../../src/flows/record.ts";
import { personSet } from "../fixtures/facts.ts";
import { openRunningHouse } from "../fixtures/running_house.ts";

async function opened(change?: Parameters<typeof openRunningHouse>[1]) {
  const { house, run } = await openRunningHouse(1, change);
  const refusals = () => house.facts.flatMap(({ fact }) => (fact.type === "tap_refused" ? [fact] : []));
  return { house, run, refusals, state: () => Object.values(house.books().approvals).at(-1)?.state };
}

const bo = { sender: { userId: "333", displayName: "Bo", isPerson: true } };

test("an answer to somebody else's question, by button or by words, changes nothing and is on record", async () => {
  const { house, run, refusals, state } = await opened();
  await run(house.ask());
  await run(house.telegram.tap("Smaller…"));
  await run(house.telegram.tap("½ of it", bo));
  expect(refusals()).toMatchObject([{ personId: "bo", because: "This was asked of somebody else." }]);
  await run(house.telegram.tap("Another size…"));
  await run(house.telegram.answer({ size: "50 %" }, bo));
  expect(refusals()).toHaveLength(2);
  expect([state(), house.sent.length]).toEqual(["pending", 0]);
});

test("a command in a chat that is not on the list is refused and on record", async () => {
  const { house, run, refusals } = await opened((same) => ({
    ...same,
    allowedChats: { ...same.allowedChats, telegram: ["-1"] },
  }));
  await run(
    house.telegram.say("status", "", {
      isPrivate: false,
      chat: { platform: "telegram", chatId: "-7", threadId: null },
    }),
  );
  expect(refusals()).toMatchObject([{ personId: "ana", because: expect.stringContaining("not on the list") }]);
});

test("a viewer withdraws no reset", async () => {
  const { house, run } = await opened();
  (house.needs as { commands: unknown }).commands = [breakers];
  const opening = {
    type: "breaker_opened",
    scope: "global",
    cause: "two_writers",
    class: "sticky",
    evidence: {},
  } as const;
  await run(
    recordFacts(house.needs, "person:ana", [
      opening as Fact,
      { type: "breaker_reset_asked", scope: "global", cause: "two_writers", reason: "the other one is off" },
      personSet("bo", "viewer"),
    ]),
  );
  await run(house.telegram.say("breakers", "withdraw two_writers@global", bo));
  expect(Object.values(house.books().house.breakers)[0]?.asked).not.toBeNull();
  await run(recordFacts(house.needs, "house", [personSet("bo", "operator")]));
  await run(house.telegram.say("breakers", "withdraw two_writers@global", bo));
  expect(Object.values(house.books().house.breakers)[0]?.asked).toBeNull();
});

test("quiet hours refuse a small request only when everybody who could sign it has them, also who was let in by chat", async () => {
  const named = { personId: "ana", name: "ana", role: "owner", timeZone: "UTC" } as const;
  const night = { quietHours: { fromMinute: 0, toMinute: 1_439 }, telegramUserId: "111", discordUserId: null };
  const { house, run, state } = await opened((same) => ({
    ...same,
    people: [{ ...named, ...night }],
    strategies: [{ name: "canary", params: {}, symbols: null, quietPolicy: "deny" }] as never,
  }));
  await run(house.ask());
  expect(state()).toBe("pending");
  const alone = await opened((same) => ({
    ...same,
    people: [{ ...named, ...night }],
    strategies: [{ name: "canary", params: {}, symbols: null, quietPolicy: "deny" }] as never,
  }));
  await alone.run(recordFacts(alone.house.needs, "house", [personSet("bo", "viewer")]));
  await alone.run(alone.house.ask());
  expect(alone.state()).toBe("declined");
});
