/**
 * What went wrong on the wire, in words that may be logged and shown. Pure.
 * discord.js' errors hold the URL and the whole request, and URLs hold interaction tokens: only code and message leave this file.
 */
import { DiscordAPIError, HTTPError, RateLimitError } from "discord.js";
import { unreachable } from "../../core/assert.ts";
import { oneLine } from "../../core/clean_text.ts";
import type { DeliveryProblem } from "../../ports/messenger.ts";

export type WireProblem =
  /** Discord answered and refused; `code` is its own number, 0 where it gave none. */
  | { readonly kind: "refused"; readonly status: number; readonly code: number; readonly because: string }
  | { readonly kind: "rate_limited"; readonly retryAfterMs: number; readonly because: string }
  | { readonly kind: "token_refused"; readonly because: string }
  /** Certainly never reached Discord. */
  | { readonly kind: "not_sent"; readonly because: string }
  /** Cut, late, a 5xx or an answer that makes no sense: it may have been done. */
  | { readonly kind: "no_answer"; readonly because: string };

/** The numbers of Discord's documentation that decide anything here. */
export const codes = {
  unknownChannel: 10003,
  unknownMessage: 10008,
  unknownWebhook: 10015,
  unknownInteraction: 10062,
  slowmode: 20016,
  tooManyOldEdits: 30046,
  alreadyAcknowledged: 40060,
  missingAccess: 50001,
  othersMessage: 50005,
  emptyMessage: 50006,
  closedToMessages: 50007,
  missingPermission: 50013,
  deadToken: 50027,
  badForm: 50035,
  archivedThread: 50083,
  explicitContent: 20009,
  tooLarge: 40005,
  moderated: 200000,
  harmfulLink: 240000,
} as const;

/** What is wrong with this one message; the next one may pass. */
const aboutText: ReadonlySet<number> = new Set([
  codes.badForm,
  codes.emptyMessage,
  codes.explicitContent,
  codes.tooLarge,
  codes.moderated,
  codes.harmfulLink,
]);

/** Failures of the connection attempt itself; after any other the request may have arrived. */
const neverSent = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
  "UND_ERR_CONNECT_TIMEOUT",
]);
const becauseMax = 300;
const defaultRetryMs = 2_000;
const tokenRetryMs = 60_000;
const slowmodeRetryMs = 10_000;

export function redact(text: string, token: string): string {
  let safe = text.replace(/\/(webhooks|interactions)\/(\d+)\/[^/\s?"]+/g, "/$1/$2/[redacted]");
  for (const hidden of [token, encodeURIComponent(token), token.split(".").at(-1) ?? ""]) {
    if (hidden.length >= 8) safe = safe.replaceAll(hidden, "[redacted]");
  }
  return safe;
}

/** One redacted line of at most 300 characters for a log or a health page. */
export function explain(error: unknown, token: string): string {
  const text = error instanceof Error ? `${error.message || error.name}` : String(error);
  return oneLine(redact(text, token)).slice(0, becauseMax);
}

export function wireProblem(error: unknown, token: string): WireProblem {
  if (error instanceof RateLimitError) {
    const retryAfterMs = Math.max(error.retryAfter, error.sublimitTimeout, error.global ? error.timeToReset : 0, 100);
    return {
      kind: "rate_limited",
      retryAfterMs: Math.ceil(retryAfterMs),
      because: "Discord asks to send less often (429)",
    };
  }
  const because = explain(error, token);
  if (error instanceof DiscordAPIError) {
    const code = typeof error.code === "number" ? error.code : 0;
    if (error.status === 401 && code !== codes.deadToken) return { kind: "token_refused", because: `${because} (401)` };
    return { kind: "refused", status: error.status, code, because: `${because} (${code === 0 ? error.status : code})` };
  }
  if (error instanceof HTTPError) return { kind: "no_answer", because: `${because} (${error.status})` };
  return neverSent.has(networkCode(error)) ? { kind: "not_sent", because } : { kind: "no_answer", because };
}

function networkCode(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  if ("code" in error && typeof error.code === "string") return error.code;
  return "cause" in error ? networkCode(error.cause) : "";
}

/** A new message: an answer that was lost may hide a message that was posted. */
export function postProblem(problem: WireProblem): DeliveryProblem {
  if (problem.kind === "no_answer") {
    return { kind: "unknown_outcome", because: `Discord gave no clear answer: ${problem.because}` };
  }
  if (problem.kind !== "refused") return waitProblem(problem);
  if (problem.code === codes.slowmode)
    return { kind: "later", because: problem.because, retryAfterMs: slowmodeRetryMs };
  if (aboutText.has(problem.code)) return { kind: "chat_refused", because: problem.because, isText: true };
  return { kind: "chat_refused", because: problem.because };
}

const refusedEdits: ReadonlySet<number> = new Set([
  codes.tooManyOldEdits,
  codes.othersMessage,
  codes.archivedThread,
  codes.badForm,
]);

/** An edit may be repeated without harm, so a lost answer only means: try again. */
export function editProblem(problem: WireProblem): DeliveryProblem {
  if (problem.kind !== "refused") return waitProblem(problem);
  if (problem.code === codes.unknownMessage) return { kind: "message_gone", because: problem.because };
  if (refusedEdits.has(problem.code)) return { kind: "edit_refused", because: problem.because };
  return { kind: "chat_refused", because: problem.because };
}

function waitProblem(problem: Exclude<WireProblem, { kind: "refused" }>): DeliveryProblem {
  const { because } = problem;
  switch (problem.kind) {
    case "rate_limited":
      return { kind: "later", because, retryAfterMs: problem.retryAfterMs };
    case "token_refused":
      // No fault of the chat: the message waits until the token is mended, and health() says why.
      return { kind: "later", because: `The bot token is refused: ${because}`, retryAfterMs: tokenRetryMs };
    case "not_sent":
      return { kind: "later", because: `Discord can't be reached: ${because}`, retryAfterMs: defaultRetryMs };
    case "no_answer":
      return { kind: "later", because: `Discord gave no clear answer: ${because}`, retryAfterMs: defaultRetryMs };
    default:
      return unreachable(problem);
  }
}
