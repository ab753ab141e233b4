/**
 * What went wrong on the wire, in words that may be logged and shown. Pure.
 * grammY's errors hold the request URL, and the URL holds the bot token: nothing of them leaves this file unredacted.
 */
import { GrammyError, HttpError } from "grammy";
import { unreachable } from "../../core/assert.ts";
import { oneLine } from "../../core/clean_text.ts";
import type { DeliveryProblem } from "../../ports/messenger.ts";

export type WireProblem =
  /** Telegram answered and refused. `retryAfterMs` where it names a time. */
  | {
      readonly kind: "refused";
      readonly code: number;
      readonly because: string;
      readonly retryAfterMs: number | null;
      readonly movedTo: number | null;
    }
  /** The request certainly never reached Telegram. */
  | { readonly kind: "not_sent"; readonly because: string }
  /** Cut, late, a 5xx or an answer that makes no sense: it may have been done. */
  | { readonly kind: "no_answer"; readonly because: string };

/** Failures of the connection attempt itself; after any other the request may have arrived. */
const neverSent = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL"]);
const becauseMax = 300;

export function redact(text: string, token: string): string {
  const secret = token.slice(token.indexOf(":") + 1);
  let safe = text;
  for (const hidden of [token, encodeURIComponent(token), secret]) {
    if (hidden.length >= 8) safe = safe.replaceAll(hidden, "[redacted]");
  }
  return safe;
}

/** One redacted line of at most 300 characters for a log or a health page. */
export function explain(error: unknown, token: string): string {
  const text = error instanceof Error ? error.message : String(error);
  return oneLine(redact(text, token)).slice(0, becauseMax);
}

export function wireProblem(error: unknown, token: string): WireProblem {
  if (error instanceof GrammyError) return answeredProblem(error, token);
  const cause = error instanceof HttpError ? error.error : error;
  const because = explain(cause, token);
  const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "";
  return neverSent.has(code) ? { kind: "not_sent", because } : { kind: "no_answer", because };
}

function answeredProblem(error: GrammyError, token: string): WireProblem {
  // The answer is whatever JSON came back, so even the fields that grammY's types promise may be missing.
  const code = Number.isInteger(error.error_code) ? error.error_code : 0;
  const because = oneLine(redact(String(error.description), token)).slice(0, becauseMax);
  if (code < 400 || code >= 500) return { kind: "no_answer", because: `${because} (${code})` };
  const seconds = error.parameters.retry_after;
  const movedTo = error.parameters.migrate_to_chat_id;
  return {
    kind: "refused",
    code,
    because,
    retryAfterMs: typeof seconds === "number" && seconds >= 0 ? Math.ceil(seconds * 1_000) : null,
    movedTo: typeof movedTo === "number" ? movedTo : null,
  };
}

const defaultRetryMs = 2_000;
const tokenRetryMs = 60_000;

/** A new message: an answer that was lost may hide a message that was posted. */
export function postProblem(problem: WireProblem): DeliveryProblem {
  switch (problem.kind) {
    case "not_sent":
      return { kind: "later", because: `Telegram can't be reached: ${problem.because}`, retryAfterMs: defaultRetryMs };
    case "no_answer":
      return { kind: "unknown_outcome", because: `Telegram gave no clear answer: ${problem.because}` };
    case "refused":
      return waitProblem(problem) ?? chatProblem(problem);
    default:
      return unreachable(problem);
  }
}

/** An edit may be repeated without harm, so a lost answer only means: try again. */
export function editProblem(problem: WireProblem): DeliveryProblem {
  switch (problem.kind) {
    case "not_sent":
      return { kind: "later", because: `Telegram can't be reached: ${problem.because}`, retryAfterMs: defaultRetryMs };
    case "no_answer":
      return {
        kind: "later",
        because: `Telegram gave no clear answer: ${problem.because}`,
        retryAfterMs: defaultRetryMs,
      };
    case "refused":
      return waitProblem(problem) ?? refusedEdit(problem);
    default:
      return unreachable(problem);
  }
}

type Refused = Extract<WireProblem, { kind: "refused" }>;

function waitProblem(problem: Refused): DeliveryProblem | null {
  if (problem.code === 429) {
    return { kind: "later", because: problem.because, retryAfterMs: problem.retryAfterMs ?? defaultRetryMs };
  }
  // A refused token is no fault of the chat: the message waits until the token is mended, and health() says why.
  if (problem.code === 401 || problem.code === 404) {
    return { kind: "later", because: `The bot token is refused: ${problem.because}`, retryAfterMs: tokenRetryMs };
  }
  return null;
}

function refusedEdit(problem: Refused): DeliveryProblem {
  const text = problem.because.toLowerCase();
  if (/message to edit not found|message_id_invalid|chat not found/.test(text)) {
    return { kind: "message_gone", because: problem.because };
  }
  if (problem.code === 403 || /rights|chat_write_forbidden|upgraded to a supergroup|chat_restricted/.test(text)) {
    return chatProblem(problem);
  }
  return { kind: "edit_refused", because: problem.because };
}

/** What a 400 says when the chat is the trouble; any other one is about the text. */
const aboutChat = /chat|group|topic|thread|rights|user|bot was|peer|migrat/i;

function chatProblem(problem: Refused): DeliveryProblem {
  if (problem.code === 400 && problem.movedTo === null && !aboutChat.test(problem.because))
    return { kind: "chat_refused", because: problem.because, isText: true };
  const moved =
    problem.movedTo === null ? "" : `; the group is now chat ${problem.movedTo}: put that id in the settings`;
  return {
    kind: "chat_refused",
    because: `${problem.because}${moved}`,
    ...(problem.movedTo === null ? {} : { movedTo: String(problem.movedTo) }),
  };
}

export function isParseProblem(problem: WireProblem): boolean {
  return problem.kind === "refused" && problem.code === 400 && /can't parse entities/i.test(problem.because);
}

export function isNotModified(problem: WireProblem): boolean {
  return problem.kind === "refused" && problem.code === 400 && /message is not modified/i.test(problem.because);
}

export function isStaleQuery(problem: WireProblem): boolean {
  return (
    problem.kind === "refused" && problem.code === 400 && /query is too old|query_id_invalid/i.test(problem.because)
  );
}
