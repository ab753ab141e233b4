/** The snapshot that the house leaves says until when it is true, and what of each order its positions hold already. */
import { expect, test } from "vitest";
import { lifelineOf, lifelineSchema, lifelineText } from "../../src/core/lifeline.ts";
import { quantity, zeroQuantity } from "../../src/core/money.ts";
import { addMs, type Instant, isoTime } from "../../src/core/time.ts";
import { books, withOrder } from "../fixtures/house_in_order.ts";

const { wallAt } = books;
const take = (comparedAt: Instant | null, change = books) =>
  lifelineOf(change, { at: wallAt, symbols: [], baseUrl: null, mode: "paper", comparedAt });

test("it names the entry that its position came from, with what of it is booked", () => {
  const lifeline = take(wallAt);
  expect(lifeline.comparedAt).toBe(isoTime(wallAt));
  expect(lifeline.positions.map((position) => position.quantity)).toEqual(["4"]);
  expect(lifeline.ended).toMatchObject([{ clientOrderId: "e1", venueOrderId: "v1", filled: "4" }]);
  expect(lifelineText(lifeline)).toContain(`Last compared with the exchange: ${isoTime(wallAt)}`);
});

test("what works is told with its part, what a stop became, and whose it is", () => {
  const stop = { state: "partial", filledQuantity: quantity("1"), childOrderIds: ["c1"], venueOrderId: "s1" } as const;
  const more = withOrder(withOrder(books, "stop", stop, { leg: "protect" }), "sold", { origin: "external" });
  const { orders, ended } = take(wallAt, more);
  expect(orders).toMatchObject([{ clientOrderId: "stop", leg: "protect", filled: "1", children: ["c1"] }]);
  expect(ended?.map((one) => [one.clientOrderId, one.isOthers])).toEqual([
    ["e1", undefined],
    ["sold", true],
  ]);
});

test("what had ended long before the comparison, or traded nothing, is left out; never compared = all that is at hand", () => {
  expect(take(addMs(wallAt, 3_600_000)).ended).toEqual([]);
  expect(take(null).ended).toHaveLength(1);
  expect(take(null).comparedAt).toBeNull();
  const empty = withOrder(books, "never", { state: "canceled", filledQuantity: zeroQuantity });
  expect(take(wallAt, empty).ended).toHaveLength(1);
});

test("a snapshot is read as it was written, and one of an older version without what it did not know", () => {
  const written = take(wallAt);
  expect(lifelineSchema.parse(JSON.parse(JSON.stringify(written)))).toEqual(written);
  const { comparedAt: _, ended: __, ...older } = written;
  const orders = [{ clientOrderId: "c", venueOrderId: null, instrumentId: "kucoin:SOL/USDT", leg: "protect" }];
  expect(lifelineSchema.parse({ ...older, orders }).comparedAt).toBeUndefined();
});
