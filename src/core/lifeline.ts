/**
 * What somebody needs who must find and close everything without this house: written to a file each minute, read by the
 * emergency process and by people. And the note that the emergency process leaves for the house that comes back.
 */
import { z } from "zod";
import type { Books } from "./books.ts";
import type { BookedOrder } from "./books_orders.ts";
import { symbolOf } from "./instrument.ts";
import { type Mode, modes, type OrderIntent } from "./intent.ts";
import { isPositive, type Price, priceSchema, quantitySchema } from "./money.ts";
import { mayStillTrade } from "./order.ts";
import { heldPositions } from "./portfolio.ts";
import { type Instant, isoTime, minute } from "./time.ts";

/** Within the home: real money keeps its records apart. */
export const liveFolder = "live";

const heldSchema = z.object({
  positionId: z.string(),
  instrumentId: z.string(),
  account: z.string(),
  strategy: z.string(),
  quantity: quantitySchema,
  stopPrice: priceSchema,
  protection: z.string(),
  /** Exit orders that were tried so far: the next one takes the next number. */
  exitAttempts: z.number().int(),
});

const orderSchema = z.object({
  clientOrderId: z.string(),
  venueOrderId: z.string().nullable(),
  instrumentId: z.string(),
  leg: z.string(),
  /** How much of it the books hold; absent in older snapshots, as the two below. */
  filled: quantitySchema.optional(),
  /** What a fired stop became, by the venue's ids. */
  children: z.array(z.string()).optional(),
  /** Somebody else's sale, of which the books took the part that was ours. */
  isOthers: z.boolean().optional(),
});

export const lifelineSchema = z.object({
  form: z.literal("lifeline-1"),
  at: z.string(),
  /** Until when these books are known to agree with the venue; null = nobody knows, absent in older snapshots. Wall time. */
  comparedAt: z.string().nullable().optional(),
  mode: z.enum(modes),
  venue: z.string(),
  account: z.string(),
  epoch: z.number().int(),
  /** Where the venue is reached; null = its live host. */
  baseUrl: z.string().nullable(),
  symbols: z.array(z.string()),
  positions: z.array(heldSchema),
  orders: z.array(orderSchema),
  /** Orders that traded and ended since that comparison, or shortly before: what of them is in the books already. */
  ended: z.array(orderSchema).optional(),
});
export type Lifeline = z.infer<typeof lifelineSchema>;

export function lifelineOf(
  books: Books,
  about: {
    readonly at: Instant;
    readonly symbols: readonly string[];
    readonly baseUrl: string | null;
    readonly mode: Mode;
    /** Wall time; null = the books were not compared with the venue in this life. */
    readonly comparedAt: Instant | null;
  },
): Lifeline {
  const live = Object.values(books.orders).filter((order) => mayStillTrade(order.state));
  const positions = heldPositions(books);
  const symbols = new Set([
    ...about.symbols,
    ...positions.map((position) => symbolOf(position.instrumentId)),
    ...live.map((order) => symbolOf(order.intent.instrumentId)),
  ]);
  return {
    form: "lifeline-1",
    at: isoTime(about.at),
    comparedAt: about.comparedAt === null ? null : isoTime(about.comparedAt),
    mode: about.mode,
    venue: books.house.venue,
    account: books.house.accountId,
    epoch: books.house.epoch,
    baseUrl: about.baseUrl,
    symbols: [...symbols].sort(),
    positions: positions.map(
      ({ positionId, instrumentId, account, strategy, quantity, exitPlan, protection, attempts }) => ({
        positionId,
        instrumentId,
        account,
        strategy,
        quantity,
        stopPrice: exitPlan.stopPrice,
        protection,
        exitAttempts: attempts.exit,
      }),
    ),
    orders: live.map(noted),
    ended: endedSince(books, about.comparedAt).map(noted),
  };
}

/** Fills of an order that had ended reach the venue's lists late; what ended before this is in none that begins at the comparison. */
const endedBeforeMs = 10 * minute;

function endedSince({ orders }: Books, comparedAt: Instant | null): readonly BookedOrder[] {
  const since = comparedAt === null ? 0 : comparedAt - endedBeforeMs;
  return Object.values(orders).filter(
    ({ state, filledQuantity, changedAt }) => !mayStillTrade(state) && isPositive(filledQuantity) && changedAt >= since,
  );
}

function noted(order: BookedOrder): Lifeline["orders"][number] {
  const { clientOrderId, venueOrderId, intent, filledQuantity, childOrderIds, origin } = order;
  return {
    clientOrderId,
    venueOrderId,
    instrumentId: intent.instrumentId,
    leg: intent.leg,
    filled: filledQuantity,
    ...(childOrderIds.length > 0 ? { children: [...childOrderIds] } : {}),
    ...(origin === "external" ? { isOthers: true } : {}),
  };
}

/** The same for a person who stands before the exchange's own page. */
export function lifelineText(lifeline: Lifeline): string {
  const held = lifeline.positions.map(
    ({ quantity, instrumentId, stopPrice, protection }) =>
      `  ${quantity} ${symbolOf(instrumentId)}   stop ${stopPrice} (${protection.replaceAll("_", " ")})`,
  );
  const orders = lifeline.orders.map(
    ({ leg, instrumentId, clientOrderId, venueOrderId }) =>
      `  ${leg} ${symbolOf(instrumentId)}   ${clientOrderId}   at the exchange: ${venueOrderId ?? "not known"}`,
  );
  return [
    `Lifeline of ${lifeline.at} (UTC), ${lifeline.mode}, account ${lifeline.account} at ${lifeline.venue}`,
    `Last compared with the exchange: ${lifeline.comparedAt ?? "not known"}`,
    `Exchange: ${lifeline.baseUrl ?? `the website of ${lifeline.venue}`}`,
    "",
    `Positions held: ${lifeline.positions.length}`,
    ...held,
    `Orders that may work: ${lifeline.orders.length}`,
    ...orders,
    "",
    "To close everything without the bot: npm run emergency -- now REASON",
    "By hand: cancel the orders above, then sell the quantities above. Names of orders that begin with xcs are the bot's.",
    "",
  ].join("\n");
}

/** What the emergency process did, for the house that comes back. `beatAt` is written every second while it works. */
export const noticeSchema = z.object({
  form: z.literal("emergency-1"),
  id: z.string(),
  at: z.string(),
  beatAt: z.string(),
  by: z.string(),
  reason: z.string(),
  isDone: z.boolean(),
  /** Every exit that it sent, written before the request left. `intent` is an order intent of the house. */
  orders: z.array(
    z.object({ clientOrderId: z.string(), intent: z.unknown(), referencePrice: priceSchema, digest: z.string() }),
  ),
  left: z.array(z.string()),
});
export type EmergencyNotice = Omit<z.infer<typeof noticeSchema>, "orders"> & {
  readonly orders: readonly {
    readonly clientOrderId: string;
    readonly intent: OrderIntent;
    readonly referencePrice: Price;
    readonly digest: string;
  }[];
};
