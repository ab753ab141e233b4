/**
 * Ties an unmodified ccxt instance to our calls. ccxt forms and signs requests; these hooks see each one last, let it go
 * or refuse it, note the moment its first byte leaves, and keep the raw answer. Nothing leaves outside of a call of ours.
 */

import { mark } from "../../core/mark.ts";
import type { Clock } from "../../ports/clock.ts";
import { type CallRules, type CallState, call, type Heard, presentCall } from "./call.ts";
import { parseLossless } from "./lossless.ts";

type Handler = Record<string | symbol, unknown>;
type Dispatch = (options: unknown, handler: Handler) => boolean;
type Dispatcher = { compose(interceptor: (dispatch: Dispatch) => Dispatch): unknown; destroy(): Promise<void> };

/** The members of a ccxt exchange that we touch. */
export type CcxtInstance = {
  fetch(url: string, method?: string, headers?: unknown, body?: unknown): Promise<unknown>;
  onRestResponse(...told: unknown[]): string;
  parseJson(text: string): unknown;
  nonce(): number;
  loadFetchImplementation(): Promise<unknown>;
  getDispatcherOptions(isPlainAgent?: boolean): Record<string, unknown>;
  undiciModule?: { Agent: new (options: Record<string, unknown>) => Dispatcher };
  fetchDispatcher?: unknown;
  enableRateLimit: boolean;
  verbose: boolean;
};

export type Wire = {
  ask<Value>(run: () => Promise<Value>, rules: CallRules): Promise<Heard<Value>>;
  stop(): Promise<void>;
};

export type WireParts = {
  readonly exchange: CcxtInstance;
  readonly clock: Clock;
  /** Every request must begin with it. */
  readonly baseUrl: string;
  /** Time for signatures where a call brings none of its own: ms, venue clock. */
  readonly venueNow: () => number;
};

/** A socket whose answer stalls is given up after this, so that it does not stay open for the library's five minutes. */
const stalledSocketMs = 12_000;
/** An idle socket is closed by us before a gateway would: an order written into a dying socket has no known outcome. */
const idleSocketMs = 8_000;

export async function tieWire({ exchange, clock, baseUrl, venueNow }: WireParts): Promise<Wire> {
  exchange.enableRateLimit = false; // our own budget decides, before a request is stamped
  exchange.verbose = false; // it would print signed headers
  exchange.nonce = () => presentCall()?.rules.stampedAt ?? Math.floor(venueNow());

  const send = exchange.fetch.bind(exchange);
  exchange.fetch = async (url, method = "GET", headers, body) => {
    const present = presentCall();
    const refusal = refusalOf(present, { url, method, headers: headersOf(headers), body: textOf(body) }, baseUrl);
    if (refusal !== null) {
      if (present !== undefined) present.refusal = refusal;
      throw new Error("refused before it left");
    }
    return await send(url, method, headers, body);
  };

  exchange.onRestResponse = (status, _statusText, _url, _method, headers, body) => {
    const text = String(body).trim();
    const present = presentCall();
    if (present !== undefined) {
      present.answer = { status: Number(status), headers: lowerCased(headers), body: undefined, length: text.length };
    }
    return text;
  };
  exchange.parseJson = (text) => {
    const body = parseLossless(text);
    const present = presentCall();
    if (present?.answer != null) present.answer = { ...present.answer, body };
    return body;
  };

  const dispatcher = await listeningDispatcher(exchange);
  return {
    ask: async (run, rules) => await call(run, rules, clock),
    stop: async () => await dispatcher.destroy(),
  };
}

function refusalOf(
  present: CallState | undefined,
  request: { url: string; method: string; headers: Record<string, string>; body: string | undefined },
  baseUrl: string,
): string | null {
  if (present === undefined) return "a request outside of any call of ours";
  if (present.isOver) return "its deadline had passed";
  present.requests += 1;
  if (present.requests > 1) mark("N08.second_request_refused");
  if (present.requests > 1) return "the client library wanted to send a second request for one call";
  if (!request.url.startsWith(`${baseUrl}/`)) mark("M14.host_is_not_ours");
  if (!request.url.startsWith(`${baseUrl}/`)) return "the request was for a host that is not the one we opened";
  if (request.method !== present.rules.method) return `a ${request.method} where only ${present.rules.method} is meant`;
  return present.rules.inspect?.(request) ?? null;
}

/** The library's own connection pool with short patience, and an ear on each request: it tells the moment a byte leaves. */
async function listeningDispatcher(exchange: CcxtInstance): Promise<Dispatcher> {
  await exchange.loadFetchImplementation();
  if (exchange.undiciModule === undefined) throw new Error("ccxt came without its HTTP client; run npm install again");
  const agent = new exchange.undiciModule.Agent({
    ...exchange.getDispatcherOptions(true),
    headersTimeout: stalledSocketMs,
    bodyTimeout: stalledSocketMs,
    keepAliveTimeout: idleSocketMs,
    keepAliveMaxTimeout: idleSocketMs,
  });
  exchange.fetchDispatcher = agent.compose((dispatch) => (options, handler) => {
    const present = presentCall();
    return dispatch(options, present === undefined ? handler : listening(handler, present));
  });
  return agent;
}

/** The client calls onConnect (onRequestStart in newer handlers) with a live socket, just before it writes; throwing there writes nothing. */
function listening(handler: Handler, present: CallState): Handler {
  const start =
    (begin: (...told: unknown[]) => unknown) =>
    (...told: unknown[]) => {
      if (present.isOver) throw new Error("its deadline had passed before it could leave");
      if (present.rules.mayLeave?.() === false) throw new Error("it was held back before it could leave");
      present.hasStarted = true;
      return begin(...told);
    };
  return new Proxy(handler, {
    get(target, name) {
      const member = Reflect.get(target, name) as unknown;
      if (typeof member !== "function") return member;
      const bound = member.bind(target) as (...told: unknown[]) => unknown;
      return name === "onConnect" || name === "onRequestStart" ? start(bound) : bound;
    },
  });
}

function headersOf(headers: unknown): Record<string, string> {
  return typeof headers === "object" && headers !== null ? lowerCased(headers) : {};
}

function lowerCased(headers: unknown): Record<string, string> {
  const entries = typeof headers === "object" && headers !== null ? Object.entries(headers) : [];
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), String(value)]));
}

function textOf(body: unknown): string | undefined {
  return typeof body === "string" ? body : undefined;
}
