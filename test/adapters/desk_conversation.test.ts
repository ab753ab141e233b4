/** The desk as a chat: what a page shows and does becomes facts, and answers come back to the page that asked. */
import { afterEach, describe, expect, test } from "vitest";
import { commandsFor } from "../../src/adapters/desk/commands_view.ts";
import { commandSchema } from "../../src/adapters/desk/contract.ts";
import { plainCard } from "../../src/core/card.ts";
import { openPage, type PageClient, signIn } from "../dashboard/page_client.ts";
import { at, type HouseOptions, openScriptedHouse, promptCard, scriptedCommands } from "../dashboard/scripted_house.ts";

const chat = { platform: "desk", chatId: "desk", threadId: null } as const;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function openHouse(options: HouseOptions = {}) {
  const house = await openScriptedHouse(options);
  closers.push(house.close);
  return house;
}

async function openOwner(options: HouseOptions = {}) {
  const house = await openHouse(options);
  const { cookie } = await signIn(house.address, "owner-code-1234");
  const page = await openPage(house.address, cookie);
  await page.next("hello");
  return { house, cookie, page };
}

const shownPrompt = async (page: PageClient, messageId: string) => {
  const { message } = await page.next("message", (frame) => frame.message.messageId === messageId);
  if (message.kind !== "card") throw new Error("A prompt is a card");
  return message;
};
const tapOf = (id: string, message: { messageId: string; buttons: readonly { token: string }[] }, index = 0) =>
  ({ kind: "tap", id, ageMs: 0, messageId: message.messageId, token: message.buttons[index]?.token ?? "" }) as const;

describe("taps", () => {
  test("a tap is a fact of the person who signed in, and the prompt closes in place on every page", async () => {
    const { house, cookie, page } = await openOwner();
    const other = await openPage(house.address, cookie, "page-0002");
    const messageId = await house.script.ask();
    const prompt = await shownPrompt(page, messageId);
    expect(prompt.buttons.map(({ label }) => label)).toEqual(["Approve", "Decline", "Size down", "Snooze 5 min"]);

    const before = Date.now();
    page.send(tapOf("act-000001", prompt));
    await page.next("received");
    expect(house.received).toHaveLength(1);
    expect(house.received[0]).toMatchObject({
      kind: "tap",
      messageId,
      token: prompt.buttons[0]?.token,
      sender: { userId: "ana", isPerson: true },
      chat,
      isInline: false,
      arrivedLate: false,
    });
    const tap = house.received[0];
    expect(tap?.kind === "tap" ? tap.tappedAt : 0).toBeGreaterThanOrEqual(before);
    for (const each of [page, other]) {
      const { message } = await each.next("message", (frame) => frame.message.revision === 2);
      expect(message).toMatchObject({
        messageId,
        buttons: [],
        card: { footer: expect.stringMatching(/APPROVED .* by Ana/) },
      });
    }
    expect(await page.next("notice")).toMatchObject({ text: "Approve counted", isRefusal: false });
    expect(
      other.frames.some(({ kind }) => kind === "notice"),
      "a notice is for the tapper's page",
    ).toBe(false);
  });

  test("the same tap sent twice, at once or after a reconnect, carries the same event id", async () => {
    const { house, cookie, page } = await openOwner({ onIncoming: async () => undefined });
    const prompt = await shownPrompt(page, await house.script.ask());
    page.send(tapOf("act-000001", prompt));
    page.send(tapOf("act-000001", prompt));
    await page.next("received");
    page.close();
    await page.closed;
    const back = await openPage(house.address, cookie);
    await back.next("hello");
    back.send({ ...tapOf("act-000001", prompt), ageMs: 4_000 });
    await back.next("received");
    back.send(tapOf("act-000002", prompt));
    await back.next("received", ({ id }) => id === "act-000002");
    const ids = house.received.map(({ eventIds }) => eventIds[0]);
    expect(new Set(ids).size).toBe(2);
    expect(ids.at(-1)).not.toBe(ids[0]);
    const late = house.received.at(-2);
    expect(late?.kind === "tap" ? Date.now() - (late.tappedAt ?? 0) : 0).toBeGreaterThanOrEqual(4_000);
  });

  test("the page hears 'received' only after the commit, and 'not received' when there was none", async () => {
    let release = (_outcome: "commit" | "fail"): void => undefined;
    const { house, page } = await openOwner({
      onIncoming: () =>
        new Promise((resolve, reject) => {
          release = (outcome) => (outcome === "commit" ? resolve() : reject(new Error("the database is away")));
        }),
    });
    const prompt = await shownPrompt(page, await house.script.ask());
    page.send(tapOf("act-000001", prompt));
    await expect.poll(() => house.received.length).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 60));
    page.send(tapOf("act-000001", prompt));
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(page.frames.some(({ kind }) => kind === "received")).toBe(false);
    expect(house.received, "the same act waits for its first commit instead of starting a second").toHaveLength(1);
    release("fail");
    expect(await page.next("not_received")).toMatchObject({ id: "act-000001", mayRetry: true });
    page.send(tapOf("act-000001", prompt));
    await expect.poll(() => house.received.length).toBe(2);
    release("commit");
    expect(await page.next("received")).toMatchObject({ id: "act-000001" });
    expect(house.received[1]?.eventIds).toEqual(house.received[0]?.eventIds);
  });

  test("a viewer sees the prompt, but its tokens never reach the page", async () => {
    const house = await openHouse();
    const { cookie } = await signIn(house.address, "viewer-code-123");
    const page = await openPage(house.address, cookie);
    await page.next("hello");
    const messageId = await house.script.ask();
    expect(await shownPrompt(page, messageId)).toMatchObject({ buttons: [], card: { title: "Buy 0.0051 BTC/USDT" } });
    const later = await openPage(house.address, cookie, "page-0002");
    const hello = await later.next("hello");
    expect(hello.messages).toEqual([expect.objectContaining({ messageId, buttons: [] })]);
    expect(hello.commands.map(({ name }) => name)).toEqual(["approvals", "pnl", "positions", "report", "status"]);
  });
});

