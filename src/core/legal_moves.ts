/** Every step that an order or a position may take, as pairs: what the database trigger knows, from the same two tables. */
import { orderStates, orderTable } from "./order.ts";
import { positionStates, positionTable } from "./position.ts";

export type LegalMove = { readonly machine: "orders" | "positions"; readonly from: string; readonly to: string };

/** Where a story may begin: ours with a decision, a forgotten or foreign order with what the venue said of it. */
const births = { orders: ["intent", "open", "filled"], positions: ["entry"] } as const;
/** Stands for "did not exist". */
export const unborn = "unborn";

export const legalMoves: readonly LegalMove[] = [
  ...births.orders.map((to) => ({ machine: "orders" as const, from: unborn, to })),
  ...births.positions.map((to) => ({ machine: "positions" as const, from: unborn, to })),
  ...pairs("orders", orderStates, (from) => Object.values(orderTable[from])),
  ...pairs("positions", positionStates, (from) => Object.values(positionTable[from])),
];

/** To stay is no step, and several events may lead to one state. */
function pairs<State extends string>(
  machine: LegalMove["machine"],
  states: readonly State[],
  next: (from: State) => readonly State[],
): readonly LegalMove[] {
  return states.flatMap((from) =>
    [...new Set(next(from))].filter((to) => to !== from).map((to) => ({ machine, from, to })),
  );
}
