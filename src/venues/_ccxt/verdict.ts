/**
 * What an answer means. Decided from the raw HTTP status, the venue's code and its message, by an allow-list; never by the
 * client library's error class, which calls permanent refusals network errors and failures success.
 *
 *   on the list, recognised body --> rejected | exists | busy | absent
 *   success with the data we need --> accepted
 *   anything else that left us    --> unknown: the order may exist
 */
import { mark } from "../../core/mark.ts";
import type { PlaceProblem } from "../../ports/venue.ts";
import type { Answer, Heard } from "./call.ts";

export type RejectReason = Extract<PlaceProblem, { kind: "rejected" }>["reason"];

/** busy: provably not processed, ask later. absent: the venue knows no such order. */
export type Meaning = RejectReason | "exists" | "busy" | "absent";

export type Rule = {
  readonly code: string;
  /** The message must match too. Missing = the code alone is enough. */
  readonly says?: RegExp;
  readonly means: Meaning;
  /** Where we have it from: doc, ccxt (its table), seen, third (other people's logs). */
  readonly source: "doc" | "ccxt" | "seen" | "third";
};

/** A venue's envelope, opened. `code` is null on success. */
export type Said = {
  readonly code: string | null;
  readonly message: string;
  readonly data: unknown;
  /** For "busy": how long the venue wants us to wait, ms. */
  readonly retryAfterMs: number | null;
};

export type Dialect = {
  readonly rules: readonly Rule[];
  /** @returns null when the body is not this venue's envelope (HTML, empty, cut off, someone else's JSON). */
  open(answer: Answer): Said | null;
};

export type Verdict =
  | { readonly kind: "accepted"; readonly data: unknown }
  | { readonly kind: "rejected"; readonly code: string; readonly message: string; readonly reason: RejectReason }
  | { readonly kind: "exists"; readonly message: string }
  | { readonly kind: "absent" }
  | { readonly kind: "busy"; readonly retryAfterMs: number | null }
  | { readonly kind: "not_sent"; readonly because: string }
  | { readonly kind: "unknown"; readonly because: string };

export function judgeAnswer(heard: Heard<unknown>, dialect: Dialect): Verdict {
  if (heard.kind === "not_sent") return { kind: "not_sent", because: heard.because };
  if (heard.kind === "silent") {
    mark("N01.no_whole_answer");
    return { kind: "unknown", because: heard.because };
  }
  const { answer } = heard;
  // A gateway may say 5xx after the engine has taken the order, so no 5xx is ever a refusal.
  if (answer.status >= 500) {
    mark("V04.server_error_is_no_refusal");
    return { kind: "unknown", because: `the venue answered HTTP ${answer.status}` };
  }
  const said = dialect.open(answer);
  if (said === null) {
    mark(answer.length > 0 && answer.body !== undefined ? "N10.somebody_elses_page" : "V06.body_cut_or_no_json");
    return { kind: "unknown", because: strangeText(answer) };
  }
  if (said.code === null) {
    if (answer.status >= 200 && answer.status < 300) return { kind: "accepted", data: said.data };
    return { kind: "unknown", because: `the venue answered success with HTTP ${answer.status}` };
  }
  return meaningOf(said, said.code, dialect.rules);
}

function meaningOf(said: Said, code: string, rules: readonly Rule[]): Verdict {
  const rule = rules.find((each) => each.code === code && (each.says === undefined || each.says.test(said.message)));
  const message = said.message;
  if (rule === undefined) {
    mark("V05.code_not_on_the_list");
    return { kind: "unknown", because: `the venue answered code ${code}, which is not on our list: ${message}` };
  }
  switch (rule.means) {
    case "exists":
      mark("V10.duplicate_is_looked_up_never_sent_again");
      return { kind: "exists", message };
    case "absent":
      return { kind: "absent" };
    case "busy":
      return { kind: "busy", retryAfterMs: said.retryAfterMs };
    default:
      mark("V07.definitive_refusal");
      return { kind: "rejected", code, message, reason: rule.means };
  }
}

function strangeText(answer: Answer): string {
  if (answer.length === 0) return `the venue answered HTTP ${answer.status} with an empty body`;
  const kind = answer.body === undefined ? "a body that is no JSON" : "JSON of an unexpected shape";
  return `the venue answered HTTP ${answer.status} with ${kind}`;
}

/** The words of a stranger, made safe for logs and chats: one line, plain characters, at most 160, none of our secrets. */
export function safeMessage(text: string, secrets: readonly string[]): string {
  const clean = secrets
    .filter((secret) => secret.length >= 4)
    .reduce((safe, secret) => safe.replaceAll(secret, "[redacted]"), text);
  return clean.replace(/[^\x20-\x7e]+/g, " ").slice(0, 160);
}
