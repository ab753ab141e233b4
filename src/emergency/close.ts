/**
 * One instrument: its stop canceled and gone, then rung by rung down the ladder, each position's part under its own name. What
 * the cancel is known to have set free is ours, whatever else the account did meanwhile.
 */
import { clientOrderIdOf } from "../core/client_order_id.ts";
import { freedBy, leftAfter } from "../core/emergency_claim.ts";
import {
  isWorthSelling,
  nextSale,
  type OpenOrder,
  type Part,
  partsOf,
  type SaleState,
  type Target,
} from "../core/emergency_plan.ts";
import type { Instrument } from "../core/instrument.ts";
import type { OrderIntent } from "../core/intent.ts";
import { mark } from "../core/mark.ts";
import { isPositive, type Price, plus, type Quantity, smallest, sum, zeroQuantity } from "../core/money.ts";
import { claimNow, holdingOf, rememberChild, totalOf, tradedNow } from "./look.ts";
import { insistOurs, looksApartMs, type Run } from "./needs.ts";

export type Closed = {
  readonly symbol: string;
  readonly quantity: Quantity;
  readonly left: Quantity;
  readonly flatMs: number;
  readonly sales: number;
  /** Why its stop was left where it is; null = it had none, or it is canceled. */
  readonly keptBecause: string | null;
};

const bidTries = 12;
const lookEveryMs = 250;
/** The venue's own late-arrival bound: an order that no look shows by then never came. */
const absentAfterMs = 16_000;
/** An order that takes what it can get at once ends at once: one that does not by then is left to a person. */
const followMaxMs = 120_000;
/** What is being sold has no stop any more: it is tried this long before a person has to. */
const nakedMaxMs = 600_000;
const refusedWaitMaxMs = 10_000;

export async function closeOne(run: Run, target: Target, open: readonly OpenOrder[]): Promise<Closed> {
  const { instrument } = target;
  const { symbol } = instrument;
  const begun = run.mono();
  const done = (left: Quantity, sales = 0, keptBecause: string | null = null): Closed => {
    run.journal("closed", { symbol, owned: target.quantity, left });
    return { symbol, quantity: target.quantity, left, flatMs: Math.round(run.mono() - begun), sales, keptBecause };
  };
  const stays = (because: string): Closed => {
    run.say(`${symbol}: ${because}${target.isProtected ? "; its stop stays where it is" : ""}`);
    return done(target.quantity, 0, target.isProtected ? because : null);
  };
  const bid = await bidOf(run, symbol);
  // Without a buyer its stop is all that protects it, and stays.
  if (bid === null) return stays("nobody buys");
  if (!isWorthSelling(instrument, target.quantity, bid))
    return target.isProtected ? stays("too little to sell") : done(zeroQuantity);
  const ownSells = open.filter((order) => order.symbol === symbol && order.side === "sell");
  const owned = await takeOff(run, target, ownSells);
  if (owned !== target.quantity) {
    mark("V17.emergency_sees_what_its_stop_sold");
    run.say(`${symbol}: ${owned} of ${target.quantity} are still ours to sell`);
  }
  if (!isPositive(owned)) return done(zeroQuantity);
  const { left, sales } = await sellDown(run, instrument, owned).catch((error: Error) => {
    throw new Error(`${error.message}; what is left of ${owned} has no stop`);
  });
  run.say(`${symbol}: ${isPositive(left) ? `${left} of ${owned} left, and no stop protects them` : "sold"}`);
  return done(left, sales);
}

async function bidOf(run: Run, symbol: string): Promise<Price | null> {
  for (let tries = 0; tries < bidTries; tries += 1) {
    const bid = await run.venue.bid(symbol);
    if (bid !== null) return bid;
    await run.sleep(looksApartMs);
  }
  return null;
}

