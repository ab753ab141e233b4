/** What becomes a number on the wire: plain digits on the venue's grid, whatever a float had made of it before. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ClearedIntent } from "../../src/core/clearance.ts";
import {
  floorToStep,
  floorToTick,
  isMultipleOf,
  type Price,
  price,
  type Quantity,
  quantity,
} from "../../src/core/money.ts";
import { instant } from "../../src/core/time.ts";
import { placeOrder, planOrder } from "../../src/venues/kucoin/place.ts";
import { buy, pair, sell, stop } from "./intents.ts";

const name = { clientOrderId: "wire-1", stampedAt: instant(1_750_000_000_000) };
const plain = /^\d+(\.\d+)?$/;
const grids = fc.constantFrom("0.00000001", "0.0001", "0.001", "0.01", "0.1", "0.25", "0.5", "1", "10");
/** Numbers as a strategy's arithmetic leaves them: 0.1 + 0.2, thirds, powers of ten. */
const floats = fc.oneof(
  fc.constantFrom(0.1 + 0.2, 1e-7, 3 * 1.1, 1 / 3, 1e6 + 1e-7, 64_210.1 + 0.2),
  fc.double({ min: 1e-7, max: 1e7, noNaN: true }),
);
const digitsOf = (value: number): string => value.toFixed(12);

describe("numbers of an order", () => {
  it("that a float had spoiled leave as plain digits, on tick and step exactly [D02]", () => {
    fc.assert(
      fc.property(floats, floats, grids, grids, (at, size, tick, step) => {
        const limit = floorToTick(price(digitsOf(at)), price(tick));
        const amount = floorToStep(quantity(digitsOf(size)), quantity(step));
        for (const intent of [buy(amount, limit), sell(amount, limit), stop(amount, limit, limit)]) {
          const { body } = planOrder(intent, name);
          for (const key of ["size", "price", "stopPrice"] as const) {
            if (body[key] === undefined) continue;
            expect(String(body[key])).toMatch(plain);
            expect(typeof body[key]).toBe("string");
          }
          expect(isMultipleOf(price(String(body["price"])), price(tick))).toBe(true);
          expect(isMultipleOf(quantity(String(body["size"])), quantity(step))).toBe(true);
        }
      }),
    );
  });

  it.each(["1e-7", "0.30000000000000004e1", "NaN", "Infinity", "-1", "1,5", "0x10", ".5", "1.", "", "１"])(
    "[D02] %j never reaches the wire, in whatever field it hides",
    async (text) => {
      const [odd, size] = [text as Price, text as Quantity];
      const good = pair("1", { target: "103", trigger: "98", worst: "97" });
      const spoiled = [
        { ...buy("1", "100"), quantity: size },
        { ...buy("1", "100"), shape: { orderType: "limit", limitPrice: odd, timeInForce: "ioc" } },
        { ...good, shape: { ...good.shape, triggerPrice: odd } },
        { ...good, shape: { ...good.shape, targetPrice: odd } },
      ] as unknown as readonly ClearedIntent[];
      for (const intent of spoiled) {
        // Refused before anything of the connection is touched: there is none here.
        const answer = await placeOrder(
          { baseUrl: "http://127.0.0.1:1" } as never,
          { ...intent, mode: "paper" } as ClearedIntent,
          name,
        );
        expect(answer).toMatchObject({
          ok: false,
          problem: { kind: "not_sent", because: expect.stringMatching(/no plain decimal number$/) as string },
        });
      }
    },
  );
});
