/** What one person alone asked for is done by nobody's no, so it waits until a no could be heard. */
import { expect, test } from "vitest";
import type { Fact } from "../../src/core/events.ts";
import { calmTakeover } from "../../src/core/takeover.ts";
import { isHeardEverywhere, noteEars } from "../../src/flows/heard.ts";
import { changeRole } from "../../src/flows/manage_people.ts";
import { makeMemory } from "../../src/flows/memory.ts";
import { finishRaises } from "../../src/flows/raise_role.ts";
import { recordFacts } from "../../src/flows/record.ts";
import { dueReset } from "../../src/flows/reset_breaker.ts";
import { expireApprovals } from "../../src/flows/settle_approval.ts";
import { showPrompts } from "../../src/flows/show_prompts.ts";
import { openHouse } from "../../src/flows/start_house.ts";
import { tellReturn } from "../../src/flows/tell_return.ts";
import { tendBreakers } from "../../src/flows/tend_breakers.ts";
import { everyFact } from "../fixtures/every_fact.ts";
import { openRunningHouse } from "../fixtures/running_house.ts";
import { startStory } from "../fixtures/story.ts";

const cleo: Fact = {
  type: "person_set",
  personId: "cleo",
  name: "cleo",
  role: "operator",
  timeZone: "UTC",
  isActive: true,
  origin: "chat",
};

const named = { timeZone: "UTC", quietHours: null, discordUserId: null };

/** Ana is the only owner and has asked that Cleo may sign: an hour, which Bo could end on Telegram. */
async function asked() {
  const { house, run } = await openRunningHouse(1, (same) => ({
    ...same,
    people: [
      { ...named, personId: "ana", name: "ana", role: "owner", telegramUserId: "111", discordUserId: "222" },
      { ...named, personId: "bo", name: "bo", role: "approver", telegramUserId: "333" },
    ],
    approvals: { ...same.approvals, isStepUp: true },
  }));
  const { needs } = house;
  await run(recordFacts(needs, "house", [cleo]));
  const wish = { actor: "person:ana", sentAt: needs.clock.wall(), who: "cleo", role: "approver" } as const;
  await run(changeRole(needs, { ...wish, reason: "she watches the night" }));
  const request = () => Object.values(house.books().approvals).at(-1);
  const state = () => request()?.state;
  const look = async () => {
    noteEars(needs);
    await run(expireApprovals(needs));
    await run(finishRaises(needs));
  };
  return { house, needs, run, look, request, state };
}

test.each(["telegram", "discord"] as const)(
  "a wait is not over while %s is deaf, nor before it was heard for a minute again",
  async (name) => {
    const { house, look, state } = await asked();
    house[name].isDeaf = true;
    house.wait(3_600_000);
    await look();
    expect(state()).toBe("pending");
    house[name].isDeaf = false;
    await look();
    house.wait(59_999);
    await look();
    expect(state()).toBe("pending");
    house.wait(1);
    await look();
    expect(state()).toBe("executed");
  },
);

test("a platform that was deaf and is heard again long before the end holds up nothing", async () => {
  const { house, look, state } = await asked();
  house.telegram.isDeaf = true;
  await look();
  house.telegram.isDeaf = false;
  house.wait(3_600_000);
  await look();
  expect(state()).toBe("executed");
});

/** The process dies, the hour passes, and the next one opens the record. */
async function askedAndAway() {
  const at = await asked();
  const { house, needs, run } = at;
  await run(showPrompts(needs));
  house.wait(3_600_000);
  (needs as { memory: unknown }).memory = { ...makeMemory(), instruments: needs.memory.instruments };
  await run(openHouse(needs, { epoch: 2, takeover: calmTakeover }));
  await at.look();
  expect(at.state()).toBe("pending");
  return at;
}