/** @returns what is ours to sell, now that nothing of ours holds it any more. */
async function takeOff(run: Run, target: Target, ownSells: readonly OpenOrder[]): Promise<Quantity> {
  const { instrument } = target;
  const [before, tradedBefore] = [await holdingOf(run, instrument), await tradedNow(run, instrument.symbol)];
  const confirmed: Quantity[] = [];
  const gone: OpenOrder[] = [];
  for (const order of ownSells) {
    const freed = await cancelSale(run, order);
    if (freed === null) gone.push(order);
    else confirmed.push(freed);
  }
  // Lists lag behind what has just fired.
  if (gone.length > 0) await run.sleep(looksApartMs);
  const [after, traded] = [await holdingOf(run, instrument), await tradedNow(run, instrument.symbol)];
  const sold = leftAfter(
    plus(traded.soldByUs, traded.soldByOthers),
    plus(tradedBefore.soldByUs, tradedBefore.soldByOthers),
  );
  const { freed, missing } = freedBy({
    confirmed: sum(confirmed, zeroQuantity),
    gone: totalOf(gone),
    before,
    after,
    sold,
  });
  const known = { resting: freed, missing, traded, hadStop: ownSells.length > 0 };
  return (await claimNow(run, instrument, known)).owned;
}

/** @returns what it frees; null = it was gone, and what it became could not be found. */
async function cancelSale(run: Run, order: OpenOrder): Promise<Quantity | null> {
  const end = await cancelOne(run, order);
  if (end !== null || order.kind === "limit") return end;
  const child = await rememberChild(run, order);
  return child === null
    ? null
    : await cancelOne(run, { ...order, kind: "limit", venueOrderId: child, clientOrderId: null });
}

/** @returns what it did not trade; null = it was gone. */
export async function cancelOne(run: Run, order: OpenOrder): Promise<Quantity | null> {
  const { symbol, side, clientOrderId, venueOrderId } = order;
  await insistOurs(run);
  run.journal("cancel", { symbol, order: venueOrderId, clientOrderId: clientOrderId ?? "" });
  const end = await run.venue.cancel(order);
  if (end.kind === "gone") return null;
  if (order.kind === "limit" && clientOrderId !== null)
    run.followed.set(clientOrderId, { symbol, side, total: end.traded });
  return end.freed;
}

type Sold = { readonly left: Quantity; readonly sales: number };

/** Goes on for ten minutes: what it sells has no stop any more. @returns zero left when only dust is. */
async function sellDown(run: Run, instrument: Instrument, owned: Quantity): Promise<Sold> {
  const giveUpAt = run.mono() + nakedMaxMs;
  const counter = { attempts: 0, sales: 0 };
  let rest = owned;
  let dust = zeroQuantity;
  for (const { position, quantity } of partsOf(run.lifeline, instrument.symbol, owned)) {
    const part = { position, quantity: plus(quantity, dust) };
    const left = await sellPart(run, instrument, { part, giveUpAt, counter });
    rest = leftAfter(rest, quantity);
    if (left.isOpen) return { left: plus(left.left, rest), sales: counter.sales };
    dust = left.left;
  }
  return { left: zeroQuantity, sales: counter.sales };
}

type PartSale = {
  readonly part: Part;
  readonly giveUpAt: number;
  readonly counter: { attempts: number; sales: number };
};

/** @returns what is left: dust, or, when `isOpen`, what could not be sold. */
async function sellPart(
  run: Run,
  instrument: Instrument,
  { part, giveUpAt, counter }: PartSale,
): Promise<{ left: Quantity; isOpen: boolean }> {
  let left = part.quantity;
  while (run.mono() < giveUpAt) {
    const bid = await run.venue.bid(instrument.symbol);
    if (bid === null) {
      await run.sleep(looksApartMs);
      continue;
    }
    const sale = nextSale(instrument, left, { bid, tries: counter.sales });
    if (sale === null) return { left, isOpen: false };
    counter.attempts += 1;
    const sold = await sellOnce(run, instrument, { ...sale, bid, attempt: counter.attempts, position: part.position });
    if (sold === "unanswered") return { left, isOpen: true };
    if (sold === "refused") {
      await run.sleep(Math.min(600 * counter.attempts, refusedWaitMaxMs));
      const { free, held } = await holdingOf(run, instrument);
      left = smallest(left, plus(free, held));
    } else {
      counter.sales += 1;
      left = leftAfter(left, sold);
    }
  }
  return { left, isOpen: true };
}

