/** Silence sells in an emergency, and only silence does: a no counts from the moment at which it is stored, or could be said. */
import { expect, test } from "vitest";
import { canonicalJson } from "../../src/core/canonical.ts";
import type { Fact } from "../../src/core/events.ts";
import { confirmBySilence } from "../../src/flows/flatten.ts";
import { continueFlatten } from "../../src/flows/flatten_procedure.ts";
import { raiseLevel } from "../../src/flows/halt_trading.ts";
import { makeMemory } from "../../src/flows/memory.ts";
import { handleWaiting } from "../../src/flows/receive_message.ts";
import { recordFacts } from "../../src/flows/record.ts";
import { settle } from "../../src/flows/request_approval.ts";
import { showPrompts } from "../../src/flows/show_prompts.ts";
import { noteReturn, tellReturn } from "../../src/flows/tell_return.ts";
import type { Incoming } from "../../src/ports/messenger.ts";
import { bought } from "../fixtures/reconcile_world.ts";
import { openRunningHouse } from "../fixtures/running_house.ts";

const beginnings: readonly Fact["type"][] = ["house_started", "account_opened"];
const purchase = bought()
  .facts()
  .flatMap(({ fact }) => (beginnings.includes(fact.type) ? [] : [fact]));

/** 4.5 SOL are held, the level is emergency, and every chat shows the question whether to sell. */
async function asked() {
  const { house, run } = await openRunningHouse(1, undefined, purchase);
  const { needs } = house;
  // What the venue says of its time is no part of this, and waiting for it would be.
  const round = () => {
    needs.memory.kill.askVenueAtMono = Number.POSITIVE_INFINITY;
    return run(continueFlatten(needs));
  };
  await run(raiseLevel(needs, "emergency", { actor: "person:ana", reason: "test" }));
  await round();
  await run(showPrompts(needs));
  const question = () => Object.values(house.books().approvals).findLast(({ subject }) => subject.kind === "flatten");
  const kill = () => house.books().house.kill;
  const isConfirmed = () => kill()?.confirmedAt !== null;
  return { house, needs, run, round, question, kill, isConfirmed };
}

type Asked = Awaited<ReturnType<typeof asked>>;

/** A tap on Decline that is on record, and that nobody has handled yet. */
async function storedNo({ house, needs, run }: Asked): Promise<void> {
  const caught: Incoming[] = [];
  await house.telegram.start((incoming) => Promise.resolve(void caught.push(incoming)));
  await house.telegram.tap("Decline");
  const payload = canonicalJson(caught[0] as never);
  const stored: Fact = { type: "message_received", inboxId: "in-no", eventKeys: ["telegram:no"], payload };
  await run(recordFacts(needs, "telegram:111", [stored]));
}

test("thirty seconds of silence sell, and not a millisecond less", async () => {
  const { house, round, kill, isConfirmed } = await asked();
  house.wait(29_999);
  await round();
  expect(isConfirmed()).toBe(false);
  house.wait(1);
  await round();
  expect([isConfirmed(), kill()?.confirmedBy]).toEqual([true, "policy:flatten_on_silence"]);
});

test("a no that is only stored is no silence: nothing is sold, and then it counts", async () => {
  const at = await asked();
  const { house, needs, run, round, kill, isConfirmed } = at;
  await storedNo(at);
  house.wait(60_000);
  await round();
  expect([isConfirmed(), house.sent]).toEqual([false, []]);
  await run(handleWaiting(needs));
  await round();
  expect([isConfirmed(), kill()?.isDeclined, house.sent]).toEqual([false, true, []]);
});

test("a no that is counted between the look and the commit is not sold over", async () => {
  const { house, needs, run, question, isConfirmed } = await asked();
  house.wait(60_000);
  const { approvalId = "", version = 1 } = question() ?? {};
  const no = { to: "declined", by: ["ana (telegram)"], reason: null, at: needs.clock.wall() } as const;
  await run(recordFacts(needs, "person:ana", [settle({ approvalId, version }, no)]));
  await run(confirmBySilence(needs));
  expect([isConfirmed(), question()?.state]).toEqual([false, "declined"]);
});

/** The process dies, half a minute passes, and the next one begins. */
async function restarted() {
  const at = await asked();
  const { house, needs } = at;
  house.wait(30_000);
  const { instruments } = needs.memory;
  (needs as { memory: unknown }).memory = { ...makeMemory(), instruments };
  noteReturn(needs);
  await at.round();
  return at;
}

test("the silence of a time in which nobody listened sells when the chats were heard again, and after half a minute anyway", async () => {
  const { house, round, isConfirmed } = await restarted();
  house.telegram.isDeaf = true;
  expect(isConfirmed()).toBe(false);
  house.wait(29_999);
  await round();
  expect(isConfirmed()).toBe(false);
  house.wait(1);
  await round();
  expect(isConfirmed()).toBe(true);
});

test.each([
  ["hears", true],
  ["is deaf", false],
] as const)("once the house is back and told what it kept, a chat that %s decides when", async (_what, hears) => {
  const { house, needs, run, round, isConfirmed } = await restarted();
  house.telegram.isDeaf = !hears;
  await run(tellReturn(needs));
  house.wait(10_000);
  await run(tellReturn(needs));
  expect(needs.memory.back).toBeNull();
  await round();
  expect(isConfirmed()).toBe(hears);
});
