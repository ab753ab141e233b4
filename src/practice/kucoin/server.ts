/**
 * The HTTP side of the KuCoin skin.
 *
 *   read body -> fault "before" -> outage -> route -> rate pool -> signature -> permission -> fields -> run -> fault "after"
 *
 * One request, one answer; nothing here knows what an order is.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { FaultPlan, FaultVerb } from "../faults.ts";
import type { WireLog } from "../wire_log.ts";
import { accountRoutes } from "./account_routes.ts";
import { type Answer, bodyOf, refusal } from "./answer.ts";
import { checkSignature, type KeyHolder } from "./auth.ts";
import { deadManRoutes } from "./dead_man.ts";
import { readFields, typedQuery, type Values } from "./fields.ts";
import { marketRoutes } from "./market_routes.ts";
import { orderRoutes } from "./order_routes.ts";
import { type RatePools, ratePools } from "./rate_pools.ts";
import type { Route, Skin } from "./route.ts";
import { stopRoutes } from "./stop_routes.ts";

const BODY_MAX = 256 * 1024;

export const kucoinRoutes: readonly Route[] = [
  ...marketRoutes,
  ...accountRoutes,
  ...deadManRoutes,
  ...orderRoutes,
  ...stopRoutes,
];

export interface ServerParts {
  skin: Skin;
  faults: FaultPlan;
  wireLog: WireLog;
  /** True while the venue is away: everything answers 503. */
  isOut(): boolean;
  /** Resolves after real ms. */
  sleep(ms: number): Promise<void>;
  log(line: string): void;
  /** Handles paths that are not the venue's, such as the admin route; null lets them be unknown. */
  admin?: (method: string, target: string, body: string) => Answer | null;
}

const segmentsOf = (path: string): string[] => path.split("/").filter((part) => part !== "");

/** The route for a path; a fixed segment beats a {name}. */
const findRoute = (method: string, path: string): { route: Route; names: Record<string, string> } | null => {
  const given = segmentsOf(path);
  let found: { route: Route; names: Record<string, string> } | null = null;
  for (const route of kucoinRoutes) {
    if (route.method !== method) continue;
    const wanted = segmentsOf(route.path);
    if (wanted.length !== given.length) continue;
    const names: Record<string, string> = {};
    const isFit = wanted.every((part, i) => {
      if (!part.startsWith("{")) return part === given[i];
      names[part.slice(1, -1)] = decodeURIComponent(given[i] ?? "");
      return true;
    });
    if (!isFit) continue;
    if (found === null || Object.keys(names).length < Object.keys(found.names).length) found = { route, names };
  }
  return found;
};

interface Request {
  method: string;
  target: string;
  path: string;
  search: URLSearchParams;
  body: string;
  message: IncomingMessage;
  receivedAt: number;
}

const readBody = async (message: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of message) {
    size += (part as Buffer).length;
    if (size > BODY_MAX) throw new Error("practice: request body above 256 KiB");
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString("utf8");
};

const readJson = (request: Request): { ok: true; value: Record<string, unknown> } | { ok: false; answer: Answer } => {
  if (request.body === "") return { ok: true, value: {} };
  if (!String(request.message.headers["content-type"] ?? "").startsWith("application/json")) {
    return { ok: false, answer: refusal("415000", "Unsupported Media Type", 415) };
  }
  try {
    const value: unknown = JSON.parse(request.body);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return { ok: true, value: value as Record<string, unknown> };
  } catch {
    // Falls through: text that is not JSON is refused like JSON that is no object.
  }
  return { ok: false, answer: refusal("400100", "Request body is not a JSON object.") };
};

const handle = async (parts: ServerParts, pools: RatePools, request: Request): Promise<Answer> => {
  const { skin } = parts;
  const found = findRoute(request.method, request.path);
  if (found === null) return refusal("404000", "Url Not Found", 404);
  const { route, names } = found;
  let holder: KeyHolder | null = null;
  if (route.isPrivate) {
    const { method, target, body, receivedAt } = request;
    const check = checkSignature(
      { method, target, body, headers: request.message.headers, receivedAt },
      skin.holders,
      skin.switches,
    );
    if (!check.ok) return check.answer;
    holder = check.holder;
  }
  const owner = holder?.accountId ?? request.message.socket.remoteAddress ?? "?";
  const pool = pools.spend(route.pool, owner, route.weight, request.receivedAt);
  const answer = pool.isAllowed
    ? await runRoute(skin, route, names, request, holder)
    : refusal("429000", "Too many requests in a short period of time, please retry later", 429);
  return { ...answer, headers: pool.headers };
};

