/**
 * Closes everything that is ours, from what the exchange says and nothing else: no database, no queue, no chat.
 *
 *   our entries canceled --> per position, riskiest first: its stop canceled, gone, sold down the ladder
 *      --> two looks at every list, two seconds apart
 *
 * The journal is written before every request that sends. A second run waits for what the first may still have on its way,
 * counts what traded since the snapshot, and sells only what is left of ours.
 */
import { clientOrderIdOf } from "../core/client_order_id.ts";
import {
  byRisk,
  isOwned,
  leftAfter,
  nextSale,
  nothingTraded,
  type OpenOrder,
  ownedAfterCancel,
  ownedQuantity,
  type SaleState,
  type Target,
} from "../core/emergency_plan.ts";
import { type Instrument, symbolOf } from "../core/instrument.ts";
import type { Mode, OrderIntent } from "../core/intent.ts";
import type { EmergencyNotice, Lifeline } from "../core/lifeline.ts";
import { mark } from "../core/mark.ts";
import { isPositive, type Price, plus, type Quantity, smallest, zeroQuantity } from "../core/money.ts";
import type { EmergencyVenue } from "../ports/emergency_venue.ts";

export type EmergencyNeeds = {
  readonly venue: EmergencyVenue;
  readonly lifeline: Lifeline | null;
  readonly isDedicated: boolean;
  readonly mode: Mode;
  /** When the snapshot was written; null = there is none. Units: venue clock, ms, as `begunAt`. */
  readonly snapshotAt: number | null;
  readonly begunAt: number;
  /** Sales of an earlier run whose end nobody wrote down. */
  readonly unsettled: readonly { readonly symbol: string; readonly clientOrderId: string }[];
  /** Above every epoch that we know of: it stands in the name of each order. */
  readonly epoch: number;
  readonly sha256: (text: string) => string;
  readonly venueNow: () => number;
  readonly mono: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Resolves when the next request may leave. */
  readonly turn: () => Promise<void>;
  /** Durable when it returns. */
  readonly journal: (step: string, about: Readonly<Record<string, string>>) => void;
  /** The note for the house, durable when it returns. */
  readonly tell: (change: Partial<Pick<EmergencyNotice, "orders" | "left" | "isDone">>) => void;
  readonly say: (line: string) => void;
};

export type Closed = {
  readonly symbol: string;
  readonly quantity: Quantity;
  readonly left: Quantity;
  readonly flatMs: number;
  readonly sales: number;
  /** Nobody bought, so its stop was left where it is. */
  readonly isStopKept: boolean;
};
export type EmergencyReport = {
  readonly closed: readonly Closed[];
  readonly left: readonly string[];
  readonly lookedTwice: boolean;
};

const looksApartMs = 2_000;
const triesMax = 12;
const lookEveryMs = 250;
/** The venue's own late-arrival bound: an order that no look shows by then never came. */
const absentAfterMs = 16_000;
/** What is being sold has no stop any more: it is tried this long before a person has to. */
const nakedMaxMs = 600_000;
const refusedWaitMaxMs = 10_000;
const lanes = 3;

export async function runEmergency(needs: EmergencyNeeds): Promise<EmergencyReport> {
  await inLanes(needs.unsettled, async ({ symbol, clientOrderId }) => {
    mark("X17.emergency_waits_for_an_earlier_sale");
    await follow(needs, symbol, clientOrderId);
  });
  const symbols = await symbolsOf(needs);
  const instruments = await needs.venue.instruments(symbols);
  const open = (await inLanes(symbols, (symbol) => needs.venue.openOrders(symbol)))
    .flat()
    .filter((order) => isOwned(order, needs));
  needs.journal("looked", { symbols: symbols.join(" "), orders: String(open.length) });
  await cancelAll(
    needs,
    open.filter((order) => order.side === "buy"),
  );
  const targets = byRisk(await targetsOf(needs, instruments, open));
  needs.say(
    `${targets.length} to sell: ${targets.map((one) => `${one.quantity} ${one.instrument.symbol}`).join(", ") || "nothing"}`,
  );
  const closed = await inLanes(targets, (target) => closeOne(needs, target, open));
  const idle = open.filter(
    (order) => order.side === "sell" && !targets.some((target) => target.instrument.symbol === order.symbol),
  );
  await cancelAll(needs, idle);
  const guarded = new Set(closed.filter((one) => one.isStopKept).map((one) => one.symbol));
  const left = await prove(
    needs,
    symbols.filter((symbol) => !guarded.has(symbol)),
  );
  const unsold = closed
    .filter((one) => isPositive(one.left))
    .map((one) => `${one.left} ${one.symbol} not sold${one.isStopKept ? "; its stop stays" : ""}`);
  return { closed, left: [...left, ...unsold], lookedTwice: left.length === 0 };
}

