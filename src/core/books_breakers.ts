/** The part of the books about circuit breakers: which stand, why, since when, and how often each of them opened or was reset. */
import {
  afterBreakerEvent,
  type Breaker,
  type BreakerEvent,
  type BreakerHistory,
  breakerKey,
  covers,
  withinDay,
} from "./breaker.ts";
import type { FactOf, Recorded } from "./events.ts";

export type BreakerBooks = {
  /** By key, `cause@scope`. */
  readonly breakers: Readonly<Record<string, Breaker>>;
  readonly breakerHistory: Readonly<Record<string, BreakerHistory>>;
};

export const emptyBreakers: BreakerBooks = { breakers: {}, breakerHistory: {} };

type BreakerFact =
  | FactOf<"breaker_opened">
  | FactOf<"breaker_degraded">
  | FactOf<"breaker_half_opened">
  | FactOf<"breaker_closed">;

const eventOf = (fact: BreakerFact): BreakerEvent => {
  switch (fact.type) {
    case "breaker_opened":
      return "tripped";
    case "breaker_degraded":
      return "warned";
    case "breaker_half_opened":
      return "cooled";
    case "breaker_closed":
      return fact.how ?? "reset";
  }
};

/** @param accountId the account of the house: earlier versions wrote the cause into the scope of its breakers. */
export function evolveBreakers(books: BreakerBooks, accountId: string, recorded: Recorded): BreakerBooks {
  const { fact } = recorded;
  switch (fact.type) {
    case "breaker_opened":
    case "breaker_degraded":
    case "breaker_half_opened":
    case "breaker_closed":
      return changed(books, { ...fact, scope: scopeIn(fact.scope, accountId) }, recorded);
    case "breaker_reset_asked":
    case "breaker_reset_withdrawn": {
      const key = breakerKey(scopeIn(fact.scope, accountId), fact.cause);
      const standing = books.breakers[key];
      if (standing === undefined) return books;
      const asked =
        fact.type === "breaker_reset_asked" ? { by: recorded.actor, reason: fact.reason, at: recorded.wallAt } : null;
      return { ...books, breakers: { ...books.breakers, [key]: { ...standing, asked } } };
    }
    case "order_intended":
      return withCanary(books, fact);
    default:
      return books;
  }
}

function scopeIn(scope: string, accountId: string): string {
  return scope.startsWith("account:") && accountId !== "" ? `account:${accountId}` : scope;
}

function changed(books: BreakerBooks, fact: BreakerFact, recorded: Recorded): BreakerBooks {
  const key = breakerKey(fact.scope, fact.cause);
  const standing = books.breakers[key];
  const event = eventOf(fact);
  const next = afterBreakerEvent(standing?.state ?? "closed", event);
  // Facts are true whatever the table says: an impossible one changes nothing, and the assertions look at the rest.
  if (!next.ok) return books;
  const breakerHistory = withHistory(books.breakerHistory, key, event, recorded);
  if (next.value === "closed") {
    const { [key]: _closed, ...rest } = books.breakers;
    return { breakers: rest, breakerHistory };
  }
  const breaker =
    fact.type === "breaker_opened" || fact.type === "breaker_degraded"
      ? raised(standing, { ...fact, state: next.value }, recorded)
      : standing === undefined
        ? undefined
        : { ...standing, canary: null };
  if (breaker === undefined) return books;
  return { breakers: { ...books.breakers, [key]: { ...breaker, state: next.value } }, breakerHistory };
}

function raised(
  standing: Breaker | undefined,
  fact: (FactOf<"breaker_opened"> | FactOf<"breaker_degraded">) & { readonly state: Breaker["state"] },
  { at, wallAt, actor }: Recorded,
): Breaker {
  const { scope, cause, evidence, state } = fact;
  // What only a person may close is never turned into something that time closes.
  const kind = standing?.class === "sticky" ? "sticky" : fact.class;
  return {
    key: breakerKey(scope, cause),
    scope,
    cause,
    class: kind,
    state,
    evidence,
    openedAt: at,
    openedWallAt: wallAt,
    openedBy: actor,
    canary: null,
    asked: standing?.asked ?? null,
  };
}

function withHistory(
  histories: BreakerBooks["breakerHistory"],
  key: string,
  event: BreakerEvent,
  { wallAt }: Recorded,
): BreakerBooks["breakerHistory"] {
  const isOpening = event === "tripped";
  const isReset = event === "reset";
  if (!isOpening && !isReset) return histories;
  const old = histories[key] ?? { opened: [], reset: [] };
  const opened = withinDay(old.opened, wallAt);
  const reset = withinDay(old.reset, wallAt);
  return {
    ...histories,
    [key]: { opened: isOpening ? [...opened, wallAt] : opened, reset: isReset ? [...reset, wallAt] : reset },
  };
}

/** The first entry that is decided under a half open breaker is the one that tries it. */
function withCanary(books: BreakerBooks, { intent, clientOrderId }: FactOf<"order_intended">): BreakerBooks {
  if (intent.leg !== "entry") return books;
  const tried = Object.values(books.breakers).filter(
    (breaker) => breaker.state === "half_open" && breaker.canary === null && covers(breaker.scope, intent),
  );
  if (tried.length === 0) return books;
  const withIt = tried.map((breaker) => [breaker.key, { ...breaker, canary: clientOrderId }] as const);
  return { ...books, breakers: { ...books.breakers, ...Object.fromEntries(withIt) } };
}
