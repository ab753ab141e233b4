/**
 * A world made by hand, a few facts and orders big, to show that an invariant holds where it should and speaks where it must.
 * Every act is one step, after which the invariant under test is asked, as the runner would.
 *
 *   const world = smallWorld(singleExit);
 *   openTrade(world);                       an entry that was asked for, approved, sent, filled and recorded
 *   world.tell(exitTriggered("trade-1", "operator"));
 *   world.found()                           what the invariant said so far
 */
import { createHash } from "node:crypto";
import { digestOf } from "../../../src/core/digest.ts";
import type { Fact, Recorded } from "../../../src/core/events.ts";
import type { OrderIntent } from "../../../src/core/intent.ts";
import { ratio } from "../../../src/core/money.ts";
import type { HouseSettings } from "../../../src/core/settings.ts";
import type { Instant } from "../../../src/core/time.ts";
import { accountOpened, fillOf, houseStarted, intended, requested, settledAs, vote } from "../../fixtures/facts.ts";
import { makeInstrument } from "../../fixtures/instrument.ts";
import { makeEntry } from "../../fixtures/intent.ts";
import { recordedAs, startStory } from "../../fixtures/story.ts";
import type {
  HumanAct,
  Invariant,
  ProcessView,
  TrueFill,
  TrueOrder,
  Violation,
  WireCancel,
  WireCreate,
  WorldView,
} from "../contract.ts";
import { exact, text } from "./exact.ts";

type Mutable<Record> = { -readonly [Key in keyof Record]: Record[Key] };

export type SmallWorld = {
  readonly view: Mutable<WorldView>;
  now(): number;
  tell(...facts: readonly Fact[]): void;
  /** As `tell`, with another actor. */
  tellAs(actor: string, ...facts: readonly Fact[]): void;
  wait(ms: number): void;
  /** The venue receives this order as it was recorded, unless told otherwise; accepted and live. */
  create(clientOrderId: string, intent: OrderIntent, change?: Partial<WireCreate>): void;
  order(venueOrderId: string, change: Partial<TrueOrder>): void;
  fill(clientOrderId: string, wish: { price: string; quantity: string; side?: "buy" | "sell"; id?: string }): void;
  cancel(venueOrderId: string, change?: Partial<WireCancel>): void;
  act(change: Partial<HumanAct>): void;
  process(change: Partial<ProcessView>): void;
  calm(): void;
  /** One more look without anything new. */
  step(): void;
  /** In full, and what is asked at the end of the calm. */
  finish(): void;
  found(): readonly Violation[];
};

export const settings: HouseSettings = {
  mode: "paper",
  version: "0.0.0",
  configHash: "c0ffee",
  venue: "kucoin",
  account: "main",
  currency: "USDT",
  usdRate: ratio("1"),
  timeframe: "1m",
  timeframeMs: 60_000,
  cycleMs: 5_000,
  strategies: [],
  symbols: ["SOL/USDT"],
  restricted: [],
  kill: { resumeWaitMs: 0, flattenOnSilence: false, emergencyOnSilence: true },
  profile: "graduation",
  overrides: {},
  approvals: {
    policy: "ask",
    expiresMs: 300_000,
    quoteTtlMs: 15_000,
    execDeadlineMs: 10_000,
    softBps: 25,
    hardBps: 75,
  },
  people: [
    { personId: "ana", name: "Ana", role: "owner", timeZone: "UTC", telegramUserId: "100", discordUserId: null },
    { personId: "vic", name: "Vic", role: "viewer", timeZone: "UTC", telegramUserId: "101", discordUserId: null },
  ],
  allowedChats: { telegram: [], discord: [] },
  discordGuildId: null,
  summaryHour: 8,
  volatilitySymbol: null,
  declaredBalance: null,
};

const process1: ProcessView = {
  processId: "p1",
  epoch: 7,
  isAlive: true,
  isFrozen: false,
  startedAt: 0,
  hasStore: true,
};

type Truth = {
  creates: WireCreate[];
  cancels: WireCancel[];
  orders: TrueOrder[];
  fills: TrueFill[];
  failing: TrueFill[];
  transfers: { at: number; asset: string; amount: string }[];
  onTheWay: { clientOrderId: string; processId: string }[];
  balances: Record<string, { free: string; held: string }>;
  revision: number;
};

