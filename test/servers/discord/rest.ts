/**
 * The HTTP half: who is asking, is there such a route, is it too often, then the route itself; and the ordered faults.
 *
 *   request -> user agent, token, JSON -> limits -> fault? -> route -> fault? -> answer
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { commandRoutes } from "./command_routes.ts";
import type { Fault, Faults } from "./faults.ts";
import type { GatewaySide } from "./gateway.ts";
import { interactionRoutes } from "./interaction_routes.ts";
import { messageRoutes } from "./message_routes.ts";
import { type RateLimits, tooMany } from "./rate_limits.ts";
import { type Answer, isRefusal, refusals, refuse } from "./refusal.ts";
import { type Call, ok, type Route } from "./request.ts";
import { type Form, readForm } from "./upload.ts";
import type { World } from "./world.ts";

const apiPath = "/api/v10";

export type SeenRequest = { method: string; path: string; status: number; body: unknown; files: readonly string[] };

export type Rest = {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Every request in order, with the status it got; 0 where the connection was cut. */
  readonly seen: SeenRequest[];
};

export function makeRest(parts: { world: World; gateway: GatewaySide; limits: RateLimits; faults: Faults }): Rest {
  const { world, gateway, limits, faults } = parts;
  const seen: SeenRequest[] = [];
  const routes: Route[] = [...messageRoutes, ...interactionRoutes, ...commandRoutes, gatewayRoute(gateway)];

  const answerOf = (request: IncomingMessage, sent: Sent): { answer: Answer; carryOut: () => Answer } => {
    const url = new URL(request.url ?? "/", "http://local");
    const path = url.pathname.slice(apiPath.length);
    let headers: Record<string, string> = {};
    const guarded = (work: () => Answer): Answer => {
      try {
        const answer = work();
        return { ...answer, headers: { ...headers, ...answer.headers } };
      } catch (error) {
        if (!isRefusal(error)) throw error;
        return { ...error.answer, headers: { ...headers, ...error.answer.headers } };
      }
    };
    let carryOut = (): Answer => ({ status: 500, body: null });
    const answer = guarded(() => {
      requireClient(request, url);
      const found = findRoute(routes, request.method ?? "", path);
      if (found.route.needsBotToken && request.headers.authorization !== `Bot ${world.token}`) refusals.unauthorized();
      const { body, uploads } = sent.form ?? refusals.badJson();
      const taken = limits.take(found.route, Object.values(found.params)[0] ?? "");
      headers = taken.headers;
      if (taken.refusal !== null) return taken.refusal;
      const call: Call = {
        world,
        method: found.route.method,
        path,
        query: url.searchParams,
        body,
        uploads,
        params: found.params,
        dispatch: gateway.dispatch,
      };
      carryOut = () => guarded(() => found.route.handle(call));
      return { status: 0, body: null };
    });
    return { answer, carryOut };
  };

  return {
    seen,
    async handle(request, response) {
      const sent = await readSent(request);
      const { answer: early, carryOut } = answerOf(request, sent);
      const path = (request.url ?? "").split("?")[0]?.slice(apiPath.length) ?? "";
      const record = seenAs(request, path, sent);
      seen.push(record);
      const fault = faults.take(record.method, path);
      const answer = await withFault({ early, carryOut, fault });
      record.status = answer?.status ?? 0;
      if ([401, 403, 429].includes(record.status) && answer?.headers?.["X-RateLimit-Scope"] !== "shared")
        limits.countInvalid();
      write(response, answer, fault);
    },
  };
}

function requireClient(request: IncomingMessage, url: URL): void {
  if (!url.pathname.startsWith(`${apiPath}/`)) refusals.notFound();
  // The platform's edge turns away clients that don't say what they are.
  if (!/^DiscordBot \(/.test(request.headers["user-agent"] ?? "")) refuse(403, 40333, "internal network error");
}

/** What is to be sent; null = cut the connection. */
async function withFault(parts: {
  early: Answer;
  carryOut: () => Answer;
  fault: Fault["how"] | null;
}): Promise<Answer | null> {
  const { early, carryOut, fault } = parts;
  const normal = () => (early.status === 0 ? carryOut() : early);
  switch (fault?.kind) {
    case undefined:
    case "endless_body":
      return normal();
    case "drop_before":
      return null;
    case "drop_after":
      normal();
      return null;
    case "delay":
      await new Promise((resolve) => setTimeout(resolve, fault.ms));
      return normal();
    case "status":
      if (fault.isStored) normal();
      return { status: fault.status, body: { message: `${fault.status}: Server Error`, code: 0 } };
    case "rate_limited":
      return tooMany({
        retryAfterS: fault.retryAfterS,
        isGlobal: fault.isGlobal ?? false,
        scope: fault.scope ?? "user",
      });
    case "refused":
      return { status: fault.status, body: { message: fault.message, code: fault.code } };
  }
}

function write(response: ServerResponse, answer: Answer | null, fault: Fault["how"] | null): void {
  if (answer === null) {
    response.socket?.destroy();
    return;
  }
  const text = answer.body === null ? "" : JSON.stringify(answer.body);
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(text === "" ? {} : { "content-type": "application/json" }),
  });
  if (fault?.kind === "endless_body") {
    response.write(text.slice(0, 1));
    return;
  }
  response.end(text);
}

function gatewayRoute(gateway: GatewaySide): Route {
  return {
    method: "GET",
    pattern: "/gateway/bot",
    needsBotToken: true,
    limit: { calls: 20, windowMs: 5_000 },
    handle: () => ok(gateway.information()),
  };
}

function findRoute(routes: Route[], method: string, path: string): { route: Route; params: Record<string, string> } {
  let isKnownPath = false;
  for (const route of routes) {
    const params = matchPath(route.pattern, path);
    if (params === null) continue;
    if (route.method === method) return { route, params };
    isKnownPath = true;
  }
  return isKnownPath ? refuse(405, 0, "405: Method Not Allowed") : refusals.notFound();
}

function matchPath(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const value = decodeURIComponent(given[at] ?? "");
    if (part.startsWith(":")) params[part.slice(1)] = value;
    else if (part !== value) return null;
  }
  return params;
}

function seenAs(request: IncomingMessage, path: string, { form }: Sent): SeenRequest {
  const files = form?.uploads.map(({ filename }) => filename) ?? [];
  return { method: request.method ?? "", path, status: 0, body: form?.body, files };
}

type Sent = { readonly form: Form | null };

/** JSON, or a form with JSON and files; null = neither. */
async function readSent(request: IncomingMessage): Promise<Sent> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const type = request.headers["content-type"] ?? "";
  if (bytes.length === 0) return { form: { body: null, uploads: [] } };
  if (type.startsWith("multipart/form-data")) return { form: await readForm(type, bytes) };
  if (!type.startsWith("application/json")) return { form: null };
  const body = tryJson(bytes.toString("utf8"));
  return { form: body === undefined ? null : { body, uploads: [] } };
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
