/** What closing everything needs of an exchange, and the pace at which it is asked. One implementation a venue. */
import type { OpenOrder, Sale, SaleState, Traded } from "../core/emergency_plan.ts";
import type { Instrument } from "../core/instrument.ts";
import type { Price, Quantity } from "../core/money.ts";

/** Reads and cancels come back only with an answer, however long that takes: stops stay at a venue that is away. */
export type EmergencyVenue = {
  /** Venue clock, ms. */
  time(): Promise<number>;
  /** What the exchange has against our key; null = nothing, or it does not answer now. Asked once. */
  keyRefusal(): Promise<string | null>;
  /** Of these symbols; of all when none is named. */
  instruments(symbols: readonly string[]): Promise<readonly Instrument[]>;
  openOrders(symbol: string): Promise<readonly OpenOrder[]>;
  cancel(order: OpenOrder): Promise<void>;
  balances(): Promise<readonly { readonly asset: string; readonly free: Quantity; readonly held: Quantity }[]>;
  bid(symbol: string): Promise<Price | null>;
  /** One request, never repeated under this name. */
  sell(sale: Sale): Promise<SaleState>;
  look(symbol: string, clientOrderId: string): Promise<SaleState>;
  /** What this account traded since `since`. Units: venue clock, ms; a week back at most. */
  traded(symbol: string, since: number): Promise<Traded>;
};

export type Pace = {
  /** Resolves when the next request may leave. */
  turn(): Promise<void>;
  /** Our estimate of the venue's clock, ms. */
  now(): number;
  sleep(ms: number): Promise<void>;
  say(line: string): void;
};
