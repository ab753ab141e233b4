/**
 * What the skin answers: the venue's envelope. Business refusals come with HTTP 200, as on the venue; the HTTP status
 * is an error only for signatures (401), permissions (403), paths (404), media type (415) and rates (429).
 */
import type { Problem } from "../core/rules.ts";
import type { Switches } from "../switches.ts";

export interface Answer {
  status: number;
  code: string;
  data?: unknown;
  msg?: string;
  headers?: Record<string, string>;
}

export const success = (data: unknown): Answer => ({ status: 200, code: "200000", data });

export const refusal = (code: string, msg: string, status = 200): Answer => ({ status, code, msg });

export const invalid = (msg: string): Answer => refusal("400100", msg);

export const orderNotFound = invalid("order_not_exist_or_not_allow_to_cancel");

/** JSON as on the wire; a bigint is written as a bare integer (nanoseconds do not fit a float). */
export const writeJson = (value: unknown): string => {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map((one) => writeJson(one ?? null)).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const parts: string[] = [];
    for (const [key, one] of Object.entries(value))
      if (one !== undefined) parts.push(`${JSON.stringify(key)}:${writeJson(one)}`);
    return `{${parts.join(",")}}`;
  }
  return JSON.stringify(value);
};

export const bodyOf = (answer: Answer): string => {
  const { code, msg, data } = answer;
  return writeJson(msg === undefined ? { code, data: data ?? null } : { code, msg, data });
};

/** The venue's own words for a problem of the core. Sources: venues.md 2.1. */
export const answerFor = (problem: Problem, switches: Switches): Answer => {
  switch (problem.kind) {
    case "unknown_symbol":
      return invalid("Unsupported trading pair.");
    case "not_trading":
    case "no_price":
      return refusal("400600", "validation.createOrder.symbolNotAvailable");
    case "price_increment":
    case "stop_price_increment":
      return refusal(switches.priceIncrementCode, "Price increment invalid.");
    case "size_increment":
      return refusal("600100", "Order size increment invalid.");
    case "funds_increment":
      return refusal("600100", "Funds increment invalid.");
    case "size_below_min":
      return invalid("Order size below the minimum requirement.");
    case "size_above_max":
      return invalid("Order size above the maximum requirement.");
    case "funds_below_min":
      return refusal("600100", "Funds below the minimum requirement.");
    case "price_too_high":
      return refusal("400370", `Max. price: ${problem.limit}`);
    case "price_too_low":
      return refusal("400760", `order price should be more than ${problem.limit}`);
    case "balance":
      return refusal("200004", "Balance insufficient!");
    case "duplicate_client_oid":
      return invalid(switches.duplicateClientOidText);
    case "too_many_orders":
      return refusal("200003", "The number of active orders exceeds the limit.");
    case "oco_relation":
      return invalid("The relationship of the prices for the orders is not correct.");
    case "not_found":
      return orderNotFound;
  }
};
