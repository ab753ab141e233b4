/**
 * What the books can't take in is told to people and stops entries; it never stops the rest. A single sale that a rule of the
 * tables refuses must not keep every other order from being booked and every position from being guarded.
 */
import { FenceLost, LedgerUnavailable } from "../ports/ledger.ts";
import type { Needs } from "./needs.ts";
import { openBreaker } from "./open_breaker.ts";

/** Asking again may help, or nobody may ask any more: then nothing is wrong with what should be recorded. */
export const isAway = (error: unknown): boolean => error instanceof LedgerUnavailable || error instanceof FenceLost;

export async function tellRefused(needs: Needs, about: string, error: unknown): Promise<void> {
  const because = error instanceof Error ? error.message : String(error);
  needs.log.error("This could not be put into the books; everything else goes on", { about, because });
  const evidence = { about, because: because.slice(0, 300) };
  await openBreaker(needs, { scope: "global", cause: "record_refused", class: "sticky", evidence });
}
