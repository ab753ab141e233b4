/** What a broken, hostile or sleepy page can do to the house: nothing. */

import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { plainCard } from "../../src/core/card.ts";
import { openPage, type PageClient, signIn } from "../dashboard/page_client.ts";
import { type HouseOptions, openScriptedHouse, type ScriptedHouse } from "../dashboard/scripted_house.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function openOwner(options: HouseOptions = {}) {
  const house = await openScriptedHouse(options);
  closers.push(house.close);
  const { cookie } = await signIn(house.address, "owner-code-1234");
  const page = await openPage(house.address, cookie);
  await page.next("hello");
  return { house, cookie, page };
}

const stillServes = async (house: ScriptedHouse, cookie: string) => {
  const page = await openPage(house.address, cookie, "page-9999");
  await page.next("hello");
  page.send({ kind: "command", id: "act-healthy", ageMs: 0, name: "status", text: "" });
  await page.next("received");
  page.close();
};

describe("frames nobody understands", () => {
  const bad: readonly [string, string | Buffer][] = [
    ["no JSON", "{"],
    ["null", "null"],
    ["an unknown kind", '{"kind":"format_disk"}'],
    ["a second hello", '{"kind":"hello","pageId":"page-0009","timeZone":"UTC"}'],
    ["a token of another length", '{"kind":"tap","id":"act-000001","ageMs":0,"messageId":"m","token":"short"}'],
    ["an act from the future", '{"kind":"command","id":"act-000001","ageMs":-1,"name":"pause","text":""}'],
    ["a command that is no name", '{"kind":"command","id":"act-000001","ageMs":0,"name":"../x","text":""}'],
    ["a prototype", '{"__proto__":{"kind":"hello"},"kind":"constructor"}'],
    ["bytes", Buffer.from([0, 1, 2])],
  ];
  test.each(bad)("%s is answered with a problem and goes no further", async (_name, data) => {
    const { house, page } = await openOwner();
    page.socket.send(data);
    await page.next("problem");
    expect(house.received).toEqual([]);
    page.send({ kind: "command", id: "act-000002", ageMs: 0, name: "pause", text: "" });
    await page.next("received");
  });

  test("ten of them end the page, not the house", async () => {
    const { house, cookie, page } = await openOwner();
    for (let count = 0; count < 10; count += 1) page.socket.send("{}");
    expect((await page.closed).code).toBe(4009);
    await stillServes(house, cookie);
  });

  test("an oversized frame ends the page, not the house", async () => {
    const { house, cookie, page } = await openOwner();
    page.socket.send(
      JSON.stringify({ kind: "text", id: "act-000001", ageMs: 0, text: "x".repeat(40_000), replyTo: null }),
    );
    expect((await page.closed).code).toBe(1009);
    expect(house.received).toEqual([]);
    await stillServes(house, cookie);
  });

  test("bytes that are no WebSocket frame end the page, not the house", async () => {
    const { house, cookie } = await openOwner();
    const socket = connect(house.port, "127.0.0.1");
    const ended = new Promise((resolve) => socket.on("close", resolve));
    socket.on("error", () => undefined);
    socket.write(
      [
        "GET /api/live HTTP/1.1",
        `Host: 127.0.0.1:${house.port}`,
        `Origin: ${house.address}`,
        `Cookie: ${cookie}`,
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
        "",
        "",
      ].join("\r\n"),
    );
    await new Promise((resolve) => socket.once("data", resolve));
    socket.write(Buffer.alloc(600, 0xff));
    await ended;
    await stillServes(house, cookie);
  });
});

test("a page that talks too fast is closed", async () => {
  const { house, cookie, page } = await openOwner();
  for (let count = 0; count < 90; count += 1) {
    page.send({
      kind: "complete",
      id: `ask-${String(count).padStart(6, "0")}`,
      command: "report",
      option: "span",
      prefix: "",
    });
  }
  expect((await page.closed).code).toBe(4009);
  await stillServes(house, cookie);
});

test("many tabs are served, up to a number", async () => {
  const { house, cookie } = await openOwner({ limits: { pagesMax: 6 } });
  const pages: PageClient[] = [];
  for (let count = 1; count < 6; count += 1) pages.push(await openPage(house.address, cookie, `page-100${count}`));
  const tooMany = await openPage(house.address, cookie, "page-2000");
  expect((await tooMany.closed).code).toBe(4008);
  await house.script.post(plainCard("info", "To all"));
  for (const page of pages) await page.next("message", ({ message }) => message.kind === "card");
});

test("a page that stops reading is dropped, and the others hear everything in time", async () => {
  const { house, cookie, page } = await openOwner({ limits: { dropBytes: 256 * 1024 } });
  const sleepy = await openPage(house.address, cookie, "page-0002");
  await sleepy.next("hello");
  expect(house.desk.watchers()).toEqual(["ana"]);
  sleepy.socket.pause();
  const long = plainCard("info", "x".repeat(60_000));
  const heapBefore = process.memoryUsage().heapUsed;
  for (let count = 0; count < 2_000; count += 1) {
    await house.script.post(long);
    if (count % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await house.script.post(plainCard("info", "last"));
  await page.next("message", ({ message }) => message.kind === "card" && message.card.title === "last");
  sleepy.socket.resume();
  expect((await sleepy.closed).code).not.toBe(1000);
  expect(process.memoryUsage().heapUsed - heapBefore).toBeLessThan(400 * 1024 * 1024);
}, 20_000);

describe("the picture of the house", () => {
  test("it is sent when it changed and not when only the clock moved", async () => {
    const { house, page } = await openOwner();
    await page.next("state");
    const before = page.frames.filter(({ kind }) => kind === "state").length;
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    expect(page.frames.filter(({ kind }) => kind === "state").length - before).toBe(0);
    house.state.setLevel("pause", "Paused in a test");
    await page.next("state", ({ state }) => state?.level === "pause");
  });

  test("a hundred changes a second become at most two pictures", async () => {
    const { house, page } = await openOwner();
    await page.next("state");
    const before = page.frames.length;
    const timer = setInterval(() => house.state.setLevel("none", String(Math.random())), 10);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    clearInterval(timer);
    expect(page.frames.length - before).toBeGreaterThanOrEqual(2);
    expect(page.frames.length - before).toBeLessThanOrEqual(4);
  });

  test("when it can't be had the page is told so, and it comes back", async () => {
    const { house, page } = await openOwner();
    await page.next("state");
    house.state.break();
    await page.next("state", ({ state }) => state === null);
    expect(house.log.filter((line) => line.includes("no picture"))).toHaveLength(1);
    house.state.mend();
    const seen = page.frames.length;
    await expect
      .poll(() => page.frames.slice(seen).some((frame) => frame.kind === "state" && frame.state !== null), {
        timeout: 2_000,
      })
      .toBe(true);
  });
});
