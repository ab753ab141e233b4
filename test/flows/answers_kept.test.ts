/** An answer that the platform did not take is not lost: it waits in the outbox, and what may stand there already says so. */
import { expect, test } from "vitest";
import { resume } from "../../commands/resume.ts";
import { plainCard, sentAgainText } from "../../src/core/card.ts";
import { recordFacts } from "../../src/flows/record.ts";
import { tellAsker } from "../../src/flows/tell_asker.ts";
import type { DeliveryProblem } from "../../src/ports/messenger.ts";
import { openRunningHouse } from "../fixtures/running_house.ts";

const refused: DeliveryProblem = { kind: "chat_refused", because: "403" };
const lost: DeliveryProblem = { kind: "unknown_outcome", because: "502" };
const later: DeliveryProblem = { kind: "later", retryAfterMs: 1_000, because: "429" };
const problems = [
  ["that was refused", refused, false],
  ["whose fate is not known", lost, true],
  ["that must wait", later, false],
] as const;

async function opened(change?: Parameters<typeof openRunningHouse>[1]) {
  const { house, run } = await openRunningHouse(1, change);
  const waiting = () =>
    Object.values(house.books().chat.outbox).map(({ alert, card }) => [
      alert,
      card.title,
      card.footer?.includes(sentAgainText) === true,
    ]);
  return { house, run, waiting };
}

test.each(problems)('"Price moved: tap again" %s waits in the outbox', async (_what, problem, isAgain) => {
  const { house, run, waiting } = await opened();
  await run(house.ask());
  house.move("0.004");
  house.telegram.failures.reply.push(problem);
  await run(house.telegram.tap("Approve"));
  expect(waiting()).toEqual([["reply", expect.stringMatching(/^Price moved from .* tap again/), isAgain]]);
});

test.each(problems)("the answer to a proven command %s waits in the outbox", async (_what, problem, isAgain) => {
  const { house, run, waiting } = await opened((same) => ({
    ...same,
    approvals: { ...same.approvals, isStepUp: true },
  }));
  (house.needs as { commands: unknown }).commands = [resume];
  const paused = { type: "level_changed", from: "none", to: "pause", reason: "told by a test" } as const;
  await run(recordFacts(house.needs, "person:bo", [paused]));
  await run(house.telegram.say("resume", "all looks fine again"));
  const form = house.telegram.messages.findLast((one) => one.form !== undefined)?.form;
  house.telegram.failures.reply.push(problem);
  await run(house.telegram.answer({ phrase: form?.fields[0]?.hint ?? "" }));
  expect(house.books().house.level).toBe("none");
  const told = waiting().filter(([alert]) => alert === "reply");
  expect(told).toEqual([["reply", expect.any(String), isAgain]]);
});

test.each(problems)("a secret %s is told to nobody", async (_what, problem) => {
  const { house, run, waiting } = await opened();
  house.telegram.failures.reply.push(problem);
  const chat = { platform: "telegram", chatId: "111", threadId: null } as const;
  const answerRef = { platform: "telegram", id: "1", token: null } as const;
  await run(tellAsker(house.needs, { chat, answerRef, isSecret: true }, plainCard("info", "a code")));
  expect(waiting()).toEqual([]);
});
