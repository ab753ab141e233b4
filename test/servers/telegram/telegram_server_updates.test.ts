/** The strict server delivers updates as the platform does, guards its door, limits floods and fails on order. */
import { expect, it } from "vitest";
import { call, house } from "./self_test.ts";
import type { TelegramServer } from "./server.ts";

it("the offset confirms, the rest comes again, the limit is 100", async () => {
  const { server, ana, group, call } = await house();
  for (let count = 0; count < 150; count += 1) server.sendText(ana, group, `m${count}`);
  const first = (await call("getUpdates", { limit: 1_000 })).result;
  expect(first).toHaveLength(100);
  expect((await call("getUpdates")).result[0].update_id).toBe(first[0].update_id);
  const rest = (await call("getUpdates", { offset: first[99].update_id + 1 })).result;
  expect(rest).toHaveLength(50);
  expect(server.pending()).toHaveLength(50);
  expect((await call("getUpdates", { offset: -1 })).result).toHaveLength(1);
});

it("a long poll waits for the next update, or for its time", async () => {
  const { server, ana, group, call } = await house();
  const waiting = call("getUpdates", { timeout: 20 });
  while (server.waitingPolls() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  server.sendText(ana, group, "now");
  expect((await waiting).result).toHaveLength(1);
  await call("getUpdates", { offset: -1 });
  const begun = performance.now();
  await call("getUpdates", { offset: 2 ** 40, timeout: 1 });
  expect(performance.now() - begun).toBeGreaterThan(900);
});

it("a second poller ends the first; a webhook ends both", async () => {
  const { server, call } = await house();
  const first = call("getUpdates", { timeout: 20 });
  while (server.waitingPolls() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect((await call("getUpdates")).ok).toBe(true);
  expect(await first).toMatchObject({
    status: 409,
    description: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
  });
  await call("setWebhook", { url: "https://example.org" });
  expect(await call("getUpdates")).toMatchObject({
    status: 409,
    description:
      "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
  });
  expect((await call("getWebhookInfo")).result.url).toBe("https://example.org");
  await call("deleteWebhook");
  expect((await call("getUpdates")).ok).toBe(true);
});

it("allowed_updates is remembered, and works when an update is made", async () => {
  const { server, ana, group, call } = await house();
  server.sendText(ana, group, "before");
  await call("getUpdates", { allowed_updates: ["callback_query"] });
  server.sendText(ana, group, "after");
  expect((await call("getUpdates")).result).toHaveLength(1);
  await call("getUpdates", { allowed_updates: [] });
  server.sendText(ana, group, "again");
  expect((await call("getUpdates")).result).toHaveLength(2);
});

it("a client that hangs up leaves no poll behind", async () => {
  const { server, ana, group, call } = await house();
  const stopper = new AbortController();
  const url = `${server.apiRoot}/bot${server.token}/getUpdates?timeout=20`;
  const gone = fetch(url, { signal: stopper.signal }).catch(() => "gone");
  while (server.waitingPolls() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  stopper.abort();
  expect(await gone).toBe("gone");
  while (server.waitingPolls() === 1) await new Promise((resolve) => setTimeout(resolve, 5));
  server.sendText(ana, group, "kept");
  expect((await call("getUpdates")).result).toHaveLength(1);
});

it("wrong, malformed and missing tokens, unknown methods and broken bodies", async () => {
  const { server, call: ours } = await house();
  expect(await call(server, "getMe", {}, "1:wrong")).toMatchObject({ status: 401, description: "Unauthorized" });
  expect(await call(server, "getMe", {}, "no-token")).toMatchObject({ status: 404, description: "Not Found" });
  expect(await ours("getEverything")).toMatchObject({ status: 404, description: "Not Found: method not found" });
  expect(await ours("toString")).toMatchObject({ status: 404 });
  expect((await ours("GETME")).result.username).toBe("countersign_test_bot");
  const broken = await fetch(`${server.apiRoot}/bot${server.token}/getMe`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{",
  });
  expect(broken.status).toBe(400);
});

it("one message a second to a chat, twenty a minute to a group, retry_after says when", async () => {
  let at = 1_000_000;
  const { group, call } = await house({ flood: "platform", now: () => at });
  const say = () => call("sendMessage", { chat_id: group.id, text: "x" });
  expect((await say()).ok).toBe(true);
  expect(await say()).toMatchObject({
    status: 429,
    description: "Too Many Requests: retry after 1",
    parameters: { retry_after: 1 },
  });
  for (let count = 1; count < 20; count += 1) {
    at += 1_000;
    expect((await say()).ok).toBe(true);
  }
  at += 1_000;
  expect(await say()).toMatchObject({ status: 429, parameters: { retry_after: 40 } });
});

it.each<[string, Parameters<TelegramServer["fail"]>[1], string, number]>([
  ["cut before", { kind: "drop_before" }, "cut", 0],
  ["cut after storing", { kind: "drop_after" }, "cut", 1],
  ["502 before", { kind: "server_error", when: "before" }, "502", 0],
  ["502 after storing", { kind: "server_error", when: "after" }, "502", 1],
  ["flood", { kind: "flood", retryAfter: 3 }, "429", 0],
  ["garbage", { kind: "garbage" }, "200", 1],
  ["conflict", { kind: "conflict" }, "409", 0],
  ["late", { kind: "delay", ms: 50 }, "200", 1],
])("%s, and only for as often as it was laid", async (_name, fault, seen, stored) => {
  const { server, group, call } = await house();
  server.fail("sendMessage", fault, 1);
  const url = `${server.apiRoot}/bot${server.token}/sendMessage?chat_id=${group.id}&text=x`;
  expect(
    await fetch(url).then(
      (response) => String(response.status),
      () => "cut",
    ),
  ).toBe(seen);
  expect(server.botMessages(group)).toHaveLength(stored);
  expect((await call("sendMessage", { chat_id: group.id, text: "x" })).ok).toBe(true);
});

it("an update delivered again is the same update, even after it was confirmed", async () => {
  const { server, ana, group, call } = await house();
  const { updateId } = server.sendText(ana, group, "x");
  await call("getUpdates", { offset: (updateId ?? 0) + 1 });
  server.redeliver(updateId ?? 0, 2);
  const again = (await call("getUpdates", { offset: (updateId ?? 0) + 1 })).result;
  expect(again.map((update: { update_id: number }) => update.update_id)).toEqual([updateId, updateId]);
  expect((await call("getUpdates")).result).toEqual([]);
});

it("going away refuses connections and forgets nothing", async () => {
  const { server, ana, group, call } = await house();
  server.sendText(ana, group, "x");
  await server.goAway();
  await expect(call("getMe")).rejects.toThrow();
  await server.comeBack();
  expect((await call("getUpdates")).result).toHaveLength(1);
});
