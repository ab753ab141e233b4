/** One HTTP request as the routes see it, after authentication and JSON. */
import type { Answer, Json } from "./refusal.ts";
import type { Upload } from "./upload.ts";
import type { World } from "./world.ts";

export type Call = {
  world: World;
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
  /** The files that came with it. */
  uploads: readonly Upload[];
  /** The parts of the path that the route's pattern names. */
  params: Record<string, string>;
  /** Sends a gateway dispatch to whoever may hear it. */
  dispatch(type: string, data: Json): void;
};

export type Route = {
  method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Like `/channels/:channelId/messages`. */
  pattern: string;
  /** Interaction and webhook routes prove themselves by the token in their path. */
  needsBotToken: boolean;
  /** Calls allowed in a window for each value of the first parameter; null = not limited. */
  limit: { calls: number; windowMs: number } | null;
  handle(call: Call): Answer;
};

export function param(call: Call, name: string): string {
  return call.params[name] ?? "";
}

export function bodyOf(call: Call): Json {
  return typeof call.body === "object" && call.body !== null && !Array.isArray(call.body) ? (call.body as Json) : {};
}

export const ok = (body: Answer["body"]): Answer => ({ status: 200, body });
/** Without a content type: discord.js fails to parse an empty body that claims to be JSON. */
export const noContent: Answer = { status: 204, body: null };
