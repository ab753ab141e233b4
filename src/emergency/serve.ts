/**
 * Waits for somebody to call: a file named EMERGENCY in the home folder, or a request with the token on a loopback port. The
 * token is made at each start and stands in a file that only this user may read.
 */

import { timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type EmergencyFiles, writeDurably } from "./files.ts";

export type Call = { readonly by: string; readonly reason: string; readonly isDedicated: boolean };

const lookEveryMs = 500;

/** @returns the first call; whoever rings over HTTP is told that it has begun. */
export async function waitForCall(
  files: EmergencyFiles,
  wish: {
    port: number;
    token: string;
    every: (ms: number, run: () => void) => () => void;
    say: (line: string) => void;
  },
): Promise<Call> {
  writeDurably(files.tokenPath, `${wish.token}\n`);
  let called: (call: Call) => void = () => undefined;
  const call = new Promise<Call>((resolve) => {
    called = resolve;
  });
  const server = createServer((request, response) => {
    const answer = (status: number, text: string) => {
      response.writeHead(status, { "content-type": "text/plain", "cache-control": "no-store" });
      response.end(`${text}\n`);
    };
    const address = new URL(request.url ?? "/", "http://127.0.0.1");
    if (request.headers["origin"] !== undefined) return answer(403, "not from a page");
    if (!isToken(request.headers.authorization, wish.token))
      return answer(401, "Authorization: Bearer TOKEN, as in emergency.token");
    if (request.method === "GET" && address.pathname === "/")
      return answer(200, "waiting; POST /emergency?reason=… closes everything");
    if (request.method !== "POST" || address.pathname !== "/emergency") return answer(404, "POST /emergency");
    answer(202, "begun; this process ends when it is done");
    return called({
      by: "http",
      reason: address.searchParams.get("reason") ?? "no reason given",
      isDedicated: address.searchParams.get("dedicated") === "true",
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(wish.port, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  wish.say(
    `waiting: http://127.0.0.1:${port}/emergency with the token in ${files.tokenPath}, or a file named EMERGENCY`,
  );
  const stopLooking = wish.every(lookEveryMs, () => {
    if (files.isTriggered()) called({ by: "file", reason: "the file EMERGENCY is there", isDedicated: false });
  });
  const first = await call;
  stopLooking();
  server.close();
  return first;
}

function isToken(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header ?? "");
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
