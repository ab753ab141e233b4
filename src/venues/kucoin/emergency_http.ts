/**
 * One signed request to KuCoin with nothing but fetch and an HMAC, and the patience that closing everything takes: a 429 is
 * waited for exactly as long as it says, a 418 too; a venue that is away is asked again for as long as it takes, because the
 * stops stay there. What it refuses for good ends that question, and the symbol that it was for.
 */
import { createHmac } from "node:crypto";
import { z } from "zod";
import { mark } from "../../core/mark.ts";
import type { Pace } from "../../ports/emergency_venue.ts";

export type KucoinAccess = {
  readonly baseUrl: string;
  readonly key: string;
  readonly secret: string;
  readonly passphrase: string;
};

const envelope = z.object({ code: z.string(), msg: z.string().nullish(), data: z.unknown().optional() });
const success = "200000";
const answerWithinMs = 5_000;
const retryEveryMs = 5_000;
const busyMs = 3_000;
/** A refusal that says nothing of the key is final; some come once and pass. */
const refusedMax = 4;
/** A key may be given its rights back: ten minutes. */
const keyRefusedMax = 120;

export type Said =
  | { readonly kind: "data"; readonly data: unknown }
  | { readonly kind: "refused"; readonly code: string; readonly message: string }
  | { readonly kind: "busy"; readonly waitMs: number }
  | { readonly kind: "silent"; readonly because: string; readonly mayHaveArrived: boolean };

export type Wire = {
  /** One request. A write throws instead of leaving when this run may not send any more. */
  once(method: string, path: string, body?: Readonly<Record<string, unknown>>): Promise<Said>;
  /** Until it is answered; null = the order is gone. Throws when the exchange refuses it for good. */
  insist(method: "GET" | "DELETE", path: string): Promise<unknown>;
};

export function wireOf(access: KucoinAccess, pace: Pace): Wire {
  const once: Wire["once"] = async (method, path, body) => {
    if (method === "GET" || method === "DELETE") await pace.turn();
    if (method !== "GET" && !(await pace.mayWrite())) throw new Error("this run may not send any more");
    const text = body === undefined ? "" : JSON.stringify(body);
    const headers = signedHeaders(access, { method, path, text, at: String(body?.["clientTimestamp"] ?? pace.now()) });
    try {
      const answer = await fetch(`${access.baseUrl}${path}`, {
        method,
        headers,
        redirect: "error",
        signal: AbortSignal.timeout(answerWithinMs),
        ...(text === "" ? {} : { body: text }),
      });
      return said(answer, await answer.text());
    } catch (error) {
      const code = String((error as { cause?: { code?: unknown } }).cause?.code ?? (error as Error).name);
      return { kind: "silent", because: code, mayHaveArrived: code !== "ECONNREFUSED" && code !== "ENOTFOUND" };
    }
  };
  return { once, insist: (method, path) => insistOn(once, pace, { method, path }) };
}

async function insistOn(
  once: Wire["once"],
  pace: Pace,
  { method, path }: { readonly method: "GET" | "DELETE"; readonly path: string },
): Promise<unknown> {
  for (let refused = 1; ; ) {
    const answer = await once(method, path);
    if (answer.kind === "data") return answer.data ?? null;
    if (answer.kind === "refused") {
      if (isOrderGone(path, answer)) return null;
      if (refused >= patienceWith(answer.code))
        throw new Error(`the exchange refuses ${nameOf(path)}: ${answer.code} ${answer.message}`);
      refused += 1;
    }
    await pace.sleep(waitAfter(answer, path, pace));
  }
}

/** How often this refusal is heard before it is believed. What is wrong on its own side, KuCoin may have mended a moment later. */
function patienceWith(code: string): number {
  if (isAboutKey(code)) return keyRefusedMax;
  return code.startsWith("5") ? Number.POSITIVE_INFINITY : refusedMax;
}

/** KuCoin's answers about the key, its passphrase, its rights, our time and our address are 4000xx; they say nothing of an order. */
export const isAboutKey = (code: string): boolean => /^4000\d\d$/.test(code);
const nameOf = (path: string): string => path.split("?")[0] ?? path;

/** Only a path that names one order can say that there is no such order. */
const ofOneOrder =
  /^\/api\/(v1\/hf\/orders\/(client-order\/[^/?]+|(?!active|done)[^/?]+)|v1\/stop-order\/[^/?]+|v3\/oco\/(order|client-order|order\/details)\/[^/?]+)(\?|$)/;
const saysGone = /not.?exist|not found|not_exist|not allow(ed)? to (be )?cancel/i;
const goneCodes: ReadonlySet<string> = new Set(["order_not_exist", "100001", "100004", "126043"]);

function isOrderGone(path: string, { code, message }: { readonly code: string; readonly message: string }): boolean {
  return !isAboutKey(code) && ofOneOrder.test(path) && (goneCodes.has(code) || saysGone.test(message));
}

/** ms until it is asked again. */
function waitAfter(answer: Exclude<Said, { kind: "data" }>, path: string, pace: Pace): number {
  if (answer.kind === "busy") {
    mark("V30.emergency_waits");
    return answer.waitMs;
  }
  pace.say(
    answer.kind === "refused"
      ? `${nameOf(path)}: the exchange refuses (${answer.code} ${answer.message}); asked again`
      : `the exchange does not answer (${answer.because}); asked again in 5 s`,
  );
  return retryEveryMs;
}

function said(answer: Response, text: string): Said {
  if (answer.status === 429 || answer.status === 418) return { kind: "busy", waitMs: waitOf(answer) };
  const read = envelope.safeParse(parsed(text));
  if (!read.success)
    return { kind: "silent", because: `HTTP ${answer.status} without a readable body`, mayHaveArrived: true };
  const { code, msg, data } = read.data;
  if (code === success) return { kind: "data", data };
  return code === "429000" ? { kind: "busy", waitMs: waitOf(answer) } : { kind: "refused", code, message: msg ?? "" };
}

function waitOf({ headers }: Response): number {
  const reset = Number(headers.get("gw-ratelimit-reset") ?? Number.NaN);
  const after = Number(headers.get("retry-after") ?? Number.NaN) * 1_000;
  return [reset, after].find((ms) => Number.isFinite(ms) && ms > 0) ?? busyMs;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function signedHeaders(
  access: KucoinAccess,
  request: { method: string; path: string; text: string; at: string },
): Record<string, string> {
  const sign = (text: string): string => createHmac("sha256", access.secret).update(text).digest("base64");
  return {
    "KC-API-KEY": access.key,
    "KC-API-SIGN": sign(`${request.at}${request.method}${request.path}${request.text}`),
    "KC-API-TIMESTAMP": request.at,
    "KC-API-PASSPHRASE": sign(access.passphrase),
    "KC-API-KEY-VERSION": "2",
    "Content-Type": "application/json",
  };
}
