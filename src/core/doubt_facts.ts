/** The facts of doubt, a part of the union in events.ts: what was not ours to decide, was taken back, or stayed unknown for long. */
import type { OrderIntent } from "./intent.ts";
import type { Notional, Price, Quantity } from "./money.ts";
import type { ExitReason } from "./position.ts";
import type { Instant } from "./time.ts";

/** One endpoint's answer about one order: `responseHash` proves what was read, `venueAt` when the venue's clock stood there. */
export type ProbeLook = {
  readonly endpoint: string;
  readonly venueAt: Instant | null;
  readonly verdict: "found" | "absent" | "error";
  readonly responseHash: string | null;
};

/** What doubt leads to: orders that were not ours to decide, fills that were taken back, and the age of not knowing. */
export type DoubtFact =
  /**
   * The venue shows an order that our records lack. `lost_intent`: our id, so we sent it and lost the record; `external`: a
   * person or the venue itself traded what we hold.
   */
  | {
      readonly type: "order_adopted";
      readonly clientOrderId: string;
      readonly venueOrderId: string;
      readonly origin: "lost_intent" | "external";
      readonly intent: OrderIntent;
      readonly exitReason: ExitReason | null;
      readonly referencePrice: Price;
      readonly because: string;
    }
  | {
      readonly type: "order_suspected";
      readonly clientOrderId: string;
      readonly because: string;
      readonly evidence: Readonly<Record<string, string>>;
    }
  | {
      readonly type: "order_doubt_aged";
      readonly clientOrderId: string;
      readonly stage: "warn" | "page" | "breaker";
      readonly ageMs: number;
    }
  | {
      readonly type: "lost_requested";
      readonly clientOrderId: string;
      readonly by: string;
      readonly reason: string;
      /** Real time at which one person alone may have it carried out; until then anybody may take it back. */
      readonly dueAt: Instant;
    }
  | { readonly type: "lost_withdrawn"; readonly clientOrderId: string; readonly because: string }
  | {
      readonly type: "order_declared_lost";
      readonly clientOrderId: string;
      readonly by: readonly string[];
      readonly reason: string;
    }
  | {
      readonly type: "fill_reversed";
      readonly clientOrderId: string;
      readonly venueFillId: string;
      /** The real fill that takes its place; null = the trade failed at the venue. */
      readonly supersededBy: string | null;
      readonly price: Price;
      readonly quantity: Quantity;
      readonly fee: Notional;
      readonly feeAsset: string;
      readonly feeInQuote: Notional;
      readonly because: string;
    }
  /** Somebody else took our stop away. */
  | {
      readonly type: "stop_lost";
      readonly positionId: string;
      readonly clientOrderId: string;
      readonly because: string;
    }
  /** Coins left the account by a transfer that the venue has a record of: the position is smaller, and nothing was earned. */
  | {
      readonly type: "position_reduced";
      readonly positionId: string;
      readonly quantity: Quantity;
      readonly recordId: string;
      readonly because: string;
    }
  /** Less of an asset is there than our positions say (`isShort`), or again enough. Exits are sized by the smaller number. */
  | {
      readonly type: "holdings_compared";
      readonly asset: string;
      readonly ours: Quantity;
      readonly theirs: Quantity;
      readonly isShort: boolean;
    }
  /** Orders of others on an instrument that we trade; an empty list = they are gone. */
  | {
      readonly type: "foreign_orders_seen";
      readonly instrumentId: string;
      readonly orderIds: readonly string[];
      readonly buyNotional: Notional;
    };
