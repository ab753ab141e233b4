/** The one decision how a position is left: every rule with its edge, as tables. */
import { describe, expect, test } from "vitest";
import type { BookedOrder } from "../../src/core/books_orders.ts";
import { cancelAgainMs, decideExit, type ExitInput, type ExitStep, throughGraceMs } from "../../src/core/exit_plan.ts";
import { notional, price, quantity } from "../../src/core/money.ts";
import { exitReasons, outranks } from "../../src/core/position.ts";
import { addMs } from "../../src/core/time.ts";
import { makeInstrument } from "../fixtures/instrument.ts";
import { asked, boughtAt, later, makeOrder, makePosition } from "../fixtures/position.ts";

function decide(
  position: ExitInput["position"],
  live: readonly BookedOrder[] = [],
  change: Partial<ExitInput> = {},
): ExitStep | null {
  return decideExit({ position, live, instrument: makeInstrument(), bid: price("88"), wallAt: later, ...change });
}
/** A step in one line. */
function told(step: ExitStep | null): string {
  if (step === null) return "nothing";
  switch (step.do) {
    case "sell":
      return `sell ${step.quantity} at ${step.limitPrice}, try ${step.attempt}, for ${step.reason}`;
    case "close":
      return `close for ${step.reason}, dust ${step.dust}`;
    case "cancel":
      return `cancel ${step.clientOrderId} for ${step.because}`;
    default:
      return `wait: ${step.because}`;
  }
}
const stop = asked(["stop"]);
const working = ["intent", "sending", "open", "partial", "cancel_pending", "cancel_unknown", "unknown"] as const;

describe("whether to leave at all", () => {
  test("nobody asks: nothing", () => expect(decide(makePosition(), [makeOrder("protect")])).toBeNull());
  test("closed: nothing, whatever was asked", () =>
    expect(decide(asked(["emergency"], { state: "closed" }))).toBeNull());
  test.each(exitReasons)("%s sells everything that is held", (reason) => {
    expect(told(decide(asked([reason])))).toBe(`sell 4.5 at 87.56, try 1, for ${reason}`);
  });
  test("of several reasons the strongest is the one on record", () => {
    expect(told(decide(asked(["time", "signal", "stop", "target", "operator"])))).toContain("for stop");
    expect(told(decide(asked(["stop", "kill_flatten", "external"])))).toContain("for kill_flatten");
  });
});

test("the ladder: 0.5 %, 1 %, 2 %, then 5 % under the bid and never further, floored to the tick", () => {
  const at = [0, 1, 2, 3, 4, 50].map((exit) =>
    told(decide(asked(["stop"], { attempts: { protect: 1, exit } }), [], { bid: price("100.03") })),
  );
  expect(at).toEqual([
    "sell 4.5 at 99.52, try 1, for stop",
    "sell 4.5 at 99.02, try 2, for stop",
    "sell 4.5 at 98.02, try 3, for stop",
    "sell 4.5 at 95.02, try 4, for stop",
    "sell 4.5 at 95.02, try 5, for stop",
    "sell 4.5 at 95.02, try 51, for stop",
  ]);
});

describe("what is left over", () => {
  test.each([
    ["sells whole steps and leaves the rest", "4.5683", {}, "sell 4.5 at 87.56, try 1, for stop"],
    ["less than a step is dust", "0.0999", {}, "close for stop, dust 0.0999"],
    [
      "less than the venue's smallest quantity is dust",
      "0.4",
      { quantityMin: quantity("0.5") },
      "close for stop, dust 0.4",
    ],
    ["exactly the smallest is sold", "0.5", { quantityMin: quantity("0.5") }, "sell 0.5 at 87.56, try 1, for stop"],
    [
      "worth less than the minimum at the bid is dust",
      "0.1",
      { notionalMin: notional("8.81") },
      "close for stop, dust 0.1",
    ],
    [
      "worth the minimum at the bid is sold there, not given up for the width of the collar",
      "0.1",
      { notionalMin: notional("8.8") },
      "sell 0.1 at 88, try 1, for stop",
    ],
    ["nothing left closes", "0", {}, "close for stop, dust 0"],
  ] as const)("%s", (_, held, instrument, expected) => {
    expect(
      told(decide(asked(["stop"], { quantity: quantity(held) }), [], { instrument: makeInstrument(instrument) })),
    ).toBe(expected);
  });

  test("no price sells nothing", () => {
    expect(told(decide(stop, [], { bid: null }))).toBe("wait: no bid to sell to");
  });
});

