/** The desk's own fields: asked of one person, filled in once, shown to nobody else, and gone when they were sent. */
import { afterEach, expect, test } from "vitest";
import { plainCard } from "../../src/core/card.ts";
import type { Form } from "../../src/ports/messenger.ts";
import { openPage, type PageClient, signIn } from "../dashboard/page_client.ts";
import { openScriptedHouse } from "../dashboard/scripted_house.ts";

const chat = { platform: "desk", chatId: "desk", threadId: null } as const;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const form: Form = {
  title: "Prove that you mean it",
  token: "EEEEEEEEEEEEEEEE",
  fields: [
    { name: "phrase", label: "Type: YES I AM SURE 417", hint: "YES I AM SURE 417", isSecret: false },
    { name: "code", label: "Code of your authenticator app", hint: "123456", isSecret: true },
  ],
};

async function openOwner() {
  const house = await openScriptedHouse({ onIncoming: async () => undefined });
  closers.push(house.close);
  const { cookie } = await signIn(house.address, "owner-code-1234");
  const page = await openPage(house.address, cookie);
  await page.next("hello");
  return { house, page };
}

/** The owner types something, and the house asks for words in place of an answer. */
async function asked(house: Awaited<ReturnType<typeof openOwner>>["house"], page: PageClient) {
  page.send({ kind: "command", id: "act-000001", ageMs: 0, name: "resume", text: "back at my desk" });
  await page.next("received");
  const ref = house.received[0]?.answerRef;
  if (ref === undefined) throw new Error("nothing was heard");
  const sent = await house.desk.ask(chat, ref, plainCard("waiting", "/resume back at my desk"), form);
  if (!sent.ok) throw new Error(sent.problem.because);
  const messageId = sent.value.messageId ?? "";
  const { message } = await page.next("message", (frame) => frame.message.messageId === messageId);
  return { messageId, message };
}

test("fields stand in a message of one person; what is written comes back with its token, and the fields are gone", async () => {
  const { house, page } = await openOwner();
  const { messageId, message } = await asked(house, page);
  expect(message).toMatchObject({ kind: "card", isPrivate: true, form: { token: form.token } });
  const values = { phrase: "YES I AM SURE 417", code: "123456" };
  page.send({ kind: "form", id: "act-000002", ageMs: 0, messageId, token: form.token, values });
  await page.next("received", (frame) => frame.id === "act-000002");
  expect(house.received[1]).toMatchObject({ kind: "form", token: form.token, values, sender: { userId: "ana" } });
  const after = await page.next(
    "message",
    (frame) => frame.message.messageId === messageId && frame.message.revision > 1,
  );
  expect(after.message).not.toHaveProperty("form");
  expect(
    page.frames.filter((frame) => frame.kind === "message" && JSON.stringify(frame).includes("417 123456")),
  ).toEqual([]);
});

test("the same form sent again is the same event; one of a strange shape is heard by nobody", async () => {
  const { house, page } = await openOwner();
  const { messageId } = await asked(house, page);
  const frame = {
    kind: "form",
    id: "act-000002",
    ageMs: 0,
    messageId,
    token: form.token,
    values: { phrase: "x" },
  } as const;
  page.send(frame);
  page.send(frame);
  await page.next("received", (heard) => heard.id === "act-000002");
  page.send({ ...frame, id: "act-000003", token: "short" } as never);
  page.send({ ...frame, id: "act-000004", values: { "__proto__!": "x" } } as never);
  await page.next("problem");
  const ids = house.received.filter((one) => one.kind === "form").map((one) => one.eventIds[0]);
  expect(new Set(ids).size).toBe(1);
});

test("a square to scan reaches the page as rows, and only the page that asked", async () => {
  const { house, page } = await openOwner();
  page.send({ kind: "command", id: "act-000001", ageMs: 0, name: "code", text: "" });
  await page.next("received");
  const ref = house.received[0]?.answerRef;
  if (ref === undefined) throw new Error("nothing was heard");
  const qr = [
    [true, false],
    [false, true],
  ];
  await house.desk.reply(chat, ref, { ...plainCard("waiting", "Scan this"), qr });
  const { message } = await page.next("message", (frame) => frame.message.kind === "card");
  expect(message).toMatchObject({ isPrivate: true, card: { qr } });
});
