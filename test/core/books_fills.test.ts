/** What fills make of orders and positions: partial ones, fees in any asset, repetitions, and those that come too late. */
import { describe, expect, test } from "vitest";
import { liveOrderOf } from "../../src/core/books_positions.ts";
import { quantity } from "../../src/core/money.ts";
import {
  acknowledged,
  closed,
  ended,
  exitTriggered,
  fillOf,
  foundAs,
  intended,
  sending,
  working,
} from "../fixtures/facts.ts";
import { makeEntry, makeExit, makeProtection } from "../fixtures/intent.ts";
import { type Story, startStory } from "../fixtures/story.ts";

const position = (story: Story) => story.books().positions["trade-1"];
const order = (story: Story, id: string) => story.books().orders[id];

function entered(...fills: Parameters<typeof fillOf>[1][]): Story {
  const story = startStory();
  story.tell(...working("e1", makeEntry()), ...fills.map((fill) => fillOf("e1", fill)));
  return story;
}

describe("buying", () => {
  test("an entry that is only decided holds nothing and waits for its first fill", () => {
    const story = startStory();
    story.tell(intended("e1", makeEntry()));
    expect(position(story)).toMatchObject({
      state: "entry",
      quantity: "0",
      entryPrice: null,
      protection: "none",
      openedAt: null,
    });
  });

  test("two fills: summed, averaged by size, monitored since the first", () => {
    const story = startStory();
    story.tell(...working("e1", makeEntry()));
    story.wait(1_000);
    const { at } = story.now();
    story.tell(fillOf("e1", { price: "87", quantity: "1.5", fee: "0.13" }));
    story.wait(1_000);
    story.tell(fillOf("e1", { price: "87.5", quantity: "3", fee: "0.26" }));
    expect(order(story, "e1")).toMatchObject({ state: "filled", filledQuantity: "4.5", filledNotional: "393" });
    expect(position(story)).toMatchObject({
      state: "monitoring",
      quantity: "4.5",
      entryCost: "393",
      entryPrice: "87.333333333333333333",
      fees: "0.39",
      bestPrice: "87",
      openedAt: at,
      unprotectedSince: at,
    });
  });

  test("the same fill id a second time changes nothing at all", () => {
    const story = entered({ price: "87", quantity: "1.5", id: "f1" });
    const { seq: _seq, hash: _hash, ...before } = story.books();
    const {
      seq: _nextSeq,
      hash: _nextHash,
      ...after
    } = story.tell(fillOf("e1", { price: "99", quantity: "9", id: "f1" }));
    expect(after).toEqual(before);
  });

  test("a fee in base makes what is held smaller, and is paid once", () => {
    const story = entered({ price: "100", quantity: "4", fee: "0.004", feeAsset: "SOL" });
    expect(position(story)).toMatchObject({
      quantity: "3.996",
      boughtQuantity: "3.996",
      entryCost: "399.6",
      entryPrice: "100",
      fees: "0.4",
    });
    story.tell(
      ...working("x1", makeExit({ quantity: quantity("3.996") })),
      fillOf("x1", { price: "100", quantity: "3.996" }),
    );
    expect(position(story)).toMatchObject({ quantity: "0", realizedPnl: "-0.4" });
  });

  test("more than was ordered is recorded as the truth", () => {
    expect(order(entered({ price: "87", quantity: "5" }), "e1")).toMatchObject({
      state: "filled",
      filledQuantity: "5",
    });
  });

  test("a fill for an order that the books don't know is nobody's", () => {
    const story = startStory();
    story.tell(fillOf("e9", { price: "87", quantity: "5" }));
    expect([story.books().positions, story.books().orders]).toEqual([{}, {}]);
  });
});

