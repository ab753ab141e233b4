/** I02: whatever reaches the venue was on record, armed and durable, before its first byte arrived, digit for digit. */
import type { Invariant, Violation, WireCreate } from "../contract.ts";
import { type OrderTrail, trailOf } from "./trail.ts";
import { openCursor, violated } from "./verdict.ts";

export const intentBeforeWire: Invariant = {
  id: "I02",
  name: "IntentBeforeWire",
  statement:
    "Each create seen by the venue has facts (intended, then sending) that were durable before its receipt, with equal client id, symbol, side, quantity and price strings",
  open() {
    const creates = openCursor();
    return {
      check(view) {
        const fresh = creates(view.venue.creates);
        if (fresh.length === 0) return [];
        const trail = trailOf(view);
        return fresh.flatMap((create) => judge(create, trail.orders.get(create.clientOrderId)));
      },
    };
  },
};

function judge(create: WireCreate, order: OrderTrail | undefined): readonly Violation[] {
  const about = { clientOrderId: create.clientOrderId, processId: create.processId, receivedAt: create.receivedAt };
  if (order === undefined) return [violated("I02", "the venue received an order that is on no record", about)];
  const found: Violation[] = [];
  const { sent } = order;
  if (sent === null || sent.trueAt > create.receivedAt)
    found.push(
      violated("I02", "the venue received an order before it was durably armed", { ...about, armedAt: sent?.trueAt }),
    );
  for (const [what, recorded, wired] of differencesOf(create, order))
    found.push(violated("I02", `the wire says another ${what} than the record`, { ...about, recorded, wired }));
  return found;
}

type Difference = readonly [what: string, recorded: string, wired: string];

function differencesOf(create: WireCreate, { intent, symbol, sent }: OrderTrail): readonly Difference[] {
  const { shape } = intent;
  const trigger = "triggerPrice" in shape ? shape.triggerPrice : "none";
  const prices = shape.orderType === "oco" ? [shape.limitPrice, shape.targetPrice] : [shape.limitPrice];
  const rows: readonly Difference[] = [
    ["symbol", symbol, create.symbol],
    ["side", intent.side, create.side],
    ["quantity", intent.quantity, create.quantity],
    ["trigger price", trigger, create.triggerPrice ?? "none"],
    ["stamp", String(sent?.stampedAt ?? "none"), String(create.stampedAt)],
  ];
  const isPriced = prices.some((price) => price === create.price);
  const wrong = rows.filter(([, recorded, wired]) => recorded !== wired);
  return isPriced ? wrong : [...wrong, ["price", prices.join(" or "), create.price]];
}
