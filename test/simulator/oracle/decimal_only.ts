/** I14: every number on the wire is a plain decimal on the venue's grid; every amount on record is text of the same kind. */
import type { Invariant, Violation, WireCreate, WorldView } from "../contract.ts";
import { exact, wireNumber } from "./exact.ts";
import { trailOf } from "./trail.ts";
import { openCursor, violated } from "./verdict.ts";

/** Every grid that a symbol ever had: an order may have been decided just before a filter changed. */
type Grids = Map<string, { readonly steps: Set<string>; readonly ticks: Set<string> }>;

export const decimalOnly: Invariant = {
  id: "I14",
  name: "DecimalOnly",
  statement:
    "Every number on the wire matches the regexp and is an exact multiple of step or tick; no amount on record is anything but plain decimal text",
  open() {
    const creates = openCursor();
    const told = openCursor();
    const grids: Grids = new Map();
    return {
      check(view) {
        noteGrids(grids, view);
        return [
          ...creates(view.venue.creates).flatMap((create) => offGrid(grids, create)),
          ...told(trailOf(view).told).flatMap(({ fact, recorded }) =>
            oddAmounts(fact, []).map((path) =>
              violated("I14", "an amount on record is no plain decimal", { seq: recorded.seq, path }),
            ),
          ),
        ];
      },
    };
  },
};

function noteGrids(grids: Grids, view: WorldView): void {
  for (const { symbol, stepSize, tickSize } of view.instruments) {
    const grid = grids.get(symbol) ?? { steps: new Set<string>(), ticks: new Set<string>() };
    grid.steps.add(stepSize);
    grid.ticks.add(tickSize);
    grids.set(symbol, grid);
  }
}

function offGrid(grids: Grids, create: WireCreate): readonly Violation[] {
  const grid = grids.get(create.symbol);
  const rows = [
    ["quantity", create.quantity, grid?.steps],
    ["price", create.price, grid?.ticks],
    ["trigger price", create.triggerPrice, grid?.ticks],
  ] as const;
  return rows.flatMap(([what, value, units]) => {
    if (value === null) return [];
    const isPlain = wireNumber.test(value);
    const isOnGrid = isPlain && (units === undefined || [...units].some((unit) => exact(value) % exact(unit) === 0n));
    if (isOnGrid && exact(value) > 0n) return [];
    return [
      violated("I14", `a ${what} on the wire is ${isPlain ? "off the venue's grid" : "no plain decimal"}`, {
        clientOrderId: create.clientOrderId,
        value,
      }),
    ];
  });
}

const amountNames = new Set([
  "quantity",
  "price",
  "fee",
  "feeInQuote",
  "limitPrice",
  "triggerPrice",
  "stopPrice",
  "targetPrice",
  "referencePrice",
  "pnl",
  "fees",
  "dust",
  "equity",
  "amount",
]);

/** Paths of amounts that are numbers, exponents or words. Signs are for sums of money only, and only those facts have them. */
function oddAmounts(value: unknown, path: readonly string[]): readonly string[] {
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = [...path, key];
    if (
      amountNames.has(key) &&
      (typeof inner === "number" || (typeof inner === "string" && !/^-?\d+(\.\d+)?$/.test(inner)))
    )
      return [`${here.join(".")} = ${String(inner)}`];
    return typeof inner === "object" && key !== "card" && key !== "denials" ? oddAmounts(inner, here) : [];
  });
}
