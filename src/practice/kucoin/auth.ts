/**
 * Checks signed requests with nothing but node:crypto.
 *
 *   KC-API-SIGN       = base64 HMAC-SHA256(secret, timestamp + METHOD + path?query + body)
 *   KC-API-PASSPHRASE = base64 HMAC-SHA256(secret, passphrase) for key versions 2 and 3, plain for version 1
 *   KC-API-TIMESTAMP  within 5 s of the venue's wire time
 *
 * Source: KuCoin's authentication page, codes in venues.md 2.1.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Switches } from "../switches.ts";
import { type Answer, refusal } from "./answer.ts";

/** One API key and the account behind it. */
export interface KeyHolder {
  key: string;
  secret: string;
  passphrase: string;
  /** Account in the core; several keys may share one. */
  accountId: string;
  /** KuCoin's words: General, Spot, Margin, Futures, Transfer (can withdraw) ... */
  permissions: string[];
  ipWhitelist: string;
  isRevoked: boolean;
  createdAt: number;
}

export interface SignedRequest {
  method: string;
  /** Path with raw query, as it came. */
  target: string;
  body: string;
  headers: IncomingHttpHeaders;
  receivedAt: number;
}

const isEqual = (a: string, b: string): boolean => {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
};

const signed = (secret: string, text: string): string => createHmac("sha256", secret).update(text).digest("base64");

const denied = (code: string, msg: string): Answer => refusal(code, msg, 401);

export const checkSignature = (
  request: SignedRequest,
  holders: ReadonlyMap<string, KeyHolder>,
  switches: Switches,
): { ok: true; holder: KeyHolder } | { ok: false; answer: Answer } => {
  const header = (name: string): string => {
    const value = request.headers[name];
    return typeof value === "string" ? value : "";
  };
  const key = header("kc-api-key");
  const sign = header("kc-api-sign");
  const timestamp = header("kc-api-timestamp");
  const passphrase = header("kc-api-passphrase");
  if (key === "" || sign === "" || timestamp === "" || passphrase === "") {
    return {
      ok: false,
      answer: denied(
        "400001",
        "Please check the header of your request for KC-API-KEY, KC-API-SIGN, KC-API-TIMESTAMP, KC-API-PASSPHRASE",
      ),
    };
  }
  const holder = holders.get(key);
  if (holder === undefined || holder.isRevoked) return { ok: false, answer: denied("400003", "KC-API-KEY not exists") };
  const time = /^\d{13}$/.test(timestamp) ? Number(timestamp) : Number.NaN;
  if (!(Math.abs(request.receivedAt - time) <= switches.timestampWindowMs)) {
    return { ok: false, answer: denied("400002", "KC-API-TIMESTAMP Invalid") };
  }
  const version = header("kc-api-key-version");
  const expected = version === "2" || version === "3" ? signed(holder.secret, holder.passphrase) : holder.passphrase;
  if (!isEqual(passphrase, expected)) return { ok: false, answer: denied("400004", "Invalid KC-API-PASSPHRASE") };
  const text = timestamp + request.method + request.target + request.body;
  if (!isEqual(sign, signed(holder.secret, text)))
    return { ok: false, answer: denied("400005", "Invalid KC-API-SIGN") };
  return { ok: true, holder };
};
