/** What every write to the venue is asked at its last moment: is this process still the one that trades, and alone? */
import { mark } from "../core/mark.ts";
import { leaseMarginMs } from "../ports/trader_lease.ts";
import type { Needs } from "./needs.ts";

/** Answerable without waiting. No: another process took the epoch or is about to, or the emergency process closes everything. */
export function maySend({ memory, lease }: Pick<Needs, "memory" | "lease">): boolean {
  if (memory.isStandingBack) mark("P14.sends_nothing_meanwhile");
  return !memory.isFenced && !memory.isStandingBack && lease.leftMs() > leaseMarginMs;
}
