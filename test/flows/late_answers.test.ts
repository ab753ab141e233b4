/** Words that sign something count only while they are fresh, and only with the proof that the house of this moment asks for. */
import { expect, test } from "vitest";
import { resume } from "../../commands/resume.ts";
import { readiness } from "../../src/checks/readiness.ts";
import type { Fact } from "../../src/core/events.ts";
import { recordFacts } from "../../src/flows/record.ts";
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