/** Those of the snapshot, and every coin of the account that trades against its money. */
async function symbolsOf({ lifeline, venue, isDedicated }: EmergencyNeeds): Promise<readonly string[]> {
  const known = lifeline?.symbols ?? [];
  if (known.length > 0 && !isDedicated) return known;
  const quotes = new Set(known.map((symbol) => symbol.split("/")[1] ?? ""));
  const assets = new Set((await venue.balances()).map((row) => row.asset));
  const all = await venue.instruments([]);
  const held = all.filter(
    ({ base, quote }) => assets.has(base) && (quotes.size === 0 || quotes.has(quote)) && assets.has(quote),
  );
  return [...new Set([...known, ...held.map((one) => one.symbol)])];
}

async function targetsOf(
  needs: EmergencyNeeds,
  instruments: readonly Instrument[],
  open: readonly OpenOrder[],
): Promise<readonly Target[]> {
  const balances = await needs.venue.balances();
  const targets = await inLanes(instruments, async (instrument): Promise<readonly Target[]> => {
    const { symbol } = instrument;
    const holding = sumOf(balances, instrument.base);
    const ownSells = open.filter((order) => order.symbol === symbol && order.side === "sell");
    const traded = needs.isDedicated ? nothingTraded : await needs.venue.traded(symbol, sinceOf(needs));
    const quantity = ownedQuantity({ symbol, holding, ownSells, traded, ...needs });
    if (!isPositive(quantity)) return [];
    const bid = await needs.venue.bid(symbol);
    return [{ instrument, quantity, isProtected: ownSells.length > 0, bid, traded }];
  });
  return targets.flat();
}

async function cancelAll(needs: EmergencyNeeds, orders: readonly OpenOrder[]): Promise<void> {
  await inLanes(orders, async (order) => {
    needs.journal("cancel", {
      symbol: order.symbol,
      order: order.venueOrderId,
      clientOrderId: order.clientOrderId ?? "",
    });
    await needs.venue.cancel(order);
  });
}

/** Its stop holds the coins and goes first; then rung by rung until nothing worth selling is left. */
async function closeOne(needs: EmergencyNeeds, target: Target, open: readonly OpenOrder[]): Promise<Closed> {
  const { symbol } = target.instrument;
  const begun = needs.mono();
  const done = (left: Quantity, sales: number, isStopKept = false): Closed => {
    needs.journal("closed", { symbol, owned: target.quantity, left });
    return { symbol, quantity: target.quantity, left, flatMs: Math.round(needs.mono() - begun), sales, isStopKept };
  };
  // Without a buyer its stop is all that protects it, and stays.
  if (!(await hasBid(needs, symbol))) {
    needs.say(`${symbol}: nobody buys; its stop stays where it is`);
    return done(target.quantity, 0, target.isProtected);
  }
  await cancelAll(
    needs,
    open.filter((order) => order.symbol === symbol && order.side === "sell"),
  );
  const owned = ownedAfterCancel(target, {
    traded: await needs.venue.traded(symbol, sinceOf(needs)),
    there: await thereOf(needs, target.instrument),
  });
  if (owned !== target.quantity) {
    mark("V17.emergency_sees_what_its_stop_sold");
    needs.say(`${symbol}: ${owned} of ${target.quantity} are still ours to sell`);
  }
  const { left, sales } = await sellDown(needs, target.instrument, owned);
  needs.say(`${symbol}: ${isPositive(left) ? `${left} of ${owned} left, and no stop protects them` : "sold"}`);
  return done(left, sales);
}

async function hasBid(needs: EmergencyNeeds, symbol: string): Promise<boolean> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    if ((await needs.venue.bid(symbol)) !== null) return true;
    await needs.sleep(looksApartMs);
  }
  return false;
}

/** Goes on for ten minutes: what it sells has no stop any more. @returns zero left when only dust is. */
async function sellDown(needs: EmergencyNeeds, instrument: Instrument, owned: Quantity) {
  const giveUpAt = needs.mono() + nakedMaxMs;
  let left = owned;
  let sales = 0;
  for (let attempt = 1; needs.mono() < giveUpAt; attempt += 1) {
    const bid = await needs.venue.bid(instrument.symbol);
    if (bid === null) {
      await needs.sleep(looksApartMs);
      continue;
    }
    const sale = nextSale(instrument, left, { bid, tries: sales });
    if (sale === null) return { left: zeroQuantity, sales };
    const sold = await sellOnce(needs, instrument, { ...sale, bid, attempt });
    if (sold === "refused") {
      await needs.sleep(Math.min(600 * attempt, refusedWaitMaxMs));
      left = smallest(left, await thereOf(needs, instrument));
    } else {
      sales += 1;
      left = leftAfter(left, sold);
    }
  }
  return { left, sales };
}

async function thereOf(needs: EmergencyNeeds, { base }: Instrument): Promise<Quantity> {
  return sumOf(await needs.venue.balances(), base).there;
}

