/** The question and the answer on a real server: only who holds the key hears, and only the house itself is believed. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { registerBeacon } from "../../src/adapters/http/beacon.ts";
import { openHttpServer } from "../../src/adapters/http/server.ts";
import { keepBeaconKey, readBeaconKey, sealWith } from "../../src/adapters/system/seal.ts";
import { answerText, askText, type Beacon, beaconHeaders } from "../../src/core/beacon.ts";
import { instant } from "../../src/core/time.ts";
import { askHouse } from "../../src/watchdog/ask.ts";
import { keptLog } from "../fixtures/kept_log.ts";

const key = "k".repeat(64);
const told: Beacon = { state: "sick", problems: ["the venue does not answer"], head: "ab".repeat(32), at: 5_000 };
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** The house's own server, with its guards, on a port of its own. */
async function openHouse(clock = { wall: () => instant(Date.now()), mono: () => performance.now() }) {
  const asked = { count: 0 };
  const http = await openHttpServer({
    host: "127.0.0.1",
    port: 0,
    publicOrigins: [],
    dashboardFolder: "/nowhere",
    health: () => ({ isHealthy: true, status: "ok" }),
    log: keptLog(),
  });
  registerBeacon(http.app, {
    seal: sealWith(key),
    clock,
    read: () => {
      asked.count += 1;
      return told;
    },
  });
  closers.push(() => http.close());
  const listening = await http.listen();
  if (!listening.ok) throw new Error(listening.problem.because);
  return { address: listening.value.address, asked };
}

