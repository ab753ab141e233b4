/** Fills as venues really tell them: twice, contradicting, late, unnamed, not final; and what the books make of each. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { absorb } from "../../src/core/absorb.ts";
import type { Books } from "../../src/core/books.ts";
import { evolveTentatively } from "../../src/core/books.ts";
import { moneyProblem } from "../../src/core/books_money.ts";
import { minus, notional, price, quantity, sum, zeroQuantity } from "../../src/core/money.ts";
import type { SeenFill, SeenOrder } from "../../src/core/snapshot.ts";
import { addMs } from "../../src/core/time.ts";
import { fillOf, intended, sending } from "../fixtures/facts.ts";
import { makeEntry } from "../fixtures/intent.ts";
import {
  bought,
  exiting,
  instruments,
  marks,
  openEntry,
  openHouse,
  seenFill,
  seenOrder,
} from "../fixtures/reconcile_world.ts";
import { storyStart } from "../fixtures/story.ts";

const times = { at: addMs(storyStart, 60_000), wallAt: addMs(storyStart, 60_000) };
type Told = {
  readonly order?: SeenOrder | null;
  readonly fills?: readonly SeenFill[];
  readonly mayProvision?: boolean;
};

function take(books: Books, ...news: readonly Told[]): Books {
  return news.reduce((now, { order = null, fills = [], mayProvision = false }) => {
    const told = absorb(now, "e1", { order, fills }, { ...times, marks, instruments, mayProvision });
    return evolveTentatively(now, told, times);
  }, books);
}
const entry = (books: Books) => books.orders["e1"];
const position = (books: Books) => books.positions["trade-1"];
const causes = (books: Books) => Object.values(books.house.breakers).map((one) => one.cause);
const stream = (id: string, size: string, change: Partial<SeenFill> = {}) =>
  seenFill(id, size, { isProvisional: true, ...change });

/** What the venue says of the exit x1. */
const exit = (books: Books, told: Told) =>
  evolveTentatively(
    books,
    absorb(
      books,
      "x1",
      { order: told.order ?? null, fills: told.fills ?? [] },
      { ...times, marks, instruments, mayProvision: told.mayProvision ?? false },
    ),
    times,
  );

describe("told in the wrong order", () => {
  const canceled = seenOrder({ state: "canceled" });
  const before = seenOrder({ state: "open" });

  test("an answer from before its end does not open an order again; one of half a minute later does [N09]", () => {
    const ended = take(openEntry().books(), { order: canceled });
    expect(entry(ended)?.state).toBe("canceled");
    expect({ ...take(ended, { order: before }, { order: before }, { order: canceled }), seq: 0 }).toEqual({
      ...ended,
      seq: 0,
    });
    const later = addMs(times.wallAt, 30_000);
    const told = absorb(ended, "e1", { order: before, fills: [] }, { at: later, wallAt: later, marks, instruments });
    expect(told.map(({ fact }) => fact.type)).toContain("order_found");
  });
});

describe("told twice", () => {
  test("the same fill again changes nothing [V20]", () => {
    const once = take(openEntry().books(), { fills: [seenFill("f1", "2")] });
    const twice = take(once, { fills: [seenFill("f1", "2")] });
    expect({ ...twice, seq: 0 }).toEqual({ ...once, seq: 0 });
  });

  test("the last fifty again after a reconnect change nothing [V20]", () => {
    const fills = Array.from({ length: 45 }, (_, n) => seenFill(`f${n}`, "0.1"));
    const once = take(openEntry().books(), { fills });
    expect(position(once)?.quantity).toBe("4.5");
    expect({ ...take(once, { fills }, { fills: fills.slice(-50) }), seq: 0 }).toEqual({ ...once, seq: 0 });
  });

  test("the same fill with other numbers is suspect, moves no money and stops entries [V21]", () => {
    const once = take(openEntry().books(), { fills: [seenFill("f1", "2")] });
    const lied = take(once, { fills: [seenFill("f1", "3", { price: price("80") })] });
    expect(position(lied)?.quantity).toBe("2");
    expect(entry(lied)?.suspectedBecause).toMatch(/told twice with different numbers/);
    expect(causes(lied)).toEqual(["contradicting_fill"]);
    expect(lied.house.account?.deltas).toEqual(once.house.account?.deltas);
  });

  test.each([
    ["in one answer", [[seenFill("f1", "2"), seenFill("f1", "0.07")]]],
    [
      "while it is not settled, and looks final",
      [[seenFill("f1", "2", { settlement: "pending" })], [seenFill("f1", "0.07")], [seenFill("f1", "2")]],
    ],
    [
      "beside the report that settles it",
      [[seenFill("f1", "2", { settlement: "pending" })], [seenFill("f1", "2"), seenFill("f1", "0.07")]],
    ],
  ] as const)(
    "a fill that is told with other numbers %s is booked as it was told first, and suspect [V21]",
    (_, told) => {
      const books = take(openEntry().books(), ...told.map((fills) => ({ fills })));
      expect(position(books)?.quantity).toBe("2");
      expect(entry(books)?.fillIds).toEqual(["f1"]);
      expect(entry(books)?.provisional ?? {}).toEqual({});
      expect(entry(books)?.suspectedBecause).toMatch(/told twice with different numbers/);
    },
  );
});