describe("commands and words", () => {
  test("an answer to a viewer keeps its pages, its refresh and its choices, on every page of that viewer", async () => {
    const house = await openHouse({ onIncoming: async () => undefined });
    const { cookie } = await signIn(house.address, "viewer-code-123");
    const page = await openPage(house.address, cookie);
    await page.next("hello");
    page.send({ kind: "command", id: "act-000001", ageMs: 0, name: "pnl", text: "" });
    await page.next("received");
    const ref = house.received[0]?.answerRef;
    if (ref === undefined) throw new Error("nothing was heard");
    const buttons = [{ label: "⟳ Refresh", style: "plain", token: "RRRRRRRRRRRRRRRR" }] as const;
    await house.desk.reply(chat, ref, plainCard("info", "Profit of today"), buttons);
    const { message } = await page.next("message", (frame) => frame.message.kind === "card");
    expect(message).toMatchObject({ buttons });
    const later = await openPage(house.address, cookie, "page-0002");
    expect((await later.next("hello")).messages.at(-1)).toMatchObject({ buttons });
    page.send({ ...tapOf("act-000002", { messageId: message.messageId, buttons }) });
    await page.next("received", ({ id }) => id === "act-000002");
    expect(house.received[1]).toMatchObject({ kind: "tap", token: "RRRRRRRRRRRRRRRR", sender: { userId: "vic" } });
  });

  test("a command is shown, written down, and answered under it; other people see nothing of it", async () => {
    const { house, page } = await openOwner();
    const viewer = await openPage(house.address, (await signIn(house.address, "viewer-code-123")).cookie);
    await viewer.next("hello");
    page.send({ kind: "command", id: "act-000001", ageMs: 0, name: "status", text: "all please" });
    const said = await page.next("message", ({ message }) => message.kind === "said");
    expect(said.message).toMatchObject({ text: "/status all please", status: "sending", isPrivate: true });
    await page.next("message", ({ message }) => message.kind === "said" && message.status === "received");
    const answer = await page.next("message", ({ message }) => message.kind === "card");
    expect(answer.message).toMatchObject({ answers: said.message.messageId, card: { title: "All quiet" } });
    expect(house.received[0]).toMatchObject({ kind: "command", name: "status", text: "all please", options: null });
    expect(viewer.frames.filter(({ kind }) => kind === "message")).toEqual([]);
  });

  test("a code of an authenticator app goes to the house but stays on no screen", async () => {
    const { house, page } = await openOwner();
    page.send({ kind: "text", id: "act-000001", ageMs: 0, text: "YES I AM SURE 417 204816", replyTo: "desk_x" });
    const said = await page.next("message", ({ message }) => message.kind === "said");
    expect(said.message).toMatchObject({ text: "YES I AM SURE 417 ••••••", answers: "desk_x" });
    await page.next("received");
    expect(house.received[0]).toMatchObject({ kind: "text", text: "YES I AM SURE 417 204816", replyTo: "desk_x" });
  });

  test.each([
    ["report", "span", "w", ["week"]],
    ["report", "charts", "", ["yes", "no"]],
    ["close", "instrument", "b", ["BTC/USDT"]],
    ["close", "nothing", "b", []],
    ["unheard_of", "instrument", "b", []],
  ])("/%s <%s> completes %o", async (command, option, prefix, values) => {
    const { page } = await openOwner();
    page.send({ kind: "complete", id: "ask-000001", command, option, prefix });
    expect((await page.next("completions")).values.map(({ value }) => value)).toEqual(values);
  });

  test("the command box knows order, kind and need of every option from the definition alone", () => {
    const views = commandsFor(scriptedCommands, { personId: "ana", displayName: "Ana", role: "owner" });
    for (const view of views) commandSchema.parse(view);
    expect(views.map(({ name }) => name)).toEqual(scriptedCommands.map(({ name }) => name).toSorted());
    expect(views.find(({ name }) => name === "close")?.options).toEqual([
      expect.objectContaining({ name: "instrument", kind: "text", isRequired: true, takesRest: false }),
      expect.objectContaining({ name: "reason", kind: "text", isRequired: false, takesRest: true }),
    ]);
    expect(views.find(({ name }) => name === "report")?.options).toEqual([
      expect.objectContaining({ name: "span", kind: "choice", choices: ["day", "week", "month"] }),
      expect.objectContaining({ name: "charts", kind: "yes_no", isRequired: false }),
    ]);
  });

  test("the browser's time zone is noted, an invented one is not", async () => {
    const { house, cookie } = await openOwner();
    expect(house.zones.get("ana")).toBe("Europe/Lisbon");
    const page = await openPage(house.address, cookie, "page-0002");
    page.socket.send(JSON.stringify({ kind: "hello", pageId: "page-0003", timeZone: "Moon/Base" }));
    await page.next("problem");
    expect(house.zones.get("ana")).toBe("Europe/Lisbon");
  });

  test("before the house listens, an act is refused and may be tried again", async () => {
    const house = await openHouse({ isStarted: false });
    const { cookie } = await signIn(house.address, "owner-code-1234");
    const page = await openPage(house.address, cookie);
    page.send({ kind: "command", id: "act-000001", ageMs: 0, name: "pause", text: "" });
    expect(await page.next("not_received")).toMatchObject({
      mayRetry: true,
      because: expect.stringContaining("not ready"),
    });
    expect(house.desk.health()).toMatchObject({ isHearing: false, problem: "Desk: not started" });
    await house.start();
    page.send({ kind: "command", id: "act-000001", ageMs: 0, name: "pause", text: "" });
    await page.next("received");
    expect(house.desk.health()).toMatchObject({ isHearing: true, problem: null });
  });
});

