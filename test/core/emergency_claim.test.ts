/** How much of a shared account is ours to sell: by the snapshot, by what traded since, by what rests in our name. */
import { describe, expect, test } from "vitest";
import {
  claimOf,
  countedFrom,
  type Deal,
  fillsGoBackMs,
  freedBy,
  isTooOld,
  nothingTraded,
  type Traded,
  tradedOf,
} from "../../src/core/emergency_claim.ts";
import type { Lifeline } from "../../src/core/lifeline.ts";
import { type Quantity, quantity, zeroQuantity } from "../../src/core/money.ts";
import { heldPosition, makeLifeline } from "../fixtures/lifeline.ts";

const symbol = "SOL/USDT";
const now = 1_800_000_000_000;
const fresh = { snapshotAt: now - 30_000, comparedAt: now - 40_000, begunAt: now };

type Noted = Lifeline["orders"][number];
const noted = (change: Partial<Noted>): Noted => ({
  clientOrderId: "xcsl5z0000000000000001",
  venueOrderId: "v1",
  instrumentId: "kucoin:SOL/USDT",
  leg: "exit",
  filled: zeroQuantity,
  ...change,
});
const traded = (amounts: Readonly<Partial<Record<keyof Traded, string>>>): Traded => ({
  ...nothingTraded,
  ...Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, quantity(amount)])),
});

describe("how much is ours to sell, and of how much nobody knows", () => {
  const claim = (about: {
    positions?: readonly Lifeline["positions"][number][];
    resting?: string;
    amounts?: Partial<Record<keyof Traded, string>>;
    missing?: string;
    there?: string;
    isDedicated?: boolean;
    comparedAt?: number | null;
  }) =>
    claimOf({
      ...fresh,
      ...(about.comparedAt === undefined ? {} : { comparedAt: about.comparedAt }),
      symbol,
      lifeline: makeLifeline({ positions: [...(about.positions ?? [])] }),
      isDedicated: about.isDedicated === true,
      there: quantity(about.there ?? "10"),
      resting: quantity(about.resting ?? "0"),
      missing: quantity(about.missing ?? "0"),
      traded: traded(about.amounts ?? {}),
    });

  test.each([
    ["what the snapshot says", { positions: [heldPosition("5")] }, "5", "0"],
    ["what our stops prove, when the snapshot is older", { resting: "3" }, "3", "0"],
    ["never more than is there", { positions: [heldPosition("50")] }, "10", "0"],
    ["nothing of a shared account without a proof", {}, "0", "0"],
    ["all of a dedicated account", { isDedicated: true }, "10", "0"],
    ["all of a dedicated account, whatever was sold", { isDedicated: true, amounts: { soldByUs: "10" } }, "10", "0"],
    [
      "what an earlier run has sold is not sold again",
      { positions: [heldPosition("4")], amounts: { soldByUs: "4" } },
      "0",
      "0",
    ],
    [
      "what an earlier run has sold in part",
      { positions: [heldPosition("4")], amounts: { soldByUs: "1.5" } },
      "2.5",
      "0",
    ],
    [
      "a sale without a name may be its stop",
      { positions: [heldPosition("4")], amounts: { soldByOthers: "4" } },
      "0",
      "4",
    ],
    [
      "it was not its stop, since that rests",
      { positions: [heldPosition("4")], amounts: { soldByOthers: "4" }, resting: "4" },
      "4",
      "0",
    ],
    [
      "a part of it rests, of the other part nobody knows",
      { positions: [heldPosition("4")], amounts: { soldByOthers: "4" }, resting: "3" },
      "3",
      "1",
    ],
    [
      "a sale of others is none of ours where no stop was",
      { positions: [heldPosition("4", "none")], amounts: { soldByOthers: "2" } },
      "4",
      "0",
    ],
    [
      "an entry that filled after the snapshot",
      { positions: [heldPosition("4")], amounts: { boughtByUs: "1" } },
      "5",
      "0",
    ],
    [
      "coins that are missing, and in no list yet",
      { positions: [heldPosition("4")], missing: "4", there: "6" },
      "0",
      "4",
    ],
    ["compared too long ago: nothing", { positions: [heldPosition("4")], comparedAt: now - 30 * 86_400_000 }, "0", "4"],
    ["compared nobody knows when: nothing", { positions: [heldPosition("4")], comparedAt: null }, "0", "4"],
    ["compared too long ago: what rests", { positions: [heldPosition("4")], comparedAt: null, resting: "3" }, "3", "1"],
    ["in doubt, and not there any more", { positions: [heldPosition("4")], comparedAt: null, there: "0" }, "0", "0"],
  ] as const)("%s", (_, about, owned, doubt) => {
    expect(claim(about)).toEqual({ owned, doubt });
  });
});

