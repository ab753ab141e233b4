/**
 * The places where a process can die between two steps of which one is a commit or a byte on a wire. They are the two sides
 * of every call that leaves the process for good, so one wrapper around the ports names them all, and no flow has to.
 * The simulator drops a house there; the real-process suite kills one with SIGKILL. A live house reaches them and goes on.
 */
import type { FactType } from "../core/events.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Messenger } from "../ports/messenger.ts";
import type { Venue } from "../ports/venue.ts";

/**
 * Facts whose commit is a point of no return; a commit bears the name of each of them that it holds. One that changes nothing
 * in the books and stands right before its byte (cancel_leaving) has its place there: "before wire cancel".
 */
const tellingFacts = [
  "order_sending",
  "order_intended",
  "fill_received",
  "order_acknowledged",
  "order_rejected",
  "order_not_sent",
  "order_dropped",
  "order_answer_lost",
  "order_found",
  "order_absent",
  "order_adopted",
  "order_declared_lost",
  "fill_reversed",
  "position_reduced",
  "stop_lost",
  "holdings_compared",
  "order_probed",
  "order_cancel_requested",
  "order_cancel_lost",
  "order_ended",
  "order_triggered",
  "position_closed",
  "position_protected",
  "exit_triggered",
  "stop_moved",
  "flatten_verified",
  "flatten_ended",
  "flatten_confirmed",
  "flatten_step",
  "level_changed",
  "control_changed",
  "breaker_opened",
  "breaker_half_opened",
  "breaker_closed",
  "vote_cast",
  "approval_requested",
  "approval_revised",
  "approval_settled",
  "prompt_prepared",
  "prompt_posted",
  "message_received",
  "message_handled",
  "card_queued",
  "card_sent",
  "reconciled",
  "transfer_recorded",
  "house_started",
  "house_ready",
  "house_stopped",
] as const satisfies readonly FactType[];

const wires = ["place", "cancel", "look", "card"] as const;

export type CrashStep = `commit ${(typeof tellingFacts)[number]}` | `wire ${(typeof wires)[number]}`;
export type CrashHook = `${"before" | "after"} ${CrashStep}`;
export type Reach = (hook: CrashHook) => void;

export const crashSteps: readonly CrashStep[] = [
  ...tellingFacts.map((fact) => `commit ${fact}` as const),
  ...wires.map((wire) => `wire ${wire}` as const),
];
export const crashHooks: readonly CrashHook[] = crashSteps.flatMap(
  (step) => [`before ${step}`, `after ${step}`] as const,
);

/** On the global object: a bundled process and the test module that is loaded into it are two copies of this file. */
export const reachSlot: unique symbol = Symbol.for("countersign.reach") as never;
type Listening = { [reachSlot]?: Reach | undefined };
export const reachListener: Reach = (hook) => (globalThis as Listening)[reachSlot]?.(hook);

type Hooked = { readonly ledger: Ledger; readonly venue: Venue; readonly messengers: readonly Messenger[] };

export function withCrashHooks<Ports extends Hooked>(ports: Ports, reach: Reach = reachListener): Ports {
  return {
    ...ports,
    ledger: hookedLedger(ports.ledger, reach),
    venue: hookedVenue(ports.venue, reach),
    messengers: ports.messengers.map((messenger) => hookedMessenger(messenger, reach)),
  };
}

function hookedLedger(ledger: Ledger, reach: Reach): Ledger {
  return {
    ...ledger,
    async commit(decide) {
      let steps: readonly CrashStep[] = [];
      const value = await ledger.commit((books, times) => {
        const decision = decide(books, times);
        const types = new Set(decision.drafts.map((draft) => draft.fact.type));
        steps = tellingFacts.filter((fact) => types.has(fact)).map((fact) => `commit ${fact}` as const);
        for (const step of steps) reach(`before ${step}`);
        return decision;
      });
      for (const step of steps) reach(`after ${step}`);
      return value;
    },
  };
}

function hookedVenue(venue: Venue, reach: Reach): Venue {
  const around = async <Answer>(step: CrashStep, call: () => Promise<Answer>): Promise<Answer> => {
    reach(`before ${step}`);
    const answer = await call();
    reach(`after ${step}`);
    return answer;
  };
  return Object.assign(Object.create(venue) as Venue, {
    placeOrder: (...told: Parameters<Venue["placeOrder"]>) => around("wire place", () => venue.placeOrder(...told)),
    cancelOrder: (...told: Parameters<Venue["cancelOrder"]>) => around("wire cancel", () => venue.cancelOrder(...told)),
    findOrder: (...told: Parameters<Venue["findOrder"]>) => around("wire look", () => venue.findOrder(...told)),
  });
}

function hookedMessenger(messenger: Messenger, reach: Reach): Messenger {
  return Object.assign(Object.create(messenger) as Messenger, {
    async post(...told: Parameters<Messenger["post"]>) {
      reach("before wire card");
      const answer = await messenger.post(...told);
      reach("after wire card");
      return answer;
    },
  });
}
