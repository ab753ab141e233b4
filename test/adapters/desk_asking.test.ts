/** The desk's own fields: asked of one person, filled in once, shown to nobody else, and gone when they were sent. */
import { afterEach, expect, test } from "vitest";
import { plainCard } from "../../src/core/card.ts";
import type { Form } from "../../src/ports/messenger.ts";
import { openPage, type PageClient, signIn } from "../dashboard/page_client.ts";
import { hash, openScriptedHouse } from "../dashboard/scripted_house.ts";

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

const secretCards = {
  "the key of an authenticator app": {
    ...plainCard("waiting", "Scan this"),
    fields: [{ name: "Can't scan", value: "JBSWY3DPEHPK3PXP" }],
    qr: [[true, false]],
  },
  "a link that signs in": { ...plainCard("info", "Your link", ["http://desk/#code=JBSWY3DPEHPK3PXP"]), isSecret: true },
} as const;

test.each(Object.entries(secretCards))(
  "%s is seen once, on the page that asked: no other page of the same person and no later one gets it",
  async (_what, card) => {
    const { house, page } = await openOwner();
    house.drawer.codes.set(hash("owner-code-5678"), "ana");
    const { cookie } = await signIn(house.address, "owner-code-5678");
    const sameId = await openPage(house.address, cookie);
    const other = await openPage(house.address, cookie, "page-0002");
    await other.next("hello");
    page.send({ kind: "command", id: "act-000001", ageMs: 0, name: "code", text: "" });
    await page.next("received");
    const ref = house.received[0]?.answerRef;
    if (ref === undefined) throw new Error("nothing was heard");
    expect(await house.desk.reply(chat, ref, card)).toMatchObject({ ok: true });
    const isCard = ({ message }: { message: { kind: string } }) => message.kind === "card";
    expect(JSON.stringify(await page.next("message", isCard))).toContain("JBSWY3DPEHPK3PXP");
    for (const elsewhere of [other, sameId])
      expect((await elsewhere.next("message", isCard)).message).toMatchObject({
        card: { title: card.title, lines: [expect.stringContaining("Shown once")], fields: [] },
      });
    const later = await openPage(house.address, cookie, "page-0003");
    await later.next("hello");
    const told = JSON.stringify([...other.frames, ...sameId.frames, ...later.frames]);
    expect(told).not.toContain("JBSWY3DPEHPK3PXP");
    expect(told).not.toContain('"qr"');
    expect(told).toContain("Shown once");
  },
);

test("a secret whose page has gone is shown nowhere, and the house is told that nobody saw it", async () => {
  const { house, page } = await openOwner();
  page.send({ kind: "command", id: "act-000001", ageMs: 0, name: "code", text: "" });
  await page.next("received");
  const ref = house.received[0]?.answerRef;
  if (ref === undefined) throw new Error("nothing was heard");
  page.close();
  await page.closed;
  await expect.poll(() => house.desk.watchers()).toEqual([]);
  const sent = await house.desk.reply(chat, ref, secretCards["a link that signs in"]);
  expect(sent).toMatchObject({ ok: false, problem: { kind: "message_gone" } });
});