describe("what a cancel set free", () => {
  const of = (free: string, inOrders: string) => ({ free: quantity(free), held: quantity(inOrders) });
  test.each([
    ["it came in time", { confirmed: "4", after: of("10", "0") }, "4", "0"],
    ["its answer was lost, and its coins are free", { gone: "4", after: of("10", "0") }, "4", "0"],
    ["it had fired, and the list says so", { gone: "4", after: of("6", "0"), sold: "4" }, "0", "0"],
    ["it had fired, and no list says so yet", { gone: "4", after: of("6", "0") }, "0", "4"],
    ["it had fired in part", { gone: "4", after: of("9", "0"), sold: "1" }, "3", "0"],
    ["what it became holds the coins still", { gone: "4", after: of("6", "4") }, "0", "4"],
  ] as const)(
    "%s",
    (_, {
      confirmed = "0",
      gone = "0",
      after,
      sold = "0",
    }: Partial<Record<"confirmed" | "gone" | "sold", string>> & {
      after: { free: Quantity; held: Quantity };
    }, freed, missing) => {
      const about = { confirmed: quantity(confirmed), gone: quantity(gone), sold: quantity(sold), after };
      expect(freedBy({ ...about, before: of("6", "4") })).toEqual({ freed, missing });
    },
  );
});

describe("what traded that the books have not heard of", () => {
  const ours = "xcsl5z0000000000000001";
  const deal = (change: Partial<Deal> & { readonly size?: string; readonly at?: number } = {}): Deal => {
    const { size = "2", at = now - 35_000, ...rest } = change;
    const fills = [{ at, quantity: quantity(size) }];
    return { venueOrderId: "v1", clientOrderId: ours, side: "sell", total: quantity(size), fills, ...rest };
  };
  const count = (
    deals: readonly Deal[],
    lifeline: Lifeline | null,
    more: { followed?: string; children?: string[] } = {},
  ) =>
    tradedOf(deals, {
      ...fresh,
      symbol,
      lifeline,
      children: new Set(more.children ?? []),
      followed: new Map(
        more.followed === undefined ? [] : [[ours, { symbol, side: "sell" as const, total: quantity(more.followed) }]],
      ),
    });

  const nameless = { clientOrderId: null, venueOrderId: "v9" };
  const oldForm = makeLifeline();
  delete (oldForm as { comparedAt?: unknown }).comparedAt;
  test.each([
    ["an order that the snapshot does not know", [deal()], makeLifeline(), {}, { soldByUs: "2" }],
    ["one that its books hold in full", [deal()], makeLifeline({ ended: [noted({ filled: quantity("2") })] }), {}, {}],
    [
      "one that its books hold in part",
      [deal()],
      makeLifeline({ orders: [noted({ filled: quantity("0.5") })] }),
      {},
      { soldByUs: "1.5" },
    ],
    [
      "a purchase before the snapshot that its books hold",
      [deal({ side: "buy" })],
      makeLifeline({ ended: [noted({ filled: quantity("2") })] }),
      {},
      {},
    ],
    [
      "a purchase that they do not hold",
      [deal({ side: "buy" })],
      makeLifeline({ orders: [noted({})] }),
      {},
      { boughtByUs: "2" },
    ],
    [
      "what a stop of ours became, known by its name",
      [deal(nameless)],
      makeLifeline(),
      { children: ["v9"] },
      { soldByUs: "2" },
    ],
    [
      "what a stop of ours became, known to the books",
      [deal(nameless)],
      makeLifeline({ orders: [noted({ children: ["v9"] })] }),
      {},
      { soldByUs: "2" },
    ],
    ["a sale without a name", [deal(nameless)], makeLifeline(), {}, { soldByOthers: "2" }],
    [
      "somebody else's, of which the books took our part",
      [deal(nameless)],
      makeLifeline({
        ended: [noted({ clientOrderId: "x", venueOrderId: "v9", isOthers: true, filled: quantity("1") })],
      }),
      {},
      {},
    ],
    ["a sale of this run that no list shows yet", [], makeLifeline(), { followed: "4" }, { soldByUs: "4" }],
    ["a sale of this run, counted once", [deal({ size: "3" })], makeLifeline(), { followed: "4" }, { soldByUs: "4" }],
    ["an older snapshot: a purchase before it stands in it", [deal({ side: "buy" })], oldForm, {}, {}],
    ["an older snapshot: a purchase since", [deal({ side: "buy", at: now })], oldForm, {}, { boughtByUs: "2" }],
    ["an older snapshot: a sale just before may be missing in it", [deal()], oldForm, {}, { soldByUs: "2" }],
  ] as const)("%s", (_, deals, lifeline, more, expected) => {
    expect(count(deals, lifeline, more as { followed?: string; children?: string[] })).toEqual(traded(expected));
  });
});

test("fills count from the comparison, not from the snapshot, and a week back at most", () => {
  expect(countedFrom(fresh)).toBe(fresh.comparedAt - 5_000);
  expect(countedFrom({ ...fresh, comparedAt: now })).toBe(fresh.snapshotAt - 5_000);
  expect(countedFrom({ ...fresh, snapshotAt: null, comparedAt: null })).toBe(now - 5_000);
  expect([isTooOld(fresh), isTooOld({ ...fresh, comparedAt: now - fillsGoBackMs - 1 })]).toEqual([false, true]);
  expect(isTooOld({ snapshotAt: null, comparedAt: null, begunAt: now })).toBe(false);
});
