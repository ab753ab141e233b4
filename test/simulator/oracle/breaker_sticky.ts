/** I21: what only a person may close stays open until one does, through every restart, and stops entries all the while. */
import type { Invariant, Violation, WorldView } from "../contract.ts";
import { type BreakerTrail, type Told, trailOf } from "./trail.ts";
import { openCursor, openOnce, violated } from "./verdict.ts";

export const breakerSticky: Invariant = {
  id: "I21",
  name: "BreakerSticky",
  statement:
    "A breaker of class S is open until an authorised person resets it with a reason, the fourth time in a day two of them, restarts included; no entry is armed under an open breaker",
  open() {
    const told = openCursor();
    const once = openOnce();
    const alone = openResets();
    return {
      check(view) {
        const trail = trailOf(view);
        const fresh = told(trail.told);
        if (fresh.length === 0) return [];
        return [
          ...fresh.flatMap((one) => closedByNobody(view, one)),
          ...fresh.flatMap(alone),
          ...fresh.flatMap(armedUnder),
          ...forgotten(view, trail.breakers, once),
        ];
      },
    };
  },
};

const mayReset: ReadonlySet<string> = new Set(["owner", "operator"]);

function closedByNobody(view: WorldView, { fact, recorded, breakers }: Told): readonly Violation[] {
  if (fact.type !== "breaker_closed") return [];
  const key = `${fact.cause}@${fact.scope}`;
  const standing = breakers.get(key);
  if (standing?.class !== "sticky" || standing.state === "degraded") return [];
  const person = view.settings.people.find((one) => recorded.actor === `person:${one.personId}`);
  const isReset = (fact.how ?? "reset") === "reset" && mayReset.has(person?.role ?? "") && fact.reason.trim() !== "";
  if (isReset) return [];
  return [
    violated("I21", "a sticky breaker was closed by nobody who may", {
      breaker: key,
      actor: recorded.actor,
      how: fact.how,
    }),
  ];
}

const dayMs = 86_400_000;
const resetsAlone = 3;
const waitMs = 600_000;

/** The fourth reset of one cause within a day takes two people, or one who asked for it ten minutes before. */
function openResets(): (one: Told) => readonly Violation[] {
  const resets = new Map<string, number[]>();
  const asked = new Map<string, { readonly actor: string; readonly trueAt: number }>();
  return ({ fact, recorded, breakers, trueAt }) => {
    if (fact.type !== "breaker_closed" && fact.type !== "breaker_reset_asked") return [];
    const key = `${fact.cause}@${fact.scope}`;
    if (fact.type === "breaker_reset_asked") {
      asked.set(key, { actor: recorded.actor, trueAt });
      return [];
    }
    if (breakers.get(key)?.class !== "sticky" || (fact.how ?? "reset") !== "reset") return [];
    const before = (resets.get(key) ?? []).filter((at) => trueAt - at < dayMs);
    resets.set(key, [...before, trueAt]);
    const first = asked.get(key);
    asked.delete(key);
    const isJoined = first !== undefined && (first.actor !== recorded.actor || trueAt - first.trueAt >= waitMs * 0.97);
    if (before.length < resetsAlone || isJoined) return [];
    return [
      violated("I21", "a fourth reset within a day was decided by one person at once", {
        breaker: key,
        actor: recorded.actor,
      }),
    ];
  };
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
