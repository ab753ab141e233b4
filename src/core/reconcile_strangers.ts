/** Rows 16 to 19: what the venue shows and no order of our books explains. Others' orders are counted and never touched. */
import { ownerOf } from "./identity.ts";
import { symbolOf } from "./instrument.ts";
import { mark } from "./mark.ts";
import { isPositive, minus, plus, type Quantity, smallest, sum, zeroQuantity } from "./money.ts";
import { openPositions } from "./portfolio.ts";
import type { Position } from "./position.ts";
import { hasLocalActivity, shortageOf } from "./reconcile_holdings.ts";
import { leftOf, namesOf, nobodysSales, partOf } from "./reconcile_nobody.ts";
import { isSaleOutOfSight } from "./reconcile_orders.ts";
import type { PlanItem, Planning } from "./reconcile_plan.ts";
import type { SeenFill, SeenOrder } from "./snapshot.ts";

type Strangers = { readonly items: readonly PlanItem[]; readonly findings: readonly string[] };

export function planStrangers(planning: Planning): Strangers {
  const known = namesOf(Object.values(planning.books.orders));
  const parts = Object.entries(planning.snapshot.open).flatMap(([instrumentId, open]) =>
    open === null
      ? []
      : [
          ordersOf(
            planning,
            instrumentId,
            open.filter((one) => !isKnown(known, one)),
          ),
        ],
  );
  return {
    items: [...parts.flatMap((part) => part.items), ...planExternal(planning)],
    findings: parts.flatMap((part) => part.findings),
  };
}

const isKnown = (known: ReadonlySet<string>, one: SeenOrder): boolean =>
  known.has(one.venueOrderId) || (one.clientOrderId !== null && known.has(one.clientOrderId));

function ordersOf(planning: Planning, instrumentId: string, unknown: readonly SeenOrder[]): Strangers {
  const { epoch } = planning.books.house;
  const items: PlanItem[] = [];
  const findings: string[] = [];
  const foreign: SeenOrder[] = [];
  for (const seen of unknown) {
    const owner = ownerOf(seen.clientOrderId, epoch);
    const name = `${symbolOf(instrumentId)}: order ${seen.venueOrderId}`;
    if (owner.whose === "newer") {
      findings.push(`${name} is of ours under epoch ${owner.epoch}; ours is ${epoch}: somebody else trades as us`);
      items.push({ row: 17, about: seen.venueOrderId, wish: null, does: "two_writers", seen, epoch: owner.epoch });
    } else if (owner.whose === "ours") {
      findings.push(`${name} is of ours, unknown to the books; it is adopted`);
      items.push(...adoptItem(planning, seen));
    } else {
      findings.push(`${name} is foreign; it is left alone`);
      foreign.push(seen);
    }
  }
  return { items: [...items, ...foreignItem(planning, instrumentId, foreign)], findings };
}

/** Seen twice: an order of ours that is on its way is in the list before its row says so. */
function adoptItem({ snapshot, sure }: Planning, seen: SeenOrder): readonly PlanItem[] {
  if (!sure.confirm(16, `${seen.instrumentId}|${seen.venueOrderId}`)) return [];
  const fills = (snapshot.fills[seen.instrumentId] ?? []).filter((fill) => fill.venueOrderId === seen.venueOrderId);
  return [{ row: 16, about: seen.venueOrderId, wish: null, does: "adopt", seen, fills }];
}

function foreignItem(
  { books, sure }: Planning,
  instrumentId: string,
  orders: readonly SeenOrder[],
): readonly PlanItem[] {
  const names = orders.map((order) => order.venueOrderId).sort();
  const before = [...(books.house.foreign?.[instrumentId]?.orderIds ?? [])].sort();
  if (names.join() === before.join() || !sure.confirm(18, `${instrumentId}|${names.join()}`)) return [];
  return [{ row: 18, about: instrumentId, wish: null, does: "foreign", instrumentId, orders }];
}

/** A sale that no order of ours made counts against positions only as far as coins are really missing, and only once. */
function planExternal(planning: Planning): readonly PlanItem[] {
  const missing = new Map<string, Quantity>();
  const taken = new Map<string, Quantity>();
  return openPositions(planning.books).flatMap((position): readonly PlanItem[] => {
    const { positionId, instrumentId } = position;
    const shortage = missing.get(instrumentId) ?? shortageOf(planning, instrumentId) ?? zeroQuantity;
    missing.set(instrumentId, shortage);
    if (!isPositive(shortage) || hasLocalActivity(planning, instrumentId)) return [];
    if (isSaleOutOfSight(planning, instrumentId)) return [];
    const fills = shareOf(planning, position, { shortage, taken });
    if (fills.length === 0 || !planning.sure.confirm(19, `${instrumentId}|${positionId}`)) return [];
    mark("V40.somebody_else_sold_it");
    const share = sum(
      fills.map((fill) => fill.quantity),
      zeroQuantity,
    );
    missing.set(instrumentId, minus(shortage, share));
    const wish = { do: "tend", positionId } as const;
    return [{ row: 19, about: positionId, wish, does: "external", positionId, fills, shortage: share }];
  });
}

/** The parts of nobody's sales that this position has to bear; `taken` keeps what others have taken of each. */
function shareOf(
  planning: Planning,
  position: Position,
  { shortage, taken }: { readonly shortage: Quantity; readonly taken: Map<string, Quantity> },
): readonly SeenFill[] {
  let wanted = smallest(shortage, position.quantity);
  return nobodysSales(planning, position).flatMap((fill): readonly SeenFill[] => {
    const used = taken.get(fill.venueFillId) ?? zeroQuantity;
    const part = smallest(minus(leftOf(planning.books, fill), used), wanted);
    if (!isPositive(part)) return [];
    wanted = minus(wanted, part);
    taken.set(fill.venueFillId, plus(used, part));
    return [partOf(fill, part)];
  });
}
