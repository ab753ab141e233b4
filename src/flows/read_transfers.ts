/** Deposits and withdrawals of the last day, where the venue lists them. */
import type { SeenTransfer } from "../core/snapshot.ts";
import { instant } from "../core/time.ts";
import type { Read } from "../ports/venue.ts";
import type { Needs } from "./needs.ts";

const backMs = 24 * 3_600_000;

/** undefined = this venue can't be asked. */
export async function readTransfers({ venue, clock }: Needs): Promise<Read<readonly SeenTransfer[]> | undefined> {
  return await venue.transfers?.(instant(Math.max(0, clock.now() - backMs)));
}
