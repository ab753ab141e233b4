/**
 * The plan that makes our books equal to the venue's truth: a list of items, each one row of the matrix, each applied by
 * itself on the newest books. It sends nothing: what needs the wire is a wish for the loop of a position.
 *
 *   snapshot + books + what was seen before --planReconcile--> items, what is seen now
 *   item + newest books --toldBy--> facts (none when it has become true meanwhile)
 */
import { type AbsorbContext, absorb, type Times, type Told } from "./absorb.ts";
import type { Books } from "./books.ts";
import type { DoubtRules } from "./doubt.ts";
import type { Fact } from "./events.ts";
import type { Quantity } from "./money.ts";
import { tellAdopted } from "./reconcile_adopt.ts";
import { hasLocalActivity, planHoldings, shortageOf } from "./reconcile_holdings.ts";
import { planOrders } from "./reconcile_orders.ts";
import { type Confirmer, confirmer, type Doubts, type Row } from "./reconcile_rows.ts";
import { planStrangers } from "./reconcile_strangers.ts";
import { noteOf, tellExternal, tellForeign, tellReduced } from "./reconcile_tell.ts";
import type { SeenFill, SeenOrder, Snapshot } from "./snapshot.ts";
import type { Instant } from "./time.ts";

/** Something for the wire, done by the loop that owns the position, never from here. */
export type Wish =
  | { readonly do: "tend"; readonly positionId: string }
  | { readonly do: "cancel"; readonly clientOrderId: string; readonly because: string }
  | { readonly do: "ask"; readonly clientOrderId: string };

type About = { readonly row: Row; readonly about: string; readonly wish: Wish | null };
export type PlanItem = About &
  (
    | { readonly does: "drop"; readonly clientOrderId: string }
    | {
        readonly does: "absorb";
        readonly clientOrderId: string;
        readonly seen: SeenOrder | null;
        readonly fills: readonly SeenFill[];
        readonly mayProvision: boolean;
      }
    | { readonly does: "end_absent"; readonly clientOrderId: string }
    | { readonly does: "suspect"; readonly clientOrderId: string; readonly ours: Quantity; readonly theirs: Quantity }
    | { readonly does: "doubt"; readonly clientOrderId: string }
    | { readonly does: "adopt"; readonly seen: SeenOrder; readonly fills: readonly SeenFill[] }
    | { readonly does: "two_writers"; readonly seen: SeenOrder; readonly epoch: number }
    | { readonly does: "foreign"; readonly instrumentId: string; readonly orders: readonly SeenOrder[] }
    | {
        readonly does: "external";
        readonly positionId: string;
        readonly fills: readonly SeenFill[];
        readonly shortage: Quantity;
      }
    | {
        readonly does: "compare_holding";
        readonly asset: string;
        readonly ours: Quantity;
        readonly theirs: Quantity;
        readonly isShort: boolean;
        readonly instrumentId: string;
      }
    | {
        readonly does: "reduce";
        readonly positionId: string;
        readonly quantity: Quantity;
        readonly recordId: string;
      }
    | {
        readonly does: "adopt_excess";
        readonly instrumentId: string;
        readonly quantity: Quantity;
        readonly price: string;
      }
    | {
        readonly does: "book_transfer";
        readonly recordId: string;
        readonly fact: Extract<Fact, { type: "transfer_recorded" }>;
      }
    /** Nothing to record: only its wish counts. */
    | { readonly does: "wish" }
  );

export type PlanInput = {
  readonly books: Books;
  readonly snapshot: Snapshot;
  readonly doubts: Doubts;
  readonly rules: DoubtRules;
  readonly context: AbsorbContext;
  /** Real and house time of the plan. */
  readonly times: Times;
  /** House time of the last comparison of this life that left nothing open; absent or null = none yet. */
  readonly comparedAt?: Instant | null;
};

export type Plan = {
  readonly items: readonly PlanItem[];
  readonly doubts: Doubts;
  /** For people: what is there that is not ours to change. */
  readonly findings: readonly string[];
};

export type Planning = PlanInput & { readonly sure: Confirmer };

export function planReconcile(input: PlanInput): Plan {
  const isKept = (key: string) => isUnreadable(input.snapshot, key) || isInTheWay(input, key);
  const sure = confirmer(input.doubts, input.snapshot.takenAt, isKept);
  const planning = { ...input, sure };
  const strangers = planStrangers(planning);
  const items = [...planOrders(planning), ...strangers.items, ...planHoldings(planning)];
  return { items, doubts: sure.after(), findings: strangers.findings };
}

/** A doubt is about `row|instrument|…` or `row|balances|…`: when that was not read, it keeps its age. */
function isUnreadable({ open, fills, balances }: Snapshot, key: string): boolean {
  const [, where = ""] = key.split("|");
  if (where === "balances") return balances === null;
  return open[where] === null || open[where] === undefined || fills[where] === null || fills[where] === undefined;
}

/** A look that something of ours was in the way of takes nothing back for so long; later looks begin anew. */
const inTheWayMaxMs = 15_000;

/** Somebody else's sale is not looked at while something of ours is under way beside it; that alone does not take it back. */
function isInTheWay(planning: PlanInput, key: string): boolean {
  const [row, where = ""] = key.split("|");
  const isYoung = planning.snapshot.takenAt - (planning.doubts[key]?.lastAt ?? 0) <= inTheWayMaxMs;
  if (row !== "19" || !isYoung || !hasLocalActivity(planning, where)) return false;
  // What this look shows to be there was not sold, whatever the last one showed.
  return planning.snapshot.balances === null || shortageOf(planning, where) !== null;
}

export type Applying = AbsorbContext &
  Times & {
    /** Facts that end the consent which an order executes. */
    readonly endConsent: (
      books: Books,
      clientOrderId: string,
      outcome: "executed" | "failed",
      because: string,
    ) => readonly Fact[];
    /** Facts that take back an order that was never sent. */
    readonly drop: (books: Books, clientOrderId: string) => readonly Fact[];
  };

/** What one item records on these books: decided again, so that two plans, or one applied twice, never book twice. */
export function toldBy(item: PlanItem, books: Books, applying: Applying): readonly Told[] {
  const by = (actor: string, facts: readonly Fact[], tradeId: string | null): readonly Told[] =>
    facts.map((fact) => ({ actor, tradeId, causedBy: null, fact }));
  switch (item.does) {
    case "absorb": {
      const { clientOrderId, seen, fills, mayProvision } = item;
      const told = absorb(books, clientOrderId, { order: seen, fills }, { ...applying, mayProvision });
      const before = books.orders[clientOrderId];
      const wasInDoubt = before?.state === "unknown" || before?.state === "sending";
      const isFound = told.some(({ fact }) => fact.type === "order_found");
      if (!isFound || before === undefined || !wasInDoubt) return told;
      return [...told, ...by("house", applying.endConsent(books, clientOrderId, "executed", ""), before.tradeId)];
    }
    case "adopt":
      return tellAdopted(item, books, applying);
    case "external":
      return tellExternal(item, books, applying);
    case "reduce":
      return tellReduced(item, books, applying);
    case "foreign":
      return by("house", tellForeign(item, books), null);
    case "wish":
      return [];
    default: {
      const { facts, tradeId } = noteOf(item, books, applying);
      return by("house", facts, tradeId);
    }
  }
}
