/** The one door to a venue: who gets through, and that nothing else does. */
import { describe, expect, test } from "vitest";
import { approvalStates } from "../../src/core/approval.ts";
import { type Consent, clear } from "../../src/core/clearance.ts";
import type { Denial } from "../../src/core/denial.ts";
import type { OrderIntent } from "../../src/core/intent.ts";
import { price, quantity } from "../../src/core/money.ts";
import { makeApproval } from "../fixtures/facts.ts";
import { limitAt, makeEntry, makeExit, makeProtection } from "../fixtures/intent.ts";

const executing = makeApproval({ state: "executing" });
const consented: Consent = { kind: "approval", approval: executing, digest: executing.digest };
const pass = (intent: OrderIntent, consent: Consent) => () => clear(intent, { denials: [], consent });

describe("with an approval", () => {
  test("the approved intent itself passes, unchanged", () => {
    expect(pass(makeEntry(), consented)()).toEqual({ ok: true, value: makeEntry() });
  });

  test.each(approvalStates.filter((state) => state !== "executing"))("nothing is sent for one that is %s", (state) => {
    expect(pass(makeEntry(), { ...consented, approval: makeApproval({ state }) })).toThrow(
      `Approval apr-1 is ${state}`,
    );
  });

  test("another digest is another order", () => {
    expect(pass(makeEntry(), { ...consented, digest: "digest v2" })).toThrow("was given for another intent");
  });

  test.each([
    ["another id", { intentId: "intent-9" }],
    ["one step more", { quantity: quantity("4.6") }],
    ["one tick worse", { shape: limitAt("87.58") }],
    ["another instrument", { instrumentId: "kucoin:BTC/USDT" }],
    ["another side", { side: "sell" }],
    ["another mode", { mode: "live" }],
    ["another account", { account: "other" }],
    ["no stop", { exitPlan: null }],
    [
      "a lower stop",
      { exitPlan: { stopPrice: price("80"), targetPrice: price("92.6"), trail: null, timeLimitMs: null } },
    ],
  ] as const)("an approval of one order is none of the same order with %s", (_, change) => {
    expect(pass(makeEntry(change as Partial<OrderIntent>), consented)).toThrow("names another intent");
  });

  test("a confirmed list of positions is no approval of an order", () => {
    const flatten = makeApproval({ state: "executing", subject: { kind: "flatten", positions: [] } });
    expect(pass(makeEntry(), { ...consented, approval: flatten })).toThrow("is not about an order");
  });
});

describe("without an approval", () => {
  const holding = (held: string): Consent => ({ kind: "reduces", heldQuantity: quantity(held) });

  test.each([
    ["all that is held", makeExit(), "4.5"],
    ["less than is held", makeExit(), "4.6"],
    ["the stop of what is held", makeProtection(), "4.5"],
  ])("%s may be sold", (_, intent, held) => {
    expect(pass(intent, holding(held))()).toMatchObject({ ok: true });
  });

  test.each([
    ["more than is held, by one step", makeExit(), "4.4", "sells 4.5, more than the 4.4 held"],
    ["something when nothing is held", makeExit(), "0", "more than the 0 held"],
    ["a sale that may also open", makeExit({ reduceOnly: false }), "9", "is not reduce-only"],
    ["an entry", makeEntry(), "9", "is not reduce-only"],
    ["a buy that calls itself reduce-only", makeExit({ side: "buy" }), "9", "is not reduce-only"],
  ])("%s is a fault of ours and throws", (_, intent, held, message) => {
    expect(pass(intent, holding(held))).toThrow(message);
  });
});

test("one denial of ours stops anything, whoever consented", () => {
  const denials: readonly Denial[] = [{ code: "trading_halted", check: "halt", facts: {} }];
  for (const consent of [consented, { kind: "reduces", heldQuantity: quantity("9") }] as const) {
    expect(clear(makeExit(), { denials, consent })).toEqual({ ok: false, problem: denials });
  }
});
