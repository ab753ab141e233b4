/**
 * I13: money neither appears nor vanishes. The books' sums are held against the oracle's own sums of the same facts, the
 * facts against the venue's fills digit by digit, and in full the venue's balances against everything that ever moved.
 */
import type { FactOf } from "../../../src/core/events.ts";
import type { Invariant, TrueFill, Violation, WorldView } from "../contract.ts";
import { absolute, exact, text, times } from "./exact.ts";
import { type OrderTrail, type Told, type Trail, trailOf } from "./trail.ts";
import { oursBehind } from "./truth.ts";
import { calmFor, openCursor, violated } from "./verdict.ts";

/** Averages are cut at the 18th place, so a profit may miss by a few of the last digits. */
const crumbs = exact("0.00000001");

export const conservationOfMoney: Invariant = {
  id: "I13",
  name: "ConservationOfMoney",
  statement:
    "The books' money is what the recorded fills moved, fees counted once; every recorded fill is one of the venue's, digit for digit; the venue's balances are its opening balances and all that ever moved them",
  open() {
    const told = openCursor();
    const byId = new Map<string, TrueFill>();
    let indexed = 0;
    const opening = openBalances();
    const check = (view: WorldView): readonly Violation[] => {
      for (const fill of view.venue.fills.slice(indexed)) byId.set(`${fill.symbol}|${fill.venueFillId}`, fill);
      indexed = view.venue.fills.length;
      opening.see(view);
      const trail = trailOf(view);
      const fresh = told(trail.told);
      if (fresh.length === 0) return [];
      return [
        ...fresh.flatMap((one) =>
          one.fact.type === "fill_received" && one.fact.isProvisional !== true
            ? otherThanTheVenue(byId, one.order, one.fact)
            : [],
        ),
        ...fresh.flatMap((one) => wrongProfit(one)),
        ...(fresh.some(isMoney) ? otherSums(view, trail) : []),
      ];
    };
    return {
      check,
      checkInFull: (view) => [...check(view), ...otherSums(view, trailOf(view)), ...opening.compare(view)],
      checkCalm: neverBooked,
    };
  },
};

const isMoney = ({ fact }: Told): boolean =>
  fact.type === "fill_received" || fact.type === "fill_reversed" || fact.type === "transfer_recorded";

function otherThanTheVenue(
  byId: ReadonlyMap<string, TrueFill>,
  order: OrderTrail | null,
  fill: FactOf<"fill_received">,
): readonly Violation[] {
  const truth = byId.get(`${order?.symbol}|${fill.venueFillId}`);
  // A fill that the venue told without an id, and gets one later, is held against sums by I04.
  if (truth === undefined) return [];
  // A sale of somebody else takes more than one position at a time: each gets its share of it.
  if (order?.isAdopted === true) return [];
  const rows = [
    ["price", fill.price, truth.price],
    ["quantity", fill.quantity, truth.quantity],
    ["fee", fill.fee, truth.fee],
  ] as const;
  const wrong = rows.filter(([, recorded, venue]) => exact(recorded) !== exact(venue));
  const bad = wrong.map(([what, recorded, venue]) => `${what} ${recorded}, at the venue ${venue}`);
  if (fill.feeAsset !== truth.feeAsset) bad.push(`fee in ${fill.feeAsset}, at the venue in ${truth.feeAsset}`);
  if (truth.clientOrderId !== null && truth.clientOrderId !== fill.clientOrderId)
    bad.push(`booked to ${fill.clientOrderId}, at the venue of ${truth.clientOrderId}`);
  return bad.map((because) =>
    violated("I13", "a fill was recorded otherwise than it happened", { fill: fill.venueFillId, because }),
  );
}

/** Long enough for a house in peace to read the list of fills more than once. */
const readWithinMs = 30_000;

/** A fill that was guessed at first has the venue's own name, price and fee in the end, whatever became of its order. */
function neverBooked(view: WorldView): readonly Violation[] {
  const calm = calmFor(view);
  if (calm === null || calm < readWithinMs) return [];
  const trail = trailOf(view);
  return view.venue.fills.flatMap((fill) => {
    const order = view.now - fill.at < readWithinMs ? undefined : oursBehind(trail, fill);
    if (order === undefined || order.isAdopted || order.fillIds.has(fill.venueFillId)) return [];
    const about = { fill: fill.venueFillId, clientOrderId: order.id, state: order.state };
    return [violated("I13", "a fill of ours is not on record as the venue tells it", about)];
  });
}

/** What the house believes its fills moved, asset by asset. */
function otherSums(view: WorldView, trail: Trail): readonly Violation[] {
  const account = view.books.house.account;
  if (account === null) return [];
  const assets = new Set([...Object.keys(account.deltas), ...trail.deltas.keys()]);
  return [...assets].flatMap((asset) => {
    const booked = exact(account.deltas[asset] ?? "0");
    const moved = trail.deltas.get(asset) ?? 0n;
    return booked === moved
      ? []
      : [
          violated("I13", "the books' money is not what the fills moved", {
            asset,
            booked: text(booked),
            moved: text(moved),
          }),
        ];
  });
}

/** Of a trade that was left to the last unit: what came in, less what went out, less fees. */
function wrongProfit({ fact, trade, recorded }: Told): readonly Violation[] {
  if (fact.type !== "position_closed" || fact.reason === "no_fill" || trade === null || trade.reduced > 0n) return [];
  const closing = trade.closings.find((one) => one.seq === recorded.seq);
  if (closing === undefined || closing.held !== 0n || absolute(exact(fact.pnl) - closing.profit) <= crumbs) return [];
  return [
    violated("I13", "a profit is not what the fills brought", {
      tradeId: trade.id,
      told: fact.pnl,
      fills: text(closing.profit),
    }),
  ];
}

/** The venue's own account, from the first look on: what was there, all fills since, and what came or went without one. */
function openBalances() {
  let start: Map<string, bigint> | null = null;
  let [fillsBefore, transfersBefore] = [0, 0];
  return {
    see(view: WorldView): void {
      if (start !== null) return;
      start = totalsOf(view);
      [fillsBefore, transfersBefore] = [view.venue.fills.length, view.venue.transfers.length];
    },
    compare(view: WorldView): readonly Violation[] {
      if (start === null) return [];
      const expected = new Map(start);
      const move = (asset: string, by: bigint) => expected.set(asset, (expected.get(asset) ?? 0n) + by);
      for (const fill of view.venue.fills.slice(fillsBefore)) applyFill(move, fill);
      for (const { asset, amount } of view.venue.transfers.slice(transfersBefore)) move(asset, exact(amount));
      const now = totalsOf(view);
      return [...new Set([...now.keys(), ...expected.keys()])].flatMap((asset) => {
        const gap = (now.get(asset) ?? 0n) - (expected.get(asset) ?? 0n);
        if (absolute(gap) <= crumbs) return [];
        return [
          violated("I13", "the venue's balance is not what was there and what moved it", { asset, gap: text(gap) }),
        ];
      });
    },
  };
}

function applyFill(move: (asset: string, by: bigint) => void, fill: TrueFill): void {
  const [base = "", quote = ""] = fill.symbol.split("/");
  const size = exact(fill.quantity);
  const money = times(exact(fill.price), size);
  move(base, fill.side === "buy" ? size : -size);
  move(quote, fill.side === "buy" ? -money : money);
  move(fill.feeAsset, -exact(fill.fee));
}

function totalsOf(view: WorldView): Map<string, bigint> {
  return new Map(
    Object.entries(view.venue.balances()).map(([asset, { free, held }]) => [asset, exact(free) + exact(held)]),
  );
}
