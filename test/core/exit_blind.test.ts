/** Leaving without a price: what could rest rests again, what may not is sold at the level that its stop would have sold at. */
import { describe, expect, test } from "vitest";
import { blindAfterMs, decideExit, mayRestInstead } from "../../src/core/exit_plan.ts";
import { price, quantity } from "../../src/core/money.ts";
import { exitReasons } from "../../src/core/position.ts";
import { addMs } from "../../src/core/time.ts";
import { makeInstrument } from "../fixtures/instrument.ts";
import { asked, boughtAt } from "../fixtures/position.ts";

const bareFor = (ms: number, reason: (typeof exitReasons)[number], attempt = 0) =>
  decideExit({
    position: asked([reason], {
      protection: "none",
      unprotectedSince: boughtAt,
      attempts: { protect: 1, exit: attempt },
    }),
    live: [],
    instrument: makeInstrument(),
    bid: null,
    wallAt: addMs(boughtAt, ms),
  });

describe("no bid, no stop, and a reason to leave", () => {
  test("a stop that was hit is sold from its own level downwards, as the venue would have [V14]", () => {
    const prices = [0, 1, 2, 3, 9].map((attempt) => bareFor(blindAfterMs, "stop", attempt));
    expect(prices.map((step) => (step?.do === "sell" ? step.limitPrice : step?.do))).toEqual([
      "85.19",
      "84.76",
      "83.9",
      "81.33",
      "81.33",
    ]);
  });

  test("a moment without a price is waited for", () => {
    expect(bareFor(blindAfterMs - 1, "stop")?.do).toBe("wait");
  });

  test.each(exitReasons)("%s", (reason) => {
    expect(bareFor(60_000, reason)?.do).toBe(mayRestInstead(reason) ? "wait" : "sell");
  });

  test("less than the venue's minimum at that level waits for a price", () => {
    const small = decideExit({
      position: asked(["stop"], { quantity: quantity("0.1"), protection: "none", unprotectedSince: boughtAt }),
      live: [],
      instrument: makeInstrument({ notionalMin: price("10") as never }),
      bid: null,
      wallAt: addMs(boughtAt, 60_000),
    });
    expect(small?.do).toBe("wait");
  });
});
