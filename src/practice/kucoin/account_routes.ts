/** Balances, account kind, fees, the key itself, and tokens for streams. */
import { hashText, hexOf } from "../chance.ts";
import type { Transfer } from "../core/state.ts";
import { formatFixed } from "../fixed.ts";
import { type Answer, invalid, success } from "./answer.ts";
import { numberOf, textOf } from "./fields.ts";
import { accountOf, type Call, type Route } from "./route.ts";

const stateOf = (call: Call) => call.skin.house.core.state;

/** Asking for a kind that holds nothing gives an empty list, not an error: that is how a wrong account flag looks. */
const accounts = (call: Call): Answer => {
  const { fundsKind } = call.skin.switches;
  const kind = textOf(call.query, "type");
  const currency = textOf(call.query, "currency");
  if (kind !== "" && kind !== fundsKind) return success([]);
  const rows: Record<string, unknown>[] = [];
  for (const [asset, { free, held }] of stateOf(call).accounts.get(accountOf(call))?.balances ?? []) {
    if (currency !== "" && asset !== currency) continue;
    const id = hexOf(`${accountOf(call)}/${asset}`, 24);
    rows.push({
      id,
      currency: asset,
      type: fundsKind,
      balance: formatFixed(free + held),
      available: formatFixed(free),
      holds: formatFixed(held),
    });
  }
  return success(rows);
};

const oneAccount = (call: Call): Answer => {
  for (const [asset, { free, held }] of stateOf(call).accounts.get(accountOf(call))?.balances ?? []) {
    if (hexOf(`${accountOf(call)}/${asset}`, 24) !== call.path["accountId"]) continue;
    return success({
      currency: asset,
      balance: formatFixed(free + held),
      available: formatFixed(free),
      holds: formatFixed(held),
    });
  }
  return invalid("account not exist");
};

const fees = (call: Call): Answer => {
  const rows: Record<string, unknown>[] = [];
  const asked = textOf(call.query, "symbols").split(",");
  if (asked.length > 10) return invalid("symbols not in the given range!");
  for (const symbol of asked) {
    const instrument = stateOf(call).instruments.get(symbol);
    if (instrument === undefined) return invalid("Unsupported trading pair.");
    rows.push({
      symbol,
      takerFeeRate: formatFixed(instrument.takerFee),
      makerFeeRate: formatFixed(instrument.makerFee),
    });
  }
  return success(rows);
};

const transferView = (call: Call, { id, asset, amount, at }: Transfer): Record<string, unknown> => ({
  id,
  currency: asset,
  amount: formatFixed(amount < 0n ? -amount : amount),
  fee: "0",
  tax: "0",
  balance: formatFixed(stateOf(call).accounts.get(accountOf(call))?.balances.get(asset)?.free ?? 0n),
  accountType: "TRADE_HF",
  bizType: "TRANSFER",
  direction: amount < 0n ? "out" : "in",
  createdAt: String(Math.floor(at)),
  context: "",
});

/** What came and went, newest first. Trades are told by the list of fills; of the other kinds nothing ever happens here. */
const ledgers = (call: Call): Answer => {
  const { query } = call;
  const kind = textOf(query, "bizType");
  if (kind !== "" && kind !== "TRANSFER") return success([]);
  const [startAt, endAt] = [numberOf(query, "startAt") ?? 0, numberOf(query, "endAt") ?? Number.MAX_SAFE_INTEGER];
  const lastId = numberOf(query, "lastId") ?? Number.MAX_SAFE_INTEGER;
  const direction = textOf(query, "direction");
  const currencies = textOf(query, "currency");
  const rows = (stateOf(call).transfers ?? [])
    .filter((one) => one.accountId === accountOf(call) && Number(one.id) < lastId)
    .filter((one) => one.at >= startAt && one.at <= endAt)
    .filter((one) => currencies === "" || currencies.split(",").includes(one.asset))
    .map((one) => transferView(call, one))
    .filter((row) => direction === "" || row["direction"] === direction);
  return success(rows.reverse().slice(0, numberOf(query, "limit") ?? 100));
};

const keyInfo = (call: Call): Answer => {
  const { holder } = call;
  if (holder === null) return invalid("key not exist");
  return success({
    remark: "practice",
    apiKey: holder.key,
    apiVersion: 3,
    permission: holder.permissions.join(","),
    ipWhitelist: holder.ipWhitelist,
    createdAt: holder.createdAt,
    uid: 100_000_000 + (hashText(holder.accountId) % 100_000_000),
    isMaster: true,
  });
};

/** The stream lives on the same port; the path is ours, the rest is the venue's. */
const bullet = (call: Call): Answer =>
  success({
    token: call.skin.streamToken(call.holder),
    instanceServers: [
      {
        endpoint: `${call.skin.url().replace(/^http/, "ws")}/endpoint`,
        encrypt: false,
        protocol: "websocket",
        pingInterval: 18_000,
        pingTimeout: 10_000,
      },
    ],
  });

const management = { method: "GET", pool: "management", isPrivate: true, where: "queryAccount" } as const;
const bizTypes = ["TRADE_EXCHANGE", "TRANSFER", "SUB_TRANSFER", "RETURNED_FEES", "DEDUCTION_FEES", "OTHER"] as const;
const kinds = ["main", "trade", "trade_hf", "option", "margin", "isolated"] as const;

export const accountRoutes: readonly Route[] = [
  {
    ...management,
    path: "/api/v1/accounts",
    weight: 5,
    query: { currency: { type: "string" }, type: { type: "string", oneOf: kinds } },
    run: accounts,
  },
  { ...management, path: "/api/v1/accounts/{accountId}", weight: 5, run: oneAccount },
  { ...management, path: "/api/v1/user/api-key", weight: 20, run: keyInfo },
  {
    ...management,
    path: "/api/v1/hf/accounts/opened",
    pool: "spot",
    weight: 30,
    run: (call) => success(call.skin.switches.fundsKind === "trade_hf"),
  },
  {
    ...management,
    path: "/api/v1/hf/accounts/ledgers",
    pool: "spot",
    weight: 2,
    query: {
      currency: { type: "string" },
      direction: { type: "string", oneOf: ["in", "out"] },
      bizType: { type: "string", oneOf: bizTypes },
      lastId: { type: "integer", min: 0 },
      limit: { type: "integer", min: 1, max: 200 },
      startAt: { type: "integer", min: 0, max: 9_999_999_999_999 },
      endAt: { type: "integer", min: 0, max: 9_999_999_999_999 },
    },
    run: ledgers,
  },
  {
    ...management,
    path: "/api/ua/v1/account/mode",
    weight: 30,
    run: (call) => success({ selfAccountMode: call.skin.switches.accountMode }),
  },
  {
    ...management,
    path: "/api/v1/trade-fees",
    weight: 3,
    query: { symbols: { type: "string", isRequired: true } },
    run: fees,
  },
  // Margin does not exist here; a client that asks at start-up learns that nothing is listed.
  {
    ...management,
    path: "/api/v3/margin/symbols",
    weight: 3,
    isPrivate: false,
    pool: "public",
    run: () => success({ timestamp: 0, items: [] }),
  },
  {
    ...management,
    path: "/api/v1/isolated/symbols",
    weight: 3,
    isPrivate: false,
    pool: "public",
    run: () => success([]),
  },
  {
    ...management,
    method: "POST",
    path: "/api/v1/bullet-public",
    pool: "public",
    weight: 10,
    isPrivate: false,
    run: bullet,
  },
  { ...management, method: "POST", path: "/api/v1/bullet-private", pool: "spot", weight: 10, run: bullet },
];
