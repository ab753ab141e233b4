/** What is stored and not handled is looked at again; one that is being handled is left to whoever does it. */
import { expect, test } from "vitest";
import { code } from "../../commands/code.ts";
import { canonicalJson } from "../../src/core/canonical.ts";
import { handleWaiting } from "../../src/flows/receive_message.ts";
import { recordFacts } from "../../src/flows/record.ts";
import type { Incoming } from "../../src/ports/messenger.ts";
import { openRunningHouse } from "../fixtures/running_house.ts";

test("a message whose handler waits for a platform that never answers keeps the next look from nothing", async () => {
  const { house, run } = await openRunningHouse(1);
  await run(house.ask());
  const answers: (() => void)[] = [];
  house.telegram.acknowledge = () => new Promise((done) => answers.push(() => done("ok")));
  house.needs.clock.sleep = () => new Promise(() => undefined);
  await run(house.telegram.tap("Approve"));
  expect(Object.keys(house.books().chat.inbox)).toHaveLength(1);
  let isOver = false;
  await run(
    Promise.race([
      handleWaiting(house.needs).then(() => {
        isOver = true;
      }),
      new Promise((resolve) => setTimeout(resolve, 500)),
    ]),
  );
  expect(isOver).toBe(true);
  // And it is handled once, by whoever began.
  for (const answer of answers) answer();
  await run(Promise.resolve());
  expect(Object.values(house.books().approvals).map(({ state }) => state)).toEqual(["executed"]);
  expect(house.sent).toHaveLength(1);
});

test("a command whose answer is a secret, and that a crash left, is not done: whoever sent it is told to send it again", async () => {
  const { house, run } = await openRunningHouse(1);
  const { needs, telegram } = house;
  (needs as { commands: unknown }).commands = [code];
  const caught: Incoming[] = [];
  await telegram.start((incoming) => Promise.resolve(void caught.push(incoming)));
  await telegram.say("code", "123456");
  const payload = canonicalJson(caught[0] as never);
  await run(
    recordFacts(needs, "telegram:111", [
      { type: "message_received", inboxId: "in-1", eventKeys: ["telegram:1"], payload },
    ]),
  );
  await run(handleWaiting(needs));
  await run(handleWaiting(needs));
  expect(telegram.messages.map(({ card }) => [card.title, ...card.lines])).toEqual([
    ["I was interrupted before /code was done.", "Send it again."],
  ]);
  expect(house.facts.flatMap(({ fact }) => (fact.type === "message_handled" ? [fact.outcome] : []))).toEqual([
    "skipped",
  ]);
});

test("what failed half-way is not called undone: where to look before another try is said", async () => {
  const { house, run } = await openRunningHouse(1);
  await run(house.ask());
  const { reply } = house.telegram;
  house.telegram.reply = () => {
    house.telegram.reply = reply;
    return Promise.reject(new Error("a bug"));
  };
  await run(house.telegram.tap("Decline"));
  expect(Object.values(house.books().approvals).map(({ state }) => state)).toEqual(["declined"]);
  const last = house.telegram.messages.at(-1)?.card;
  expect([last?.title, ...(last?.lines ?? [])]).toEqual([
    "That did not come to its end.",
    "Look at /status and /orders before you try again.",
  ]);
});
