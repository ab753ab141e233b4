/** What the parts of the venue contract share: the bench, and how an order is placed, found and waited for. */
import { expect } from "vitest";
import type { ClearedIntent } from "../../src/core/clearance.ts";
import { addMs, type Instant } from "../../src/core/time.ts";
import type { OrderKind, OrderRef, PlaceAnswer, Read, Venue, VenueOrder } from "../../src/ports/venue.ts";
import type { PracticeHandle } from "../../src/practice/exchange.ts";

export type ContractBench = {
  readonly venue: Venue;
  readonly exchange: PracticeHandle;
  /** The venue's own name of SOL/USDT. */
  readonly marketId: string;
  /** Where a new order of each kind is posted. */
  readonly placePaths: Readonly<Record<OrderKind, string>>;
  now(): Instant;
  /** A client order id that was never used. */
  nameOf(intent: ClearedIntent): string;
};

export type Suite = { readonly open: () => Promise<ContractBench>; readonly close: () => Promise<void> };

export const symbol = "SOL/USDT";

export async function place(bench: ContractBench, intent: ClearedIntent, more: { id?: string; at?: Instant } = {}) {
  const clientOrderId = more.id ?? bench.nameOf(intent);
  const answer = await bench.venue.placeOrder(intent, { clientOrderId, stampedAt: more.at ?? bench.now() });
  const venueOrderId = answer.ok ? answer.value.venueOrderId : null;
  const ref: OrderRef = {
    clientOrderId,
    venueOrderId,
    instrumentId: intent.instrumentId,
    kind: intent.shape.orderType,
  };
  return { answer, ref };
}

export function sure<Value>(read: Read<Value>): Value {
  if (!read.ok) throw new Error(`${read.problem.what}: ${read.problem.because}`);
  return read.value;
}

export function problemOf(answer: PlaceAnswer): Record<string, unknown> {
  expect(answer.ok).toBe(false);
  return answer.ok ? {} : answer.problem;
}

/** By the client id alone, as after a lost answer. */
export async function found(bench: ContractBench, ref: OrderRef): Promise<VenueOrder> {
  const order = sure(await bench.venue.findOrder({ ...ref, venueOrderId: null }));
  if (order === null) throw new Error(`${ref.clientOrderId} is not known to the venue`);
  return order;
}

/** Cancels are carried out a moment later, so the truth is asked for until it settles. */
export async function settled(bench: ContractBench, ref: OrderRef, state: VenueOrder["state"]): Promise<VenueOrder> {
  for (let tries = 0; tries < 40; tries += 1) {
    const order = await found(bench, ref);
    if (order.state === state) return order;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`${ref.clientOrderId} never became ${state}`);
}

export function postsOf(bench: ContractBench, id: string): readonly { target: string; body: string }[] {
  return bench.exchange.wireLog.writes().filter((entry) => entry.method === "POST" && entry.body.includes(id));
}

export async function fillsOf(bench: ContractBench, order: VenueOrder) {
  const names = [order.venueOrderId, ...order.childOrderIds];
  const all = sure(await bench.venue.fills(symbol, addMs(bench.now(), -60_000)));
  return all.filter((fill) => names.includes(fill.venueOrderId));
}

export const aroundHundred = { target: "105", trigger: "95", worst: "94.5" };
