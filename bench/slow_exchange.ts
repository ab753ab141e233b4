/** A far exchange: every request takes `latencyMs` on its way, and beyond `perSecond` it is told 429 with the wait to the next second. */
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type SlowExchange = {
  readonly url: string;
  readonly counts: { requests: number; limited: number };
  /** What was asked how often since the last reset: method and path without ids. */
  readonly asked: Map<string, number>;
  /** Answers 429 with this wait to the next requests, as many as said; the wait is given in ms. */
  refuse(times: number, waitMs: number): void;
  stop(): Promise<void>;
};

export async function slowExchange(about: {
  target: string;
  latencyMs: number;
  perSecond: number;
  isLimiting: () => boolean;
}): Promise<SlowExchange> {
  const counts = { requests: 0, limited: 0 };
  const asked = new Map<string, number>();
  const refusing = { times: 0, waitMs: 0 };
  let spent: number[] = [];
  /** 0 = it may pass; else the ms to wait. */
  const waitOf = (now: number): number => {
    if (!about.isLimiting()) return 0;
    if (refusing.times > 0) {
      refusing.times -= 1;
      return refusing.waitMs;
    }
    spent = spent.filter((at) => now - at < 1_000);
    if (spent.length >= about.perSecond) return Math.max(1, Math.ceil(1_000 - (now - (spent[0] ?? now))));
    spent.push(now);
    return 0;
  };
  const server = createServer((incoming, response) => {
    void bodyOf(incoming).then((body) =>
      setTimeout(() => {
        counts.requests += 1;
        const what = kindOf(incoming);
        asked.set(what, (asked.get(what) ?? 0) + 1);
        const waitMs = waitOf(performance.now());
        if (waitMs === 0) return passOn({ incoming, response, body, target: about.target });
        counts.limited += 1;
        tellToWait(response, waitMs);
      }, about.latencyMs),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    asked,
    refuse(times, waitMs) {
      refusing.times = times;
      refusing.waitMs = waitMs;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Method and path; names of orders and instruments are left out, so that like counts as like. */
function kindOf({ method, url }: IncomingMessage): string {
  const path = (url ?? "/").split("?")[0] ?? "/";
  return `${method} ${path.replace(/\/(?=[^/]*\d)(?!v\d)[^/]+/g, "/*")}`;
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function tellToWait(response: ServerResponse, waitMs: number): void {
  response.writeHead(429, { "content-type": "application/json", "gw-ratelimit-reset": String(waitMs) });
  response.end('{"code":"429000","msg":"Too many requests in a short period of time, please retry later"}');
}

function passOn(about: { incoming: IncomingMessage; response: ServerResponse; body: Buffer; target: string }): void {
  const { incoming, response, body, target } = about;
  const on = new URL(incoming.url ?? "/", target);
  const passed = request(on, { method: incoming.method, headers: { ...incoming.headers, host: on.host } }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  passed.on("error", () => response.destroy());
  passed.end(body);
}