type OneSale = {
  readonly quantity: Quantity;
  readonly limitPrice: Price;
  readonly bid: Price;
  readonly attempt: number;
  readonly position: Part["position"];
};

/** Written down, sent once, followed until the exchange says how much of it traded. */
async function sellOnce(run: Run, instrument: Instrument, sale: OneSale): Promise<Quantity | "refused" | "unanswered"> {
  const { symbol } = instrument;
  const { quantity, limitPrice, bid } = sale;
  await insistOurs(run);
  const { intent, digest } = intentOf(run, instrument, sale);
  const clientOrderId = clientOrderIdOf(intent, { epoch: run.epoch, digest }, run.sha256);
  run.journal("selling", { clientOrderId, symbol, quantity, limitPrice });
  run.tell({ orders: [{ clientOrderId, intent, referencePrice: bid, digest }] });
  // Its turn first: the stamp must be as young as possible when the request leaves.
  await run.turn();
  const stampedAt = Math.round(run.venueNow());
  // Frozen before this, it sees that it was taken over; frozen after it, the exchange refuses the old stamp.
  await insistOurs(run);
  const sent = await run.venue.sell({ clientOrderId, symbol, stampedAt, quantity, limitPrice });
  if (sent.kind === "refused") {
    run.say(`${symbol}: refused (${sent.because})`);
    run.journal("refused", { clientOrderId, because: sent.because });
    return "refused";
  }
  const ended = await follow(run, symbol, clientOrderId);
  if (ended.kind === "unknown") return "unanswered";
  const sold = ended.kind === "ended" ? ended.sold : zeroQuantity;
  run.journal("sold", { clientOrderId, sold });
  return sold;
}

function intentOf(
  run: Run,
  instrument: Instrument,
  { position, attempt, quantity, limitPrice }: OneSale,
): { intent: OrderIntent; digest: string } {
  const digest = run.sha256(
    `emergency|${instrument.symbol}|${position?.positionId ?? ""}|${attempt}|${quantity}|${limitPrice}|${run.venueNow()}`,
  );
  const intent: OrderIntent = {
    intentId: `int_${digest.slice(0, 26)}`,
    tradeId: position?.positionId ?? `emergency_${instrument.symbol}`,
    mode: run.mode,
    venue: instrument.venue,
    account: position?.account ?? run.lifeline?.account ?? "main",
    instrumentId: instrument.instrumentId,
    leg: "exit",
    side: "sell",
    quantity,
    reduceOnly: true,
    shape: { orderType: "limit", limitPrice, timeInForce: "ioc" },
    exitPlan: null,
    strategy: position?.strategy ?? "emergency",
    signalId: null,
    attempt: (position?.exitAttempts ?? 0) + attempt,
  };
  return { intent, digest };
}

/** An order that no look shows may still arrive for a while: only then is the next one sent. "unknown" is told to a person. */
export async function follow(run: Run, symbol: string, clientOrderId: string): Promise<SaleState> {
  const begun = run.mono();
  for (;;) {
    const seen = await run.venue.look(symbol, clientOrderId);
    const waited = run.mono() - begun;
    if (seen.kind === "ended") {
      run.followed.set(clientOrderId, { symbol, side: "sell", total: seen.sold });
      return seen;
    }
    if (seen.kind === "absent" && waited >= absentAfterMs) {
      mark("N01.emergency_proven_absent");
      return seen;
    }
    if (waited >= followMaxMs) {
      mark("N01.emergency_sale_unanswered");
      run.barred.add(symbol);
      const told = seen.kind === "working" ? `${seen.sold} of it are sold` : seen.kind;
      const because = `sale ${clientOrderId} on ${symbol} has not ended in ${followMaxMs / 1_000} s (${told}); nothing more is sold there, look at it on the exchange`;
      run.troubles.add(because);
      return { kind: "unknown", because };
    }
    await run.sleep(lookEveryMs);
  }
}
