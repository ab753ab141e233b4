/** What the account did in a span of time, from every mark on record: heights and falls, and money that only came or went. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { openArchive } from "../../src/adapters/postgres/archive.ts";
import type { Fact } from "../../src/core/events.ts";
import { notional, quantity } from "../../src/core/money.ts";
import { addMs, hour } from "../../src/core/time.ts";
import { houseOnDatabase, type RealLedger } from "../fixtures/real_ledger.ts";
import { storyStart } from "../fixtures/story.ts";

let house: RealLedger;
const marked = (equity: string): Fact => ({ type: "equity_marked", equity: notional(equity), because: "high" });
const paid = (direction: "in" | "out", worth: string, recordId: string): Fact => ({
  type: "transfer_recorded",
  asset: "USDT",
  amount: quantity(worth),
  direction,
  recordId,
  worth: notional(worth),
});

beforeAll(async () => {
  house = await houseOnDatabase();
  const facts: readonly (readonly [number, Fact])[] = [
    [0, marked("2000")],
    [1, marked("1000")],
    [2, marked("900")],
    [3, paid("in", "1000", "d1")],
    [4, marked("1900")],
    [5, marked("2090")],
    [6, { ...paid("in", "1000", "d2"), explains: "unexplained" } as Fact],
    [7, marked("1672")],
    [8, paid("out", "72", "w1")],
  ];
  for (const [hours, fact] of facts) await house.tellOf("none", hours * hour, fact);
});
afterAll(() => house.end());

const span = (from: number, to: number) =>
  openArchive(house.pool).account(addMs(storyStart, from * hour), addMs(storyStart, to * hour));

test("a deposit is no gain and no new height, a withdrawal no fall; a fall is measured within the span alone", async () => {
  expect(await span(0, 2)).toEqual({ transferred: "0", high: "2000", deepest: "0.5" });
  expect(await span(1, 5)).toEqual({ transferred: "1000", high: "2000", deepest: "0.1" });
  expect(await span(1, 9)).toEqual({ transferred: "928", high: "2018", deepest: "0.2" });
  expect(await span(50, 60)).toEqual({ transferred: "0", high: null, deepest: null });
});
