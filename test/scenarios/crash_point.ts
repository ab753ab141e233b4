/**
 * Where a process dies: right before or after a fact is durable, or on either side of a POST. From that moment nothing of the first
 * process reaches ledger or venue; the process that stage.restart() starts is alive.
 */
import type { Fact } from "../../src/core/events.ts";
import type { OrderIntent } from "../../src/core/intent.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import type { Venue } from "../../src/ports/venue.ts";
import type { StageWish } from "./stage.ts";

export type Death =
  /** The commit that holds such a fact is never made. */
  | { readonly before: (fact: Fact) => boolean }
  | { readonly after: (fact: Fact) => boolean }
  | { readonly beforePost: OrderIntent["leg"] }
  | { readonly afterPost: OrderIntent["leg"] };

export type CrashPoint = {
  readonly wish: Required<Pick<StageWish, "ledger" | "venue">>;
  readonly happened: () => boolean;
};

const never = <Value>() => new Promise<Value>(() => undefined);

export function crashPoint(death: Death): CrashPoint {
  let hasHappened = false;
  let ledgers = 0;
  let venues = 0;
  const die = () => {
    hasHappened = true;
  };
  const ledgerThatDies = (ledger: Ledger): Ledger => {
    const isFirst = ledgers === 0;
    ledgers += 1;
    if (!isFirst) return ledger;
    return {
      ...ledger,
      async commit(decide) {
        if (hasHappened) return never();
        let isLast = false;
        const value = ledger.commit((books, times) => {
          const decision = decide(books, times);
          if ("before" in death && decision.drafts.some((draft) => death.before(draft.fact))) {
            die();
            throw new Error("the process is gone");
          }
          isLast = "after" in death && decision.drafts.some((draft) => death.after(draft.fact));
          return decision;
        });
        await value.catch(() => undefined);
        if (isLast) die();
        return hasHappened ? never() : value;
      },
    };
  };
  const venueThatDies = (venue: Venue): Venue => {
    const isFirst = venues === 0;
    venues += 1;
    if (!isFirst) return venue;
    const guarded = untilDead(venue, () => hasHappened);
    return {
      ...methodsOf(guarded),
      name: venue.name,
      stop: () => venue.stop(),
      async placeOrder(intent, wire) {
        if ("beforePost" in death && death.beforePost === intent.leg) die();
        if (hasHappened) return never();
        const answer = await venue.placeOrder(intent, wire);
        if ("afterPost" in death && death.afterPost === intent.leg) die();
        return hasHappened ? never() : answer;
      },
    };
  };
  return { wish: { ledger: ledgerThatDies, venue: venueThatDies }, happened: () => hasHappened };
}

/** Calls of a dead process go nowhere, and answers to it arrive nowhere. */
function untilDead(venue: Venue, isDead: () => boolean): Venue {
  return new Proxy(venue, {
    get(target, name) {
      const member = Reflect.get(target, name) as unknown;
      if (typeof member !== "function" || name === "stop") return member;
      return async (...told: unknown[]) => {
        if (isDead()) return never();
        const answer: unknown = await (member as (...all: unknown[]) => Promise<unknown>).apply(target, told);
        return isDead() ? never() : answer;
      };
    },
  });
}

function methodsOf(venue: Venue): Omit<Venue, "name" | "stop" | "placeOrder"> {
  return {
    time: () => venue.time(),
    instruments: (symbols) => venue.instruments(symbols),
    keyRights: () => venue.keyRights(),
    balances: () => venue.balances(),
    candles: (symbol, request) => venue.candles(symbol, request),
    orderBook: (symbol) => venue.orderBook(symbol),
    cancelOrder: (ref, wire) => venue.cancelOrder(ref, wire),
    findOrder: (ref) => venue.findOrder(ref),
    openOrders: (symbol) => venue.openOrders(symbol),
    fills: (symbol, since) => venue.fills(symbol, since),
  };
}
