/** A question whose send lost its answer stands before the person all the same: what he writes to it in private counts as usual. */
import { expect, test } from "vitest";
import { notional } from "../../src/core/money.ts";
import { askProof } from "../../src/flows/ask_person.ts";
import { openRunningHouse } from "../fixtures/running_house.ts";

const lost = { kind: "unknown_outcome", because: "the answer was lost" } as const;

/** Ana tapped yes to a large order in her private chat; nobody knows whether the question for the phrase has come. */
async function asked() {
  const { house, run } = await openRunningHouse(1, (same) => ({
    ...same,
    approvals: { ...same.approvals, isStepUp: true, largeAbove: notional("1") },
  }));
  const { telegram } = house;
  await run(house.ask());
  telegram.failures.ask.push(lost);
  await run(telegram.tap("Approve"));
  const question = () => Object.values(house.books().questions)[0];
  expect(question()).toMatchObject({ messageId: null });
  const phrase = question()?.phrase ?? "";
  const state = () => Object.values(house.books().approvals)[0]?.state;
  /** Another question to Ana, for phrase and code; whether it has come nobody knows either. */
  async function askForCode(): Promise<void> {
    const person = house.books().people.persons["ana"];
    if (person === undefined) throw new Error("no ana");
    const answerRef = { platform: "telegram", id: "q:1", token: "7" } as const;
    const chat = { platform: "telegram", chatId: "111", threadId: null } as const;
    const purpose = { kind: "command", name: "people", text: "{}" } as const;
    const asking = { person, userId: "111", chat, isPrivate: true, answerRef } as const;
    telegram.failures.ask.push(lost);
    await run(askProof(house.needs, asking, { proof: "phrase_and_code", title: "Let in Cleo", purpose }));
  }
  return { house, telegram, run, question, phrase, state, askForCode };
}

test.each([
  ["by itself", null],
  ["in answer to the message that we never heard of", "m977"],
] as const)("the phrase counts when it is written %s", async (_how, replyTo) => {
  const { house, telegram, run, phrase, state } = await asked();
  await run(telegram.write(phrase, { replyTo }));
  expect([state(), house.sent.length]).toEqual(["executed", 1]);
  const shown = house.facts.flatMap(({ fact }) => (fact.type === "question_shown" ? [fact.messageId] : []));
  expect(shown).toEqual(replyTo === null ? [] : [replyTo]);
});

test("a wrong phrase is a wrong try of it, and the next one may answer the same message", async () => {
  const { telegram, run, question, phrase, state } = await asked();
  await run(telegram.write("YES I AM SURE 1", { replyTo: "m977" }));
  expect([question()?.wrong, question()?.messageId, state()]).toEqual([1, "m977", "pending"]);
  await run(telegram.write(phrase, { replyTo: "m977" }));
  expect(state()).toBe("executed");
});

const others: readonly (readonly [string, (promptId: string) => object])[] = [
  ["in a group", () => ({ isPrivate: false })],
  ["by somebody else", () => ({ sender: { userId: "333", displayName: "Bo", isPerson: true } })],
  ["under another message of ours", (promptId) => ({ replyTo: promptId })],
];

test.each(others)("the phrase written %s answers nothing", async (_where, change) => {
  const { house, telegram, run, phrase, state } = await asked();
  const prompt = Object.values(house.books().prompts).find((one) => one.chat.platform === "telegram");
  await run(telegram.write(phrase, change(prompt?.messageId ?? "")));
  expect([state(), house.sent.length]).toEqual(["pending", 0]);
});

test("on Discord a question without a message is a form: words beside it answer nothing", async () => {
  const { house, run, state } = await asked();
  house.discord.failures.ask.push(lost);
  await run(house.discord.tap("Approve"));
  const phrase = Object.values(house.books().questions).at(-1)?.phrase ?? "";
  await run(house.discord.write(phrase));
  expect(state()).toBe("pending");
});

test("with two such questions nobody knows which one is meant", async () => {
  const { telegram, run, phrase, state, askForCode } = await asked();
  await askForCode();
  await run(telegram.write(phrase));
  expect(state()).toBe("pending");
});

test("a code that is typed to it is taken away and proven as any other", async () => {
  const { house, telegram, run, question, askForCode } = await asked();
  await run(telegram.write(question()?.phrase ?? ""));
  await askForCode();
  await run(telegram.write(`${question()?.phrase} 123456`, { messageId: "w-code" }));
  expect(telegram.removed).toEqual(["w-code"]);
  expect(question()?.wrong).toBe(1);
  expect(house.facts.some(({ fact }) => fact.type === "question_tried" && !fact.isRight)).toBe(true);
});
