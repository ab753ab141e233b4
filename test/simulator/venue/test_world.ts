/** A small world for the venue's own tests: a scheduler that is run until something is heard, and weather that a test sets. */
import type { ClearedIntent } from "../../../src/core/clearance.ts";
import type { OrderIntent, OrderShape } from "../../../src/core/intent.ts";
import { instant } from "../../../src/core/time.ts";
import type { PlaceAnswer, PlaceWire, Venue } from "../../../src/ports/venue.ts";
import { seededChance } from "../chance.ts";
import type { FaultFamily, QuirkProfile, SimVenue } from "../contract.ts";
import { openScheduler, type World } from "../scheduler.ts";
import { openSimVenue } from "./sim_venue.ts";
import type { VenueState } from "./state.ts";

export type TestWorld = {
  readonly scheduler: World;
  readonly rates: Map<FaultFamily, number>;
  readonly sim: SimVenue & { readonly inside: VenueState };
  readonly venue: Venue;
  readonly story: string[];
  /** Runs the world until the promise is settled. */
  hear<Value>(promise: Promise<Value>): Promise<Value>;
  /** Runs everything that is due within `ms`, with the market moving every second if told. */
  pass(ms: number, isMoving?: boolean): Promise<void>;
  send(wish: SentOrder, wire?: Partial<PlaceWire>): Promise<PlaceAnswer>;
};

export type SentOrder = {
  readonly id: string;
  readonly side?: "buy" | "sell";
  readonly quantity: string;
  readonly symbol?: string;
  readonly shape: OrderShape;
  readonly leg?: OrderIntent["leg"];
};

export function openTestWorld(profile: QuirkProfile = "kucoin", seed = "a"): TestWorld {
  const chance = seededChance(seed);
  const scheduler = openScheduler(chance.fork("scheduler"), 1_790_000_000_000);
  const rates = new Map<FaultFamily, number>();
  const story: string[] = [];
  const weather = { rate: (family: FaultFamily) => rates.get(family) ?? 0 };
  const sim = openSimVenue({ profile, scheduler, chance, weather, onWire: (line) => story.push(line) });
  const venue = sim.port("p1", scheduler);
  const breathe = () => new Promise<void>((resolve) => setImmediate(resolve));
  const hear = async <Value>(promise: Promise<Value>): Promise<Value> => {
    let isSettled = false;
    void promise.finally(() => (isSettled = true)).catch(() => undefined);
    await breathe();
    while (!isSettled) {
      const event = scheduler.take();
      if (event === null) throw new Error("the world ended before an answer came");
      event.act?.();
      await breathe();
    }
    return promise;
  };
  const send: TestWorld["send"] = (wish, wire = {}) =>
    hear(
      venue.placeOrder(intentOf(profile, wish), {
        clientOrderId: wish.id,
        stampedAt: instant(scheduler.now()),
        ...wire,
      }),
    );
  const pass: TestWorld["pass"] = async (ms, isMoving = false) => {
    let isOver = false;
    const tick = (): void => {
      if (isOver) return;
      sim.act();
      scheduler.after(1_000, "test: the market moves", tick);
    };
    if (isMoving) tick();
    scheduler.after(ms, "test: time is over", () => (isOver = true));
    while (!isOver) {
      scheduler.take()?.act?.();
      await Promise.resolve();
    }
    await breathe();
  };
  return { scheduler, rates, sim, venue, story, hear, pass, send };
}

export function intentOf(profile: QuirkProfile, wish: SentOrder): ClearedIntent {
  const symbol = wish.symbol ?? (profile === "polymarket" ? "RAINYES/USDT" : "SOL/USDT");
  const leg = wish.leg ?? (wish.shape.orderType === "limit" ? "entry" : "protect");
  return {
    intentId: `intent-${wish.id}`,
    tradeId: "trade",
    mode: "paper",
    venue: profile,
    account: "main",
    instrumentId: `${profile}:${symbol}`,
    leg,
    side: wish.side ?? (leg === "entry" ? "buy" : "sell"),
    quantity: wish.quantity,
    reduceOnly: leg !== "entry",
    shape: wish.shape,
    exitPlan: null,
    strategy: "always_trade_canary",
    signalId: null,
    attempt: 1,
  } as unknown as ClearedIntent;
}

export const limit = (limitPrice: string, timeInForce: "gtc" | "ioc" | "fok" = "ioc"): OrderShape =>
  ({ orderType: "limit", limitPrice, timeInForce }) as OrderShape;
export const stop = (triggerPrice: string, limitPrice: string): OrderShape =>
  ({ orderType: "stop_limit", triggerPrice, limitPrice }) as OrderShape;
export const pair = (targetPrice: string, triggerPrice: string, limitPrice: string): OrderShape =>
  ({ orderType: "oco", targetPrice, triggerPrice, limitPrice }) as OrderShape;
