/** Words that sign something count only while they are fresh, and only with the proof that the house of this moment asks for. */
import { expect, test } from "vitest";
import { resume } from "../../commands/resume.ts";
import { readiness } from "../../src/checks/readiness.ts";
import type { Fact } from "../../src/core/events.ts";
import { askProof } from "../../src/flows/ask_person.ts";
import { recordFacts } from "../../src/flows/record.ts";
import { everyFact } from "../fixtures/every_fact.ts";
import { openRunningHouse } from "../fixtures/running_house.ts";

async function opened(change?: Parameters<typeof openRunningHouse>[1]) {
  const { house, run } = await openRunningHouse(1, change);
  return { house, run, state: () => Object.values(house.books().approvals).at(-1)?.state };
}

type Opened = Awaited<ReturnType<typeof opened>>;
type Where = "telegram" | "discord";

const late: readonly (readonly [string, Where, (at: Opened) => Promise<unknown>])[] = [
  [
    "that came while the bot was away",
    "telegram",
    ({ house }) => house.telegram.answer({ size: "50 %" }, { arrivedLate: true }),
  ],
  [
    "that a reconnect told again",
    "discord",
    ({ house }) => house.discord.answer({ size: "50 %" }, { arrivedLate: true }),
  ],
  [
    "that took a minute to arrive",
    "telegram",
    async ({ house }) => {
      const replyTo = house.telegram.messages.findLast((one) => one.form !== undefined)?.messageId ?? "";
      await house.telegram.write("50 %", { replyTo, sentAt: (house.needs.clock.wall() - 60_000) as never });
    },
  ],
];

test.each(late)("a typed size %s (%s) signs nothing", async (_what, where, answer) => {
  const at = await opened();
  const { house, run, state } = at;
  await run(house.ask());
  await run(house[where].tap("Smaller…"));
  await run(house[where].tap("Another size…"));
  await run(answer(at));
  expect([state(), house.sent.length]).toEqual(["pending", 0]);
  expect(house[where].messages.at(-1)?.card.title).toMatch(/^Not counted: /);
});

test("a fresh typed size signs the smaller order", async () => {
  const { house, run, state } = await opened();
  await run(house.ask());
  await run(house.telegram.tap("Smaller…"));
  await run(house.telegram.tap("Another size…"));
  await run(house.telegram.answer({ size: "50 %" }));
  expect([state(), house.sent.length]).toEqual(["executed", 1]);
});

test.each([
  ["in answer to the question", true],
  ["by itself", false],
] as const)("a size that can't be read ends no question: the next line %s signs", async (_how, isReply) => {
  const { house, run, state } = await opened();
  await run(house.ask());
  await run(house.telegram.tap("Smaller…"));
  await run(house.telegram.tap("Another size…"));
  const asked = house.telegram.messages.findLast((one) => one.form !== undefined)?.messageId ?? null;
  const type = (text: string) => run(house.telegram.write(text, { replyTo: isReply ? asked : null }));
  for (const nonsense of ["a bit less", "", "half of half"]) {
    await type(nonsense);
    expect(house.telegram.messages.at(-1)?.card.title).toMatch(
      /is no size, so nothing was signed\. Answer it again with/,
    );
  }
  expect([state(), house.sent.length]).toEqual(["pending", 0]);
  await type("50 %");
  expect([state(), house.sent.length]).toEqual(["executed", 1]);
});

test("a form that holds no size is gone once it was sent: what opens another one is said", async () => {
  const { house, run, state } = await opened();
  await run(house.ask());
  for (const size of ["lots", "50 %"]) {
    expect(state()).toBe("pending");
    await run(house.discord.tap("Smaller…"));
    await run(house.discord.tap("Another size…"));
    await run(house.discord.answer({ size }));
    if (size === "lots")
      expect(house.discord.messages.at(-1)?.card.title).toMatch(/is no size, .* Tap Smaller… on the prompt again/);
  }
  expect([state(), house.sent.length]).toEqual(["executed", 1]);
});

test.each([
  ["Approve", "executed"],
  ["Decline", "declined"],
] as const)("a tap on %s decides, though its token begins as that of a page does", async (label, expected) => {
  const { house, run, state } = await opened();
  const { vault } = house.needs;
  (house.needs as { vault: unknown }).vault = { ...vault, token: () => `pg${vault.token().slice(2)}` };
  await run(house.ask());
  expect(house.telegram.openPrompts()[0]?.buttons[0]?.token).toMatch(/^pg/);
  await run(house.telegram.tap(label));
  expect(state()).toBe(expected);
});