const runRoute = async (
  skin: Skin,
  route: Route,
  names: Record<string, string>,
  request: Request,
  holder: KeyHolder | null,
): Promise<Answer> => {
  if (holder !== null && !holder.permissions.includes(route.permission ?? "General")) {
    return refusal("400007", `Access denied, require more permission: ${route.permission ?? "General"}`, 403);
  }
  const options = {
    tolerated: route.tolerated ?? [],
    where: route.where ?? "request",
    refuseUnknown: skin.switches.refuseUnknownParameters,
  };
  const queryRules = route.query ?? {};
  const query = readFields(typedQuery(request.search, queryRules), { ...options, rules: queryRules });
  if (!query.ok) return query.answer;
  let body: Values = {};
  if (route.method === "POST") {
    const json = readJson(request);
    if (!json.ok) return json.answer;
    const reading = readFields(json.value, { ...options, rules: route.body ?? {} });
    if (!reading.ok) return reading.answer;
    body = reading.values;
  }
  const { headers } = request.message;
  return route.run({ skin, holder, path: names, query: query.values, body, headers, receivedAt: request.receivedAt });
};

const send = (
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body), ...headers });
  response.end(body);
};

const JSON_TYPE = "application/json; charset=utf-8";

/** Faults that act before anything is done. True if the request is over. */
const actBefore = async (parts: ServerParts, verb: FaultVerb | null, response: ServerResponse): Promise<boolean> => {
  switch (verb?.do) {
    case "drop_before":
      response.destroy();
      return true;
    case "hang_before":
      return true;
    case "status_before":
      send(response, verb.status, JSON_TYPE, '{"code":"500000","msg":"Internal Server Error"}');
      return true;
    case "html_502":
      send(
        response,
        502,
        "text/html",
        "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>",
      );
      return true;
    case "redirect":
      send(response, 302, "text/html", "", { location: verb.to });
      return true;
    case "rate_limited": {
      const headers = {
        "gw-ratelimit-limit": "4000",
        "gw-ratelimit-remaining": "0",
        "gw-ratelimit-reset": String(verb.resetMs),
      };
      send(
        response,
        429,
        JSON_TYPE,
        '{"code":"429000","msg":"Too many requests in a short period of time, please retry later"}',
        headers,
      );
      return true;
    }
    case "refuse":
      send(response, verb.status ?? 200, JSON_TYPE, JSON.stringify({ code: verb.code, msg: verb.msg }));
      return true;
    case "delay_before":
      await parts.sleep(verb.ms);
      return false;
    default:
      return false;
  }
};

/** Sends the answer, or what a fault makes of it. Returns the HTTP status that left, 0 for none. */
const answerWith = async (
  parts: ServerParts,
  verb: FaultVerb | null,
  response: ServerResponse,
  answer: Answer,
): Promise<number> => {
  const body = bodyOf(answer);
  switch (verb?.do) {
    case "drop_after":
      response.destroy();
      return 0;
    case "hang_after":
      return 0;
    case "stall_body":
      response.writeHead(200, { "content-type": JSON_TYPE, "content-length": Buffer.byteLength(body) });
      response.write(body.slice(0, Math.floor(body.length / 2)));
      return 0;
    case "cut_body":
      send(response, 200, JSON_TYPE, body.slice(0, Math.min(20, Math.floor(body.length / 2))));
      return 200;
    case "status_after":
      send(response, verb.status, JSON_TYPE, '{"code":"500000","msg":"Internal Server Error"}');
      return verb.status;
    case "empty_after":
      send(response, 200, JSON_TYPE, "");
      return 200;
    case "delay_after":
      await parts.sleep(verb.ms);
      break;
    default:
  }
  send(response, answer.status, JSON_TYPE, body, answer.headers);
  return answer.status;
};

const serve = async (
  parts: ServerParts,
  pools: RatePools,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const target = message.url ?? "/";
  const method = message.method ?? "GET";
  const url = new URL(target, "http://practice");
  const body = await readBody(message);
  const own = parts.admin?.(method, target, body) ?? null;
  if (own !== null) return send(response, own.status, JSON_TYPE, bodyOf(own));
  const request: Request = {
    method,
    target,
    path: url.pathname,
    search: url.searchParams,
    body,
    message,
    receivedAt: parts.skin.wireNow(),
  };
  const verb = parts.faults.take(method, target);
  const entry = { at: request.receivedAt, method, target, body, status: 0, code: "", fault: verb?.do ?? null };
  parts.wireLog.add(entry);
  if (await actBefore(parts, verb, response)) {
    entry.status = response.headersSent ? response.statusCode : 0;
    return;
  }
  if (parts.isOut()) {
    entry.status = 503;
    return send(response, 503, JSON_TYPE, '{"code":"503000","msg":"Service Unavailable"}');
  }
  const answer = await handle(parts, pools, request);
  entry.code = answer.code;
  entry.status = answer.status;
  const left = await answerWith(parts, verb, response, answer);
  entry.status = left;
};

export const createKucoinServer = (parts: ServerParts): Server => {
  const pools = ratePools(parts.skin.switches);
  return createServer((message, response) => {
    serve(parts, pools, message, response).catch((problem: unknown) => {
      parts.log(
        `practice: ${message.method} ${message.url} failed: ${problem instanceof Error ? problem.stack : String(problem)}`,
      );
      if (!response.headersSent) send(response, 500, JSON_TYPE, '{"code":"500000","msg":"Internal Server Error"}');
      else response.destroy();
    });
  });
};
