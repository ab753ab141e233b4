/** The printed numbers stand for the account and the market that they were made for. */
import { expect, test } from "vitest";
import { notional, ratio } from "../../src/core/money.ts";
import { whatChanged } from "../../src/core/request_drift.ts";
import { makeApproval } from "../fixtures/facts.ts";

const asked = makeApproval();
if (asked.subject.kind !== "order") throw new Error("an order is meant");
const { intent, terms } = asked.subject;
const about = (equity: string | null) => ({
  hardBps: 75,
  subject: {
    kind: "order" as const,
    intent,
    terms: { ...terms, ...(equity === null ? {} : { equity: notional(equity) }) },
  },
});

test.each([
  ["nothing", "10000", "10000", "0.001", null],
  ["the account lost exactly 2 %", "10000", "9800", "0.001", null],
  ["the account lost more", "10000", "9799.99", "0.001", /from 10000 to 9799.99/],
  ["the account gained more", "10000", "10200.01", "0.001", /from 10000 to 10200.01/],
  ["the spread fills the hard band", "10000", "10000", "0.0075", null],
  ["the spread is beyond it", "10000", "10000", "0.0076", /spread is wider than the hard band of 75 bps/],
  ["the request is older than this rule", null, "5000", "0.001", null],
] as const)("%s changed", (_what, before, now, spread, says) => {
  const changed = whatChanged(about(before), { equity: notional(now), spread: ratio(spread) });
  if (says === null) expect(changed).toBeNull();
  else expect(changed).toMatch(says);
});

test("a book of one side tells no spread, and voids nothing by it", () => {
  expect(whatChanged(about("10000"), { equity: notional("10000"), spread: null })).toBeNull();
});
