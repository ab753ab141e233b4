/** What others could read proves nothing: on Telegram a phrase or a code is asked for, and taken, in the private chat alone. */
import { expect, test } from "vitest";
import { notional } from "../../src/core/money.ts";
import { askProof } from "../../src/flows/ask_person.ts";
import { handleWaiting } from "../../src/flows/receive_message.ts";
import { openRunningHouse } from "../fixtures/running_house.ts";

const chat = (chatId: string) => ({ platform: "telegram", chatId, threadId: null }) as const;
const bo = { sender: { userId: "333", displayName: "Bo", isPerson: true } } as const;
/** The prompt stands in the chat 111, which is a group here; Bo's own chat has his id. */
const inGroup = { ...bo, chat: chat("111"), isPrivate: false } as const;
const inPrivate = { ...bo, chat: chat("333"), isPrivate: true } as const;

async function asked() {
  const { house, run: go } = await openRunningHouse(1, (same) => ({
    ...same,
    approvals: { ...same.approvals, isStepUp: true, largeAbove: notional("1") },
  }));
  const { needs, telegram } = house;
  const run = (work: Promise<unknown>) => go(work.then(() => handleWaiting(needs)));
  await run(house.ask());
  const forms = () => telegram.messages.filter((message) => message.form !== undefined);
  const said = () =>
    telegram.messages.findLast((message) => message.chat.chatId === "111" && message.isReply)?.card.title;
  const phrase = () => Object.values(house.books().questions)[0]?.phrase ?? "";
  const state = () => Object.values(house.books().approvals)[0]?.state;
  return { house, telegram, run, forms, said, phrase, state };
}

test("a large order that is tapped in a group is proven in the private chat, never in the group", async () => {
  const { house, telegram, run, forms, said, phrase, state } = await asked();
  expect(Object.values(house.books().approvals)[0]?.tier).toBe("T2");
  await run(telegram.tap("Approve", inGroup));
  expect(forms().map((message) => message.chat.chatId)).toEqual(["333"]);
  expect(said()).toMatch(/^Answer in our private chat/);
  expect(phrase()).toMatch(/^YES I AM SURE \d{3}$/);
  const [form] = forms();
  for (const replyTo of [null, form?.messageId ?? null]) await run(telegram.write(phrase(), { ...inGroup, replyTo }));
  expect([state(), telegram.removed.length, house.sent.length]).toEqual(["pending", 2, 0]);
  expect(said()).toMatch(/^Phrases and codes never count in a group\. I took yours away/);
  await run(telegram.write(phrase(), inPrivate));
  expect([state(), house.sent.length]).toEqual(["executed", 1]);
});

test("a question of before that stands in a group takes no proof there", async () => {
  const { house, telegram, run, phrase, state, said } = await asked();
  await run(telegram.tap("Approve", inGroup));
  const { questions } = house.books();
  for (const question of Object.values(questions)) Object.assign(question, { chat: chat("111") });
  const replyTo = Object.values(questions)[0]?.messageId ?? null;
  await run(telegram.write(phrase(), { ...inGroup, replyTo }));
  expect(state()).toBe("pending");
  expect(said()).toMatch(/^Phrases and codes never count in a group/);
});

test("who never started the bot is told in the group how to, and is asked at the next tap", async () => {
  const { telegram, run, forms, said, phrase, state } = await asked();
  telegram.failures.ask.push({ kind: "chat_refused", because: "403: bot can't initiate conversation with a user" });
  await run(telegram.tap("Approve", inGroup));
  expect([forms().length, state()]).toEqual([0, "pending"]);
  expect(said()).toMatch(/Open our private chat, press Start, then do this again/);
  await run(telegram.tap("Approve", inGroup));
  expect(forms()).toHaveLength(1);
  await run(telegram.write(phrase(), inPrivate));
  expect(state()).toBe("executed");
});

test("a code goes the same way", async () => {
  const { house, forms, run } = await asked();
  const person = house.books().people.persons["bo"];
  if (person === undefined) throw new Error("no bo");
  const answerRef = { platform: "telegram", id: "q:1", token: "7" } as const;
  const asking = { person, userId: "333", chat: chat("111"), isPrivate: false, answerRef } as const;
  const purpose = { kind: "command", name: "people", text: "{}" } as const;
  await run(askProof(house.needs, asking, { proof: "phrase_and_code", title: "Let in Cleo", purpose }));
  expect(forms().map((message) => [message.chat.chatId, message.form?.fields.map(({ name }) => name)])).toEqual([
    ["333", ["phrase", "code"]],
  ]);
});
