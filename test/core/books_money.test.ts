/** Double entry: whatever happens, every asset sums to zero after every fact, and an oracle of its own agrees on what is ours. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Books } from "../../src/core/books.ts";
import { moneyProblem, overdrawnAssets, ownedOf, postingsOf, suspendedMoney } from "../../src/core/books_money.ts";
import type { Fact, FactOf, Recorded } from "../../src/core/events.ts";
import { notional, price, quantity } from "../../src/core/money.ts";
import { isOpenPosition } from "../../src/core/position.ts";
import { arbitraryStory, type StoryStep, tellAll } from "../fixtures/arbitrary_story.ts";
import { accountOpened, closed, ended, fillOf, houseStarted, working } from "../fixtures/facts.ts";
import { makeEntry, makeExit } from "../fixtures/intent.ts";
import { type Story, startStory } from "../fixtures/story.ts";

const one = 10n ** 18n;
function units(text: string): bigint {
  const [whole = "0", fraction = ""] = text.replace("-", "").split(".");
  const size = BigInt(whole) * one + BigInt(fraction.padEnd(18, "0"));
  return text.startsWith("-") ? -size : size;
}

const transfer = (change: Partial<FactOf<"transfer_recorded">> = {}): FactOf<"transfer_recorded"> => ({
  type: "transfer_recorded",
  asset: "USDT",
  amount: quantity("250"),
  direction: "in",
  recordId: "deposit-1",
  worth: notional("250"),
  ...change,
});

/** Every fill that is booked now may turn out not to be final, and money may come and go. */
function epilogue(books: Books, steps: readonly StoryStep[]): readonly Fact[] {
  return steps.slice(0, 12).flatMap((step, index): readonly Fact[] => {
    const orders = Object.values(books.orders).filter((order) => order.fillIds.length > 0);
    const order = orders[step.pick % Math.max(1, orders.length)];
    const asset = step.feeIn;
    const amount = quantity(String(step.size));
    if (step.pick % 3 === 0 || order === undefined) {
      const direction = step.pick % 2 === 0 ? "in" : "out";
      const recordId = step.pick % 5 === 0 ? "unexplained" : `record-${index % 4}`;
      const explains = step.pick % 7 === 0 && recordId !== "unexplained" ? ({ explains: "unexplained" } as const) : {};
      return [{ ...transfer({ asset, amount, direction, recordId }), ...explains }];
    }
    if (step.pick % 3 === 1) {
      const position = books.positions[order.tradeId];
      return position === undefined
        ? []
        : [
            {
              type: "position_reduced",
              positionId: order.tradeId,
              quantity: quantity("0.1"),
              recordId: "out",
              because: "test",
            },
          ];
    }
    return [
      {
        type: "fill_reversed",
        clientOrderId: order.clientOrderId,
        venueFillId: order.fillIds[0] ?? "",
        supersededBy: null,
        price: price("80"),
        quantity: quantity("0.1"),
        fee: notional("0.01"),
        feeAsset: asset,
        feeInQuote: notional("0.01"),
        because: "test",
      },
    ];
  });
}

/** All facts of a story and its epilogue, with the books before and after each. */
function stories(
  steps: readonly StoryStep[],
  onFact: (before: Books, after: Books, recorded: Recorded) => void,
): Story {
  const pairs: [Books, Books][] = [];
  const story = tellAll(steps, (before, after) => pairs.push([before, after]));
  for (const fact of epilogue(story.books(), steps)) {
    const before = story.books();
    pairs.push([before, story.tell(fact)]);
  }
  const facts = story.facts();
  for (const [index, [before, after]] of pairs.entries()) {
    const recorded = facts[index];
    if (recorded !== undefined) onFact(before, after, recorded);
  }
  return story;
}

