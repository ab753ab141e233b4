/** Money that came to or left the trading account, as KuCoin's ledger of that account tells it (its OpenAPI, 2025-11). */
import { fail, ok } from "../../core/result.ts";
import type { Instant } from "../../core/time.ts";
import type { Read, VenueTransfer } from "../../ports/venue.ts";
import { type KucoinParts, venueName } from "./parts.ts";
import { weights } from "./rates.ts";
import { ledgerRows } from "./wire.ts";

/** Between our own accounts and those of sub-accounts. Trades and their fees are told by the fills, and never by this list. */
const kinds = ["TRANSFER", "SUB_TRANSFER"] as const;
const pageSize = 200;
const pagesMax = 10;

/** One page that is missing makes all of it unknown: a transfer that is not seen would look like money without a reason. */
export async function readTransfers(parts: KucoinParts, since: Instant): Promise<Read<readonly VenueTransfer[]>> {
  const found: VenueTransfer[] = [];
  for (const kind of kinds) {
    const read = await readKind(parts, kind, since);
    if (!read.ok) return read;
    found.push(...read.value);
  }
  return ok(found);
}

async function readKind(parts: KucoinParts, bizType: string, since: Instant): Promise<Read<readonly VenueTransfer[]>> {
  const what = "the transfers of the account";
  const found: VenueTransfer[] = [];
  for (let page = 0; page < pagesMax; page += 1) {
    const last = found.at(-1)?.recordId;
    const read = await parts.reader.read({
      what,
      pool: "spot",
      weight: weights.ledger,
      lane: "ordinary",
      run: async () =>
        await parts.client.privateGetHfAccountsLedgers({
          bizType,
          limit: pageSize,
          startAt: Math.max(0, Math.floor(since)),
          ...(last === undefined ? {} : { lastId: last }),
        }),
      parse: (data) => ledgerRows.parse(data ?? []),
    });
    if (!read.ok) return read;
    for (const { id, currency, amount, direction } of read.value)
      found.push({ recordId: id, asset: currency, amount, direction });
    if (read.value.length < pageSize) return ok(found);
  }
  const because = `more than ${pageSize * pagesMax} of them since then`;
  return fail({ kind: "unavailable", venue: venueName, what, because, retryAfterMs: null });
}
