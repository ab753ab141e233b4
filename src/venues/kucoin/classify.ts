/**
 * What KuCoin's codes and messages mean for an order, as data. Not on this list = we don't know, and the order may exist.
 * A refusal counts only inside KuCoin's own envelope, because a gateway in between can answer 401, 403 or 429 as well.
 */
import { z } from "zod";
import type { Answer } from "../_ccxt/call.ts";
import { type Dialect, type Rule, type Said, safeMessage } from "../_ccxt/verdict.ts";

/** First match counts. `says` is matched against the message; where only the code stands, the code alone is definitive. */
export const kucoinRules: readonly Rule[] = [
  // A client id that was used before. The text is not settled, so every wording that other people saw is listed.
  {
    code: "400100",
    says: /clientOid.*(duplicat|exist)|duplicat.*clientOid|order.*already exists/i,
    means: "exists",
    source: "third",
  },
  { code: "126044", means: "exists", source: "ccxt" },
  { code: "126033", means: "exists", source: "ccxt" },

  // No such order, or one that is done. For a cancel it means "already done".
  { code: "400100", says: /order_not_exist|order does not exist|order not exist/i, means: "absent", source: "ccxt" },
  { code: "order_not_exist", means: "absent", source: "ccxt" },
  { code: "100001", means: "absent", source: "ccxt" },
  { code: "100004", means: "absent", source: "ccxt" },
  { code: "126043", means: "absent", source: "ccxt" },

  // Increments. The number beside "Price increment invalid." is not settled; all three families are known.
  { code: "400100", says: /increment (is )?invalid/i, means: "increment", source: "third" },
  { code: "600100", says: /increment (is )?invalid/i, means: "increment", source: "ccxt" },
  { code: "300000", says: /increment (is )?invalid/i, means: "increment", source: "third" },

  // Too small.
  { code: "400100", says: /below the minimum requirement/i, means: "too_small", source: "ccxt" },
  { code: "600100", says: /below the minimum requirement/i, means: "too_small", source: "ccxt" },
  { code: "600101", says: /order funds should more/i, means: "too_small", source: "ccxt" },

  // Money.
  { code: "200004", means: "balance", source: "doc" },
  { code: "230003", means: "balance", source: "ccxt" },
  { code: "400100", says: /account\.available\.amount/i, means: "balance", source: "ccxt" },

  // Price band.
  { code: "400370", means: "price_band", source: "ccxt" },
  { code: "400760", means: "price_band", source: "ccxt" },
  { code: "400330", means: "price_band", source: "ccxt" },

  // The market is already through the trigger or the target.
  { code: "400100", says: /trigger immediately|relationship of the prices/i, means: "would_trigger", source: "third" },

  // The instrument.
  { code: "400100", says: /unsupported trading pair/i, means: "instrument", source: "ccxt" },
  { code: "400600", means: "instrument", source: "ccxt" },
  { code: "600203", means: "instrument", source: "doc" },
  { code: "200001", means: "instrument", source: "doc" },
  { code: "900001", means: "instrument", source: "doc" },

  // The key, its rights, the account.
  { code: "400001", means: "permission", source: "doc" },
  { code: "400003", means: "permission", source: "doc" },
  { code: "400004", means: "permission", source: "doc" },
  { code: "400005", means: "permission", source: "doc" },
  { code: "400006", means: "permission", source: "doc" },
  { code: "400007", means: "permission", source: "doc" },
  { code: "400200", means: "permission", source: "ccxt" },
  { code: "400303", means: "permission", source: "ccxt" },
  { code: "400500", means: "permission", source: "ccxt" },
  { code: "411100", means: "permission", source: "ccxt" },

  // Came too late: the stamp is outside of KuCoin's 5 s, or of the 3 s that we allow ourselves.
  { code: "400002", means: "stale_stamp", source: "doc" },
  { code: "126041", means: "stale_stamp", source: "ccxt" },
  { code: "400100", says: /clientTimestamp|allowMaxTimeWindow|time window/i, means: "stale_stamp", source: "doc" },

  // Other refusals that are documented as such.
  { code: "200003", means: "other", source: "doc" },
  { code: "400350", means: "other", source: "ccxt" },
  { code: "400100", says: /above the maximum requirement|not in the given range/i, means: "other", source: "ccxt" },
  { code: "400100", says: /^validation\./, means: "other", source: "ccxt" },
  { code: "404000", means: "other", source: "doc" },
  { code: "415000", means: "other", source: "doc" },

  // Asked too much; stated as not processed.
  { code: "429000", means: "busy", source: "doc" },
];

const envelope = z.object({ code: z.string().min(1), msg: z.string().nullish(), data: z.unknown().optional() });
const success = "200000";

/** @param secrets texts that must never appear in a message of ours */
export function kucoinDialect(secrets: readonly string[]): Dialect {
  return { rules: kucoinRules, open: (answer) => openEnvelope(answer, secrets) };
}

function openEnvelope(answer: Answer, secrets: readonly string[]): Said | null {
  const read = envelope.safeParse(answer.body);
  if (!read.success) return null;
  const { code, msg, data } = read.data;
  return {
    code: code === success ? null : code,
    message: safeMessage(msg ?? "", secrets),
    data: data ?? null,
    retryAfterMs: resetOf(answer),
  };
}

/** Milliseconds until the pool is full again, from `gw-ratelimit-reset`; at most a minute is believed. */
function resetOf(answer: Answer): number | null {
  const text = answer.headers["gw-ratelimit-reset"] ?? "";
  return /^\d{1,9}$/.test(text) ? Math.min(Number.parseInt(text, 10), 60_000) : null;
}