describe("one trade on two ways", () => {
  test("the stream tells it without an id, the list with one: counted once, under its real name [V22]", () => {
    const early = take(openEntry().books(), { fills: [stream("ws|1", "2")] });
    expect(position(early)?.quantity).toBe("2");
    const late = take(early, { fills: [seenFill("f1", "2", { filledAt: addMs(storyStart, 40) })] });
    expect(entry(late)?.fillIds).toEqual(["f1"]);
    expect(entry(late)?.provisional).toEqual({});
    expect(position(late)?.quantity).toBe("2");
    expect(position(late)?.fees).toBe("0.1");
  });

  test("the list tells it first: the stream adds nothing [V22]", () => {
    const first = take(openEntry().books(), { fills: [seenFill("f1", "2")] });
    expect(take(first, { fills: [stream("ws|1", "2")] })).toBe(first);
  });

  test("both in one answer: the one with the id counts [V22]", () => {
    const both = take(openEntry().books(), { fills: [stream("ws|1", "2"), seenFill("f1", "2")] });
    expect(entry(both)?.fillIds).toEqual(["f1"]);
  });

  test("the order is ahead of its fills: provisional at its own average, replaced piece by piece [V11] [V22]", () => {
    const ahead = seenOrder({ filledQuantity: quantity("4.5"), filledNotional: notional("393.75"), state: "filled" });
    const waiting = take(openEntry().books(), { order: ahead });
    expect(position(waiting)?.quantity).toBe("0");
    const derived = take(waiting, { order: ahead, mayProvision: true });
    expect(position(derived)?.quantity).toBe("4.5");
    expect(position(derived)?.entryPrice).toBe("87.5");
    const half = take(derived, { order: ahead, fills: [seenFill("f1", "2")] });
    expect(position(half)?.quantity).toBe("4.5");
    const whole = take(half, { order: ahead, fills: [seenFill("f1", "2"), seenFill("f2", "2.5")] });
    expect([...(entry(whole)?.fillIds ?? [])].sort()).toEqual(["f1", "f2"]);
    expect(entry(whole)?.filledNotional).toBe("393.75");
    expect(position(whole)?.fees).toBe("0.2");
    expect(causes(whole)).toEqual([]);
  });

  test("an exit that was booked provisionally closes once, and its profit is put right by the real fill [V22]", () => {
    const done = seenOrder({
      clientOrderId: "x1",
      venueOrderId: "venue x1",
      side: "sell",
      state: "filled",
      filledQuantity: quantity("4.5"),
    });
    const provisional = exit(exiting().books(), { order: done, mayProvision: true });
    expect(position(provisional)?.state).toBe("closed");
    const real = exit(provisional, {
      order: done,
      fills: [seenFill("f9", "4.5", { venueOrderId: "venue x1", side: "sell", price: price("90") })],
    });
    expect(position(real)?.state).toBe("closed");
    expect(position(real)?.quantity).toBe("0");
    expect(position(real)?.exitProceeds).toBe("405");
    expect(real.days.today.trades).toBe(1);
    expect(real.days.today.pnl).toBe(position(real)?.realizedPnl);
  });
});

describe("settled later", () => {
  const pending = seenFill("m1", "4.5", { settlement: "pending" });

  test("what the venue hasn't dated is dated by the market's time, not by a clock that somebody set [C02]", () => {
    const marketAt = addMs(times.at, -30_000);
    const seen = { order: seenOrder({ filledQuantity: quantity("4.5") }), fills: [] };
    const told = absorb(openEntry().books(), "e1", seen, {
      ...times,
      marks,
      instruments,
      mayProvision: true,
      marketAt,
    });
    const fills = told.flatMap(({ fact }) => (fact.type === "fill_received" ? [fact.filledAt] : []));
    expect(fills).toEqual([marketAt]);
  });

  test("matched is provisional, confirmed is final [V25]", () => {
    const matched = take(openEntry().books(), { fills: [pending] });
    expect(entry(matched)?.provisional?.["m1"]?.quantity).toBe("4.5");
    const confirmed = take(matched, { fills: [seenFill("m1", "4.5")] });
    expect(entry(confirmed)?.provisional).toEqual({});
    expect(position(confirmed)?.quantity).toBe("4.5");
  });

  test("failed takes it back to the last cent, and the position never was [V25]", () => {
    const before = openEntry().books();
    const failed = take(before, { fills: [pending] }, { fills: [{ ...pending, settlement: "failed" }] });
    expect(position(failed)?.quantity).toBe("0");
    expect(entry(failed)?.filledQuantity).toBe("0");
    const moved = Object.values(failed.house.account?.deltas ?? {});
    expect(moved.every((amount) => amount === "0")).toBe(true);
    expect(failed.days.today.fees).toBe("0");
  });

  test("a sale that failed after its position was closed opens it again, and the money adds up [V25]", () => {
    const matched = seenFill("m9", "4.5", {
      venueOrderId: "venue x1",
      side: "sell",
      price: price("90"),
      settlement: "pending",
    });
    const closed = exit(exiting().books(), { order: null, fills: [matched] });
    expect(position(closed)?.state).toBe("closed");
    const failed = exit(closed, { order: null, fills: [{ ...matched, settlement: "failed" }] });
    expect([position(failed)?.state, position(failed)?.quantity, position(failed)?.closedAt]).toEqual([
      "residual",
      "4.5",
      null,
    ]);
    expect(moneyProblem(failed)).toBeNull();
  });

  test("equal fills at one moment are each settled under their own name, in whatever order [V22]", () => {
    const names = ["m1", "m2", "m3"];
    const told = (settled: readonly string[]) =>
      names.map((name) => seenFill(name, "1.5", settled.includes(name) ? {} : { settlement: "pending" }));
    const first = take(openEntry().books(), { fills: told([]) });
    expect(Object.keys(entry(first)?.provisional ?? {})).toEqual(names);
    const one = take(first, { fills: told(["m3"]) });
    expect(Object.keys(entry(one)?.provisional ?? {})).toEqual(["m1", "m2"]);
    const all = take(one, { fills: told(names) });
    expect(entry(all)?.provisional).toEqual({});
    expect(position(all)?.quantity).toBe("4.5");
    expect(
      entry(all)
        ?.fillIds.filter((id) => names.includes(id))
        .sort(),
    ).toEqual(names);
  });

  test("failed before it was ever told is nothing [V25]", () => {
    const before = openEntry().books();
    expect(take(before, { fills: [{ ...pending, settlement: "failed" }] })).toBe(before);
  });
});

