/** An order of anybody on this account by KuCoin's own id: for a fill that no order of ours explains. */
import { instrumentIdOf } from "../../core/instrument.ts";
import { ok } from "../../core/result.ts";
import type { Read, VenueOrder } from "../../ports/venue.ts";
import { orderOfHf } from "./orders.ts";
import { type KucoinParts, venueName } from "./parts.ts";
import { readById } from "./questions.ts";

export async function findById(
  parts: KucoinParts,
  venueOrderId: string,
  symbol: string,
): Promise<Read<VenueOrder | null>> {
  const found = await readById(parts, instrumentIdOf(venueName, symbol), venueOrderId);
  return found.ok ? ok(found.value === null ? null : orderOfHf(found.value)) : found;
}
