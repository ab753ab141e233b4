/** Who gets in at the desk's door, over real sockets on loopback. */
import { request } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { cookieName } from "../../src/adapters/desk/sessions.ts";
import { openHttpServer } from "../../src/adapters/http/server.ts";
import { openPage, signIn } from "../dashboard/page_client.ts";
import { hash, openScriptedHouse, type ScriptedHouse } from "../dashboard/scripted_house.ts";

let house: ScriptedHouse;
beforeAll(async () => {
  house = await openScriptedHouse();
});
afterAll(() => house.close());

type Raw = { method?: string; path?: string; headers?: Record<string, string>; body?: string };
/** fetch() decides Host and Origin by itself, so requests with forged ones go out by hand. */
function raw({
  method = "GET",
  path = "/api/session",
  headers = {},
  body,
}: Raw): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const options = {
      host: "127.0.0.1",
      port: house.port,
      method,
      path,
      headers: { ...headers, ...length },
      agent: false,
    };
    const outgoing = request(options, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

function upgradeStatus(headers: Record<string, string>): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${house.port}/api/live`, { headers });
    socket.on("unexpected-response", (_request, response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    socket.on("open", () => {
      resolve(101);
      socket.close();
    });
    socket.on("error", () => undefined);
  });
}

describe("only our own addresses and pages are answered", () => {
  test.each([
    ["its loopback address", () => `127.0.0.1:${house.port}`, 200],
    ["localhost", () => `localhost:${house.port}`, 200],
    ["another port", () => `127.0.0.1:${house.port + 1}`, 403],
    ["no port", () => "127.0.0.1", 403],
    ["a name that someone bent to loopback", () => `evil.example:${house.port}`, 403],
    ["a name that only begins like ours", () => `127.0.0.1.evil.example:${house.port}`, 403],
  ])("a Host header with %s", async (_name, host, status) => {
    for (const path of ["/api/session", "/healthz"]) {
      expect((await raw({ path, headers: { host: host() } })).status).toBe(status);
    }
  });

  test.each([
    ["none", () => ({})],
    ["null", () => ({ origin: "null" })],
    ["a foreign site", () => ({ origin: "https://evil.example" })],
    ["another local port", () => ({ origin: "http://127.0.0.1:1" })],
    ["our other name, but not the one of the Host header", () => ({ origin: `http://localhost:${house.port}` })],
  ])("a change or a live line with %s as Origin is refused [M10]", async (_name, origin) => {
    const headers: Record<string, string> = { host: `127.0.0.1:${house.port}`, ...origin() };
    for (const method of ["POST", "DELETE", "PUT", "PATCH"]) {
      const answer = await raw({
        method,
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify({ code: "owner-code-1234" }),
      });
      expect(answer.status, method).toBe(403);
    }
    expect(await upgradeStatus(headers)).toBe(403);
    expect(house.drawer.codes.size, "no code was used up").toBe(2);
  });

  const update = { update_id: 1, message: { chat: { id: 1 }, from: { id: 1 }, text: "/flatten" } };
  test.each([
    ["/telegram/webhook", { "x-telegram-bot-api-secret-token": "guessed" }, JSON.stringify(update)],
    ["/bot7000000001:AAguess", {}, JSON.stringify(update)],
    [
      "/discord/interactions",
      { "x-signature-ed25519": "00".repeat(64), "x-signature-timestamp": "1" },
      JSON.stringify({ type: 2, data: { name: "flatten" } }),
    ],
    ["/interactions", {}, "no JSON at all {"],
    ["/", {}, JSON.stringify(update)],
    ["/healthz", {}, JSON.stringify(update)],
  ])("[M02] a forged call to %s is refused before its body is read", async (path, forged, body) => {
    const own = { host: `127.0.0.1:${house.port}`, "content-type": "application/json" };
    for (const origin of [{}, { origin: `http://127.0.0.1:${house.port}` }]) {
      // The same 403 whatever the body is: had it been parsed, bad JSON would be a 400 and a large one a 413.
      const answers = await Promise.all(
        [body, "}{", "x".repeat(20_000)].map((sent) =>
          raw({ method: "POST", path, headers: { ...own, ...forged, ...origin }, body: sent }),
        ),
      );
      expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([403]));
      expect(answers[0]?.text).toContain("Nothing here takes calls from outside");
    }
    expect(house.received).toEqual([]);
  });

  test("a refused live line leaves no connection behind, even when the stranger holds on to it", async () => {
    const count = () =>
      new Promise<number>((resolve) => house.http.app.server.getConnections((_none, open) => resolve(open)));
    const before = await count();
    const lines = ["GET /api/live HTTP/1.1", `Host: 127.0.0.1:${house.port}`, "Origin: https://evil.example"];
    const upgrade = [
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    ];
    const sockets = Array.from({ length: 20 }, () => {
      const socket = connect({ host: "127.0.0.1", port: house.port, allowHalfOpen: true });
      socket.on("error", () => undefined);
      socket.write([...lines, ...upgrade, "", ""].join("\r\n"));
      return socket;
    });
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once("data", resolve))));
    await expect.poll(count, { timeout: 3_000 }).toBeLessThanOrEqual(before);
    for (const socket of sockets) socket.destroy();
  });

  test("a page on another local port may not read, although its cookie would come along", async () => {
    const headers = { host: `127.0.0.1:${house.port}` };
    expect((await raw({ headers: { ...headers, "sec-fetch-site": "same-site" } })).status).toBe(403);
    expect((await raw({ headers: { ...headers, "sec-fetch-site": "same-origin" } })).status).toBe(200);
  });

  test("no other site is ever invited by CORS", async () => {
    const answer = await fetch(`${house.address}/api/session`, { headers: { origin: "https://evil.example" } });
    expect([...answer.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  test("an address that the owner has published is answered, with a Secure cookie behind https", async () => {
    const published = await openScriptedHouse({ publicOrigins: ["https://desk.example.net"] });
    try {
      const answer = await published.http.app.inject({
        method: "POST",
        url: "/api/session",
        headers: { host: "desk.example.net", origin: "https://desk.example.net" },
        payload: { code: "owner-code-1234" },
      });
      expect(answer.statusCode).toBe(200);
      expect(String(answer.headers["set-cookie"])).toContain("; Secure");
    } finally {
      await published.close();
    }
  });
});

test("every answer forbids what the page does not need", async () => {
  for (const path of ["/", "/api/session", "/api/candles", "/healthz", "/nothing"]) {
    const { headers } = await fetch(house.address + path);
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy, path).toContain("default-src 'none'");
    expect(policy, path).toContain("frame-ancestors 'none'");
    expect(policy, path).not.toMatch(/unsafe|https?:|\*/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
  }
});

test("health is one word, without a session", async () => {
  const answer = await fetch(`${house.address}/healthz`);
  expect(await answer.json()).toEqual({ status: "ok" });
});

describe("without a session", () => {
  test("there is no data", async () => {
    expect(await (await fetch(`${house.address}/api/session`)).json()).toEqual({ person: null });
    const candles = await fetch(`${house.address}/api/candles?instrument=kucoin:BTC-USDT`);
    expect(candles.status).toBe(401);
    expect(await candles.json()).toEqual({ because: expect.stringContaining("Sign in first") });
  });

  test.each(["", "x".repeat(32), "../../../../etc/passwd/aaaaaaaaaa"])(
    "the live line stays shut for cookie %o",
    async (token) => {
      const host = `127.0.0.1:${house.port}`;
      expect(await upgradeStatus({ origin: house.address, cookie: `${cookieName(host)}=${token}` })).toBe(401);
    },
  );
});

describe("signing in", () => {
  test("a code opens one session, its cookie is out of reach of scripts and other sites, and only its hash is kept", async () => {
    const own = await openScriptedHouse();
    try {
      const { status, setCookie, cookie, body } = await signIn(own.address, "owner-code-1234");
      expect(status).toBe(200);
      expect(body).toEqual({ person: { personId: "ana", displayName: "Ana", role: "owner" } });
      expect(setCookie).toMatch(/; HttpOnly/);
      expect(setCookie).toMatch(/; SameSite=Strict/);
      expect(setCookie).toMatch(/; Path=\/;/);
      const token = cookie.split("=")[1] ?? "";
      expect(token).toMatch(/^[A-Za-z0-9_-]{32}$/);
      expect([...own.drawer.sessions.keys()]).toEqual([hash(token)]);
      expect(own.log.join("\n")).not.toContain(token);
      expect(own.log.join("\n")).not.toContain("owner-code-1234");

      const again = await signIn(own.address, "owner-code-1234");
      expect(again.status, "a used code").toBe(401);
      const wrong = await signIn(own.address, "never-a-code-1");
      expect(wrong.body, "used and wrong codes sound the same").toEqual(again.body);
      expect(again.cookie).toBe("");
    } finally {
      await own.close();
    }
  });

  test("after five wrong tries within a minute even the right code must wait", async () => {
    const own = await openScriptedHouse();
    try {
      // All at once, so that none of them may slip past the count.
      const bad: unknown[] = ["a", "b", null, { code: "x" }, 7, "c", "d"];
      const wrong = await Promise.all(bad.map((code) => signIn(own.address, code)));
      expect(wrong.map(({ status }) => status).toSorted()).toEqual([401, 401, 401, 401, 401, 429, 429]);
      const right = await signIn(own.address, "owner-code-1234");
      expect(right.status).toBe(429);
      expect(right.body).toEqual({ because: expect.stringMatching(/Try again in \d+ s/) });
      expect(own.drawer.codes.has(hash("owner-code-1234")), "the code is still good").toBe(true);
    } finally {
      await own.close();
    }
  });

  test("a body that is too large or no JSON is refused and nothing breaks", async () => {
    const headers = { host: `127.0.0.1:${house.port}`, origin: house.address, "content-type": "application/json" };
    const large = await raw({ method: "POST", headers, body: JSON.stringify({ code: "x".repeat(20_000) }) });
    expect(large.status).toBe(413);
    expect((await raw({ method: "POST", headers, body: "{" })).status).toBe(400);
  });

  test("signing out ends the session and its pages at once", async () => {
    const own = await openScriptedHouse();
    try {
      const { cookie } = await signIn(own.address, "owner-code-1234");
      const page = await openPage(own.address, cookie);
      await page.next("hello");
      const out = await fetch(`${own.address}/api/session`, {
        method: "DELETE",
        headers: { origin: own.address, cookie },
      });
      expect(out.headers.get("set-cookie")).toMatch(/Max-Age=0/);
      expect((await page.closed).code).toBe(4001);
      expect(own.drawer.sessions.size).toBe(0);
      const after = await fetch(`${own.address}/api/session`, { headers: { cookie } });
      expect(await after.json()).toEqual({ person: null });
    } finally {
      await own.close();
    }
  });

  test("a revoked person is out within a second, and the next act before that", async () => {
    const own = await openScriptedHouse();
    try {
      const { cookie } = await signIn(own.address, "owner-code-1234");
      const [idle, busy] = [await openPage(own.address, cookie), await openPage(own.address, cookie, "page-0002")];
      await busy.next("hello");
      own.drawer.people.delete("ana");
      busy.send({ kind: "command", id: "act-000001", ageMs: 0, name: "status", text: "" });
      expect((await busy.closed).code).toBe(4003);
      expect(own.received).toEqual([]);
      expect((await idle.closed).code).toBe(4003);
      expect((await fetch(`${own.address}/api/candles?instrument=x`, { headers: { cookie } })).status).toBe(401);
    } finally {
      await own.close();
    }
  });

  test("a session that is older than 30 days is over", async () => {
    const own = await openScriptedHouse();
    try {
      const { cookie } = await signIn(own.address, "owner-code-1234");
      for (const [key, session] of own.drawer.sessions) {
        own.drawer.sessions.set(key, {
          ...session,
          openedAt: (session.openedAt - 31 * 86_400_000) as typeof session.openedAt,
        });
      }
      const view = await fetch(`${own.address}/api/session`, { headers: { cookie } });
      expect(await view.json()).toEqual({ person: null });
      expect(own.drawer.sessions.size).toBe(0);
    } finally {
      await own.close();
    }
  });
});

test("a port in use is one sentence that names the port and the way out", async () => {
  const second = await openHttpServer({
    host: "127.0.0.1",
    port: house.port,
    publicOrigins: [],
    dashboardFolder: "dist/nothing-built",
    health: () => ({ isHealthy: true, status: "ok" }),
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  const answer = await second.listen();
  expect(answer).toEqual({
    ok: false,
    problem: {
      kind: "port_in_use",
      because: expect.stringMatching(
        new RegExp(`Port ${house.port} on 127.0.0.1 is already in use.*--port ${house.port + 1}`),
      ),
    },
  });
});

test("a page that was never built says how to build it", async () => {
  const answer = await fetch(house.address);
  expect(answer.status).toBe(503);
  expect(await answer.text()).toContain("npm run build");
});