function sumOf(rows: Awaited<ReturnType<EmergencyVenue["balances"]>>, asset: string) {
  const mine = rows.filter((row) => row.asset === asset);
  const free = mine.reduce((sum, row) => plus(sum, row.free), zeroQuantity);
  const held = mine.reduce((sum, row) => plus(sum, row.held), zeroQuantity);
  return { free, held, there: plus(free, held) };
}

/** Without a snapshot nobody knows what was before, so only what happens from now on is counted. */
const sinceOf = (needs: EmergencyNeeds): number => needs.snapshotAt ?? needs.begunAt;

type OneSale = {
  readonly quantity: Quantity;
  readonly limitPrice: Price;
  readonly bid: Price;
  readonly attempt: number;
};

/** Written down, sent once, followed until the exchange says how much of it traded. */
async function sellOnce(needs: EmergencyNeeds, instrument: Instrument, sale: OneSale): Promise<Quantity | "refused"> {
  const { intent, digest } = intentOf(needs, instrument, sale);
  const clientOrderId = clientOrderIdOf(intent, { epoch: needs.epoch, digest }, needs.sha256);
  needs.journal("selling", {
    clientOrderId,
    symbol: instrument.symbol,
    quantity: sale.quantity,
    limitPrice: sale.limitPrice,
  });
  needs.tell({ orders: [{ clientOrderId, intent, referencePrice: sale.bid, digest }] });
  // Its turn first: the stamp must be as young as possible when the request leaves.
  await needs.turn();
  const stampedAt = Math.round(needs.venueNow());
  const sent = await needs.venue.sell({
    clientOrderId,
    symbol: instrument.symbol,
    stampedAt,
    quantity: sale.quantity,
    limitPrice: sale.limitPrice,
  });
  if (sent.kind === "refused") {
    needs.say(`${instrument.symbol}: refused (${sent.because})`);
    needs.journal("refused", { clientOrderId, because: sent.because });
    return "refused";
  }
  const ended = await follow(needs, instrument.symbol, clientOrderId);
  const sold = ended.kind === "ended" ? ended.sold : zeroQuantity;
  needs.journal("sold", { clientOrderId, sold });
  return sold;
}

function intentOf(
  needs: EmergencyNeeds,
  instrument: Instrument,
  sale: OneSale,
): { intent: OrderIntent; digest: string } {
  const held = needs.lifeline?.positions.find((position) => symbolOf(position.instrumentId) === instrument.symbol);
  const digest = needs.sha256(
    `emergency|${instrument.symbol}|${sale.attempt}|${sale.quantity}|${sale.limitPrice}|${needs.venueNow()}`,
  );
  const intent: OrderIntent = {
    intentId: `int_${digest.slice(0, 26)}`,
    tradeId: held?.positionId ?? `emergency_${instrument.symbol}`,
    mode: needs.mode,
    venue: instrument.venue,
    account: held?.account ?? needs.lifeline?.account ?? "main",
    instrumentId: instrument.instrumentId,
    leg: "exit",
    side: "sell",
    quantity: sale.quantity,
    reduceOnly: true,
    shape: { orderType: "limit", limitPrice: sale.limitPrice, timeInForce: "ioc" },
    exitPlan: null,
    strategy: held?.strategy ?? "emergency",
    signalId: null,
    attempt: (held?.exitAttempts ?? 0) + sale.attempt,
  };
  return { intent, digest };
}

/** An order that no look shows may still arrive for a while: only then is the next one sent. */
async function follow(needs: EmergencyNeeds, symbol: string, clientOrderId: string): Promise<SaleState> {
  const until = needs.mono() + absentAfterMs;
  for (;;) {
    const seen = await needs.venue.look(symbol, clientOrderId);
    if (seen.kind === "ended") return seen;
    if (seen.kind === "absent" && needs.mono() >= until) {
      mark("N01.emergency_proven_absent");
      return seen;
    }
    await needs.sleep(lookEveryMs);
  }
}

/** Two looks at every list find nothing of ours; what one finds is canceled, and the proof begins again. */
async function prove(needs: EmergencyNeeds, symbols: readonly string[]): Promise<readonly string[]> {
  let clean = 0;
  let found: readonly OpenOrder[] = [];
  for (let looks = 0; looks < triesMax && clean < 2; looks += 1) {
    if (looks > 0) await needs.sleep(looksApartMs);
    found = (await inLanes(symbols, (symbol) => needs.venue.openOrders(symbol)))
      .flat()
      .filter((order) => isOwned(order, needs));
    clean = found.length === 0 ? clean + 1 : 0;
    await cancelAll(needs, found);
  }
  needs.journal("looked_twice", { clean: String(clean), left: String(found.length) });
  return found.map((order) => `order ${order.clientOrderId ?? order.venueOrderId} on ${order.symbol} still works`);
}

async function inLanes<Item, Value>(
  items: readonly Item[],
  work: (item: Item) => Promise<Value>,
): Promise<readonly Value[]> {
  const results: Value[] = [];
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const index = next;
      next += 1;
      results[index] = await work(items[index] as Item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
  return results;
}
