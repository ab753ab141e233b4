/**
 * The local web server: the desk's page, its API and /healthz on one port, for this machine only unless told otherwise.
 *
 *   request -> guards (Host, Origin) -> route (desk, api) | static page -> security headers
 *
 * Routes come from others: `http.app.register(desk.routes)` before `listen()`. Knows nothing about trading.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import fastifyWebsocket from "@fastify/websocket";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { fail, ok, type Result } from "../../core/result.ts";
import type { Log } from "../../ports/log.ts";
import { refusal } from "./guards.ts";
import { securityHeaders } from "./headers.ts";

export type HttpOptions = {
  /** "127.0.0.1" unless the owner opened the house to a network. */
  readonly host: string;
  /** 0 lets the system choose; the answer of listen() tells which. */
  readonly port: number;
  /** See guards.ts; empty on a plain local install. */
  readonly publicOrigins: readonly string[];
  /** Folder with the built page (dist/dashboard). May be missing: then "/" says how to build it. */
  readonly dashboardFolder: string;
  /** One word for /healthz; no amounts, names or addresses. */
  readonly health: () => { readonly isHealthy: boolean; readonly status: string };
  readonly log: Log;
};

export type Listening = { readonly port: number; readonly address: string };
export type ListenProblem = {
  readonly kind: "port_in_use" | "port_not_allowed" | "address_not_here" | "other";
  /** Complete sentence for the terminal: which port, what to do. */
  readonly because: string;
};

export type HttpServer = {
  readonly app: FastifyInstance;
  /** Starts to hear. A problem leaves nothing open. Never throws. */
  listen(): Promise<Result<Listening, ListenProblem>>;
  /** Ends open requests and WebSockets. */
  close(): Promise<void>;
};

const bodyLimitBytes = 16 * 1024;
/** One frame of the page; the longest honest one is a command of 4,000 characters. */
const frameLimitBytes = 32 * 1024;

/** `closeTimeout` is newer than the published types: a page that does not answer our goodbye may hold up a stop for 1 s, not for 30. */
const webSocketOptions = {
  maxPayload: frameLimitBytes,
  perMessageDeflate: false,
  closeTimeout: 1_000,
};

export async function openHttpServer(options: HttpOptions): Promise<HttpServer> {
  const app = Fastify({
    logger: false,
    bodyLimit: bodyLimitBytes,
    forceCloseConnections: true,
    requestTimeout: 15_000,
    keepAliveTimeout: 20_000,
    trustProxy: false,
    routerOptions: { maxParamLength: 200 },
    return503OnClosing: true,
  });
  app.server.maxConnections = 512;
  const heard = { port: options.port };
  app.setErrorHandler((error: { statusCode?: number; message: string }, request, reply) =>
    answerFault(options.log, error, request, reply),
  );
  await app.register(fastifyWebsocket, {
    options: webSocketOptions,
    errorHandler: (error, socket) => {
      options.log.warn("A WebSocket of the desk failed", { because: error.message });
      socket.terminate();
    },
  });
  // After the WebSocket plugin: its own first hook must have marked an upgrade before we refuse it, or the socket leaks.
  guard(app, options, heard);
  app.get("/healthz", async (_request, reply) => {
    const { isHealthy, status } = options.health();
    return reply
      .code(isHealthy ? 200 : 503)
      .header("cache-control", "no-store")
      .send({ status });
  });
  await servePage(app, options.dashboardFolder);
  return { app, listen: () => listen(app, options, heard), close: () => app.close() };
}

function guard(app: FastifyInstance, options: HttpOptions, heard: { port: number }): void {
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(securityHeaders);
    const because = refusal(
      { port: heard.port, publicOrigins: [...options.publicOrigins, addressOf(options.host, heard.port)] },
      {
        method: request.method,
        isUpgrade: request.headers.upgrade !== undefined,
        host: request.headers.host,
        origin: request.headers.origin,
        fetchSite: textHeader(request.headers["sec-fetch-site"]),
        isApi: request.url.startsWith("/api"),
      },
    );
    if (because === null) return;
    options.log.warn("A request to the desk was refused", { because, method: request.method, path: pathOnly(request) });
    // Its body stays unread, so the connection can't be used for another request.
    await reply.code(403).header("connection", "close").send({ because });
  });
}

const textHeader = (value: string | string[] | undefined): string | undefined =>
  typeof value === "string" ? value : value?.[0];

/** Without the query, and cut: what a stranger sends must not fill or forge the log. */
const pathOnly = (request: FastifyRequest): string => (request.url.split("?")[0] ?? "").slice(0, 120);

function answerFault(
  log: Log,
  error: { statusCode?: number; message: string },
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const status = error.statusCode ?? 500;
  if (status < 500) return reply.code(status).send({ because: error.message.slice(0, 200) });
  log.error("A request to the desk failed", { path: pathOnly(request), because: error.message });
  return reply.code(500).send({ because: "The house could not answer; its log says why" });
}

async function servePage(app: FastifyInstance, folder: string): Promise<void> {
  if (!existsSync(join(folder, "index.html"))) {
    app.get("/", async (_request, reply) =>
      reply
        .code(503)
        .type("text/plain; charset=utf-8")
        .send("The desk's page has not been built yet. Run `npm run build` in the project folder, then reload."),
    );
    return;
  }
  await app.register(fastifyStatic, {
    root: folder,
    cacheControl: false,
    dotfiles: "ignore",
    setHeaders: (reply, path) => {
      // Built files carry a hash of their content in their name; the page itself must always be asked for.
      const isHashed = path.includes(`${join("dashboard", "assets")}`);
      reply.setHeader("cache-control", isHashed ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
}

async function listen(
  app: FastifyInstance,
  options: HttpOptions,
  heard: { port: number },
): Promise<Result<Listening, ListenProblem>> {
  try {
    await app.listen({ host: options.host, port: options.port });
  } catch (error) {
    await app.close();
    return fail(listenProblem(error, options));
  }
  const bound = app.server.address();
  heard.port = typeof bound === "object" && bound !== null ? bound.port : options.port;
  return ok({ port: heard.port, address: addressOf(options.host, heard.port) });
}

/** How this machine's browser reaches the server: a server on all addresses is reached on loopback. */
function addressOf(host: string, port: number): string {
  const isEverywhere = host === "0.0.0.0" || host === "::";
  const name = isEverywhere ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

function listenProblem(error: unknown, { host, port }: HttpOptions): ListenProblem {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const where = `Port ${port} on ${host}`;
  const other = port < 65_535 ? port + 1 : port - 1;
  switch (code) {
    case "EADDRINUSE":
      return {
        kind: "port_in_use",
        because: `${where} is already in use, perhaps by another Countersign. Stop that program, or start this one with another port: --port ${other}`,
      };
    case "EACCES":
      return {
        kind: "port_not_allowed",
        because: `${where} may not be opened by this user (ports below 1024 belong to root). Start with a higher one: --port 7411`,
      };
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return {
        kind: "address_not_here",
        because: `${where} can't be opened: this machine has no such address. Use --host 127.0.0.1`,
      };
    default:
      return {
        kind: "other",
        because: `${where} can't be opened: ${error instanceof Error ? error.message : String(error)}`,
      };
  }
}
