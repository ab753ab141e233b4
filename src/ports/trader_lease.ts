/**
 * Whether this process may send at this moment. The epoch in every transaction is the fence; the lease is its early warning:
 * it is a promise of the database for a few seconds, counted here on the monotonic clock.
 */
export interface TraderLease {
  /** Real ms for which the lease is ours for certain; 0 or less = not held. Never waits. */
  leftMs(): number;
  /** Who trades with this database as far as we know: "pid 4711 on trader-1 since …". Names us while we do. */
  heldBy(): string;
  /** Another process took over: nothing is written any more. */
  isLost(): boolean;
  /** Called once, at the moment when another holder is seen. */
  onLost(listener: () => void): void;
}

/** A lease with less than this left counts as not held: a send would begin with it and end without. */
export const leaseMarginMs = 3_000;

/** For a house that shares its ledger with nobody. */
export const ownLease: TraderLease = {
  leftMs: () => Number.POSITIVE_INFINITY,
  heldBy: () => "this process alone",
  isLost: () => false,
  onLost: () => undefined,
};
