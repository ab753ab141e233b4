/** The desk's part of the local server. Host and Origin were judged before any of these runs (adapters/http). */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { WebSocket } from "ws";
import { closeCodes, codeSchema, type Refusal, type SessionView } from "./contract.ts";
import type { DeskPerson, DeskSight } from "./door.ts";
import type { Hear } from "./hearing.ts";
import type { Page, Pages } from "./pages.ts";
import type { Session, Sessions } from "./sessions.ts";

export type RouteParts = {
  readonly sessions: Sessions;
  readonly pages: Pages;
  readonly sight: DeskSight;
  readonly hear: Hear;
};

type Visitor = { readonly session: Session; readonly person: DeskPerson };

const nothing: SessionView = { person: null };
const signInFirst: Refusal = { because: "Sign in first: the house prints a one-time code at its start" };

const hostOf = (request: FastifyRequest): string => request.headers.host ?? "";

export async function registerRoutes(app: FastifyInstance, parts: RouteParts): Promise<void> {
  app.addHook("onSend", async (_request, reply) => {
    reply.header("cache-control", "no-store");
  });
  registerSession(app, parts);
  registerSight(app, parts);
}

/** Who one is here: signing in with a one-time code, and out. */
function registerSession(app: FastifyInstance, { sessions, pages }: RouteParts): void {
  app.get("/api/session", async (request): Promise<SessionView> => {
    const visitor = await sessions.find(request.headers.cookie, hostOf(request));
    return visitor === null ? nothing : { person: visitor.person };
  });

  app.post("/api/session", async (request, reply): Promise<SessionView | Refusal> => {
    const body = codeSchema.safeParse(request.body);
    // A body of another form goes the way of a wrong code: same words, same time, same count.
    const code = body.success ? body.data.code : "";
    const isSecure = request.headers.origin?.startsWith("https:") === true;
    const answer = await sessions.signIn(code, { host: hostOf(request), isSecure });
    if (answer.kind === "refused") {
      reply.code(answer.status);
      return { because: answer.because };
    }
    reply.header("set-cookie", answer.cookie);
    return { person: answer.person };
  });

  app.delete("/api/session", async (request, reply): Promise<SessionView> => {
    const visitor = await sessions.find(request.headers.cookie, hostOf(request));
    reply.header("set-cookie", await sessions.signOut(visitor?.session ?? null, hostOf(request)));
    for (const page of pages.all()) {
      if (page.session.tokenHash !== visitor?.session.tokenHash) continue;
      pages.close(page, closeCodes.sessionEnded, "Signed out");
    }
    return nothing;
  });
}

/** What only somebody who has signed in may look at. */
function registerSight(app: FastifyInstance, parts: RouteParts): void {
  const visitors = new WeakMap<FastifyRequest, Visitor>();
  const needSession = async (request: FastifyRequest, reply: FastifyReply) => {
    const visitor = await parts.sessions.find(request.headers.cookie, hostOf(request));
    if (visitor === null) return reply.code(401).send(signInFirst);
    visitors.set(request, visitor);
  };

  app.get("/api/candles", { preValidation: needSession }, async (request, reply) => {
    const { instrument } = request.query as { instrument?: unknown };
    if (typeof instrument !== "string" || instrument === "" || instrument.length > 120) {
      return reply.code(400).send({ because: "Name one instrument: /api/candles?instrument=..." });
    }
    return parts.sight.candles(instrument);
  });

  app.get("/api/reports/:file", { preValidation: needSession }, (request, reply) => sendReport(parts, request, reply));

  app.get("/api/live", { websocket: true, preValidation: needSession }, (socket, request) => {
    const visitor = visitors.get(request);
    if (visitor === undefined) return socket.close(closeCodes.sessionEnded, "Signed out");
    const page = parts.pages.add(visitor.session, socket);
    if (page !== null) listen(parts, page, socket);
  });
}

async function sendReport({ sight }: RouteParts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { file } = request.params as { file: string };
  const csv = file.endsWith(".csv") ? await sight.report(file.slice(0, -4)) : null;
  if (csv === null) {
    return reply
      .code(404)
      .send({ because: "Name one period: /api/reports/day.csv, 7d.csv, week.csv, month.csv or 2026-02.csv" });
  }
  reply.header("content-disposition", `attachment; filename="countersign_${file}"`);
  return reply.type("text/csv; charset=utf-8").send(csv);
}

function listen({ pages, hear }: RouteParts, page: Page, socket: WebSocket): void {
  socket.on("message", (data, isBinary) => {
    // ws hands over text frames as a Buffer unless told otherwise.
    void hear(page, isBinary || !Buffer.isBuffer(data) ? null : data.toString("utf8"));
  });
  socket.on("pong", () => {
    page.isAlive = true;
  });
  socket.on("close", () => pages.remove(page));
  // An oversized or malformed frame ends up here; ws then closes the connection with the fitting code.
  socket.on("error", () => pages.remove(page));
}
