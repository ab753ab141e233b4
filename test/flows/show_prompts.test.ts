/** What is decided while other messages leave does not ring in a chat that it has not reached yet. */
import { expect, test } from "vitest";
import type { Fact } from "../../src/core/events.ts";
import { changeRole } from "../../src/flows/manage_people.ts";
import { recordFacts } from "../../src/flows/record.ts";
import { settle } from "../../src/flows/request_approval.ts";
import { showPrompts } from "../../src/flows/show_prompts.ts";
import { houseStarted, personSet } from "../fixtures/facts.ts";
import { openRunningHouse } from "../fixtures/running_house.ts";

const person = (personId: string): Fact => personSet(personId, "operator", { origin: "chat" });

/** Two questions wait for the same chat; while the first one leaves, something happens to the second one. */
async function shownWhile(to: "declined" | "pending") {
  const stepUp = { isStepUp: true };
  const { house, run } = await openRunningHouse(1, (same) => ({
    ...same,
    approvals: { ...same.approvals, ...stepUp },
  }));
  const { needs, telegram } = house;
  await run(recordFacts(needs, "house", [person("cleo"), person("dora")]));
  telegram.isDeaf = true;
  for (const who of ["cleo", "dora"]) {
    const wish = { actor: "person:ana", sentAt: needs.clock.wall(), who, role: "approver" } as const;
    await run(changeRole(needs, { ...wish, reason: "watches the night" }));
  }
  telegram.isDeaf = false;
  const [, second] = Object.values(house.books().approvals);
  const { post } = telegram;
  telegram.post = async (...told) => {
    telegram.post = post;
    if (second !== undefined && to === "declined")
      await recordFacts(needs, "person:ana", [
        settle(second, { to, by: ["ana (desk)"], reason: null, at: needs.clock.wall() }),
      ]);
    return post(...told);
  };
  await run(showPrompts(needs));
  const posted = (approvalId = "") =>
    Object.values(house.books().prompts).filter((one) => one.approvalId === approvalId && one.messageId !== null);
  return { messages: telegram.messages, posted: posted(second?.approvalId).map(({ chat }) => chat.platform) };
}

test("a request that ended while the one before it was shown is not posted any more", async () => {
  const { messages, posted } = await shownWhile("declined");
  expect([messages.length, posted.includes("telegram")]).toEqual([1, false]);
});

test("one that is still open is", async () => {
  const { messages, posted } = await shownWhile("pending");
  expect([messages.length, posted.includes("telegram")]).toEqual([2, true]);
});

test("a post of an earlier life that may have arrived is drawn anew, for its buttons are from before the restart", async () => {
  const { house, run } = await openRunningHouse(1, (same) => ({
    ...same,
    approvals: { ...same.approvals, isStepUp: true },
  }));
  const { needs, discord } = house;
  await run(recordFacts(needs, "house", [person("cleo")]));
  // It arrives, and its answer does not: the platform keeps it under its nonce.
  discord.failures.post.push({ kind: "unknown_outcome", because: "cut" });
  const wish = { actor: "person:ana", sentAt: needs.clock.wall(), who: "cleo", role: "approver" } as const;
  await run(changeRole(needs, { ...wish, reason: "watches the night" }));
  await run(recordFacts(needs, "house", [houseStarted]));
  house.wait(2_000);
  await run(showPrompts(needs));
  await run(showPrompts(needs));
  const onDiscord = house.facts.flatMap(({ fact }) => (fact.type === "prompt_posted" ? [fact] : []));
  const { promptId } = Object.values(house.books().prompts).find((one) => one.chat.platform === "discord") ?? {};
  expect(onDiscord.filter((one) => one.promptId === promptId).map(({ how }) => how)).toEqual(["adopted", "edited"]);
});
