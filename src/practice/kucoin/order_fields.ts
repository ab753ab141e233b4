/** Parameters of order requests, as in KuCoin's OpenAPI of 2025-11-04, and how they become a wish of the core. */
import type { OrderType, OrderWish, SelfTradePrevention, Side, TimeInForce } from "../core/state.ts";
import { parseFixed } from "../fixed.ts";
import { type Answer, invalid, refusal } from "./answer.ts";
import { type FieldRules, flagOf, numberOf, textOf, type Values } from "./fields.ts";

const CLIENT_OID = /^[A-Za-z0-9_-]{1,40}$/;
const ASCII = /^[\x20-\x7e]*$/;

const common: FieldRules = {
  side: { type: "string", isRequired: true, oneOf: ["buy", "sell"] },
  symbol: { type: "string", isRequired: true, lengthMax: 30 },
  type: { type: "string", isRequired: true, oneOf: ["limit", "market"] },
  clientOid: { type: "string", pattern: CLIENT_OID },
  remark: { type: "string", lengthMax: 20, pattern: ASCII },
  stp: { type: "string", oneOf: ["DC", "CO", "CN", "CB"] },
  price: { type: "decimal" },
  size: { type: "decimal" },
  funds: { type: "decimal" },
  timeInForce: { type: "string", oneOf: ["GTC", "GTT", "IOC", "FOK"] },
  postOnly: { type: "boolean" },
  hidden: { type: "boolean" },
  iceberg: { type: "boolean" },
  visibleSize: { type: "decimal" },
  cancelAfter: { type: "integer", min: -1, max: 2_592_000 },
};

export const orderFields: FieldRules = {
  ...common,
  tags: { type: "string", lengthMax: 20, pattern: ASCII },
  clientTimestamp: { type: "integer" },
  allowMaxTimeWindow: { type: "integer", min: 1 },
};

/** `stop` is in the classic documents and in what clients send; the new specification does not list it. */
export const stopFields: FieldRules = {
  ...common,
  stopPrice: { type: "decimal", isRequired: true },
  stop: { type: "string", oneOf: ["loss", "entry"] },
  tradeType: { type: "string", oneOf: ["TRADE"] },
};

export const ocoFields: FieldRules = {
  clientOid: { type: "string", isRequired: true, pattern: CLIENT_OID },
  side: { type: "string", isRequired: true, oneOf: ["buy", "sell"] },
  symbol: { type: "string", isRequired: true, lengthMax: 30 },
  remark: { type: "string", lengthMax: 20, pattern: ASCII },
  price: { type: "decimal", isRequired: true },
  size: { type: "decimal", isRequired: true },
  stopPrice: { type: "decimal", isRequired: true },
  limitPrice: { type: "decimal", isRequired: true },
  tradeType: { type: "string", oneOf: ["TRADE"] },
};

/** A decimal of the wire. Digits beyond what the exchange counts become one unit, so no increment accepts them. */
export const wireNumber = (values: Values, name: string): bigint | null => {
  const text = textOf(values, name);
  if (text === "") return null;
  const exact = parseFixed(text);
  if (exact !== null) return exact;
  const [whole, fraction = ""] = text.split(".");
  return (parseFixed(`${whole}.${fraction.slice(0, 12)}`) ?? 0n) + 1n;
};

/** Rules of a limit order beyond types: each tells when it is broken. */
const limitRules: readonly (readonly [(values: Values, timeInForce: string, after: number) => boolean, string])[] = [
  [(values) => textOf(values, "price") === "", "priceIsRequired"],
  [(values) => textOf(values, "size") === "", "sizeIsRequired"],
  [(values) => textOf(values, "funds") !== "", "fundsNotAllowedForLimit"],
  [
    (values, tif) => flagOf(values, "postOnly") && (tif === "IOC" || tif === "FOK"),
    "postOnlyNotAllowedWithTimeInForce",
  ],
  [(_values, tif, after) => tif === "GTT" && after <= 0, "cancelAfterIsRequired"],
  [(_values, tif, after) => tif !== "GTT" && after > 0, "cancelAfterOnlyForGTT"],
  [(values) => flagOf(values, "hidden") && flagOf(values, "iceberg"), "hiddenAndIceberg"],
  [(values) => flagOf(values, "iceberg") && textOf(values, "visibleSize") === "", "visibleSizeIsRequired"],
];

const limitProblem = (values: Values): Answer | null => {
  const timeInForce = textOf(values, "timeInForce") || "GTC";
  const after = numberOf(values, "cancelAfter") ?? -1;
  const broken = limitRules.find(([isBroken]) => isBroken(values, timeInForce, after));
  return broken === undefined ? null : invalid(`validation.createOrder.${broken[1]}`);
};

const marketProblem = (values: Values): Answer | null => {
  const hasSize = textOf(values, "size") !== "";
  const hasFunds = textOf(values, "funds") !== "";
  if (!hasSize && !hasFunds) return invalid("validation.createOrder.sizeOrFundsIsRequired");
  if (hasSize && hasFunds) return invalid("validation.createOrder.sizeAndFundsExclude");
  for (const name of ["price", "timeInForce", "postOnly", "hidden", "iceberg", "visibleSize", "cancelAfter"]) {
    const value = values[name];
    if (value !== undefined && value !== false && value !== -1)
      return invalid(`validation.createOrder.${name}NotAllowedForMarket`);
  }
  return null;
};

export type WishReading = { ok: true; wish: OrderWish } | { ok: false; answer: Answer };

/** Fields into a wish; `clientOid` is the venue's own when the client gave none. */
export const readWish = (values: Values, fallbackOid: string): WishReading => {
  const type = textOf(values, "type") as OrderType;
  const problem = type === "limit" ? limitProblem(values) : marketProblem(values);
  if (problem !== null) return { ok: false, answer: problem };
  const after = numberOf(values, "cancelAfter");
  const wish: OrderWish = {
    clientOid: textOf(values, "clientOid") || fallbackOid,
    symbol: textOf(values, "symbol"),
    side: textOf(values, "side") as Side,
    type,
    price: type === "limit" ? wireNumber(values, "price") : null,
    size: wireNumber(values, "size"),
    funds: wireNumber(values, "funds"),
    timeInForce: (textOf(values, "timeInForce") || "GTC") as TimeInForce,
    postOnly: flagOf(values, "postOnly"),
    cancelAfter: after !== null && after > 0 ? after : null,
    selfTrade: textOf(values, "stp") as SelfTradePrevention,
    remark: textOf(values, "remark"),
    tags: textOf(values, "tags"),
    hidden: flagOf(values, "hidden"),
    iceberg: flagOf(values, "iceberg"),
    visibleSize: wireNumber(values, "visibleSize") ?? 0n,
  };
  return { ok: true, wish };
};

/**
 * The client's own deadline: refused when clientTimestamp + allowMaxTimeWindow is before the time the gateway got the
 * message. clientTimestamp must equal KC-API-TIMESTAMP. Source: OpenAPI; the code (family 126041) is unconfirmed for spot.
 */
export const windowProblem = (values: Values, headerTimestamp: string, receivedAt: number): Answer | null => {
  const stamp = numberOf(values, "clientTimestamp");
  const window = numberOf(values, "allowMaxTimeWindow");
  if (window !== null && stamp === null) return invalid("validation.createOrder.clientTimestampIsRequired");
  if (stamp !== null && String(stamp) !== headerTimestamp) return refusal("126041", "clientTimestamp parameter error");
  if (stamp !== null && window !== null && stamp + window < receivedAt) {
    return refusal("126041", "The order was received after clientTimestamp + allowMaxTimeWindow.");
  }
  return null;
};