export function smallWorld(invariant: Invariant, change: Partial<WorldView> = {}): SmallWorld {
  const story = startStory();
  const opened = invariant.open();
  const violations: Violation[] = [];
  const facts: Recorded[] = [];
  const durableAt: number[] = [];
  const truth: Truth = {
    creates: [],
    cancels: [],
    orders: [],
    fills: [],
    failing: [],
    transfers: [],
    onTheWay: [],
    balances: { USDT: { free: "10000", held: "0" }, SOL: { free: "100", held: "0" } },
    revision: 0,
  };
  const view = makeView({ story, facts, durableAt, truth }, change);
  const step = (): void => {
    view.step += 1;
    violations.push(...opened.check(view));
  };
  const changed = (): void => {
    truth.revision += 1;
    step();
  };
  const tellAs = (actor: string, ...told: readonly Fact[]): void => {
    for (const fact of told) {
      const recorded = { ...recordedAs(fact, story.books(), story.now()), actor };
      story.tell(fact);
      facts.push(recorded);
      durableAt.push(view.now);
    }
    view.books = story.books();
    step();
  };
  return {
    view,
    now: () => view.now,
    tell: (...told) => tellAs("house", ...told),
    tellAs,
    wait(ms) {
      story.wait(ms);
      view.now += ms;
      step();
    },
    ...acts(truth, view, changed),
    calm() {
      view.calmSince = view.now;
      step();
    },
    step,
    finish() {
      violations.push(...(opened.checkInFull?.(view) ?? opened.check(view)));
      violations.push(...(opened.checkCalm?.(view) ?? []));
    },
    found: () => violations,
  };
}

type Parts = {
  readonly story: ReturnType<typeof startStory>;
  readonly facts: Recorded[];
  readonly durableAt: number[];
  readonly truth: Truth;
};

function makeView({ story, facts, durableAt, truth }: Parts, change: Partial<WorldView>): Mutable<WorldView> {
  return {
    seed: "by hand",
    step: 0,
    now: story.now().wallAt,
    profile: "kucoin",
    settings,
    definition: {
      name: "kucoin",
      summary: "by hand",
      liveHosts: [],
      capabilities: { protection: "oco", hasClientOrderIds: true, absentAfterMs: 14_000, feeIn: "quote" },
      open: () => Promise.reject(new Error("Nobody opens a venue made by hand")),
    },
    instruments: [makeInstrument()],
    books: story.books(),
    facts,
    durableAt,
    venue: {
      creates: truth.creates,
      cancels: truth.cancels,
      orders: () => truth.orders,
      fills: truth.fills,
      failing: truth.failing,
      transfers: truth.transfers,
      balances: () => truth.balances,
      onTheWay: () => truth.onTheWay,
      answeredWithin: () => true,
      price: () => "87.5",
      revision: () => truth.revision,
    },
    acts: [],
    said: [],
    logged: [],
    processes: [process1],
    calmSince: null,
    canaries: ["canary-secret-1"],
    ...change,
  };
}

function acts(truth: Truth, view: Mutable<WorldView>, changed: () => void) {
  const order = (venueOrderId: string, change: Partial<TrueOrder>): void => {
    const at = truth.orders.findIndex((one) => one.venueOrderId === venueOrderId);
    const old = truth.orders[at] ?? {
      venueOrderId,
      clientOrderId: null,
      symbol: "SOL/USDT",
      side: "buy",
      quantity: "1",
      filled: "0",
      isLive: true,
      listedFrom: 0,
      isProtective: false,
      owner: "ours",
    };
    truth.orders[at === -1 ? truth.orders.length : at] = { ...old, ...change };
    changed();
  };
  return {
    order,
    create(clientOrderId: string, intent: OrderIntent, change: Partial<WireCreate> = {}): void {
      const { shape, side, quantity, leg } = intent;
      truth.creates.push({
        receivedAt: view.now,
        clientOrderId,
        symbol: "SOL/USDT",
        side,
        quantity,
        price: shape.limitPrice,
        triggerPrice: "triggerPrice" in shape ? shape.triggerPrice : null,
        stampedAt: view.now,
        verdict: "accepted",
        processId: "p1",
        ...change,
      });
      if ((change.verdict ?? "accepted") === "accepted")
        order(`venue ${clientOrderId}`, { clientOrderId, side, quantity, isProtective: leg === "protect" });
      else changed();
    },
    fill(clientOrderId: string, wish: { price: string; quantity: string; side?: "buy" | "sell"; id?: string }): void {
      const { price, quantity, side = "buy", id = `${clientOrderId}/${price}/${quantity}` } = wish;
      const where = { venueOrderId: `venue ${clientOrderId}`, clientOrderId, symbol: "SOL/USDT", side };
      truth.fills.push({ venueFillId: id, ...where, price, quantity, fee: "0", feeAsset: "USDT", at: view.now });
      const known = truth.orders.find((one) => one.venueOrderId === where.venueOrderId);
      const filled = text(exact(known?.filled ?? "0") + exact(quantity));
      if (known === undefined) changed();
      else order(where.venueOrderId, { filled, isLive: exact(filled) < exact(known.quantity) });
    },
    cancel(venueOrderId: string, change: Partial<WireCancel> = {}): void {
      const clientOrderId = truth.orders.find((one) => one.venueOrderId === venueOrderId)?.clientOrderId ?? "";
      const taken = { processId: "p1", verdict: "accepted" } as const;
      truth.cancels.push({ receivedAt: view.now, clientOrderId, venueOrderId, ...taken, ...change });
      changed();
    },
    ...othersActs(view),
  };
}

