/**
 * What no document settles about the real venue. Each is a switch, and the default is the strict side:
 * a bot that lives with the strict answer lives with the other one too.
 */

export interface Switches {
  /** Parameters that no document lists are refused. Off: ignored, as a lenient venue would. */
  refuseUnknownParameters: boolean;
  /** A stop order without `stop` is refused. Off: it counts as "loss", as the classic documents say. */
  stopDirectionRequired: boolean;
  /** Stop orders hold funds when they are placed. Off: only when they fire, and then they may find too little. */
  stopsHoldFunds: boolean;
  /** Code beside "Price increment invalid.": the family is known, the number is not. */
  priceIncrementCode: "400100" | "600100" | "300000";
  /** Text for a client id that was used before. */
  duplicateClientOidText: string;
  /** What a query for an unknown hf order answers: an error, or success with `data: null`. */
  unknownOrderAnswer: "error" | "null_data";
  /** A market order for more than the account has: filled to the balance and the rest canceled (seen), or refused. */
  marketOverBalance: "fill_to_balance" | "refuse";
  /** The account kind that holds what can be traded; asking for another kind gives an empty list, not an error. */
  fundsKind: "trade_hf" | "trade";
  /** GET /api/ua/v1/account/mode. */
  accountMode: "CLASSIC" | "UNIFIED";
  /** A dead-man switch that fires takes stops and pairs too. Off: only the orders in the book. */
  deadManTakesStops: boolean;
  /** Weights per 30 s for each pool (VIP 0). */
  ratePools: { spot: number; management: number; public: number };
  /** A signed request may be this old or this far ahead, ms of wire time. */
  timestampWindowMs: number;
}

export const strictSwitches: Switches = {
  refuseUnknownParameters: true,
  stopDirectionRequired: true,
  stopsHoldFunds: true,
  priceIncrementCode: "400100",
  duplicateClientOidText: "clientOid duplicate",
  unknownOrderAnswer: "error",
  marketOverBalance: "fill_to_balance",
  fundsKind: "trade_hf",
  accountMode: "CLASSIC",
  deadManTakesStops: true,
  ratePools: { spot: 4000, management: 2000, public: 2000 },
  timestampWindowMs: 5000,
};

/** The lenient side of every switch that has one. */
export const lenientSwitches: Switches = {
  ...strictSwitches,
  refuseUnknownParameters: false,
  stopDirectionRequired: false,
  stopsHoldFunds: false,
  unknownOrderAnswer: "null_data",
  deadManTakesStops: false,
};
