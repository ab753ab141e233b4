/**
 * I03: an order ends only by proof. The end is held against the venue's truth at that moment, and an absence against the
 * looks that it claims: enough of them, on enough lists, over enough time, and none before the venue's late-arrival bound.
 */
import type { Invariant, Violation, WireCreate, WorldView } from "../contract.ts";
import { exact, larger, text } from "./exact.ts";
import { isEmptyEnd, isUnsettled } from "./order_law.ts";
import { type OrderTrail, type Told, type Trail, trailOf } from "./trail.ts";
import { openAccepted, trueOrdersOf } from "./truth.ts";
import { openCursor, violated } from "./verdict.ts";

const looksMin = 3;
const endpointsMin = 2;
const spanMinMs = 10_000;
/** Clocks of a process may drift by a little against true time within the span of a proof. */
const driftMs = 1_000;

export const noSilentTerminal: Invariant = {
  id: "I03",
  name: "NoSilentTerminal",
  statement:
    "An order ends only with evidence; none is called absent, refused or unsent while the venue holds it or could still accept it",
  open() {
    const told = openCursor();
    const accepted = openAccepted();
    return {
      check(view) {
        const trail = trailOf(view);
        const ends = told(trail.told).filter((one) => one.order !== null && isEnd(one));
        return [
          ...ends.flatMap((one) => endWithoutTruth(view, trail, one)),
          ...ends.flatMap((one) => (one.fact.type === "order_absent" ? absentWithoutProof(view, one) : [])),
          ...accepted(view).flatMap((create) => acceptedAfterEnd(trail, create, view.now)),
        ];
      },
    };
  },
};

/** A full fill is its own proof; every other end says that nothing works any more. */
const isEnd = ({ from, to, event }: Told): boolean =>
  to !== null && event !== "filled_in_full" && isUnsettled(from) && !isUnsettled(to);

function endWithoutTruth(view: WorldView, trail: Trail, { order, fact, to }: Told): readonly Violation[] {
  if (order === null || to === null) return [];
  const atVenue = trueOrdersOf(view, trail, order);
  const about = { clientOrderId: order.id, fact: fact.type, to };
  const live = atVenue.find((one) => one.isLive);
  if (live !== undefined)
    return [
      violated("I03", "an order was ended on record while the venue holds it", { ...about, live: live.venueOrderId }),
    ];
  // After a proof of absence, or a definite no, a request that is still travelling would come to life unwatched.
  const onTheWay = view.venue.onTheWay().some((one) => one.clientOrderId === order.id);
  if (onTheWay && isEmptyEnd(to))
    return [violated("I03", "an order was ended on record while it can still arrive", about)];
  // Its end says how much was traded: what the venue shows of that must have come before.
  const traded = atVenue.reduce((most, one) => larger(most, exact(one.filled)), 0n);
  if (fact.type === "order_ended" && traded > order.filled)
    return [
      violated("I03", "an order was ended on record before its fills were", {
        ...about,
        traded: text(traded),
        recorded: text(order.filled),
      }),
    ];
  const filled = atVenue.find((one) => exact(one.filled) > 0n);
  if (filled !== undefined && isEmptyEnd(to) && order.filled === 0n)
    return [violated("I03", "an order that traded was ended as if it never had", { ...about, filled: filled.filled })];
  return [];
}

function absentWithoutProof(view: WorldView, { order, trueAt }: Told): readonly Violation[] {
  if (order === null) return [];
  const looks = order.looks.filter((look) => look.verdict === "absent" && look.trueAt <= trueAt);
  const first = looks[0]?.trueAt ?? trueAt;
  const about = { clientOrderId: order.id, looks: looks.length, spanMs: trueAt - first };
  const found: Violation[] = [];
  if (looks.length < looksMin || trueAt - first < spanMinMs - driftMs)
    found.push(violated("I03", "an absence was declared on too few looks or in too little time", about));
  if (looks.some((look) => look.endpoints < endpointsMin))
    found.push(violated("I03", "an absence was declared on one list only", about));
  const deadAt = (order.sent?.stampedAt ?? order.intendedAt) + view.definition.capabilities.absentAfterMs;
  if (first < deadAt - driftMs)
    found.push(
      violated("I03", "an absence was counted before the venue's late-arrival bound", { ...about, deadAt, first }),
    );
  return found;
}

/** It was ended, and then it came to life. Ends that its own arrival contradicts are the worst of all. */
function acceptedAfterEnd(trail: Trail, create: WireCreate, now: number): readonly Violation[] {
  const order: OrderTrail | undefined = trail.orders.get(create.clientOrderId);
  if (order === undefined || !isEmptyEnd(order.state)) return [];
  const end = trail.told.findLast((one) => one.order === order && isEnd(one));
  if (end === undefined || end.trueAt >= now) return [];
  return [
    violated("I03", "the venue accepted an order that was ended on record before", {
      clientOrderId: create.clientOrderId,
      state: order.state,
      endedAt: end.trueAt,
      receivedAt: create.receivedAt,
      acceptedAt: now,
    }),
  ];
}
