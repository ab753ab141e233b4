/**
 * A strict local Telegram: the Bot API over plain node:http, with people, chats and faults under a test's control.
 *
 *   request --> token? --> fault laid? --> method --> answer, in the platform's words
 *
 * Nothing of it is meant to please a client: what the platform refuses, it refuses.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { readCall } from "./body.ts";
import { type Fault, faultBoard } from "./faults.ts";
import { type FloodLimits, floodControl, platformLimits } from "./flood.ts";
import { humansOf } from "./humans.ts";
import { methods, type Server } from "./methods.ts";
import { isRefusal, refuse } from "./refusal.ts";
import { type UpdateQueue, updateQueue } from "./updates.ts";
import { newWorld } from "./world.ts";

export type TelegramServerOptions = {
  /** 0 (the default) takes any free port. */
  readonly port?: number;
  readonly token?: string;
  readonly botUsername?: string;
  /** "platform" enforces the published limits, null (the default) none. */
  readonly flood?: "platform" | FloodLimits | null;
  /** How long a tap may be answered; default 15 s. */
  readonly queryLifeMs?: number;
  /** Milliseconds; the clock of dates, flood windows and query ages. */
  readonly now?: () => number;
};

export type SeenCall = {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly at: number;
};
export type TelegramServer = Awaited<ReturnType<typeof startTelegramServer>>;

type House = { readonly server: Server; readonly queue: UpdateQueue; readonly faults: ReturnType<typeof faultBoard> };

export async function startTelegramServer(options: TelegramServerOptions = {}) {
  const token = options.token ?? "7000000001:AAexampleTokenThatOpensNothing0123456789";
  const now = options.now ?? Date.now;
  const bot = {
    id: Number(token.split(":")[0]),
    is_bot: true,
    first_name: "Countersign",
    username: options.botUsername ?? "countersign_test_bot",
  };
  const world = newWorld({ bot, now });
  const limits = options.flood === "platform" ? platformLimits : (options.flood ?? null);
  const server: Server = { world, flood: floodControl(limits, now), queryLifeMs: options.queryLifeMs ?? 15_000 };
  const house: House = { server, queue: updateQueue(world), faults: faultBoard() };
  const calls: SeenCall[] = [];

  const http = createServer((request, response) => {
    serve(house, { token, calls }, request, response).catch((error: unknown) => {
      // Our own bug, not the platform's: said aloud, or a test would hunt it in the client.
      process.stderr.write(`strict Telegram server: ${String(error)}\n`);
      response.destroy();
    });
  });
  const listen = (port: number) => new Promise<void>((resolve) => http.listen(port, "127.0.0.1", resolve));
  await listen(options.port ?? 0);
  const { port } = http.address() as AddressInfo;

  const goAway = async () => {
    http.closeAllConnections();
    house.queue.close();
    await new Promise((resolve) => http.close(resolve));
  };
  return {
    apiRoot: `http://127.0.0.1:${port}`,
    token,
    bot,
    world,
    ...humansOf(world),
    fail: house.faults.lay,
    mend: house.faults.mend,
    /** Every call that reached us with the right token, also those that a fault spoiled. */
    calls: calls as readonly SeenCall[],
    callsOf: (method: string) => calls.filter((call) => call.method === method.toLowerCase()),
    waitingPolls: house.queue.waiting,
    /** The network to us is gone: connections are refused until comeBack(). Nothing is forgotten. */
    goAway,
    comeBack: () => listen(port),
    close: async () => {
      if (http.listening) await goAway();
    },
  };
}

async function serve(
  house: House,
  known: { token: string; calls: SeenCall[] },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  const path = /^\/bot(\d+:[A-Za-z0-9_-]+)\/([A-Za-z]+)$/.exec(url.pathname);
  const call = await readCall(request, url);
  if (path === null) return answer(response, { code: 404, description: "Not Found" });
  const [, token = "", name = ""] = path;
  if (token !== known.token) return answer(response, { code: 401, description: "Unauthorized" });
  const method = name.toLowerCase();
  known.calls.push({ method, params: call?.params ?? {}, at: house.server.world.now() });
  const fault = house.faults.next(method);
  if (fault?.kind === "drop_before") return void response.destroy();
  const outcome = await perform(house, method, call, fault, response);
  if (fault?.kind === "delay") await new Promise((resolve) => setTimeout(resolve, fault.ms));
  if (fault?.kind === "drop_after" || response.destroyed) return void response.destroy();
  if (fault?.kind === "garbage") return void response.writeHead(200).end(fault.body ?? "<html>Bad gateway</html>");
  if (fault?.kind === "server_error") return brokenAnswer(response, fault);
  answer(response, outcome);
}

type Outcome =
  | { readonly result: unknown }
  | { readonly code: number; readonly description: string; readonly parameters?: unknown };

async function perform(
  { server, queue }: House,
  method: string,
  call: Awaited<ReturnType<typeof readCall>>,
  fault: Fault | null,
  response: ServerResponse,
): Promise<Outcome> {
  try {
    refuseOnOrder(fault);
    if (call === null) refuse(400, "Bad Request: can't parse the request body");
    if (method === "getupdates") {
      return { result: await queue.fetch(call.params, (forget) => response.once("close", forget)) };
    }
    const known = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (known === undefined) return { code: 404, description: "Not Found: method not found" };
    return { result: known(server, call) };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const { code, description, parameters } = error;
    return { code, description, ...(parameters !== null && { parameters }) };
  }
}

function refuseOnOrder(fault: Fault | null): void {
  if (fault?.kind === "flood") {
    refuse(429, `Too Many Requests: retry after ${fault.retryAfter}`, { retry_after: fault.retryAfter });
  }
  if (fault?.kind === "refuse") refuse(fault.code, fault.description);
  if (fault?.kind === "conflict") {
    refuse(409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running");
  }
  if (fault?.kind === "server_error" && fault.when === "before") refuse(fault.code ?? 502, "Bad Gateway");
}

function brokenAnswer(response: ServerResponse, fault: Extract<Fault, { kind: "server_error" }>): void {
  const code = fault.code ?? 502;
  if (fault.asHtml) return void response.writeHead(code, { "content-type": "text/html" }).end("<html>502</html>");
  answer(response, { code, description: code === 500 ? "Internal Server Error" : "Bad Gateway" });
}

function answer(response: ServerResponse, outcome: Outcome): void {
  if ("result" in outcome) {
    const body = JSON.stringify({ ok: true, result: outcome.result });
    return void response.writeHead(200, { "content-type": "application/json" }).end(body);
  }
  const { code, description, parameters } = outcome;
  const body = JSON.stringify({
    ok: false,
    error_code: code,
    description,
    ...(parameters !== undefined && { parameters }),
  });
  response.writeHead(code, { "content-type": "application/json" }).end(body);
}
