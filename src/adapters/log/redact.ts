/**
 * Keeps secrets out of every line. By value: each secret, and the forms in which it travels (URL-encoded, base64, base64url,
 * hex, JSON-escaped), is replaced wherever it stands, in a stack trace too. By name: a fact whose key says "secret" is not
 * shown at all, for the secret that nobody registered.
 */
import { mark } from "../../core/mark.ts";

const hidden = "[redacted]";
const secretKey =
  /(secret|token|passphrase|password|api_?key|apikey|authorization|cookie|seed|totp|signature|private)/i;

/** A shorter text would be found in half of all lines; no real secret is that short. */
const lengthMin = 6;

function hide(): string {
  mark("M12.secret_taken_out");
  return hidden;
}

export type Redact = {
  /** Free text, with every known secret taken out. */
  text(text: string): string;
  /** A fact under its key: hidden by name, or cleaned by value. */
  fact(key: string, value: unknown): unknown;
};

export function createRedact(secrets: readonly string[]): Redact {
  const forms = [...new Set(secrets.filter((secret) => secret.length >= lengthMin).flatMap(formsOf))]
    // The longest first: a form must not be cut in two by a shorter one inside it.
    .sort((left, right) => right.length - left.length);
  const pattern = forms.length === 0 ? null : new RegExp(forms.map(escapePattern).join("|"), "g");
  const text = (given: string): string => (pattern === null ? given : given.replace(pattern, hide));
  return {
    text,
    fact: (key, value) => (secretKey.test(key) ? hidden : cleanValue(value, text)),
  };
}

/** Every value that `Log` takes, and what a careless cast may bring: errors, objects, lists. */
function cleanValue(value: unknown, text: (given: string) => string): unknown {
  if (typeof value === "string") return text(value);
  if (value === null || typeof value === "number" || typeof value === "boolean" || value === undefined) return value;
  if (value instanceof Error) return text(`${value.stack ?? value.message}${causeText(value)}`);
  return text(jsonText(value, text));
}

function causeText(error: Error): string {
  return error.cause instanceof Error ? `\ncaused by ${error.cause.stack ?? error.cause.message}` : "";
}

/** Strings are cleaned before they are quoted: a secret with a quotation mark looks different at every depth. */
function jsonText(value: unknown, text: (given: string) => string): string {
  const clean = (key: string, inner: unknown): unknown => {
    if (secretKey.test(key)) return hidden;
    return typeof inner === "string" ? text(inner) : inner;
  };
  try {
    // The types don't say it: a function has no JSON at all.
    const json = JSON.stringify(value, clean) as string | undefined;
    return json ?? String(value);
  } catch {
    // A circle or a bigint: its type says enough, and a log line must never throw.
    return `[${typeof value}]`;
  }
}

function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, "utf8");
  const json = JSON.stringify(secret).slice(1, -1);
  return [secret, json, encodeURIComponent(secret), encodeURI(secret), bytes.toString("hex"), ...base64Forms(bytes)];
}

/**
 * Base64 of a secret inside something longer (user:secret, a JSON body) depends on what stands before it: there are three
 * alignments, and of each the middle is always the same.
 */
function base64Forms(bytes: Buffer): readonly string[] {
  const whole = bytes.toString("base64").replace(/=+$/, "");
  const shifted = [1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    return text.slice(before === 1 ? 2 : 3);
  });
  // The last characters mix with what follows the secret: leave them out of the search.
  const cores = [whole, ...shifted]
    .map((text) => text.slice(0, text.length - 2))
    .filter((text) => text.length >= lengthMin);
  return [whole, ...cores].flatMap((text) => [text, text.replaceAll("+", "-").replaceAll("/", "_")]);
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
}