describe("random stories", () => {
  test("the postings of every fact sum to zero per asset, in whole numbers of 10^-18", () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(arbitraryStory(80), (steps) => {
        stories(steps, (before, _after, recorded) => {
          const postings = postingsOf(before, recorded);
          if (postings.length > 0) kinds.add(recorded.fact.type);
          const sums: Record<string, bigint> = {};
          for (const { asset, amount } of postings) sums[asset] = (sums[asset] ?? 0n) + units(amount);
          expect(Object.values(sums).filter((sum) => sum !== 0n)).toEqual([]);
        });
      }),
      { numRuns: 150 },
    );
    expect([...kinds].sort()).toEqual([
      "account_opened",
      "fill_received",
      "fill_reversed",
      "position_closed",
      "position_reduced",
      "transfer_recorded",
    ]);
  });

  test("after every fact the money adds up: zero per asset, ours is what moved, and positions hold what is booked for them", () => {
    fc.assert(
      fc.property(arbitraryStory(80), (steps) => {
        stories(steps, (_before, after) => expect(moneyProblem(after)).toBeNull());
      }),
      { numRuns: 150 },
    );
  });

  test("the balances are the sum of all postings, and dust is what closed positions were left with", () => {
    fc.assert(
      fc.property(arbitraryStory(80), (steps) => {
        const sums: Record<string, bigint> = {};
        const story = stories(steps, (before, _after, recorded) => {
          for (const { account, asset, amount } of postingsOf(before, recorded))
            sums[`${account} ${asset}`] = (sums[`${account} ${asset}`] ?? 0n) + units(amount);
        });
        const { house, positions } = story.books();
        const booked = Object.entries(house.account?.money ?? {}).map(
          ([name, amount]) => [name, units(amount)] as const,
        );
        expect(Object.fromEntries(booked)).toEqual(sums);
        const dust = Object.values(positions)
          .filter((position) => !isOpenPosition(position))
          .reduce((total, position) => total + units(position.quantity), 0n);
        const isPruned = Object.keys(positions).length < new Set(story.facts().map(({ tradeId }) => tradeId)).size;
        if (!isPruned) expect(sums["dust SOL"] ?? 0n).toBe(dust);
      }),
      { numRuns: 150 },
    );
  });
});

function money(...facts: readonly Fact[]): Readonly<Record<string, string>> {
  const story = startStory();
  story.tell(houseStarted, accountOpened("1000"), ...facts);
  expect(moneyProblem(story.books())).toBeNull();
  return Object.fromEntries(
    Object.entries(story.books().house.account?.money ?? {}).filter(([, amount]) => amount !== "0"),
  );
}

const bought = [
  ...working("e1", makeEntry({ quantity: quantity("2") })),
  fillOf("e1", { price: "80", quantity: "2", fee: "0.002", feeAsset: "SOL" }),
];
const sold = [
  ...working("x1", makeExit({ quantity: quantity("1.9") })),
  fillOf("x1", { price: "90", quantity: "1.9", fee: "0.171" }),
];

