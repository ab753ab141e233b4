/** Exits under unusual venues and wallets: windows, less than the books say, lots and bands that changed, small steps of a trail. */
import { describe, expect, test } from "vitest";
import { decideExit, type ExitInput, trailedStop } from "../../src/core/exit_plan.ts";
import { price, quantity } from "../../src/core/money.ts";
import { decideProtection, shapeOf } from "../../src/core/protection.ts";
import { addMs } from "../../src/core/time.ts";
import { makeInstrument } from "../fixtures/instrument.ts";
import { asked, boughtAt, later, makeOrder, makePosition } from "../fixtures/position.ts";

const decide = (change: Partial<ExitInput>) =>
  decideExit({
    position: asked(["kill_flatten"]),
    live: [],
    instrument: makeInstrument(),
    bid: price("88"),
    ask: price("88.02"),
    wallAt: later,
    ...change,
  });

describe("windows of a venue", () => {
  test.each([
    ["open", "sell", "87.56", undefined],
    ["post_only", "sell", "88.02", true],
    ["cancel_only", "wait", undefined, undefined],
    ["closed", "wait", undefined, undefined],
  ] as const)("%s [V26] [V27] [V52]", (window, does, limitPrice, isPassive) => {
    const step = decide({ window });
    expect([
      step?.do,
      step?.do === "sell" ? step.limitPrice : undefined,
      step?.do === "sell" ? step.isPassive : undefined,
    ]).toEqual([does, limitPrice, isPassive]);
  });

  test("an exit waits for the session, and the stop that rests at the venue waits with it [V52]", () => {
    const stop = makeOrder("protect", { state: "open" });
    for (const reason of ["signal", "operator", "time", "stop", "kill_flatten"] as const) {
      const at = (window: "open" | "closed" | "cancel_only") =>
        decide({ position: asked([reason]), live: [stop], window });
      expect([at("closed")?.do, at("cancel_only")?.do, at("open")?.do]).toEqual(["wait", "wait", "cancel"]);
    }
  });

  test("a sale that rests is taken back when the venue takes sales again, and left alone before [V26]", () => {
    const resting = makeOrder(
      "exit",
      { exitReason: "kill_flatten" },
      {
        shape: { orderType: "limit", limitPrice: price("88.02"), timeInForce: "gtc" },
      },
    );
    expect(decide({ live: [resting], window: "open" })?.do).toBe("cancel");
    expect(decide({ live: [resting], window: "post_only" })?.do).toBe("wait");
  });

  test("without an ask nothing rests [V26]", () => {
    expect(decide({ window: "post_only", ask: null })?.do).toBe("wait");
  });
});

describe("the wallet holds less than the books", () => {
  test.each([
    ["nothing known", null, "4.5"],
    ["more", "9", "4.5"],
    ["less: only that, in whole lots", "2.37", "2.3"],
    ["less than a lot: nothing is sent", "0.05", "wait"],
    ["none", "0", "wait"],
  ] as const)("%s [O04]", (_, there, expected) => {
    const step = decide({ atVenue: there === null ? null : quantity(there) });
    expect(step?.do === "sell" ? step.quantity : step?.do).toBe(expected);
  });
});

test("a fee in base leaves less than a lot: closed with dust, no endless retry [V42]", () => {
  const step = decide({ position: asked(["stop"], { quantity: quantity("0.0999") }) });
  expect(step).toEqual({ do: "close", reason: "stop", dust: "0.0999" });
});

test("a stop that fired, filled a little and rests: after 2 s the rest is taken back and sold [V16]", () => {
  const fired = makeOrder("protect", { state: "partial", hasTriggered: true, filledQuantity: quantity("0.2") });
  const at = (ms: number) => decide({ position: asked(["stop"]), live: [fired], wallAt: addMs(boughtAt, ms) });
  expect([at(1_900)?.do, at(2_100)?.do]).toEqual(["wait", "cancel"]);
  const rest = decide({ position: asked(["stop"], { quantity: quantity("4.3") }) });
  expect(rest?.do === "sell" ? rest.quantity : null).toBe("4.3");
});

test("our own entry is out of the book before a sale could meet it [V49]", () => {
  expect(decide({ live: [makeOrder("entry", { state: "partial" })] })).toMatchObject({ do: "cancel" });
});

test("a stop, an operator and a target at the same instant: one exit, for the strongest reason, in every order of arrival [K04]", () => {
  const reasons = ["stop", "operator", "target"] as const;
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ] as const;
  for (const order of orders) {
    const position = asked(order.map((index) => reasons[index]));
    expect(decide({ position })).toMatchObject({ do: "sell", reason: "stop", quantity: "4.5" });
    const selling = makeOrder("exit", { exitReason: "stop", state: "open" });
    expect(decide({ position, live: [selling] })?.do).toBe("wait");
  }
});

describe("a stop that the venue's rules refuse", () => {
  const bare = {
    protection: "none",
    protectionRefusals: 1,
    attempts: { protect: 1, exit: 0 },
    unprotectedSince: boughtAt,
  } as const;
  const decideStop = (refusedFor: string | null, refusals = 1, tick = "0.01") =>
    decideProtection({
      position: makePosition({ ...bare, protectionRefusals: refusals }),
      live: [],
      instrument: makeInstrument({ tickSize: price(tick) }),
      bid: price("88"),
      at: addMs(boughtAt, 500),
      refusalsMax: 2,
      refusedFor,
    });
  const shapeIn = (step: ReturnType<typeof decideStop>) => (step?.do === "place" ? step.shape : null);

  test("out of the band: once more, as near to its trigger as makes sense; then the position is left [V35]", () => {
    const [wide, near] = [shapeIn(decideStop(null)), shapeIn(decideStop("price_band"))];
    expect(Number(near?.limitPrice)).toBeGreaterThan(Number(wide?.limitPrice));
    expect(Number(near?.limitPrice)).toBeLessThan(85.62);
    expect(decideStop("price_band", 2)?.do).toBe("exit");
  });

  test("a wider tick: the same plan on the new tick, and what rests there is not replaced for ever [V34]", () => {
    const shape = shapeIn(decideStop("increment", 1, "0.05"));
    expect(shape !== null && "triggerPrice" in shape ? shape.triggerPrice : null).toBe("85.65");
    const instrument = makeInstrument({ tickSize: price("0.05") });
    const position = makePosition();
    const resting = makeOrder("protect", {}, { shape: shapeOf(position, instrument) });
    expect(
      decideProtection({ position, live: [resting], instrument, bid: price("88"), at: later, refusalsMax: 2 }),
    ).toBeNull();
  });
});

test("a trailing stop moves in steps of a tenth of its distance, not with every tick", () => {
  const position = makePosition({
    bestPrice: price("100"),
    exitPlan: { ...makePosition().exitPlan, stopPrice: price("98"), trail: { distanceBps: 200 } },
  });
  const at = (bid: string) => trailedStop(position, price(bid), makeInstrument())?.stopPrice ?? null;
  expect([at("100.01"), at("100.1"), at("100.3")]).toEqual([null, null, "98.29"]);
});
