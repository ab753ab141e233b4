/**
 * Writing to a venue: one request, one attempt, never again. What leaves is compared with what we meant, key by key and
 * digit by digit, because a client library passes unknown parameters through and drops a stop without a word.
 */
import { canonicalJson } from "../../core/canonical.ts";
import { mark } from "../../core/mark.ts";
import type { Instant } from "../../core/time.ts";
import type { Budget, Lane } from "./budget.ts";
import type { Answer, Heard, OutgoingRequest } from "./call.ts";
import type { Wire } from "./hooks.ts";
import { type Dialect, judgeAnswer, type Verdict } from "./verdict.ts";

export type WriteRequest<Pool extends string> = {
  readonly method: "POST" | "DELETE";
  readonly pool: Pool;
  readonly weight: number;
  readonly lane: Lane;
  readonly run: () => Promise<unknown>;
  readonly stampedAt?: Instant;
  readonly mayLeave?: () => boolean;
  /** @returns null, or why what is about to leave is not what we meant. */
  readonly inspect: (request: OutgoingRequest) => string | null;
};

export type WriterParts<Pool extends string> = {
  readonly wire: Wire;
  readonly budget: Budget<Pool>;
  readonly dialect: Dialect;
  readonly listen: (pool: Pool, answer: Answer) => void;
};

/** Just under the 10 s of the port, so that our answer comes before anybody else's patience ends. */
const deadlineMs = 9_500;
/** A venue that says "too many" without saying how long is left alone for this. */
const busyMs = 3_000;

export async function writeOnce<Pool extends string>(
  parts: WriterParts<Pool>,
  request: WriteRequest<Pool>,
): Promise<Verdict> {
  const { method, inspect, stampedAt, mayLeave } = request;
  const waitMs = parts.budget.take(request.pool, request.weight, request.lane);
  if (waitMs > 0) return { kind: "busy", retryAfterMs: waitMs };
  const rules = {
    method,
    inspect,
    deadlineMs,
    ...(stampedAt === undefined ? {} : { stampedAt }),
    ...(mayLeave === undefined ? {} : { mayLeave }),
  };
  const heard: Heard<unknown> = await parts.wire.ask(request.run, rules);
  if (heard.kind === "answered") parts.listen(request.pool, heard.answer);
  const verdict = judgeAnswer(heard, parts.dialect);
  if (verdict.kind === "busy") parts.budget.freeze(request.pool, verdict.retryAfterMs ?? busyMs);
  return verdict;
}

/** Compares an outgoing JSON body with the one we meant. Texts must be equal to the last character, numbers stay numbers. */
export function differenceOfBodies(sent: string | undefined, meant: Readonly<Record<string, unknown>>): string | null {
  let body: unknown;
  try {
    body = JSON.parse(sent ?? "");
  } catch {
    return "the request has no JSON body";
  }
  if (typeof body !== "object" || body === null) return "the request has no JSON body";
  const going = body as Readonly<Record<string, unknown>>;
  const names = new Set([...Object.keys(going), ...Object.keys(meant)]);
  const odd = [...names].find((name) => canonicalJson(going[name] ?? null) !== canonicalJson(meant[name] ?? null));
  if (odd === undefined) return null;
  mark("D02.other_digits_than_meant");
  const show = (value: unknown) => (value === undefined ? "nothing" : JSON.stringify(value)).slice(0, 60);
  return `the client library would send ${odd} as ${show(going[odd])} where we meant ${show(meant[odd])}`;
}
