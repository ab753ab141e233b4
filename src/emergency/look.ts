/** What the exchange shows of ours: orders that work, coins that are there, and how much of them may be sold. */
import {
  type Claim,
  type Claiming,
  claimOf,
  countedFrom,
  type Holding,
  isTooOld,
  type Traded,
  tradedOf,
} from "../core/emergency_claim.ts";
import { isOwned, isWorthSelling, type OpenOrder, type Target } from "../core/emergency_plan.ts";
import { type Instrument, symbolOf } from "../core/instrument.ts";
import { mark } from "../core/mark.ts";
import { isPositive, plus, type Quantity, sum, zeroQuantity } from "../core/money.ts";
import { inLanes, type Run } from "./needs.ts";

/** Those of the snapshot, and every coin of the account that trades against its money. */
export async function symbolsOf({ lifeline, venue, isDedicated }: Run): Promise<readonly string[]> {
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

/** A stop of the snapshot that no list shows may have fired: what it became has no name of ours, and holds our coins. */
export async function ownOrders(run: Run, symbol: string): Promise<readonly OpenOrder[]> {
  const listed = await run.venue.openOrders(symbol);
  for (const { clientOrderId, leg, instrumentId } of run.isDedicated ? [] : (run.lifeline?.orders ?? [])) {
    const isAsked = run.asked.has(clientOrderId) || listed.some((order) => order.clientOrderId === clientOrderId);
    if (leg !== "protect" || symbolOf(instrumentId) !== symbol || isAsked) continue;
    await rememberChild(run, { symbol, clientOrderId });
    run.asked.add(clientOrderId);
  }
  return listed.filter((order) => isOwned(order, run));
}

export async function rememberChild(
  run: Run,
  order: Pick<OpenOrder, "symbol" | "clientOrderId">,
): Promise<string | null> {
  const child = await run.venue.firedAs(order);
  if (child === null) return null;
  mark("V17.emergency_knows_what_a_stop_became");
  run.children.add(child);
  return child;
}

/** What rests is read before what traded: a sale in between is then counted, and never overlooked. */
export async function targetsOf(
  run: Run,
  instruments: readonly Instrument[],
  open: readonly OpenOrder[],
): Promise<readonly Target[]> {
  const targets = await inLanes(run, instruments, {
    nameOf: ({ symbol }) => symbol,
    work: async (instrument): Promise<readonly Target[]> => {
      const ownSells = open.filter((order) => order.symbol === instrument.symbol && order.side === "sell");
      const resting = totalOf(ownSells);
      const claim = await claimNow(run, instrument, { resting });
      const bid = await run.venue.bid(instrument.symbol);
      tellDoubt(run, instrument, claim);
      return isPositive(claim.owned)
        ? [{ instrument, quantity: claim.owned, isProtected: isPositive(resting), bid }]
        : [];
    },
  });
  return targets.flat();
}

export const totalOf = (orders: readonly OpenOrder[]): Quantity =>
  sum(
    orders.map((order) => order.quantity),
    zeroQuantity,
  );

export async function claimNow(
  run: Run,
  instrument: Instrument,
  known: Pick<Claiming, "resting" | "missing" | "hadStop"> & { readonly traded?: Traded },
): Promise<Claim> {
  const { symbol } = instrument;
  const { free, held } = await holdingOf(run, instrument);
  const traded = known.traded ?? (await tradedNow(run, symbol));
  return claimOf({ ...run, ...known, symbol, there: plus(free, held), traded });
}

export async function tradedNow(run: Run, symbol: string): Promise<Traded> {
  return tradedOf(await run.venue.deals(symbol, countedFrom(run)), { ...run, symbol });
}

export async function holdingOf(run: Run, { base }: Instrument): Promise<Holding> {
  const mine = (await run.venue.balances()).filter((row) => row.asset === base);
  return {
    free: mine.reduce((total, row) => plus(total, row.free), zeroQuantity),
    held: mine.reduce((total, row) => plus(total, row.held), zeroQuantity),
  };
}

function tellDoubt(run: Run, instrument: Instrument, { doubt }: Claim): void {
  if (!isWorthSelling(instrument, doubt, null)) return;
  const compared = run.lifeline?.comparedAt ?? run.lifeline?.at ?? "";
  run.troubles.add(
    isTooOld(run)
      ? `${doubt} ${instrument.symbol} not sold: the snapshot was last compared with the exchange ${run.comparedAt === null ? "nobody knows when" : `on ${compared}`}, and its lists do not go back so far; look whose they are`
      : `${doubt} ${instrument.symbol} not sold: as much was sold since ${compared} by orders without a name of ours; look whether that was its stop`,
  );
}