describe("posts and edits", () => {
  test("a post with the same nonce is not shown twice", async () => {
    const { house, page } = await openOwner();
    const extra = { buttons: [], nonce: "n1", isQuiet: false };
    const first = await house.desk.post(chat, plainCard("info", "Once"), extra);
    expect(await house.desk.post(chat, plainCard("info", "Once"), extra)).toEqual(first);
    await page.next("message");
    expect(page.frames.filter(({ kind }) => kind === "message")).toHaveLength(1);
  });

  test.each([
    ["another chat", { ...chat, chatId: "kitchen" }, "chat_refused"],
    ["another platform", { ...chat, platform: "telegram" as const }, "chat_refused"],
  ])("%s is refused by name", async (_name, wrong, kind) => {
    const house = await openHouse();
    const card = plainCard("info", "Lost");
    expect(await house.desk.post(wrong, card, { buttons: [], nonce: "", isQuiet: true })).toMatchObject({
      problem: { kind },
    });
    expect(await house.desk.edit(wrong, "x", card, [])).toMatchObject({ problem: { kind } });
  });

  test("a message that was never posted, or fell out of the newest 300, is gone", async () => {
    const house = await openHouse();
    const card = plainCard("info", "Old");
    expect(await house.desk.edit(chat, "desk_never", card, [])).toMatchObject({ problem: { kind: "message_gone" } });
    const first = await house.script.post(card);
    for (let count = 0; count < 10_000; count += 1) await house.script.post(card);
    const messageId = first.ok ? first.value.messageId : "";
    expect(await house.desk.edit(chat, messageId, card, [])).toMatchObject({ problem: { kind: "message_gone" } });
    const { cookie } = await signIn(house.address, "owner-code-1234");
    const page = await openPage(house.address, cookie);
    expect((await page.next("hello")).messages).toHaveLength(300);
  });

  test("a long conversation brings only its newest charts along", async () => {
    const house = await openHouse();
    for (let count = 0; count < 20; count += 1) await house.script.post(promptCard(at(Date.now()), 5));
    const { cookie } = await signIn(house.address, "owner-code-1234");
    const { messages } = await (await openPage(house.address, cookie)).next("hello");
    const charts = messages.map((message) => message.kind === "card" && message.card.chart !== null);
    expect(charts.filter(Boolean)).toHaveLength(12);
    expect(charts.at(-1)).toBe(true);
  });

  test("a post when nobody is there is known to have been seen by nobody", async () => {
    const { house, page } = await openOwner();
    expect(house.desk.watchers()).toEqual(["ana"]);
    page.close();
    await expect.poll(() => house.desk.watchers()).toEqual([]);
  });
});

