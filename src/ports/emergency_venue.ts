/** What closing everything needs of an exchange, and the pace at which it is asked. One implementation a venue. */
import type { Deal } from "../core/emergency_claim.ts";
import type { CancelEnd, OpenOrder, Sale, SaleState } from "../core/emergency_plan.ts";
import type { Instrument } from "../core/instrument.ts";
import type { Price, Quantity } from "../core/money.ts";

/**
 * Reads and cancels come back only with an answer, however long that takes: stops stay at a venue that is away. They throw
 * what the venue refuses for good, and answers that can't be read.
 */
export type EmergencyVenue = {
  /** Venue clock, ms. */
  time(): Promise<number>;
  /** What the exchange has against our key; null = nothing, or it does not answer now. Asked once. */
  keyRefusal(): Promise<string | null>;
  /** Of these symbols; of all when none is named. */
  instruments(symbols: readonly string[]): Promise<readonly Instrument[]>;
  openOrders(symbol: string): Promise<readonly OpenOrder[]>;
  /** "gone" proves nothing but that the order is not there: it may have fired. */
  cancel(order: OpenOrder): Promise<CancelEnd>;
  /** By its name: the venue's id of what a stop or pair of ours became; null = it has not fired, or nobody can tell. */
  firedAs(order: Pick<OpenOrder, "symbol" | "clientOrderId">): Promise<string | null>;
  balances(): Promise<readonly { readonly asset: string; readonly free: Quantity; readonly held: Quantity }[]>;
  bid(symbol: string): Promise<Price | null>;
  /** One request, never repeated under this name. */
  sell(sale: Sale): Promise<SaleState>;
  look(symbol: string, clientOrderId: string): Promise<SaleState>;
  /** Orders that traded since `since`, whoever gave them. Units: venue clock, ms; a week back at most. */
  deals(symbol: string, since: number): Promise<readonly Deal[]>;
};

export type Pace = {
  /** Resolves when the next request may leave. */
  turn(): Promise<void>;
  /** Asked right before each request that changes something: false = another process has taken over. */
  mayWrite: () => Promise<boolean>;
  /** Our estimate of the venue's clock, ms. */
  now(): number;
  sleep(ms: number): Promise<void>;
  say(line: string): void;
};
