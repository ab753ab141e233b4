/**
 * Closes everything that is ours, from what the exchange says and nothing else: no database, no queue, no chat.
 *
 *   our entries canceled --> per position, riskiest first: its stop canceled, gone, sold down the ladder
 *      --> two looks at every list, two seconds apart, and one at what is there
 *
 * The journal is written before every request that sends. A second run waits for what the first may still have on its way,
 * counts what traded since the snapshot, and sells only what is left of ours. What fails on one symbol is told, and ends
 * nothing on the others.
 */
import { byRisk, isWorthSelling, type OpenOrder } from "../core/emergency_plan.ts";
import { type Instrument, symbolOf } from "../core/instrument.ts";
import { mark } from "../core/mark.ts";
import { isPositive, zeroQuantity } from "../core/money.ts";
import { type Closed, cancelOne, closeOne, follow } from "./close.ts";
import { claimNow, ownOrders, symbolsOf, targetsOf } from "./look.ts";
import { type EmergencyNeeds, inLanes, looksApartMs, type Run, runOf } from "./needs.ts";

export type EmergencyReport = {
  readonly closed: readonly Closed[];
  readonly left: readonly string[];
  readonly lookedTwice: boolean;
};

const looksMax = 12;
/** The exchange's list of fills may be behind what it sold. */
const lagLooks = 4;

export async function runEmergency(needs: EmergencyNeeds): Promise<EmergencyReport> {
  const run = runOf(needs);
  await inLanes(run, run.unsettled, {
    nameOf: ({ symbol, clientOrderId }) => `an earlier sale ${clientOrderId} on ${symbol}`,
    work: async ({ symbol, clientOrderId }) => {
      mark("X17.emergency_waits_for_an_earlier_sale");
      run.barred.add(symbol);
      if ((await follow(run, symbol, clientOrderId)).kind !== "unknown") run.barred.delete(symbol);
    },
  });
  const symbols = await symbolsOf(run);
  const open = await lookAtAll(run, symbols);
  run.journal("looked", { symbols: symbols.join(" "), orders: String(open.length) });
  await cancelAll(
    run,
    open.filter((order) => order.side === "buy"),
  );
  const instruments = await instrumentsOf(run, symbols);
  const targets = byRisk(await targetsOf(run, instruments, open));
  run.say(
    `${targets.length} to sell: ${targets.map((one) => `${one.quantity} ${one.instrument.symbol}`).join(", ") || "nothing"}`,
  );
  const closed = await inLanes(run, targets, {
    nameOf: ({ instrument }) => instrument.symbol,
    work: (target) => closeOne(run, target, open),
  });
  const proof = await prove(run, { symbols, closed });
  await proveNothingThere(run, instruments, closed);
  if (!(await run.isOurs())) run.troubles.add("another process has taken over while this one was at work; ask the bot");
  const unsold = closed
    .filter((one) => isPositive(one.left))
    .map((one) => `${one.left} ${one.symbol} not sold${one.keptBecause === null ? "" : `; its stop stays`}`);
  return { closed, left: [...run.troubles, ...proof.left, ...unsold], lookedTwice: proof.lookedTwice };
}

/** A symbol that can't be looked at is left alone: its stop, if it has one, is all that is known of it. */
async function lookAtAll(run: Run, symbols: readonly string[]): Promise<readonly OpenOrder[]> {
  const found = await inLanes(run, symbols, {
    nameOf: (symbol) => symbol,
    work: async (symbol) => {
      const wasBarred = run.barred.has(symbol);
      run.barred.add(symbol);
      const orders = await ownOrders(run, symbol);
      if (!wasBarred) run.barred.delete(symbol);
      return orders;
    },
  });
  return found.flat();
}

/** Those on which something may be sold. What the exchange does not list any more is told. */
async function instrumentsOf(run: Run, symbols: readonly string[]): Promise<readonly Instrument[]> {
  const instruments = await run.venue.instruments(symbols);
  for (const { quantity, instrumentId } of run.lifeline?.positions ?? []) {
    const symbol = symbolOf(instrumentId);
    if (!instruments.some((one) => one.symbol === symbol))
      run.troubles.add(`${quantity} ${symbol} not sold: the exchange does not list it`);
  }
  return instruments.filter((one) => !run.barred.has(one.symbol));
}

async function cancelAll(run: Run, orders: readonly OpenOrder[]): Promise<void> {
  await inLanes(run, orders, {
    nameOf: ({ clientOrderId, venueOrderId, symbol }) => `order ${clientOrderId ?? venueOrderId} on ${symbol}`,
    work: async (order) => {
      const freed = await cancelOne(run, order);
      // It may have filled while it was canceled; its own record knows before any list.
      if (freed === null && order.clientOrderId !== null) await lookOnce(run, order, order.clientOrderId);
    },
  });
}

async function lookOnce(run: Run, { symbol, side }: OpenOrder, clientOrderId: string): Promise<void> {
  const seen = await run.venue.look(symbol, clientOrderId);
  if (seen.kind === "ended") run.followed.set(clientOrderId, { symbol, side, total: seen.sold });
}

/**
 * Two looks at every list find nothing of ours; what one finds is canceled, and the proof begins again. A sale of ours on a
 * symbol that is not sold out protects what is left there: it stays, and is told.
 */
async function prove(run: Run, about: { symbols: readonly string[]; closed: readonly Closed[] }) {
  const kept = new Set(about.closed.filter((one) => one.keptBecause !== null).map((one) => one.symbol));
  const soldOut = new Set(about.closed.filter((one) => !isPositive(one.left)).map((one) => one.symbol));
  let clean = 0;
  let found: readonly OpenOrder[] = [];
  for (let looks = 0; looks < looksMax && clean < 2; looks += 1) {
    if (!(await run.isOurs())) break;
    if (looks > 0) await run.sleep(looksApartMs);
    const all = await lookAtAll(run, about.symbols);
    found = all.filter((order) => order.side === "buy" || !kept.has(order.symbol));
    clean = found.length === 0 && run.barred.size === 0 ? clean + 1 : 0;
    await cancelAll(
      run,
      found.filter((order) => order.side === "buy" || soldOut.has(order.symbol)),
    );
  }
  run.journal("looked_twice", { clean: String(clean), left: String(found.length) });
  const left = found.map(
    (order) => `order ${order.clientOrderId ?? order.venueOrderId} on ${order.symbol} still works`,
  );
  if (clean < 2 && left.length === 0 && run.troubles.size === 0)
    left.push("the lists did not stay empty for two looks; look at them again");
  return { left, lookedTwice: clean >= 2 };
}

/** Balances say what lists of orders can't: that nothing of ours is there any more. */
async function proveNothingThere(
  run: Run,
  instruments: readonly Instrument[],
  closed: readonly Closed[],
): Promise<void> {
  const isTold = new Set(closed.filter((one) => isPositive(one.left)).map((one) => one.symbol));
  await inLanes(
    run,
    instruments.filter((one) => !isTold.has(one.symbol)),
    {
      nameOf: ({ symbol }) => symbol,
      work: async (instrument) => {
        for (let looks = 1; ; looks += 1) {
          const { owned } = await claimNow(run, instrument, { resting: zeroQuantity, hadStop: true });
          if (!isWorthSelling(instrument, owned, await run.venue.bid(instrument.symbol))) return;
          if (looks >= lagLooks) return void run.troubles.add(`${owned} ${instrument.symbol} of ours are still there`);
          await run.sleep(looksApartMs);
        }
      },
    },
  );
}