describe("a restart", () => {
  test("the cookie still opens the desk, restored prompts can be edited, older ones are gone", async () => {
    const { house: first, cookie } = await openOwner();
    const kept = await first.script.ask();
    const lost = await first.script.ask();
    await first.close();

    const second = await openHouse({ drawer: first.drawer, port: first.port });
    const card = promptCard(at(Date.now()), 5);
    second.desk.restore([{ messageId: kept, card, buttons: [], postedAt: at(Date.now() - 60_000) }]);
    const page = await openPage(second.address, cookie);
    const hello = await page.next("hello");
    expect(hello.person.personId).toBe("ana");
    expect(hello.messages.map(({ messageId }) => messageId)).toEqual([kept]);
    expect((await second.desk.edit(chat, kept, card, [])).ok).toBe(true);
    expect(await second.desk.edit(chat, lost, card, [])).toMatchObject({ problem: { kind: "message_gone" } });
  });

  test("an answer to something asked before the restart finds nobody and says so", async () => {
    const { house: first, page } = await openOwner({ onIncoming: async () => undefined });
    page.send({ kind: "command", id: "act-000001", ageMs: 0, name: "status", text: "" });
    await page.next("received");
    const ref = first.received[0]?.answerRef ?? { platform: "desk", id: "", token: null };
    const second = await openHouse({ drawer: first.drawer });
    expect(await second.desk.acknowledge(ref, { text: "late", isRefusal: false })).toBe("stale");
    expect(await second.desk.reply(chat, ref, plainCard("info", "late"))).toMatchObject({
      problem: { kind: "message_gone" },
    });
    page.close();
    await page.closed;
    await expect.poll(() => first.desk.acknowledge(ref, { text: "you left", isRefusal: false })).toBe("failed");
  });

  test("a house that stops tells its pages so", async () => {
    const { house, page } = await openOwner();
    await house.desk.stop();
    expect((await page.closed).code).toBe(1012);
  });
});