describe("selling", () => {
  const selling = () => {
    const story = entered({ price: "80", quantity: "4.5", fee: "0.36" });
    story.tell(exitTriggered("trade-1", "target"), ...working("x1", makeExit(), { exitReason: "target" }));
    return story;
  };

  test("in part: profit of the part, less all fees so far", () => {
    const story = selling();
    story.tell(fillOf("x1", { price: "90", quantity: "1.5", fee: "0.135" }));
    // A third of 360 was sold for 135.
    expect(position(story)).toMatchObject({
      state: "exit_pending",
      quantity: "3",
      soldQuantity: "1.5",
      exitProceeds: "135",
      fees: "0.495",
    });
    expect(Number(position(story)?.realizedPnl)).toBeCloseTo(135 - 120 - 0.495, 12);
  });

  test("in whole: profit to the last digit", () => {
    const story = selling();
    story.tell(
      fillOf("x1", { price: "90", quantity: "1.5", fee: "0.135" }),
      fillOf("x1", { price: "91", quantity: "3", fee: "0.273" }),
    );
    expect(position(story)).toMatchObject({ quantity: "0", realizedPnl: "47.232", state: "exit_pending" });
  });

  test("an exit that ends with a remainder goes back to what triggered it", () => {
    const story = selling();
    story.tell(fillOf("x1", { price: "90", quantity: "1.5" }), ended("x1"));
    expect(order(story, "x1")?.state).toBe("partial_canceled");
    expect(position(story)).toMatchObject({ state: "tp_triggered", attempts: { exit: 1 } });
  });

  test("an exit that sold all it was sent for, while more had been bought meanwhile, goes back too", () => {
    const story = startStory();
    story.tell(
      ...working("e1", makeEntry()),
      fillOf("e1", { price: "80", quantity: "1" }),
      exitTriggered("trade-1", "kill_flatten"),
    );
    story.tell(
      ...working("x1", makeExit({ quantity: quantity("1") })),
      fillOf("e1", { price: "80", quantity: "1.2" }),
      fillOf("x1", { price: "80", quantity: "1" }),
    );
    expect(order(story, "x1")?.state).toBe("filled");
    expect(position(story)).toMatchObject({ state: "exit_requested", quantity: "1.2" });
  });

  test.each(["order_rejected", "order_not_sent", "order_dropped"] as const)(
    "an exit that ends by %s goes back",
    (type) => {
      const story = entered({ price: "80", quantity: "4.5" });
      story.tell(exitTriggered("trade-1", "stop"), intended("x1", makeExit(), { exitReason: "stop" }));
      const facts = {
        order_rejected: { type: "order_rejected", clientOrderId: "x1", code: "1", message: "no", reason: "other" },
        order_not_sent: { type: "order_not_sent", clientOrderId: "x1", because: "refused", retryAfterMs: null },
        order_dropped: { type: "order_dropped", clientOrderId: "x1", because: "held back" },
      } as const;
      if (type !== "order_dropped") story.tell(sending("x1"));
      story.tell(facts[type]);
      expect([position(story)?.state, liveOrderOf(story.books(), "trade-1", "exit")]).toEqual(["stop_triggered", null]);
    },
  );

  test("a sale that pays its fee in base leaves less to sell", () => {
    const story = selling();
    story.tell(fillOf("x1", { price: "90", quantity: "1.5", fee: "0.0015", feeAsset: "SOL" }));
    expect(position(story)?.quantity).toBe("2.9985");
  });
});

describe("too late", () => {
  const over = () => {
    const story = entered({ price: "80", quantity: "2" });
    story.tell(
      ended("e1"),
      exitTriggered("trade-1", "stop"),
      ...working("x1", makeExit({ quantity: quantity("2") }), { exitReason: "stop" }),
      fillOf("x1", { price: "79", quantity: "2" }),
      closed("trade-1"),
    );
    return story;
  };

  test("a fill of an entry that was canceled reopens the closed position as a residual, bare and asked after", () => {
    const story = over();
    story.wait(3_600_000);
    const { wallAt } = story.now();
    story.tell(fillOf("e1", { price: "81", quantity: "1" }));
    expect(order(story, "e1")).toMatchObject({ state: "reopened_by_fill", filledQuantity: "3" });
    expect(position(story)).toMatchObject({
      state: "residual",
      quantity: "1",
      closedAt: null,
      exitReason: null,
      protection: "none",
      unprotectedSince: wallAt,
    });
  });

  test("a sale that comes late reopens it as well: it is counted, and shows as sold too much", () => {
    const story = over();
    story.tell(fillOf("x1", { price: "79", quantity: "0.5", id: "late" }));
    expect(position(story)).toMatchObject({ state: "residual", quantity: "-0.5" });
  });

  test("an entry that never filled and was closed as no fill is a residual when it filled after all", () => {
    const story = startStory();
    story.tell(
      ...working("e1", makeEntry()),
      ended("e1"),
      closed("trade-1", { reason: "no_fill" }),
      fillOf("e1", { price: "81", quantity: "1" }),
    );
    expect(position(story)).toMatchObject({ state: "residual", quantity: "1", entryPrice: "81" });
  });

  test("a residual stays one until its exit is on its way", () => {
    const story = over();
    story.tell(fillOf("e1", { price: "81", quantity: "1" }), exitTriggered("trade-1", "external"));
    expect(position(story)?.state).toBe("residual");
    story.tell(intended("x2", makeExit({ quantity: quantity("1"), attempt: 2 }), { exitReason: "external" }));
    expect(position(story)?.state).toBe("exit_pending");
  });

  test("of a closed position nothing but fills is news: a stop that ends late leaves no trace of being bare", () => {
    const story = over();
    const before = position(story);
    story.tell(intended("p1", makeProtection()), ended("p1"));
    expect(position(story)).toMatchObject({ state: "closed", unprotectedSince: before?.unprotectedSince ?? null });
  });

  test("an order that we took for absent and that the venue shows working is open again", () => {
    const story = startStory();
    story.tell(
      intended("e1", makeEntry()),
      sending("e1"),
      { type: "order_answer_lost", clientOrderId: "e1", because: "timeout" },
      { type: "order_absent", clientOrderId: "e1", probes: 3, because: "3 looks" },
    );
    expect(order(story, "e1")).toMatchObject({ state: "absent" });
    expect(order(story, "e1")?.endedAt).not.toBeNull();
    story.tell(foundAs("e1", "canceled"));
    expect(order(story, "e1")).toMatchObject({ state: "absent", venueOrderId: "venue e1" });
    story.tell(foundAs("e1", "open"));
    expect(order(story, "e1")).toMatchObject({ state: "open", endedAt: null });
  });

  test("a late acknowledgement of an order that already fills changes its name and not its state", () => {
    const story = startStory();
    story.tell(
      intended("e1", makeEntry()),
      sending("e1"),
      fillOf("e1", { price: "81", quantity: "1" }),
      acknowledged("e1"),
    );
    expect(order(story, "e1")).toMatchObject({ state: "partial", venueOrderId: "venue e1" });
  });
});
