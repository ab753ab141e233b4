/**
 * Closes everything that is ours, from what the exchange says and nothing else: no database, no queue, no chat.
 *
 *   our entries canceled --> per position, riskiest first: its stop canceled, gone, sold down the ladder
 *      --> two looks at every list, two seconds apart
 *
 * The journal is written before every request that sends, and it is the only memory: a second run begins with a fresh look
 * at the exchange and sells what is still there.
 */
import { clientOrderIdOf } from "../core/client_order_id.ts";
import {
  byRisk,
  type Holding,
  isOwned,
  leftAfter,
  nextSale,
  type OpenOrder,
  ownedQuantity,
  type SaleState,
  type Target,
} from "../core/emergency_plan.ts";
import { type Instrument, symbolOf } from "../core/instrument.ts";
import type { Mode, OrderIntent } from "../core/intent.ts";
import type { EmergencyNotice, Lifeline } from "../core/lifeline.ts";
import { mark } from "../core/mark.ts";
import { isPositive, type Price, plus, type Quantity, zeroQuantity } from "../core/money.ts";
import type { EmergencyVenue } from "../ports/emergency_venue.ts";

export type EmergencyNeeds = {
  readonly venue: EmergencyVenue;
  readonly lifeline: Lifeline | null;
  readonly isDedicated: boolean;
  readonly mode: Mode;
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
const lanes = 3;

export async function runEmergency(needs: EmergencyNeeds): Promise<EmergencyReport> {
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
  const left = await prove(needs, symbols);
  const unsold = closed.filter((one) => isPositive(one.left)).map((one) => `${one.left} ${one.symbol} not sold`);
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
    const rows = balances.filter((row) => row.asset === instrument.base);
    const holding: Holding = {
      free: rows.reduce((sum, row) => plus(sum, row.free), zeroQuantity),
      held: rows.reduce((sum, row) => plus(sum, row.held), zeroQuantity),
    };
    const ownSells = open.filter((order) => order.symbol === instrument.symbol && order.side === "sell");
    const quantity = ownedQuantity({ symbol: instrument.symbol, holding, ownSells, ...needs });
    if (!isPositive(quantity)) return [];
    const bid = await needs.venue.bid(instrument.symbol);
    return [{ instrument, quantity, isProtected: ownSells.length > 0, bid }];
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

/** Its stop goes first, because it holds the coins; then rung by rung until nothing worth selling is left. */
async function closeOne(needs: EmergencyNeeds, target: Target, open: readonly OpenOrder[]): Promise<Closed> {
  const { instrument, quantity } = target;
  const begun = needs.mono();
  await cancelAll(
    needs,
    open.filter((order) => order.symbol === instrument.symbol && order.side === "sell"),
  );
  let left = quantity;
  let sales = 0;
  for (let tries = 0; tries < triesMax; tries += 1) {
    const bid = await needs.venue.bid(instrument.symbol);
    if (bid === null) {
      await needs.sleep(looksApartMs);
      continue;
    }
    const sale = nextSale(instrument, left, { bid, tries: sales });
    if (sale === null) break;
    const sold = await sellOnce(needs, instrument, { ...sale, bid, attempt: tries + 1 });
    if (sold === "refused") await needs.sleep(600);
    else {
      sales += 1;
      left = leftAfter(left, sold);
    }
  }
  const isDust = target.bid !== null && nextSale(instrument, left, { bid: target.bid, tries: 0 }) === null;
  needs.journal("closed", { symbol: instrument.symbol, sold: quantity, left });
  needs.say(`${instrument.symbol}: ${isDust ? "sold" : `${left} of ${quantity} left`}`);
  return {
    symbol: instrument.symbol,
    quantity,
    left: isDust ? zeroQuantity : left,
    flatMs: Math.round(needs.mono() - begun),
    sales,
  };
}

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
