/** What KuCoin says of our account: balances of the trading account and the rights of the key. */

import { fail, ok } from "../../core/result.ts";
import type { Balance, DeadMan, KeyRights, Read } from "../../ports/venue.ts";
import { type KucoinParts, venueName } from "./parts.ts";
import { weights } from "./rates.ts";
import { accountRows, deadManSetting, keyInfo } from "./wire.ts";

/** The account that high-frequency orders trade from; money in "main" or "trade" is out of their reach. */
const tradingAccount = "trade_hf";

/** Rights that cannot move money out of the account. Any other word, also one we have never seen, counts as able to. */
const harmlessRights: readonly string[] = ["general", "spot", "trade", "margin", "futures", "earn"];
const tradingRights: readonly string[] = ["spot", "trade"];

/** @returns Unavailable, never [], when no row is of the trading account: an empty list is what the wrong account looks like. */
export async function readBalances(parts: KucoinParts): Promise<Read<readonly Balance[]>> {
  const rows = await parts.reader.read({
    what: "the balances",
    pool: "management",
    weight: weights.accounts,
    lane: "vital",
    run: async () => await parts.client.privateGetAccounts({ type: tradingAccount }),
    parse: (data) => accountRows.parse(data).filter((row) => row.type === tradingAccount),
  });
  if (!rows.ok) return rows;
  if (rows.value.length === 0) {
    const because = "KuCoin lists no high-frequency trading account; move funds from the main to the trading account";
    return fail({ kind: "unavailable", venue: venueName, what: "the balances", because, retryAfterMs: null });
  }
  return ok(rows.value.map((row) => ({ asset: row.currency, free: row.available, held: row.holds })));
}

export async function readKeyRights(parts: KucoinParts): Promise<Read<KeyRights>> {
  return await parts.reader.read({
    what: "the rights of the key",
    pool: "management",
    weight: weights.keyInfo,
    lane: "ordinary",
    run: async () => await parts.client.privateGetUserApiKey(),
    parse: (data): KeyRights => {
      const info = keyInfo.parse(data);
      const rights = info.permission
        .split(",")
        .map((word) => word.trim().toLowerCase())
        .filter((word) => word !== "");
      return {
        accountId: info.subName == null || info.subName === "" ? info.uid : `${info.uid}/${info.subName}`,
        mayTrade: rights.some((right) => tradingRights.includes(right)),
        mayWithdraw: rights.some((right) => !harmlessRights.includes(right)),
      };
    },
  });
}

/** Disconnection protection: "all orders of the set trading pair" are canceled, and no text says that stops are spared. */
export async function readDeadMan(parts: KucoinParts): Promise<Read<DeadMan | null>> {
  return await parts.reader.read({
    what: "the dead-man switch",
    pool: "spot",
    weight: weights.deadMan,
    lane: "ordinary",
    run: async () => await parts.client.privateGetHfOrdersDeadCancelAllQuery(),
    parse: (data): DeadMan | null => {
      const { timeout, symbols } = deadManSetting.parse(data ?? {});
      if (timeout == null || timeout <= 0) return null;
      const named = (symbols ?? "").split(",").filter((symbol) => symbol !== "");
      return { seconds: timeout, symbols: named.map((symbol) => symbol.replace("-", "/")) };
    },
  });
}
