/** A call never outlives its deadline, and says "not sent" only when no byte can ever leave. */
import { type AddressInfo, createServer, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { call } from "../../src/venues/_ccxt/call.ts";
import { type CcxtInstance, tieWire } from "../../src/venues/_ccxt/hooks.ts";
import { assertSafe, unsafeOption } from "../../src/venues/_ccxt/safe_options.ts";
import { differenceOfBodies } from "../../src/venues/_ccxt/write.ts";
import { kucoin } from "../../src/venues/kucoin/venue.ts";
import { credentials, hastyClock, listeningLog } from "./bench_kucoin.ts";

const clock = systemClock();
const get = { method: "GET", deadlineMs: 40 } as const;

/** A client whose request reaches the socket only when the test lets it. */
function slowClient() {
  const written: string[] = [];
  let reach: () => void = () => {};
  const socket = new Promise<void>((resolve) => {
    reach = resolve;
  });
  type Handler = { onConnect(): void };
  const toSocket = (options: { path: string }, handler: Handler): boolean => {
    handler.onConnect();
    written.push(options.path);
    return true;
  };
  let dispatch = toSocket;
  class Agent {
    compose(wrap: (inner: typeof toSocket) => typeof toSocket) {
      dispatch = wrap(toSocket);
      return this;
    }
    async destroy() {}
  }
  const client = {
    fetch: async (url: string) => {
      // The handler is made now, in this call; the socket is there later.
      let connected: () => void = () => {};
      const handler = { onConnect: () => connected() };
      await socket;
      connected = () => {};
      dispatch({ path: url }, handler);
    },
    onRestResponse: () => "",
    parseJson: () => undefined,
    nonce: () => 0,
    loadFetchImplementation: async () => {},
    getDispatcherOptions: () => ({}),
    undiciModule: { Agent },
    enableRateLimit: true,
    verbose: true,
  } as unknown as CcxtInstance;
  return { client, written, reach };
}

describe("a call", () => {
  it("that hangs before its first byte is not sent, and can never be sent later", async () => {
    const { client, written, reach } = slowClient();
    const wire = await tieWire({ exchange: client, clock, baseUrl: "http://x", venueNow: () => 0 });
    const heard = await wire.ask(async () => await client.fetch("http://x/one", "GET"), get);
    expect(heard).toEqual({ kind: "not_sent", because: "no connection within 40 ms" });
    reach();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(written).toEqual([]);
  });

  it("that hangs after its first byte is silent", async () => {
    const { client, written, reach } = slowClient();
    reach();
    const wire = await tieWire({ exchange: client, clock, baseUrl: "http://x", venueNow: () => 0 });
    const run = async () => {
      await client.fetch("http://x/one", "GET");
      await new Promise(() => {});
    };
    expect(await wire.ask(run, get)).toEqual({ kind: "silent", because: "no whole answer within 40 ms" });
    expect(written).toEqual(["http://x/one"]);
  });

  it.each<[string, () => Promise<unknown>, string]>([
    [
      "to another host",
      async () => await client.fetch("http://y/one", "GET"),
      "the request was for a host that is not the one we opened",
    ],
    [
      "to a host that begins like ours",
      async () => await client.fetch("http://x.y/one", "GET"),
      "the request was for a host that is not the one we opened",
    ],
    [
      "that writes where a read was meant",
      async () => await client.fetch("http://x/one", "POST"),
      "a POST where only GET is meant",
    ],
  ])("%s is refused before it leaves", async (_what, run, because) => {
    const wire = await tieWire({ exchange: client, clock, baseUrl: "http://x", venueNow: () => 0 });
    expect(await wire.ask(run, get)).toEqual({ kind: "not_sent", because });
  });
});

describe("a client library", () => {
  it("cannot send twice [N08]", async () => {
    const { client: fresh, written, reach } = slowClient();
    reach();
    const wire = await tieWire({ exchange: fresh, clock, baseUrl: "http://x", venueNow: () => 0 });
    const heard = await wire.ask(async () => {
      await fresh.fetch("http://x/one", "GET");
      await fresh.fetch("http://x/two", "GET");
    }, get);
    expect(heard).toMatchObject({ kind: "silent", because: expect.stringContaining("second request") });
    expect(written).toEqual(["http://x/one"]);
  });

  it("cannot send anything of its own", async () => {
    const { client: fresh, written, reach } = slowClient();
    reach();
    await tieWire({ exchange: fresh, clock, baseUrl: "http://x", venueNow: () => 0 });
    await expect(fresh.fetch("http://x/one", "GET")).rejects.toThrow("refused before it left");
    expect(written).toEqual([]);
    expect([fresh.enableRateLimit, fresh.verbose]).toEqual([false, false]);
  });

  it.each([
    ["ENOTFOUND", "getaddrinfo ENOTFOUND api.example", "host name not found"],
    ["ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:1", "connection refused"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "Hostname/IP does not match certificate's altnames", "no trusted TLS connection"],
    ["", "kucoin POST https://api/?key=abc odd", "the request failed inside the client library"],
    ["EMFILE", "connect EMFILE 127.0.0.1:1", "no free socket in this process"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed certificate", "no trusted TLS connection"],
  ])(
    "whose request fails with %s has sent nothing, and says why in our own words [N03] [N04] [S01]",
    async (code, message, because) => {
      const run = async () => {
        throw Object.assign(new Error(message), code === "" ? {} : { code });
      };
      expect(await call(run, get, clock)).toEqual({ kind: "not_sent", because });
    },
  );

  it("that waits for TLS for ever has sent nothing", async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const baseUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const venue = await kucoin.open({ credentials, baseUrl, clock: hastyClock(), log: listeningLog().log });
    expect(await venue.balances()).toMatchObject({ ok: false, problem: { because: "no connection within 4000 ms" } });
    await venue.stop();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe("a client that was set up badly", () => {
  it.each([
    ["a validity of a minute", { options: { recvWindow: 60_000 }, verbose: false }, "recvWindow"],
    ["a validity that is no number", { options: { recvWindow: "long" }, verbose: false }, "recvWindow"],
    ["retries", { options: { maxRetriesOnFailure: 2 }, verbose: false }, "maxRetriesOnFailure"],
    ["printed headers", { options: {}, verbose: true }, "verbose"],
  ])("with %s is opened by nobody [G07]", (_what, given, name) => {
    expect(unsafeOption(given)).toContain(name);
    expect(() => assertSafe(given)).toThrow(name);
  });
  it("with a validity of 3 s and one attempt is as it should be", () =>
    expect(unsafeOption({ options: { recvWindow: 3_000, maxRetriesOnFailure: 0 }, verbose: false })).toBeNull());
});

const { client } = slowClient();

describe("the comparison of bodies", () => {
  const meant = { a: "1.0", n: 5 };
  it.each([
    ['{"n":5,"a":"1.0"}', null],
    ['{"a":"1","n":5}', "a"],
    ['{"a":"1.0","n":"5"}', "n"],
    ['{"a":"1.0","n":5,"stopLoss":{"x":1}}', "stopLoss"],
    ['{"a":"1.0"}', "n"],
    ["", "no JSON"],
    [undefined, "no JSON"],
  ])("[D02] of %s", (sent, names) => {
    const difference = differenceOfBodies(sent, meant);
    if (names === null) expect(difference).toBeNull();
    else expect(difference).toContain(names);
  });
});