/** Somebody else at the address of the house. */
async function openImpostor(
  answer: (nonce: string) => { body: string; seal: string; status?: number },
): Promise<string> {
  const server = createServer((request, response) => {
    const { body, seal, status = 200 } = answer(String(request.headers[beaconHeaders.nonce]));
    response.writeHead(status, { [beaconHeaders.seal]: seal }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => endOf(server));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function endOf(server: Server): Promise<unknown> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
}

let turn = 0;
const ask = (house: string, more: Partial<Parameters<typeof askHouse>[0]> = {}) =>
  askHouse({
    house,
    seal: sealWith(key),
    nonce: `nonce-of-a-test-${++turn}`,
    wall: () => Date.now(),
    patienceMs: 2_000,
    ...more,
  });

const headersFor = (nonce: string, at: number, seal = sealWith(key).sign(askText(nonce, at))) => ({
  [beaconHeaders.at]: String(at),
  [beaconHeaders.nonce]: nonce,
  [beaconHeaders.seal]: seal,
});

describe("the house answers", () => {
  test("who holds the key, with what it said of itself", async () => {
    const { address } = await openHouse();
    expect(await ask(address)).toEqual({ kind: "answered", beacon: told, wallAt: expect.any(Number) });
  });

  test("nobody without a right seal, and does not even look at itself for him", async () => {
    const { address, asked } = await openHouse();
    const at = Date.now();
    const bad: Record<string, string>[] = [
      {},
      headersFor("short", at),
      headersFor("nonce-of-a-test-x", at, "00"),
      headersFor("nonce-of-a-test-x", at, ""),
      { ...headersFor("nonce-of-a-test-x", at), [beaconHeaders.at]: String(at + 1) },
      { ...headersFor("nonce-of-a-test-x", at), [beaconHeaders.nonce]: "nonce-of-a-test-y" },
      headersFor("nonce-of-a-test-x", at, sealWith("K".repeat(64)).sign(askText("nonce-of-a-test-x", at))),
      headersFor("nonce-of-a-test-x", at, sealWith(key).sign(answerText("nonce-of-a-test-x", String(at)))),
    ];
    for (const headers of bad) {
      const answer = await fetch(`${address}/beacon`, { headers });
      expect([answer.status, await answer.text()]).toEqual([401, ""]);
    }
    expect(asked.count).toBe(0);
  });

  test("a recorded request once and never again, and none that is more than 30 s off", async () => {
    const { address, asked } = await openHouse();
    const headers = headersFor("nonce-recorded-0001", Date.now());
    expect((await fetch(`${address}/beacon`, { headers })).status).toBe(200);
    expect((await fetch(`${address}/beacon`, { headers })).status).toBe(429);
    for (const offMs of [-31_000, 31_000]) {
      const late = headersFor("nonce-recorded-0002", Date.now() + offMs);
      expect((await fetch(`${address}/beacon`, { headers: late })).status).toBe(409);
    }
    const nonsense = headersFor("nonce-recorded-0003", Number.NaN);
    expect((await fetch(`${address}/beacon`, { headers: nonsense })).status).toBe(409);
    expect(asked.count).toBe(1);
  });

  test("and forgets a nonce only when no request with it could be fresh any more", async () => {
    const time = { ms: 1_000_000 };
    const { address } = await openHouse({ wall: () => instant(time.ms), mono: () => time.ms });
    // Dated as late as is taken: it stays fresh for a minute from now.
    const headers = headersFor("nonce-recorded-0004", time.ms + 30_000);
    const status = async () => (await fetch(`${address}/beacon`, { headers })).status;
    expect(await status()).toBe(200);
    time.ms += 59_999;
    expect(await status()).toBe(429);
    time.ms += 2;
    expect(await status()).toBe(409);
  });
});

describe("the watchdog takes for silence", () => {
  const right = JSON.stringify(told);
  test.each<[string, (nonce: string) => { body: string; seal: string; status?: number }, string]>([
    ["an answer without a seal", () => ({ body: right, seal: "" }), "without its seal"],
    [
      "one that was sealed for another question",
      () => ({ body: right, seal: sealWith(key).sign(answerText("nonce-of-another-one", right)) }),
      "without its seal",
    ],
    [
      "one that was changed on its way",
      (nonce) => ({ body: right.replace("sick", "well"), seal: sealWith(key).sign(answerText(nonce, right)) }),
      "without its seal",
    ],
    [
      "one of another version",
      (nonce) => ({ body: '{"mood":"fine"}', seal: sealWith(key).sign(answerText(nonce, '{"mood":"fine"}')) }),
      "does not know",
    ],
    [
      "one without an end",
      (nonce) => ({ body: "x".repeat(70_000), seal: sealWith(key).sign(answerText(nonce, "x".repeat(70_000))) }),
      "without its seal",
    ],
    ["an error", () => ({ body: "", seal: "", status: 503 }), "status 503"],
    ["a redirect", () => ({ body: "", seal: "", status: 302 }), "can't be reached"],
  ])("%s", async (_, answer, because) => {
    const heard = await ask(await openImpostor(answer));
    expect(heard).toEqual({ kind: "silent", because: expect.stringContaining(because) });
  });

  test("a house that is not there, one that hangs, one that knows another key, and its own lack of one", async () => {
    const gone = await openImpostor(() => ({ body: "", seal: "" }));
    await closers.pop()?.();
    expect(await ask(gone)).toMatchObject({ because: "nobody answers at its address" });
    const hanging = createServer(() => undefined);
    await new Promise<void>((resolve) => hanging.listen(0, "127.0.0.1", resolve));
    closers.push(() => endOf(hanging));
    const { port } = hanging.address() as AddressInfo;
    expect(await ask(`http://127.0.0.1:${port}`, { patienceMs: 100 })).toMatchObject({
      because: "it takes the call and says nothing",
    });
    const { address } = await openHouse();
    expect(await ask(address, { seal: sealWith("another".repeat(9)) })).toMatchObject({
      because: expect.stringContaining("does not know our key"),
    });
    expect(await ask(address, { wall: () => Date.now() - 40_000 })).toMatchObject({
      because: expect.stringContaining("30 s apart"),
    });
    expect(await ask(address, { seal: null })).toMatchObject({ because: expect.stringContaining("no key") });
  });
});

describe("the key of a home", () => {
  test("is made once, for this user's eyes only, and the same from then on", () => {
    const home = mkdtempSync(join(tmpdir(), "countersign-key-"));
    try {
      expect(readBeaconKey(home)).toBe(null);
      const made = keepBeaconKey(home);
      expect(made).toMatch(/^[0-9a-f]{64}$/);
      expect(statSync(join(home, "beacon.key")).mode & 0o777).toBe(0o600);
      expect([keepBeaconKey(home), readBeaconKey(home)]).toEqual([made, made]);
      writeFileSync(join(home, "beacon.key"), "half");
      expect([keepBeaconKey(home), readFileSync(join(home, "beacon.key"), "utf8")]).toEqual([null, "half"]);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });
});