const level = (from: "none" | "pause", to: "pause" | "emergency"): Fact => ({
  type: "level_changed",
  from,
  to,
  reason: "told by a test",
});

test("a phrase that was asked for to end a pause ends no emergency that came meanwhile: that takes a code too", async () => {
  const { house, run } = await opened((same) => ({ ...same, approvals: { ...same.approvals, isStepUp: true } }));
  (house.needs as { commands: unknown }).commands = [resume];
  await run(recordFacts(house.needs, "person:bo", [level("none", "pause")]));
  await run(house.telegram.say("resume", "all looks fine again"));
  const form = house.telegram.messages.findLast((one) => one.form !== undefined)?.form;
  expect(form?.fields.map(({ name }) => name)).toEqual(["phrase"]);
  await run(recordFacts(house.needs, "person:bo", [level("pause", "emergency")]));
  await run(house.telegram.answer({ phrase: form?.fields[0]?.hint ?? "" }));
  expect(house.books().house.level).toBe("emergency");
  expect(Object.values(house.books().approvals)).toEqual([]);
  expect(house.telegram.messages.at(-1)?.card.title).toMatch(/takes more now/);
});

/** Bo has paused and wants to go on; his proof is asked for. */
async function askedToResume() {
  const at = await opened((same) => ({ ...same, approvals: { ...same.approvals, isStepUp: true } }));
  const { house, run } = at;
  (house.needs as { commands: unknown }).commands = [resume];
  await run(recordFacts(house.needs, "person:bo", [level("none", "pause")]));
  await run(house.telegram.say("resume", "all looks fine again", bo));
  const form = house.telegram.messages.findLast((one) => one.form !== undefined)?.form;
  return { ...at, phrase: form?.fields[0]?.hint ?? "" };
}

const bo = { sender: { userId: "333", displayName: "Bo", isPerson: true } } as const;

test.each([
  ["lost the role", { ...everyFact.person_set, personId: "bo", name: "bo", role: "viewer" }, /yours is viewer/],
  ["was unlinked", { ...everyFact.chat_unlinked, userId: "333" }, /not linked/],
] as const)("who %s while he answered does nothing by it", async (_what, change, expected) => {
  const { house, run, phrase } = await askedToResume();
  const { ledger } = house.needs;
  const { commit } = ledger;
  let isChanged = false;
  // It is taken away after his answer was read and before it is judged.
  (ledger as { commit: unknown }).commit = async (decide: Parameters<typeof commit>[0]) => {
    const { drafts } = decide(ledger.books(), { at: house.needs.clock.wall(), wallAt: house.needs.clock.wall() });
    if (!isChanged && drafts.some(({ fact }) => fact.type === "question_tried")) {
      isChanged = true;
      await recordFacts(house.needs, "person:ana", [change as Fact]);
    }
    return commit(decide);
  };
  await run(house.telegram.answer({ phrase }, bo));
  expect([isChanged, house.books().house.level]).toEqual([true, "pause"]);
  expect(house.telegram.messages.at(-1)?.card.title).toMatch(expected);
});

test("an answer is judged before its message is taken away, and waits for no platform that is slow at it", async () => {
  const { house, run } = await opened();
  const person = house.books().people.persons["bo"];
  if (person === undefined) throw new Error("no bo");
  const { telegram } = house;
  const chat = { platform: "telegram", chatId: "333", threadId: null } as const;
  const asking = { person, userId: "333", chat, isPrivate: true, answerRef: { ...chat, id: "q:1", token: null } };
  const purpose = { kind: "command", name: "people", text: "{}" } as const;
  await run(askProof(house.needs, asking, { proof: "phrase_and_code", title: "Let in Cleo", purpose }));
  Object.assign(telegram, { remove: () => new Promise(() => undefined) });
  const question = Object.values(house.books().questions)[0];
  await run(telegram.write(`${question?.phrase} 123456`, { ...bo, chat, isPrivate: true }));
  expect(telegram.messages.at(-1)?.card.title).toMatch(/^That code is wrong/);
});

test("a yes to a house that is not ready, or stops, neither signs nor voids what was asked", async () => {
  const { house, run, state } = await opened();
  await run(house.ask());
  (house.needs as { checks: unknown }).checks = [readiness];
  house.needs.memory.isStopping = true;
  await run(house.telegram.tap("Approve"));
  expect([state(), house.sent.length]).toEqual(["pending", 0]);
  expect(house.telegram.messages.at(-1)?.card.title).toMatch(/^Not counted: I am starting or stopping/);
  house.needs.memory.isStopping = false;
  await run(house.telegram.tap("Approve"));
  expect([state(), house.sent.length]).toEqual(["executed", 1]);
});