describe("by hand", () => {
  test("a purchase with its fee in base: the fee is out of the position and stands in its own asset", () => {
    expect(money(...bought)).toEqual({
      "equity USDT": "-1000",
      "cash USDT": "840",
      "market USDT": "160",
      "market SOL": "-2",
      "position SOL": "1.998",
      "fees SOL": "0.002",
    });
  });

  test("a fee in a third asset is a leg of its own, marked at the rate of the fill", () => {
    const story = startStory();
    story.tell(houseStarted, accountOpened("1000"), ...working("e1", makeEntry({ quantity: quantity("2") })));
    const before = story.books();
    story.tell(fillOf("e1", { price: "80", quantity: "2", fee: "0.01", feeAsset: "KCS", feeInQuote: "0.1" }));
    const last = story.facts().at(-1);
    const legs = last === undefined ? [] : postingsOf(before, last);
    expect(legs.filter(({ asset }) => asset === "KCS")).toEqual([
      { account: "cash", asset: "KCS", amount: "-0.01", worth: "-0.1", tradeId: "trade-1" },
      { account: "fees", asset: "KCS", amount: "0.01", worth: "0.1", tradeId: "trade-1" },
    ]);
    expect(overdrawnAssets(story.books())).toEqual(["KCS"]);
  });

  test("what is too small to sell goes to dust, and a late fill takes it back", () => {
    const trade = [...bought, ended("e1"), ...sold, closed("trade-1", { dust: quantity("0.098") })];
    expect(money(...trade)).toMatchObject({ "dust SOL": "0.098", "fees USDT": "0.171" });
    expect(money(...trade)["position SOL"]).toBeUndefined();
    const again = money(...trade, fillOf("e1", { price: "80", quantity: "0.5", id: "late" }));
    expect([again["dust SOL"], again["position SOL"]]).toEqual([undefined, "0.598"]);
  });

  test("a repeated fill and a repeated record move nothing", () => {
    const last = bought.at(-1) as Fact;
    expect(money(...bought, last)).toEqual(money(...bought));
    expect(money(transfer(), transfer())).toEqual(money(transfer()));
  });

  test("money that was there when the account was opened is not booked a second time [V41]", () => {
    const opened: Fact = { ...accountOpened("1000"), transferIds: [transfer().recordId] };
    expect(money(opened, transfer())).toEqual(money(opened));
    expect(money(opened, transfer({ recordId: "another" }))).not.toEqual(money(opened));
  });

  test("money without a reason waits in suspense until a record names it [V41]", () => {
    const unexplained = transfer({ recordId: "unexplained" });
    expect(money(unexplained)).toMatchObject({ "cash USDT": "1250", "suspense USDT": "-250" });
    const named = money(unexplained, transfer({ recordId: "deposit-7", explains: "unexplained" }));
    expect(named).toEqual({ "equity USDT": "-1000", "cash USDT": "1250", "external USDT": "-250" });
    const story = startStory();
    story.tell(houseStarted, accountOpened("1000"), unexplained);
    expect(suspendedMoney(story.books())).toEqual({ USDT: "250" });
  });

  test("a deposit is no profit and a withdrawal no loss: drawdown is measured from a mark that moves along [V41]", () => {
    const story = startStory();
    story.tell(
      houseStarted,
      accountOpened("1000"),
      transfer({ direction: "out", amount: quantity("400"), worth: notional("400") }),
    );
    expect(story.books().house.account).toMatchObject({
      deltas: { USDT: "-400" },
      equityHigh: "600",
      equityLast: "600",
      dayStartEquity: "600",
      sessionStartEquity: "600",
    });
    expect(ownedOf(story.books().house.account?.money ?? {}, "USDT")).toBe("600");
  });

  test("a second opening leaves nothing of the first", () => {
    expect(money(...bought, ended("e1"), ...sold, closed("trade-1"), accountOpened("77"))).toEqual({
      "equity USDT": "-77",
      "cash USDT": "77",
    });
  });
});

describe("money that does not add up is named", () => {
  const tampered = (change: Readonly<Record<string, string>>): Books => {
    const story = startStory();
    story.tell(houseStarted, accountOpened("1000"), ...bought);
    const books = story.books();
    const { account } = books.house;
    if (account === null) throw new Error("no account");
    const changed = Object.fromEntries(Object.entries(change).map(([name, amount]) => [name, notional(amount)]));
    return { ...books, house: { ...books.house, account: { ...account, money: { ...account.money, ...changed } } } };
  };
  test.each([
    [{ "cash USDT": "841" }, "The accounts of USDT sum to 1 and not to 0"],
    [{ "cash USDT": "841", "market USDT": "159" }, "USDT: 841 is booked as ours, and fills and transfers moved 840"],
    [{ "position SOL": "0.998", "cash SOL": "1" }, "SOL: 0.998 is booked for positions, and they hold 1.998"],
  ])("%o", (change, says) => {
    expect(moneyProblem(tampered(change as Readonly<Record<string, string>>))).toBe(says);
  });
});