describe("while an exit runs", () => {
  test.each(working)("in state %s no second one is sent, for the same or a weaker reason", (state) => {
    for (const reason of ["stop", "time"] as const) {
      expect(told(decide(asked([reason]), [makeOrder("exit", { state, exitReason: "stop" })]))).toMatch(
        /^wait: exit x1 is/,
      );
    }
  });

  test("a stronger reason takes it back first, and only where it can be taken back; it never adds one", () => {
    const steps = working.map((state) =>
      told(decide(asked(["time", "stop"]), [makeOrder("exit", { state, exitReason: "time" })])),
    );
    expect(Object.fromEntries(working.map((state, index) => [state, steps[index]]))).toEqual({
      intent: "wait: exit x1 is intent",
      sending: "wait: exit x1 is sending",
      open: "cancel x1 for stop outranks time",
      partial: "cancel x1 for stop outranks time",
      cancel_pending: "cancel x1 for stop outranks time",
      cancel_unknown: "cancel x1 for stop outranks time",
      unknown: "wait: exit x1 is unknown",
    });
  });

  test("each pair of reasons: upgrade exactly when the new one outranks", () => {
    for (const running of exitReasons) {
      for (const wanted of exitReasons) {
        const step = decide(asked([wanted]), [makeOrder("exit", { exitReason: running })]);
        expect([running, wanted, step?.do]).toEqual([running, wanted, outranks(wanted, running) ? "cancel" : "wait"]);
      }
    }
  });
});

describe("while a stop rests", () => {
  const fresh = addMs(boughtAt, 100);
  test.each([
    ["intent", "wait: protection p1 is intent"],
    ["sending", "wait: protection p1 is sending"],
    ["open", "cancel p1 for stop"],
    ["partial", "cancel p1 for stop"],
    ["cancel_pending", "wait: protection p1 is cancel_pending"],
    ["cancel_unknown", "cancel p1 for stop"],
    ["unknown", "wait: protection p1 is unknown"],
  ] as const)("in state %s it is gone before anything is sold", (state, expected) => {
    expect(told(decide(stop, [makeOrder("protect", { state })], { wallAt: fresh }))).toBe(expected);
  });

  test("a cancel that nobody answered for 5 s is asked again", () => {
    const pending = [makeOrder("protect", { state: "cancel_pending" })];
    const waitedFor = (ms: number) => told(decide(stop, pending, { wallAt: addMs(boughtAt, ms) }));
    expect([waitedFor(cancelAgainMs - 1), waitedFor(cancelAgainMs)]).toEqual([
      "wait: protection p1 is cancel_pending",
      "cancel p1 for stop",
    ]);
  });

  test("without a price to sell at it stays", () => {
    expect(told(decide(stop, [makeOrder("protect")], { bid: null }))).toBe(
      "wait: no bid to sell to; the protection stays",
    );
  });

  test("one that has triggered sells for us for 2 s, then it is taken back", () => {
    const triggered = [makeOrder("protect", { hasTriggered: true })];
    const waitedFor = (ms: number) => told(decide(stop, triggered, { wallAt: addMs(boughtAt, ms) }));
    expect([waitedFor(0), waitedFor(throughGraceMs - 1), waitedFor(throughGraceMs)]).toEqual([
      "wait: the venue's stop is filling",
      "wait: the venue's stop is filling",
      "cancel p1 for stop",
    ]);
  });

  test.each(exitReasons)("a stop whose answer was lost holds %s back; a kill takes it back by its name", (reason) => {
    const isKill = reason === "emergency" || reason === "kill_flatten";
    const lost = [makeOrder("protect", { state: "unknown" })];
    expect(told(decide(asked([reason]), lost))).toBe(
      isKill ? `cancel p1 for ${reason}` : "wait: protection p1 is unknown",
    );
    expect(told(decide(asked([reason]), lost, { bid: null }))).toBe("wait: protection p1 is unknown");
  });
});

describe("while the entry may still buy", () => {
  test.each([
    ["intent", "wait: entry e1 is intent"],
    ["sending", "wait: entry e1 is sending"],
    ["open", "cancel e1 for stop"],
    ["partial", "cancel e1 for stop"],
    ["cancel_pending", "cancel e1 for stop"],
    ["cancel_unknown", "cancel e1 for stop"],
    ["unknown", "wait: entry e1 is unknown"],
  ] as const)("%s", (state, expected) => {
    expect(told(decide(stop, [makeOrder("entry", { state })]))).toBe(expected);
  });

  const unknown = makeOrder("entry", { state: "unknown" });
  test.each(exitReasons)("an unknown entry holds %s back, unless it is a kill", (reason) => {
    const isKill = reason === "emergency" || reason === "kill_flatten";
    expect(told(decide(asked([reason]), [unknown]))).toBe(
      isKill ? `sell 4.5 at 87.56, try 1, for ${reason}` : "wait: entry e1 is unknown",
    );
  });

  test("a kill past an unknown entry still takes the stop away first", () => {
    expect(told(decide(asked(["emergency"]), [unknown, makeOrder("protect")]))).toBe("cancel p1 for emergency");
    expect(told(decide(asked(["emergency"]), [unknown, makeOrder("exit", { exitReason: "emergency" })]))).toBe(
      "wait: exit x1 is open",
    );
  });

  test("a kill never closes a position whose entry may still fill", () => {
    for (const change of [{ quantity: quantity("0") }, { quantity: quantity("0.05") }]) {
      expect(told(decide(asked(["emergency"], change), [unknown]))).toBe("wait: entry e1 is unknown");
    }
    expect(told(decide(asked(["emergency"]), [unknown], { bid: null }))).toBe("wait: entry e1 is unknown");
  });
});