describe("before, after and beyond", () => {
  test("a fill before the acknowledgement is legal and opens the position once [V24]", () => {
    const story = openHouse();
    story.tell(intended("e1", makeEntry()), sending("e1"));
    const seen = seenOrder({ state: "filled", filledQuantity: quantity("4.5") });
    const filled = take(story.books(), { order: seen, fills: [seenFill("f1", "4.5")] });
    expect(entry(filled)?.state).toBe("filled");
    const acknowledged = evolveTentatively(
      filled,
      [
        {
          actor: "house",
          tradeId: "trade-1",
          causedBy: null,
          fact: { type: "order_acknowledged", clientOrderId: "e1", venueOrderId: "venue e1", latencyMs: 5 },
        },
      ],
      times,
    );
    expect(entry(acknowledged)?.state).toBe("filled");
    expect(position(acknowledged)?.quantity).toBe("4.5");
  });

  test("more than asked for is the truth, and a breaker [V23]", () => {
    const over = take(bought().books(), { fills: [seenFill("f2", "0.5")] });
    expect(position(over)?.quantity).toBe("5");
    expect(causes(over)).toEqual(["overfill"]);
  });

  test("fills of another order are not this one's", () => {
    const before = openEntry().books();
    expect(take(before, { fills: [seenFill("f1", "2", { venueOrderId: "venue other" })] })).toBe(before);
  });
});

test("whatever is told in whatever order, the sum never exceeds what the venue says was traded, and ends equal to it [V20] [V22]", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 15 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(sizes, fc.array(fc.nat(99), { minLength: 3, maxLength: 12 }), (tenths, dice) => {
      const real = tenths.map((n, index) =>
        seenFill(`f${index}`, String(n / 10), { filledAt: addMs(storyStart, index * 20_000) }),
      );
      const total = sum(
        real.map((fill) => fill.quantity),
        zeroQuantity,
      );
      const order = makeEntry({ quantity: total });
      const story = openHouse();
      story.tell(intended("e1", order), sending("e1"), {
        type: "order_acknowledged",
        clientOrderId: "e1",
        venueOrderId: "venue e1",
        latencyMs: 1,
      });
      const seen = seenOrder({ quantity: total, filledQuantity: total });
      let books = story.books();
      for (const roll of dice) {
        const some = real.filter((_, index) => (roll >> index) % 2 === 1);
        const asStream = some.map((fill, index) => ({
          ...fill,
          venueFillId: `ws|${fill.venueFillId}|${index}`,
          isProvisional: true,
        }));
        books = take(books, { order: seen, fills: roll % 3 === 0 ? asStream : some, mayProvision: roll % 4 === 0 });
        expect(minus(total, entry(books)?.filledQuantity ?? zeroQuantity).startsWith("-")).toBe(false);
        expect(position(books)?.quantity).toBe(entry(books)?.filledQuantity);
      }
      books = take(books, { order: { ...seen, state: "filled" }, fills: real });
      expect(entry(books)?.filledQuantity).toBe(total);
      expect([...(entry(books)?.fillIds ?? [])].sort()).toEqual(real.map((fill) => fill.venueFillId).sort());
    }),
    { numRuns: 200, seed: 11 },
  );
});

test("a fill that repeats the numbers of a booked one under a new id is another trade", () => {
  const story = openEntry();
  story.tell(fillOf("e1", { price: "87.5", quantity: "2", id: "f1" }));
  expect(position(take(story.books(), { fills: [seenFill("f2", "2")] }))?.quantity).toBe("4");
});
