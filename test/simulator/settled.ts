/** What must be true some time after the last fault, whatever happened before: nothing is in doubt, nothing is half done. */
import type { BookedOrder } from "../../src/core/books_orders.ts";
import { isLess } from "../../src/core/money.ts";
import type { Position } from "../../src/core/position.ts";
import type { WorldView } from "./contract.ts";
import type { World } from "./world.ts";

const inDoubt: ReadonlySet<string> = new Set(["intent", "sending", "unknown", "cancel_unknown"]);
const leaving: ReadonlySet<string> = new Set([
  "stop_triggered",
  "tp_triggered",
  "expiry",
  "exit_requested",
  "exit_pending",
  "residual",
]);
/** Things under way for less than this long are not stuck. */
const underWayMs = 20_000;

/** Coins that somebody took away without a record: people were told, and only they can say what became of them. */
function isGone({ books, instruments }: WorldView, { instrumentId }: Position): boolean {
  const instrument = instruments.find((one) => one.instrumentId === instrumentId);
  const left = books.house.shortOf?.[instrument?.base ?? ""];
  return left !== undefined && instrument !== undefined && isLess(left, instrument.stepSize);
}

/** @returns a sentence about the first thing that is not settled, or null. */
export function whatIsUnsettled({ view, processes }: World): string | null {
  const { books, now } = view;
  if (!processes.some((process) => process.life.isAlive() && process.isJoined)) return "no process is ready";
  // The house keeps away as long as it was told to: until then it can't have learned what happened meanwhile.
  const gone = Object.keys(books.house.gone).find((source) => source.startsWith("venue:"));
  if (gone !== undefined) return `${gone} has not answered yet`;
  const stuck = Object.values(books.orders).find(
    (order: BookedOrder) => inDoubt.has(order.state) && now - order.changedAt > underWayMs,
  );
  if (stuck !== undefined) return `order ${stuck.clientOrderId} (${stuck.intent.leg}) is ${stuck.state}`;
  const { level, kill } = books.house;
  const isSale = level === "flatten" || level === "emergency";
  if (isSale && kill?.isDeclined !== true && (kill?.verifiedAt ?? null) === null)
    return `nothing is verified flat at level ${level}: ${kill?.step ?? "no procedure"}`;
  for (const position of Object.values(books.positions) as Position[]) {
    if (position.state === "closed" || position.state === "entry" || isGone(view, position)) continue;
    if (leaving.has(position.state)) return `position ${position.positionId} is ${position.state}`;
    if (position.protection !== "placed" && position.protection !== "local_guard")
      return `position ${position.positionId} has protection ${position.protection}`;
    if (isSale) return `position ${position.positionId} is held at level ${level}`;
  }
  return null;
}
