/** The line that events come by, as the platform keeps it: who may speak, what ends it, what a resumed session is told. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { Json } from "./refusal.ts";
import { until } from "./rig.ts";
import { type DiscordServer, openDiscordServer } from "./server.ts";

let server: DiscordServer;

beforeAll(async () => {
  server = await openDiscordServer({ identifyEveryMs: 0, hasRateLimits: false });
  server.addGuild("G", [server.addUser("ana")]);
});
afterAll(() => server.stop());

async function connect(): Promise<{
  sent: Json[];
  send(payload: unknown): void;
  code(): number | null;
  close(code: number): void;
}> {
  const line = new WebSocket(server.apiRoot.replace("http", "ws"));
  const sent: Json[] = [];
  let code: number | null = null;
  line.on("message", (data) => sent.push(JSON.parse(String(data)) as Json));
  line.on("close", (given) => {
    code = given;
  });
  await until("hello", () => sent.length > 0);
  const send = (payload: unknown) => line.send(typeof payload === "string" ? payload : JSON.stringify(payload));
  return { sent, send, code: () => code, close: (given) => line.close(given) };
}
const identify = (more: Json = {}) => ({ op: 2, d: { token: server.token, intents: 1, properties: {}, ...more } });

describe("gateway", () => {
  it.each<[string, unknown, number]>([
    ["text that isn't JSON", "{", 4002],
    ["an unknown opcode", { op: 99 }, 4001],
    ["a request before identify", { op: 3, d: {} }, 4003],
    ["a wrong token", { op: 2, d: { token: "x", intents: 1 } }, 4004],
  ])("closes upon %s", async (_, payload, expected) => {
    const line = await connect();
    line.send(payload);
    await until("the close", () => line.code() !== null);
    expect(line.code()).toBe(expected);
  });
  it("closes upon unknown intents with 4013, privileged ones with 4014, a second identify with 4005", async () => {
    const [unknown, privileged, twice] = [await connect(), await connect(), await connect()];
    unknown.send(identify({ intents: 1 << 30 }));
    privileged.send(identify({ intents: 1 << 15 }));
    twice.send(identify());
    twice.send(identify());
    await until("all closes", () => [unknown, privileged, twice].every((line) => line.code() !== null));
    expect([unknown.code(), privileged.code(), twice.code()]).toEqual([4013, 4014, 4005]);
  });
});

describe("sessions", () => {
  it("replays what a cut line missed and then says RESUMED; after close 1000 there is nothing to resume", async () => {
    const first = await connect();
    first.send(identify());
    await until("ready", () => first.sent.some((each) => each["t"] === "READY"));
    const ready = first.sent.find((each) => each["t"] === "READY") ?? {};
    const session = (ready["d"] as Json)["session_id"];
    first.close(4200);
    await until("closed", () => first.code() !== null);
    const seq = Number(first.sent.at(-1)?.["s"]);
    server.gateway.sendDispatch("INTERACTION_CREATE", { id: "1" });
    const again = await connect();
    again.send({ op: 6, d: { token: server.token, session_id: session, seq } });
    await until("resumed", () => again.sent.some((each) => each["t"] === "RESUMED"));
    expect(again.sent.map((each) => each["t"] ?? `op${String(each["op"])}`)).toEqual([
      "op10",
      "INTERACTION_CREATE",
      "RESUMED",
    ]);
    again.close(1000);
    await until("closed", () => again.code() !== null);
    const late = await connect();
    late.send({ op: 6, d: { token: server.token, session_id: session, seq } });
    await until("invalid session", () => late.sent.some((each) => each["op"] === 9));
    late.close(1000);
  });
  it("closes after 120 sends in a minute with 4008", async () => {
    const line = await connect();
    for (let at = 0; at < 121; at += 1) line.send({ op: 1, d: null });
    await until("the close", () => line.code() !== null);
    expect(line.code()).toBe(4008);
  });
});
