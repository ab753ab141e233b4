/**
 * What a venue showed of one account at one moment, as far as it could be read. A part that could not be read is null and
 * proves nothing; an empty list is an answer.
 */
import type { Side } from "./instrument.ts";
import type { Notional, Price, Quantity } from "./money.ts";
import type { Instant } from "./time.ts";

export type OrderKind = "limit" | "stop_limit" | "oco";

/**
 * What the venue says of one order. `state` is in our words. `childOrderIds` are the orders that a triggered stop or an
 * OCO became: their fills belong to this order.
 */
export type SeenOrder = {
  readonly clientOrderId: string | null;
  readonly venueOrderId: string;
  readonly instrumentId: string;
  readonly kind: OrderKind;
  readonly side: Side;
  readonly quantity: Quantity;
  readonly filledQuantity: Quantity;
  readonly state: "open" | "filled" | "canceled" | "expired" | "rejected";
  /** For a stop or OCO: the trigger has fired and its order is working or done. */
  readonly hasTriggered: boolean;
  readonly childOrderIds: readonly string[];
  readonly createdAt: Instant | null;
  /** Worst price, where the list tells it. */
  readonly limitPrice?: Price | null;
  /** Price at which a stop fires, where the list tells it. */
  readonly triggerPrice?: Price | null;
  /** Quote money of what is filled, where the list tells it. */
  readonly filledNotional?: Notional | null;
};

export type SeenFill = {
  readonly venueFillId: string;
  /** The order at the venue that traded (a child of a stop or OCO, where it became one). */
  readonly venueOrderId: string;
  readonly instrumentId: string;
  readonly side: Side;
  readonly price: Price;
  readonly quantity: Quantity;
  readonly fee: Notional;
  readonly feeAsset: string;
  readonly liquidity: "maker" | "taker";
  /** Venue time. */
  readonly filledAt: Instant;
  /** Told without the venue's own id (a stream): the list of fills will name it. */
  readonly isProvisional?: boolean;
  /** Matched but not settled, or failed in settling, at venues that settle later. Absent = final. */
  readonly settlement?: "pending" | "failed";
  /** The venue closed it without being asked. */
  readonly isLiquidation?: boolean;
  /** The market was decided, and the venue took back what we held for what it pays out (0 is an answer too). */
  readonly isPayout?: boolean;
};

/** `free` can be spent now; `held` is bound by open orders. */
export type SeenBalance = { readonly asset: string; readonly free: Notional; readonly held: Notional };

/** One deposit or withdrawal that the venue has completed. */
export type SeenTransfer = {
  readonly recordId: string;
  readonly asset: string;
  readonly amount: Quantity;
  readonly direction: "in" | "out";
};

/** Positions that the venue itself keeps; null where it keeps none (spot). */
export type SeenPosition = { readonly instrumentId: string; readonly quantity: Quantity; readonly entryPrice: Price };

export type Snapshot = {
  /** Wall time at which the first question was asked; the answers are not older. */
  readonly takenAt: Instant;
  /** Venue clock at that moment. */
  readonly venueAt: Instant;
  /** Every open order of one instrument: plain, stop and OCO lists together. */
  readonly open: Readonly<Record<string, readonly SeenOrder[] | null>>;
  /** Fills of one instrument since its cursor. */
  readonly fills: Readonly<Record<string, readonly SeenFill[] | null>>;
  /** Orders that were asked for by name: null = the venue knows none, "failed" = it did not answer. Absent = not asked. */
  readonly byName: Readonly<Record<string, SeenOrder | null | "failed">>;
  readonly balances: readonly SeenBalance[] | null;
  readonly transfers: readonly SeenTransfer[] | null;
  readonly positions: readonly SeenPosition[] | null;
};
