/** What a seed, and a sweep of them, went through: a simulator that never sees a trade proves nothing. */
import type { Fact } from "../../src/core/events.ts";
import type { FaultFamily } from "./contract.ts";

export const countNames = [
  "asked",
  "entries",
  "fills",
  "protected",
  "trades",
  "unknowns",
  "absents",
  "rejected",
  "exits",
  "flattens",
  "breakers",
  "crashes",
  "stops",
  "takeovers",
  "starts",
  "faults",
] as const;
export type CountName = (typeof countNames)[number];
export type Totals = Record<CountName, number>;
export type Counts = {
  readonly totals: Totals;
  fact(fact: Fact): void;
  fault(family: FaultFamily): void;
  death(what: string): void;
};

export const noTotals = (): Totals => Object.fromEntries(countNames.map((name) => [name, 0])) as Totals;

export function addTotals(sum: Totals, more: Totals): void {
  for (const name of countNames) sum[name] += more[name];
}

const byFact: Partial<Record<Fact["type"], CountName>> = {
  approval_requested: "asked",
  fill_received: "fills",
  order_answer_lost: "unknowns",
  order_absent: "absents",
  order_rejected: "rejected",
  exit_triggered: "exits",
  breaker_opened: "breakers",
  house_started: "starts",
};

export function openCounts(): Counts {
  const totals = noTotals();
  const stops = new Set<string>();
  return {
    totals,
    fact(fact) {
      const name = byFact[fact.type];
      if (name !== undefined) totals[name] += 1;
      if (fact.type === "order_intended" && fact.intent.leg === "entry") totals.entries += 1;
      if (fact.type === "order_intended" && fact.intent.leg === "protect") stops.add(fact.clientOrderId);
      if (fact.type === "order_acknowledged" && stops.has(fact.clientOrderId)) totals.protected += 1;
      if (fact.type === "position_closed" && fact.reason !== "no_fill") totals.trades += 1;
      if (fact.type === "level_changed" && fact.to === "flatten") totals.flattens += 1;
    },
    fault(family) {
      totals.faults += 1;
      if (family === "takeover") totals.takeovers += 1;
    },
    death(what) {
      if (what.startsWith("dies")) totals.crashes += 1;
      else if (what === "has stopped") totals.stops += 1;
    },
  };
}

export const showTotals = (totals: Totals): string => countNames.map((name) => `${name} ${totals[name]}`).join(" · ");
