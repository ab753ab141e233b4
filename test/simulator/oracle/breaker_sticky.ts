/** I21: what only a person may close stays open until one does, through every restart, and stops entries all the while. */
import type { Invariant, Violation, WorldView } from "../contract.ts";
import { type BreakerTrail, type Told, trailOf } from "./trail.ts";
import { openCursor, openOnce, violated } from "./verdict.ts";

export const breakerSticky: Invariant = {
  id: "I21",
  name: "BreakerSticky",
  statement:
    "A breaker of class S is open until an authorised person resets it with a reason, restarts included; no entry is armed under an open breaker",
  open() {
    const told = openCursor();
    const once = openOnce();
    return {
      check(view) {
        const trail = trailOf(view);
        const fresh = told(trail.told);
        if (fresh.length === 0) return [];
        return [
          ...fresh.flatMap(closedByNobody),
          ...fresh.flatMap(armedUnder),
          ...forgotten(view, trail.breakers, once),
        ];
      },
    };
  },
};

function closedByNobody({ fact, recorded, breakers }: Told): readonly Violation[] {
  if (fact.type !== "breaker_closed") return [];
  const key = `${fact.cause}@${fact.scope}`;
  const standing = breakers.get(key);
  if (standing?.class !== "sticky" || standing.state === "degraded") return [];
  const isReset =
    (fact.how ?? "reset") === "reset" && recorded.actor.startsWith("person:") && fact.reason.trim() !== "";
  if (isReset) return [];
  return [
    violated("I21", "a sticky breaker was closed by nobody who may", {
      breaker: key,
      actor: recorded.actor,
      how: fact.how,
    }),
  ];
}

function armedUnder({ fact, order, breakers }: Told): readonly Violation[] {
  if (fact.type !== "order_sending" || order?.intent.leg !== "entry") return [];
  const { instrumentId, venue, account, strategy } = order.intent;
  const scopes = ["global", `account:${account}`, `venue:${venue}`, `symbol:${instrumentId}`, `strategy:${strategy}`];
  return [...breakers].flatMap(([key, { scope, state }]) =>
    state === "open" && scopes.includes(scope)
      ? [violated("I21", "an entry was armed under an open breaker", { breaker: key, clientOrderId: order.id })]
      : [],
  );
}

function forgotten(
  view: WorldView,
  breakers: ReadonlyMap<string, BreakerTrail>,
  once: (key: string) => boolean,
): readonly Violation[] {
  return [...breakers].flatMap(([key, { class: kind, state }]) => {
    const booked = view.books.house.breakers[key];
    const stands = booked !== undefined && booked.class === "sticky" && booked.state === state;
    if (kind !== "sticky" || stands || !once(`${key} ${view.facts.length}`)) return [];
    return [
      violated("I21", "a sticky breaker was forgotten", { breaker: key, onRecord: state, inBooks: booked?.state }),
    ];
  });
}