function othersActs(view: Mutable<WorldView>) {
  return {
    act(change: Partial<HumanAct>): void {
      const tap = { act: "tap", what: "approve", approvalId: "apr-1", verb: "approve" } as const;
      view.acts = [...view.acts, { at: view.now, personId: "ana", isAllowed: true, ...tap, ...change }];
    },
    process(change: Partial<ProcessView>): void {
      const id = change.processId ?? "p1";
      const old = view.processes.find((one) => one.processId === id) ?? process1;
      view.processes = [...view.processes.filter((one) => one.processId !== id), { ...old, ...change }];
    },
  };
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
export const digestIn = (intent: OrderIntent, version = 1): string =>
  digestOf(intent, { version, strategyConfigHash: settings.configHash, phase: 1 }, sha256);

/** The name of an order as this house gives it: PAPER, and long enough to be told apart. */
export const nameOf = (what: string): string => `xcsp7z${what}`;
export const entryName = nameOf("entry");

/** A started house with money. */
export function openHouse(world: SmallWorld): void {
  world.tell(houseStarted, accountOpened("10000"), { type: "house_ready", openPositions: 0 });
}

/** People are asked for this entry and say yes; its approval is used up and the order decided. */
export function askAndDecide(world: SmallWorld, intent: OrderIntent = makeEntry(), approvalId = "apr-1"): void {
  const digest = digestIn(intent);
  const at = world.now() as Instant;
  const asked = requested({ approvalId, digest, createdAt: at, expiresAt: (at + 300_000) as Instant });
  const subject = asked.subject.kind === "order" ? { ...asked.subject, intent } : asked.subject;
  world.tell({ ...asked, subject });
  world.wait(2_000);
  world.act({ approvalId });
  const settled = { approvalId, at: world.now() as Instant };
  world.tellAs("person:ana", vote("ana", { approvalId, digest, eventId: approvalId }), settledAs("approved", settled));
  world.tell(
    settledAs("executing", { ...settled, from: "approved" }),
    {
      type: "intent_cleared",
      intentId: intent.intentId,
      approvalId,
      digest,
      evidence: { quoteAgeMs: "300", equity: "10000", freeQuote: "10000", notional: "393.75", quotedPrice: "87.5" },
    },
    intended(nameFor(intent), intent, { digest, approvalId, approvalVersion: 1 }),
  );
}

export const nameFor = (intent: OrderIntent): string =>
  intent.tradeId === "trade-1" && intent.leg === "entry"
    ? entryName
    : nameOf(`${intent.leg}${intent.tradeId.replace("trade-", "")}a${intent.attempt}`);

/** Armed, received by the venue, and acknowledged. */
export function send(world: SmallWorld, intent: OrderIntent, change: Partial<WireCreate> = {}): void {
  const name = nameFor(intent);
  world.tell({ type: "order_sending", clientOrderId: name, stampedAt: world.now() as Instant, controlVersion: 0 });
  world.create(name, intent, change);
  world.tell({ type: "order_acknowledged", clientOrderId: name, venueOrderId: `venue ${name}`, latencyMs: 5 });
}

/** Decides and sends a leg that only reduces. */
export function sell(world: SmallWorld, intent: OrderIntent, exitReason: "operator" | "stop" | null = null): void {
  world.tell(intended(nameFor(intent), intent, { exitReason }));
  send(world, intent);
}

/** Bought and held: 4.5 SOL at 87.5. */
export function openTrade(world: SmallWorld): void {
  openHouse(world);
  const entry = makeEntry();
  askAndDecide(world, entry);
  send(world, entry);
  world.fill(entryName, { price: "87.5", quantity: "4.5" });
  world.tell(fillOf(entryName, { price: "87.5", quantity: "4.5" }));
}
