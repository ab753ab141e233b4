/** What every tale is told with. A tale is a small world, told fact by fact; some keep a promise and some break it. */
import { type EventRow, rowOf } from "../../../src/adapters/postgres/chain.ts";
import { emptyBooks, evolve } from "../../../src/core/books.ts";
import type { Fact, Recorded } from "../../../src/core/events.ts";
import type { Instant } from "../../../src/core/time.ts";
import { exitTriggered, fillOf } from "../../fixtures/facts.ts";
import { makeEntry, makeExit, makeProtection } from "../../fixtures/intent.ts";
import type { Invariant } from "../contract.ts";
import { sha256 } from "./own_digest.ts";
import { askAndDecide, entryName, nameFor, openHouse, openTrade, type SmallWorld, sell } from "./small_world.ts";

export type Tale = (world: SmallWorld) => void;
export type Case = {
  readonly id: Invariant["id"];
  readonly keeps: Tale;
  readonly breaks: Readonly<Record<string, Tale>>;
};

export const exit = makeExit();
export const protection = makeProtection();
export const second = makeEntry({ tradeId: "trade-2", intentId: "intent-9", signalId: "signal-9" });
export const lost = (clientOrderId: string): Fact => ({ type: "order_answer_lost", clientOrderId, because: "silence" });
type Raised = "none" | "pause" | "flatten";
export const level = (from: Raised, to: Raised): Fact => ({
  type: "level_changed",
  from,
  to,
  reason: "test",
});
export const confirmedFlatten: readonly Fact[] = [
  { type: "flatten_started", procedureId: "kill-1", level: "flatten", reason: "test" },
  { type: "flatten_confirmed", procedureId: "kill-1", because: "a tap" },
];
export const flattenConfirmed: readonly Fact[] = [level("none", "flatten"), ...confirmedFlatten];
export const verifiedFlat: Fact = {
  type: "flatten_verified",
  procedureId: "kill-1",
  looks: 2,
  spanMs: 2_000,
  report: [],
};
export const probed = (clientOrderId: string, endpoints = ["by_client_id", "open_orders"]): Fact => ({
  type: "order_probed",
  clientOrderId,
  verdict: "absent",
  endpoints,
  because: "nowhere",
});
export const absent: Fact = { type: "order_absent", clientOrderId: entryName, probes: 3, because: "proven" };
export const sticky: Fact = {
  type: "breaker_opened",
  scope: "global",
  cause: "two_writers",
  class: "sticky",
  evidence: {},
};
export const reset: Fact = { type: "breaker_closed", scope: "global", cause: "two_writers", reason: "looked at" };

/** An entry that was armed, and whose answer never came. */
export const unanswered: Tale = (world) => {
  openHouse(world);
  askAndDecide(world);
  world.tell({ type: "order_sending", clientOrderId: entryName, stampedAt: world.now() as Instant, controlVersion: 0 });
  world.tell(lost(entryName));
};

export const arm = (world: SmallWorld, clientOrderId: string, stampedAt = world.now()): void =>
  world.tell({ type: "order_sending", clientOrderId, stampedAt: stampedAt as Instant, controlVersion: 0 });

/** Sold in whole by one exit, and closed with a profit of 4.5. */
export const soldWell: Tale = (world) => {
  openTrade(world);
  world.tell(exitTriggered("trade-1", "operator"));
  sell(world, exit, "operator");
  world.fill(nameFor(exit), { price: "88.5", quantity: "4.5", side: "sell" });
  world.tell(fillOf(nameFor(exit), { price: "88.5", quantity: "4.5" }));
};

/** A fact about the trade that the books of the view do not learn of, so that what was put into them stays. */
export function sellUnseen(world: SmallWorld, spoil: () => void = () => undefined): void {
  const kept = world.view.books;
  const facts = world.view.facts;
  const last = facts.at(-1);
  if (last === undefined) return;
  const fact: Fact = {
    type: "order_probed",
    clientOrderId: nameFor(protection),
    verdict: "found",
    endpoints: ["a", "b"],
    because: "",
  };
  const about: Fact = fact.clientOrderId in kept.orders ? fact : { ...exitTriggered("trade-1", "signal") };
  world.view.facts = [...facts, { ...last, seq: last.seq + 1, fact: about }];
  world.view.durableAt = [...world.view.durableAt, world.now()];
  spoil();
  world.step();
}

export function said(world: SmallWorld, change: { said?: string[]; logged?: string[] }): void {
  Object.assign(world.view, change);
  world.step();
}

/** The same facts with a true chain of rows beneath. */
export function chained(world: SmallWorld, spoil: (row: EventRow) => EventRow = (row) => row): void {
  const story = world.view;
  openTrade(world);
  let hash = "0".repeat(64);
  const rows: EventRow[] = [];
  const facts = story.facts.map((recorded) => {
    const row = rowOf({ ...recorded, prevHash: hash }, { epoch: 7, host: "test", sha256 });
    rows.push(spoil(row));
    const chainedOne = { ...recorded, prevHash: hash, hash: row.hash };
    hash = row.hash;
    return chainedOne;
  });
  Object.assign(story, { facts, rows, books: facts.reduce(evolve, emptyBooks) });
}

/** The newest fact with other times. */
export function rewriteNewest(world: SmallWorld, change: (newest: Recorded) => Recorded): void {
  const newest = world.view.facts.at(-1);
  if (newest === undefined) throw new Error("Nothing was told yet");
  world.view.facts = [...world.view.facts.slice(0, -1), change(newest)];
  world.step();
}

/** Seconds, one step each, as in a world where something goes on. */
export function waitSteps(world: SmallWorld, seconds: number): void {
  for (let second = 0; second < seconds; second += 1) world.wait(1_000);
}
