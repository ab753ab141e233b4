/**
 * How the trader epoch came to us, and how long the venue may still receive something that the last holder sent.
 *
 *   first, released   nobody traded before, or he said goodbye with nothing on the wire      no quarantine
 *   proven_dead       his process is gone, but a packet of his may still be on the way       quarantine
 *   expired           he fell silent; he may even wake up with a request in his hands        quarantine
 *
 * In the quarantine no entry and no cancel leaves, and orders whose answer is open wait. Protection never waits.
 */
export type TakeoverKind = "first" | "released" | "proven_dead" | "expired";

export type Takeover = {
  readonly kind: TakeoverKind;
  /** The last holder in words; null when there was none. */
  readonly from: string | null;
  /** Real ms from now on. */
  readonly quarantineMs: number;
};

export const calmTakeover: Takeover = { kind: "released", from: null, quarantineMs: 0 };

/**
 * @param venue.hasMemory false where nothing of a dead process can arrive late: the practice exchange beside us
 * @param venue.absentAfterMs its validity of a request, plus the bound of its engine, plus the skew of clocks
 */
export function quarantineMsOf(
  kind: TakeoverKind,
  venue: { readonly hasMemory: boolean; readonly absentAfterMs: number; readonly sendTtlMs: number },
): number {
  const isSure = kind === "first" || kind === "released";
  return isSure || !venue.hasMemory ? 0 : venue.sendTtlMs + venue.absentAfterMs;
}
