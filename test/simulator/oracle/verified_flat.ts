/**
 * The second half of I09: what was confirmed to be sold is sold and proven, and "verified flat" is true: by the record at that
 * very moment, and by the venue for everything that was there before the two looks began.
 */
import type { Violation, WorldView } from "../contract.ts";
import { exact, smaller, text } from "./exact.ts";
import { type Holdings, openHoldings, withdrawnFrom } from "./holdings.ts";
import { isUnsettled } from "./order_law.ts";
import { heldOf, type Told, type Trail } from "./trail.ts";
import { coinsOf, isDust, oursBehind, trueOrders } from "./truth.ts";
import { openCursor, openOnce, violated } from "./verdict.ts";

/** Attended time of the calm from the confirmation to the proof: a proof of absence may lie in between, and one more try. */
const provenWithinMs = 180_000;
/** The sweep looks every five seconds, and what it finds is taken back or sold at once: then it is not verified any more. */
const sweptWithinMs = 30_000;
/** From the end of the second look to the row that says so. */
const commitMs = 6_000;

type Procedure = {
  readonly isConfirmed: boolean;
  readonly isDeclined: boolean;
  readonly isVerified: boolean;
  readonly step: string;
};
const begun: Procedure = { isConfirmed: false, isDeclined: false, isVerified: false, step: "halting" };

function after(procedure: Procedure | null, { fact }: Told): Procedure | null {
  switch (fact.type) {
    case "flatten_started":
      return begun;
    case "flatten_upgraded":
      return procedure && { ...procedure, isDeclined: false };
    case "flatten_confirmed":
      return procedure && { ...procedure, isConfirmed: true, isDeclined: false };
    case "flatten_declined":
      return procedure && { ...procedure, isDeclined: true };
    case "flatten_step":
      return (
        procedure && { ...procedure, step: fact.step, isVerified: procedure.isVerified && fact.step !== "selling" }
      );
    case "flatten_verified":
      return procedure && { ...procedure, step: "sweeping", isVerified: true };
    case "flatten_ended":
      return null;
    default:
      return procedure;
  }
}

export function openVerifiedFlat(): (view: WorldView, trail: Trail) => readonly Violation[] {
  const told = openCursor();
  const holdings = openHoldings();
  const wait = openWaiting();
  let procedure: Procedure | null = null;
  return (view, trail) => {
    const lies: Violation[] = [];
    for (const one of told(trail.told)) {
      procedure = after(procedure, one);
      if (one.fact.type === "flatten_verified")
        lies.push(
          ...leftOnRecord(view, trail),
          ...leftAtVenue(view, trail, holdings, one.trueAt - one.fact.spanMs - commitMs),
        );
    }
    return [...lies, ...wait(view, trail, { procedure, holdings })];
  };
}

/** The record itself holds something, or does not know. */
function leftOnRecord(view: WorldView, trail: Trail): readonly Violation[] {
  const held = [...trail.trades.values()]
    .filter((trade) => !trade.isClosed && !isDust(view, trade.symbol, heldOf(trade)))
    .map((trade) => `${trade.id} ${text(heldOf(trade))}`);
  const live = [...trail.orders.values()]
    .filter((order) => isUnsettled(order.state))
    .map((order) => `${order.id} ${order.state}`);
  if (held.length + live.length === 0) return [];
  return [
    violated("I09", "it was called verified flat although the record says otherwise", {
      held: held.join(", "),
      live: live.join(", "),
    }),
  ];
}

/** What was at the venue before the looks began was there for both of them to see. */
function leftAtVenue(view: WorldView, trail: Trail, holdings: Holdings, before: number): readonly Violation[] {
  const left = leftOver(view, trail, holdings, before);
  return left.length === 0
    ? []
    : [violated("I09", "it was called verified flat although the venue shows otherwise", { left: left.join(", ") })];
}

/** A sale whose settlement is going to fail looks like any other until it does; then the sweep sells again. */
function unsettledOf({ venue }: WorldView, trail: Trail, tradeId: string): bigint {
  return venue.failing
    .filter((fill) => fill.side === "sell" && oursBehind(trail, fill)?.intent.tradeId === tradeId)
    .reduce((sum, fill) => sum + exact(fill.quantity), 0n);
}

function leftOver(view: WorldView, trail: Trail, holdings: Holdings, before: number): readonly string[] {
  const arrivedAt = (id: string | null): number =>
    view.venue.creates.find((create) => create.clientOrderId === id)?.receivedAt ?? Number.NEGATIVE_INFINITY;
  const live = trueOrders(view)
    .filter((one) => one.isLive && one.owner === "ours" && arrivedAt(one.clientOrderId) <= before)
    .map((one) => `order ${one.venueOrderId} works`);
  const held = [...holdings.read(view).values()]
    .filter(({ tradeId, symbol, held, lastFillAt }) => {
      if (lastFillAt > before) return false;
      const trade = trail.trades.get(tradeId);
      const gone = trade === undefined ? 0n : withdrawnFrom(view, trade);
      const size = held - gone - unsettledOf(view, trail, tradeId);
      return !isDust(view, symbol, smaller(size, coinsOf(view, symbol)));
    })
    .map((one) => `${one.tradeId} holds ${text(one.held)}`);
  return [...live, ...held];
}

type Standing = { readonly procedure: Procedure | null; readonly holdings: Holdings };

/** A process of the newest epoch that can write, and no venue that has told it to stay away: whether it asks is its own business. */
const isAttended = ({ processes, books }: WorldView, { epoch }: Trail): boolean =>
  processes.some((one) => one.isAlive && !one.isFrozen && one.hasStore && one.epoch === epoch) &&
  !Object.keys(books.house.gone).some((source) => source.startsWith("venue:"));

/** Counts attended time of the calm in which it is not as the level says, and speaks once when it was too long. */
function openWaiting(): (view: WorldView, trail: Trail, standing: Standing) => readonly Violation[] {
  const once = openOnce();
  let before: number | null = null;
  let unprovenMs = 0;
  let untrueMs = 0;
  return (view, trail, { procedure, holdings }) => {
    if (view.calmSince === null) return [];
    const passed = before === null || !isAttended(view, trail) ? 0 : view.now - before;
    before = view.now;
    const isUnproven = trail.isReady && isDue(trail, procedure);
    const left = procedure?.isVerified === true ? leftOver(view, trail, holdings, view.now) : [];
    unprovenMs = isUnproven ? unprovenMs + passed : 0;
    untrueMs = left.length > 0 ? untrueMs + passed : 0;
    const found: Violation[] = [];
    if (unprovenMs > provenWithinMs && once(`unproven ${trail.level}`))
      found.push(
        violated("I09", "a confirmed sale of everything did not reach verified flat", {
          level: trail.level,
          step: procedure?.step,
          waitedMs: unprovenMs,
        }),
      );
    if (untrueMs > sweptWithinMs && once(left.join()))
      found.push(
        violated("I09", "it stays verified flat on record, and the venue shows otherwise", { left: left.join(", ") }),
      );
    return found;
  };
}

/** A question that nobody has answered is the business of people, and of what must be settled at the end of the calm. */
function isDue({ level }: Trail, procedure: Procedure | null): boolean {
  if (procedure === null) return level === "flatten" || level === "emergency";
  return procedure.isConfirmed && !procedure.isDeclined && !procedure.isVerified;
}
