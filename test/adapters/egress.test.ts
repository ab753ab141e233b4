/** A process that speaks only to the hosts of its owner, whoever asks it to speak to another one, and in whatever form. */
import type { lookup } from "node:dns";
import { createServer as createHttpServer, get } from "node:http";
import { type AddressInfo, connect, createServer, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Egress, guardEgress } from "../../src/adapters/system/egress.ts";
import { watchMarks } from "../fixtures/watch_marks.ts";

const marks = watchMarks();
let egress: Egress | null = null;
const refused: string[] = [];
const guard = (...hosts: readonly string[]): void => {
  egress = guardEgress(hosts, (host) => void refused.push(host));
};

afterEach(() => {
  egress?.release();
  egress = null;
  refused.length = 0;
});

/** The metadata service of a cloud machine: the address that a forged link names. */
const metadata = "169.254.169.254";
const failed = (begin: (fail: (error: Error) => void) => void): Promise<Error> =>
  new Promise((resolve) => begin(resolve));
const ways: readonly (readonly [string, (host: string) => Promise<Error>])[] = [
  [
    "fetch",
    (host) =>
      fetch(`http://${host}/latest/meta-data`).then(
        () => new Error("answered"),
        (error: Error) => (error.cause as Error) ?? error,
      ),
  ],
  ["the http module", (host) => failed((fail) => get(`http://${host}/`).on("error", fail))],
  ["a web socket", (host) => failed((fail) => new WebSocket(`ws://${host}/`).on("error", fail))],
  ["a TLS socket", (host) => failed((fail) => connectTls(443, host).on("error", fail))],
  ["a socket by options", (host) => failed((fail) => connect({ host, port: 80 }).on("error", fail))],
  ["a socket by port and host", (host) => failed((fail) => new Socket().connect(80, host).on("error", fail))],
];

describe("a host that nobody named", () => {
  test.each(ways)("is not connected to by %s, which learns why at once [M14]", async (_, way) => {
    guard("api.telegram.org");
    const begun = performance.now();
    const error = await way(metadata);
    expect(error.message).toContain(`A connection to ${metadata} was refused`);
    expect(performance.now() - begun).toBeLessThan(1_000);
    expect(refused).toEqual([metadata]);
    expect(marks.reached()).toContain("M14.no_way_out");
  });

  test.each(["metadata.google.internal", "10.0.0.1", "[fd00:ec2::254]", "evil-api.telegram.org", "discord.gg"])(
    "%s is none of ours",
    async (host) => {
      guard("api.telegram.org", ".discord.gg");
      expect((await failed((fail) => get(`http://${host}/`).on("error", fail))).message).toContain(
        "is no host of this house",
      );
    },
  );
});

describe("what is ours", () => {
  test.each(["127.0.0.1", "localhost"])("this machine as %s is reached", async (host) => {
    const server = createHttpServer((_, answer) => answer.end("here")).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    guard();
    const { port } = server.address() as AddressInfo;
    expect(await (await fetch(`http://${host}:${port}/`)).text()).toBe("here");
    await new Promise((resolve) => server.close(resolve));
  });

  test("a path on this machine is reached", async () => {
    const path = join(tmpdir(), `countersign-egress-${process.pid}.sock`);
    const server = createServer((socket) => socket.end("here")).listen(path);
    await new Promise((resolve) => server.once("listening", resolve));
    guard();
    const text = await new Promise((resolve) => connect(path).on("data", (piece) => resolve(piece.toString())));
    expect(text).toBe("here");
    await new Promise((resolve) => server.close(resolve));
  });

  test.each([
    ["api.telegram.org", "api.telegram.org"],
    [".discord.gg", "gateway-us-east1-b.discord.gg"],
    ["API.KuCoin.com", "api.kucoin.com"],
  ])("%s lets %s pass to the system", async (named, host) => {
    guard(named);
    // The name is looked up by nobody here: what counts is that the guard let it through.
    const nowhere: typeof lookup = ((_: string, __: unknown, done: (error: Error) => void) =>
      done(new Error("looked up"))) as never;
    const error = await failed((fail) => connect({ host, port: 443, lookup: nowhere }).on("error", fail));
    expect(error.message).toBe("looked up");
    expect(refused).toEqual([]);
  });

  test("after it was put back, everything is as before", () => {
    const before = Socket.prototype.connect;
    guard();
    egress?.release();
    expect(Socket.prototype.connect).toBe(before);
  });
});
