/**
 * One simulated venue in this process, behind the same port as the real ones. Its profile says which quirks it has, the
 * weather which faults; everything later goes through the scheduler, everything by chance through seeded forks.
 */
import { defineVenue, type VenueDefinition } from "../../../src/define/venue.ts";
import type { Venue } from "../../../src/ports/venue.ts";
import { ONE } from "../../../src/practice/fixed.ts";
import type { Chance, OpenSimVenue, SimVenue } from "../contract.ts";
import { receive, release } from "./accounts.ts";
import { rulesOf } from "./admission.ts";
import { layGhost } from "./engine.ts";
import { happen } from "./happenings.ts";
import { openMarket } from "./market.ts";
import { quirksOf } from "./quirks.ts";
import { readsOf, transfersOf } from "./reads.ts";
import type { VenueState } from "./state.ts";
import { cancel, place } from "./trade.ts";
import { truthOf } from "./truth.ts";

type SimVenueWish = Parameters<OpenSimVenue>[0] & {
  /** Quote money at the start, whole units. */
  readonly funds?: number;
};

/** As the contract's OpenSimVenue; `inside` is for the venue's own tests. */
export function openSimVenue(wish: SimVenueWish): SimVenue & { readonly inside: VenueState } {
  const state = openState(wish);
  const port = (processId: string, clock: { now(): number }): Venue => ({
    name: state.quirks.profile,
    ...readsOf(state, processId, clock),
    placeOrder: (intent, wire) => place(state, processId, intent, wire),
    cancelOrder: (ref, wire) => cancel(state, processId, ref, wire),
    ...(state.quirks.listsTransfers ? { transfers: transfersOf(state, processId) } : {}),
    ...(profileHasWindows(state) ? { window: () => windowNow(state) } : {}),
    stop: () => Promise.resolve(),
  });
  return {
    inside: state,
    truth: truthOf(state),
    definition: definitionOf(state, port),
    get instruments() {
      return [...state.markets.values()].map((market) => rulesOf(state, market));
    },
    port,
    act: () => happen(state),
    heal: () => heal(state),
  };
}

function definitionOf(state: VenueState, port: SimVenue["port"]): VenueDefinition {
  const { profile, protection, absentAfterMs, feeIn } = state.quirks;
  return defineVenue({
    name: profile,
    summary: `The simulated venue with the quirks of ${profile}`,
    liveHosts: [],
    capabilities: { protection, hasClientOrderIds: true, absentAfterMs, feeIn },
    open: ({ clock }) => Promise.resolve(port("opened", clock)),
  });
}

function openState({ profile, scheduler, chance, weather, onWire, funds = 10_000 }: SimVenueWish): VenueState {
  const quirks = quirksOf[profile];
  const forks = new Map<string, Chance>();
  const state: VenueState = {
    quirks,
    scheduler,
    weather,
    chanceOf(label) {
      let fork = forks.get(label);
      if (fork === undefined) {
        fork = chance.fork(`venue/${label}`);
        forks.set(label, fork);
      }
      return fork;
    },
    say: onWire ?? (() => undefined),
    markets: new Map(quirks.listings.map((one) => [one.symbol, openMarket(quirks, one, scheduler.now())])),
    orders: [],
    live: new Set(),
    siblings: new Set(),
    ghosts: new Set(),
    byClientId: new Map(),
    accounts: new Map(),
    outside: new Map(),
    fills: [],
    trueFills: [],
    failing: [],
    transfers: [],
    creates: [],
    cancels: [],
    onTheWay: new Set(),
    outageUntil: 0,
    muteUntil: 0,
    busyUntil: 0,
    bannedUntil: 0,
    strikes: 0,
    lockedUntil: 0,
    restartUntil: 0,
    postOnlyUntil: 0,
    cancelOnlyUntil: 0,
    disabledUntil: 0,
    stopsRefusedUntil: 0,
    lastAnswerAt: scheduler.now(),
    isCalm: false,
    revision: 0,
    ticks: 0,
    nextId: 0,
    cachedOrders: { revision: -1, orders: [] },
  };
  receive(state, "USDT", BigInt(funds) * ONE);
  return state;
}

const profileHasWindows = (state: VenueState): boolean =>
  state.quirks.profile === "polymarket" || state.quirks.profile === "alpaca";

function windowNow(state: VenueState): "open" | "post_only" | "cancel_only" | "closed" {
  const now = state.scheduler.now();
  const isHalted = [...state.markets.values()].some((market) => market.haltedUntil > now);
  if (now < state.restartUntil || now < state.disabledUntil || isHalted) return "closed";
  if (now < state.cancelOnlyUntil) return "cancel_only";
  return now < state.postOnlyUntil ? "post_only" : "open";
}

/** Everything answers again, promptly and truly; what was delayed has arrived. */
function heal(state: VenueState): void {
  const now = state.scheduler.now();
  state.isCalm = true;
  state.outageUntil = now;
  state.muteUntil = now;
  state.busyUntil = now;
  state.bannedUntil = now;
  state.lockedUntil = now;
  state.restartUntil = now;
  state.postOnlyUntil = now;
  state.cancelOnlyUntil = now;
  state.disabledUntil = now;
  state.stopsRefusedUntil = now;
  for (const market of state.markets.values()) {
    market.frozen = null;
    market.badTick = null;
    market.haltedUntil = now;
    if (market.payout === null) market.instrument = { ...market.instrument, isTrading: true };
  }
  for (const order of [...state.ghosts]) layGhost(state, order);
  for (const kept of state.fills) kept.settlesAt = Math.min(kept.settlesAt, now);
  state.siblings.clear();
  for (const order of state.orders) if (order.state !== "open") release(state, order, 0);
  state.revision += 1;
}
