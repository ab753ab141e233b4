/** Convergence of reconciliation: applied, a plan leaves nothing to record; and the order of its items does not matter. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Books } from "../../src/core/books.ts";
import { quantity } from "../../src/core/money.ts";
import { type Plan, planReconcile } from "../../src/core/reconcile_plan.ts";
import { addMs } from "../../src/core/time.ts";
import { closed, ended, fillOf, working } from "../fixtures/facts.ts";
import { makeEntry } from "../fixtures/intent.ts";
import {
  applied,
  bought,
  instruments,
  marks,
  openEntry,
  protectedPosition,
  rules,
  type Shown,
  seenFill,
  seenOrder,
  seenStop,
  snapshotAt,
  unknownEntry,
} from "../fixtures/reconcile_world.ts";
import { type Story, storyStart } from "../fixtures/story.ts";

const canceled = (): Story => {
  const story = openEntry();
  story.tell(ended("e1"), closed("trade-1", { reason: "no_fill" }));
  return story;
};
/** Two trades at once, so that the items of one plan concern several positions. */
const twoTrades = (): Story => {
  const story = protectedPosition();
  story.tell(
    ...working("e2", makeEntry({ tradeId: "trade-2" })),
    fillOf("e2", { price: "88", quantity: "1", id: "g1" }),
  );
  return story;
};
const worlds = [bought, openEntry, protectedPosition, unknownEntry, canceled, twoTrades] as const;

const tenths = fc.integer({ min: 0, max: 45 }).map((n) => quantity((n / 10).toFixed(1)));
const states = fc.constantFrom("open", "filled", "canceled", "expired", "rejected" as const);
const entrySeen = fc
  .tuple(tenths, states)
  .map(([filledQuantity, state]) =>
    seenOrder({ filledQuantity: state === "filled" ? quantity("4.5") : filledQuantity, state }),
  );
const stopSeen = fc
  .tuple(fc.constantFrom("open", "canceled" as const), fc.boolean())
  .map(([state, hasTriggered]) => seenStop({ state, hasTriggered }));
const fillsSeen = fc.uniqueArray(
  fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.constantFrom("venue e1", "venue e2", "venue p1", "by hand"))
    .map(([n, venueOrderId]) =>
      seenFill(`s${n}`, `0.${n}`, {
        venueOrderId,
        side: venueOrderId.startsWith("venue e") ? "buy" : "sell",
        filledAt: addMs(storyStart, 10_000),
      }),
    ),
  { selector: (fill) => fill.venueFillId, maxLength: 4 },
);
const shownWorlds = fc
  .record({
    entry: fc.option(entrySeen),
    isNamed: fc.boolean(),
    stop: fc.option(stopSeen),
    fills: fc.option(fillsSeen, { freq: 8 }),
    hasForeign: fc.boolean(),
    coins: fc.option(fc.constantFrom("0", "2.7", "4.5", "5.5", "9")),
    isBalanceRead: fc.boolean(),
  })
  .map(({ entry, isNamed, stop, fills, hasForeign, coins, isBalanceRead }): Shown => {
    const foreign = hasForeign ? [seenOrder({ clientOrderId: "a-person", venueOrderId: "f-1" })] : [];
    const listed = [entry, stop].filter((one) => one !== null);
    return {
      open: [...listed.filter((one) => one.state === "open"), ...foreign],
      byName: isNamed
        ? { e1: entry, p1: stop }
        : Object.fromEntries(listed.filter((one) => one.state !== "open").map((one) => [one.clientOrderId, one])),
      fills: fills ?? [],
      coins: isBalanceRead ? (coins ?? "4.5") : null,
    };
  });

function lookAgain(books: Books, shown: Shown, at: ReturnType<Story["now"]>, doubts: Plan["doubts"]): Plan {
  const snapshot = snapshotAt(at.wallAt, shown);
  return planReconcile({ books, snapshot, doubts, rules, context: { marks, instruments }, times: at });
}

const records = (plan: Plan) => plan.items.filter((item) => item.does !== "wish");

test("after at most a few rounds against the same venue nothing is left to record [X16]", () => {
  fc.assert(
    fc.property(fc.constantFrom(...worlds), shownWorlds, (world, shown) => {
      const story = world();
      story.wait(60_000);
      let books = story.books();
      let doubts: Plan["doubts"] = {};
      let quietRounds = 0;
      // Three looks confirm what is missing, and whatever is applied keeps its order quiet for 5 s: three such cycles.
      for (let round = 0; round < 24 && quietRounds < 6; round += 1) {
        story.wait(2_000);
        const plan = lookAgain(books, shown, story.now(), doubts);
        const before = books;
        books = applied(books, plan.items, story.now());
        doubts = plan.doubts;
        quietRounds = books === before ? quietRounds + 1 : 0;
      }
      expect(quietRounds).toBe(6);
      const last = lookAgain(books, shown, story.now(), doubts);
      expect(records(last)).toEqual([]);
    }),
    { numRuns: 300, seed: 20_260 },
  );
});

/** What must not depend on the order: everything but sequence numbers, and the order in which things were noticed. */
function essence(books: Books) {
  return {
    orders: Object.fromEntries(
      Object.entries(books.orders).map(([id, order]) => [
        id,
        {
          state: order.state,
          filled: order.filledQuantity,
          money: order.filledNotional,
          fills: [...order.fillIds].sort(),
          suspected: order.suspectedBecause ?? null,
        },
      ]),
    ),
    positions: Object.fromEntries(
      Object.entries(books.positions).map(([id, position]) => [
        id,
        {
          state: position.state,
          quantity: position.quantity,
          sold: position.soldQuantity,
          fees: position.fees,
          protection: position.protection,
          reasons: position.exitFacts.map((fact) => fact.kind).sort(),
        },
      ]),
    ),
    breakers: Object.keys(books.house.breakers).sort(),
    deltas: books.house.account?.deltas,
    short: books.house.shortOf ?? {},
    foreign: books.house.foreign ?? {},
  };
}

test("any order of the items gives the same books [X16]", () => {
  let withSeveral = 0;
  fc.assert(
    fc.property(fc.constantFrom(...worlds), shownWorlds, fc.infiniteStream(fc.nat(1_000)), (world, shown, dice) => {
      const story = world();
      let plan: Plan = { items: [], doubts: {}, findings: [] };
      for (let look = 0; look < 4; look += 1) {
        story.wait(4_000);
        plan = lookAgain(story.books(), shown, story.now(), plan.doubts);
      }
      const items = records(plan);
      if (items.length > 1) withSeveral += 1;
      const shuffled = items
        .map((item) => ({ item, at: dice.next().value as number }))
        .sort((left, right) => left.at - right.at)
        .map(({ item }) => item);
      const straight = applied(story.books(), items, story.now());
      expect(essence(applied(story.books(), shuffled, story.now()))).toEqual(essence(straight));
      expect(essence(applied(straight, shuffled, story.now()))).toEqual(essence(straight));
    }),
    { numRuns: 300, seed: 7 },
  );
  expect(withSeveral).toBeGreaterThan(30);
});