test("a wait that ended while the house was away is done when the chats have told what they kept, not before", async () => {
  const { house, needs, run, look, request, state } = await askedAndAway();
  await run(recordFacts(needs, "house", [{ type: "house_ready", openPositions: 0 }]));
  await run(tellReturn(needs));
  house.wait(9_999);
  await run(tellReturn(needs));
  await look();
  expect(state()).toBe("pending");
  house.wait(1);
  await run(tellReturn(needs));
  await look();
  expect([state(), request()?.decidedBy]).toEqual(["executed", ["policy:single_operator"]]);
});

test("a no that a chat kept while the house was away stops what the wait would have done", async () => {
  const { house, needs, run, look, state } = await askedAndAway();
  await run(house.telegram.tap("Decline", { arrivedLate: true }));
  await run(recordFacts(needs, "house", [{ type: "house_ready", openPositions: 0 }]));
  for (const ms of [0, 10_000]) {
    house.wait(ms);
    await run(tellReturn(needs));
  }
  await look();
  expect([state(), house.books().people.persons["cleo"]?.role]).toEqual(["declined", "operator"]);
});

test("a platform on which nobody is linked, or that is configured no more, is waited for by nobody", async () => {
  const { house, needs } = await asked();
  house.discord.isDeaf = true;
  expect(isHeardEverywhere(needs, house.books())).toBe(false);
  (needs.messengers as Map<string, unknown>).delete("discord");
  expect(isHeardEverywhere(needs, house.books())).toBe(true);
});

test("the reset of one who decides alone waits for deaf ears too, and is not withdrawn by them", () => {
  const story = startStory();
  const { scope, cause } = everyFact.breaker_reset_asked;
  story.tell({ ...everyFact.breaker_opened, scope, cause }, everyFact.breaker_reset_asked);
  const breaker = Object.values(story.books().house.breakers)[0];
  if (breaker === undefined) throw new Error("no breaker");
  const due = (isHeard: boolean, waited = 600_000) =>
    dueReset(story.books(), breaker, { waited, isHeard: () => isHeard });
  expect(due(true, 599_999)).toBeNull();
  expect(due(false)).toBeNull();
  expect(due(true)?.map(({ fact }) => fact.type)).toEqual(["breaker_closed"]);
});

test.each([
  ["linked nowhere", [], "breaker_closed"],
  ["linked", ["bo", "cleo"], "breaker_reset_withdrawn"],
] as const)("of two who may reset, one who is %s decides whether the other is alone", (_what, linked, expected) => {
  const story = startStory();
  const { scope, cause } = everyFact.breaker_reset_asked;
  story.tell(cleo, { ...cleo, personId: "bo", name: "bo" });
  story.tell(...linked.map((personId) => ({ ...everyFact.chat_linked, personId, userId: personId })));
  story.tell({ ...everyFact.breaker_opened, scope, cause }, everyFact.breaker_reset_asked);
  const breaker = Object.values(story.books().house.breakers)[0];
  if (breaker === undefined) throw new Error("no breaker");
  story.wait(600_000);
  const due = dueReset(story.books(), breaker, { waited: 600_000, isHeard: () => true });
  expect(due?.map(({ fact }) => fact.type)).toEqual([expected]);
});

test("the reset of one who decides alone is done no sooner because somebody sets the clock forward", async () => {
  const { house, run } = await openRunningHouse(1);
  const { needs } = house;
  const { scope, cause } = everyFact.breaker_reset_asked;
  const opened: Fact = { ...everyFact.breaker_opened, scope, cause, class: "sticky" };
  await run(recordFacts(needs, "house", [{ ...cleo, personId: "bo", role: "viewer" } as Fact, opened]));
  await run(recordFacts(needs, "person:ana", [everyFact.breaker_reset_asked]));
  const isOpen = async () => {
    await run(tendBreakers(needs, []));
    return Object.keys(house.books().house.breakers).length === 1;
  };
  expect(await isOpen()).toBe(true);
  house.passTime(600_000);
  expect(await isOpen()).toBe(true);
  house.wait(599_999);
  expect(await isOpen()).toBe(true);
  house.wait(1);
  expect(await isOpen()).toBe(false);
});
