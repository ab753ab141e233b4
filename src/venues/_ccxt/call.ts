/**
 * One question, one request, one deadline. Every call to a venue goes through here, whatever library forms the request.
 *
 *   call --> request formed and signed by ccxt --> guard --> socket --> first byte leaves --> raw answer kept
 *              (stamped with our time)              |                        |
 *                                             refused: not sent      before it: not sent; after it: silent
 *
 * ccxt's own time limit ends when the headers have arrived, so a body that stalls would hang its caller; ours covers the
 * whole call. A call whose deadline passed while it still waited for a connection can no longer leave: its first byte is refused.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { type Mark, mark } from "../../core/mark.ts";
import type { Instant } from "../../core/time.ts";
import type { Clock } from "../../ports/clock.ts";
import { redirected } from "../../ports/venue.ts";

/** What the venue said, before anybody interpreted it. `body` has its numbers as texts; undefined = it was no JSON. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** How long the body was; 0 = empty. */
  readonly length: number;
};

/** `value` is what ccxt made of the answer; undefined when it made an error of it. */
export type Heard<Value> =
  | { readonly kind: "answered"; readonly answer: Answer; readonly value: Value | undefined }
  /** Proven: no byte left. */
  | { readonly kind: "not_sent"; readonly because: string }
  /** It left, and no whole answer came. */
  | { readonly kind: "silent"; readonly because: string };

export type OutgoingRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
};

export type CallRules = {
  /** Asked at the moment before the first byte; no = nothing is written. */
  readonly mayLeave?: () => boolean;
  readonly method: "GET" | "POST" | "DELETE";
  readonly deadlineMs: number;
  /** Signs with this time instead of the present one. */
  readonly stampedAt?: Instant;
  /** The last look at what is about to leave. @returns null, or why it may not. */
  readonly inspect?: (request: OutgoingRequest) => string | null;
};

/** What one call knows of itself while it runs; found again in every hook through its own async context. */
export type CallState = {
  readonly rules: CallRules;
  requests: number;
  hasStarted: boolean;
  isOver: boolean;
  refusal: string | null;
  answer: Answer | null;
};

const running = new AsyncLocalStorage<CallState>();

export function presentCall(): CallState | undefined {
  return running.getStore();
}

/** Never throws and never outlives its deadline, whatever `run` does. */
export async function call<Value>(run: () => Promise<Value>, rules: CallRules, clock: Clock): Promise<Heard<Value>> {
  const state: CallState = { rules, requests: 0, hasStarted: false, isOver: false, refusal: null, answer: null };
  const done = new AbortController();
  const attempt = running.run(state, async () => {
    try {
      return { value: await run() };
    } catch (error) {
      return { error };
    }
  });
  const late = clock.sleep(rules.deadlineMs, done.signal).then(() => "late" as const);
  const first = await Promise.race([attempt, late]);
  state.isOver = true;
  done.abort();
  if (first === "late") {
    const because = `no whole answer within ${rules.deadlineMs} ms`;
    return state.hasStarted
      ? { kind: "silent", because }
      : { kind: "not_sent", because: `no connection within ${rules.deadlineMs} ms` };
  }
  if (state.answer !== null) {
    return { kind: "answered", answer: state.answer, value: "value" in first ? first.value : undefined };
  }
  const because = state.refusal ?? faultText("error" in first ? first.error : undefined);
  if (state.hasStarted) return { kind: "silent", because };
  const fault = faults.find(([, text]) => text === because);
  if (fault?.[2] !== undefined) mark(fault[2]);
  return { kind: "not_sent", because };
}

/** Faults by the code inside the library's text. The text itself may hold addresses and headers and is never passed on. */
const faults: readonly (readonly [RegExp, string, Mark?])[] = [
  [/EMFILE|ENFILE/, "no free socket in this process", "S01.no_descriptor_left"],
  [/ECONNREFUSED|ConnectionRefused/, "connection refused"],
  [/ENOTFOUND|EAI_AGAIN|DNSError/, "host name not found", "N03.dns_failure_is_unsent"],
  [/CERT|TLS|SSL|self.signed|altname/i, "no trusted TLS connection", "N04.untrusted_tls_is_unsent"],
  [/redirect/i, redirected],
  [/ECONNRESET|UND_ERR_SOCKET|other side closed|EPIPE/i, "connection closed before the answer was whole"],
  [/CONNECT_TIMEOUT|Connect Timeout/i, "no connection in time"],
  [/timed out|TIMEOUT|terminated|aborted/i, "no answer in time"],
];

function faultText(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const text = error instanceof Error ? `${code} ${error.name} ${error.message}` : "";
  return faults.find(([pattern]) => pattern.test(text))?.[1] ?? "the request failed inside the client library";
}
