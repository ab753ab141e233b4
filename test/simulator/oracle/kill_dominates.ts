/** I09: after a halt is on record, nothing opens a position any more; and what is to be flattened becomes flat, provably. */
import type { Invariant, Violation, WireCreate, WorldView } from "../contract.ts";
import { type Trail, trailOf } from "./trail.ts";
import { arrivesWithinMs, openAccepted, oursBehind, trueOrders } from "./truth.ts";
import { calmFor, openCursor, openOnce, violated } from "./verdict.ts";
import { openVerifiedFlat } from "./verified_flat.ts";

/** The gate waits this long for bytes that are leaving. */
const leavingMs = 500;
const sweptMs = 60_000;

export const killDominates: Invariant = {
  id: "I09",
  name: "KillDominates",
  statement:
    "After a level is on record no entry is armed and none is accepted, except one whose bytes were leaving; those are swept; the level itself is never forgotten; L2 and L3 reach verified flat once they are confirmed, and it is true",
  open() {
    const told = openCursor();
    const accepted = openAccepted();
    const once = openOnce();
    const flat = openVerifiedFlat();
    return {
      check(view) {
        const trail = trailOf(view);
        const armed = told(trail.told).flatMap((one) =>
          one.fact.type === "order_sending" && one.order?.intent.leg === "entry" && one.level !== "none"
            ? [
                violated("I09", "an entry was armed while the house is halted", {
                  clientOrderId: one.order.id,
                  level: one.level,
                }),
              ]
            : [],
        );
        const forgotten =
          view.books.house.level !== trail.level && once(`level ${view.facts.length}`)
            ? [violated("I09", "a level was forgotten", { onRecord: trail.level, inBooks: view.books.house.level })]
            : [];
        return [
          ...armed,
          ...forgotten,
          ...accepted(view).flatMap((create) => acceptedUnder(view, trail, create)),
          ...flat(view, trail),
        ];
      },
      checkCalm: (view) => leftWorking(view, trailOf(view)),
    };
  },
};

function acceptedUnder(view: WorldView, trail: Trail, create: WireCreate): readonly Violation[] {
  const order = trail.orders.get(create.clientOrderId);
  if (order?.intent.leg !== "entry") return [];
  const halt = haltAt(trail, create.receivedAt);
  if (halt === null) return [];
  const wasLeaving =
    order.sent !== null &&
    order.sent.seq < halt.seq &&
    create.receivedAt <= halt.trueAt + leavingMs + arrivesWithinMs(view);
  if (wasLeaving) return [];
  return [
    violated("I09", "the venue accepted an entry after the halt", {
      clientOrderId: create.clientOrderId,
      level: halt.level,
      haltedAt: halt.trueAt,
      armedAt: order.sent?.trueAt,
      receivedAt: create.receivedAt,
    }),
  ];
}

/** The first level of the halt that is in force at a true time; null = trading is on. */
function haltAt(trail: Trail, at: number): Trail["levels"][number] | null {
  let halt: Trail["levels"][number] | null = null;
  for (const change of trail.levels) {
    if (change.trueAt > at) break;
    halt = change.level === "none" ? null : (halt ?? change);
  }
  return halt;
}

function leftWorking(view: WorldView, trail: Trail): readonly Violation[] {
  const calm = calmFor(view);
  const halt = haltAt(trail, view.now);
  if (calm === null || calm < sweptMs || halt === null || view.now - halt.trueAt < sweptMs) return [];
  return trueOrders(view).flatMap((one) => {
    const order = one.isLive ? oursBehind(trail, one) : undefined;
    if (order?.intent.leg !== "entry") return [];
    return [
      violated("I09", "an entry still works long after the halt", { clientOrderId: order.id, level: halt.level }),
    ];
  });
}
