/** How large an order may be beside its market, what is never traded, and what is not sent twice. */
import { quantity, ratio } from "../../src/core/money.ts";
import { type Row, tellPromises } from "../fixtures/check_table.ts";
import { makeEntry } from "../fixtures/intent.ts";

const { quantity: size, signalId } = makeEntry();
const twin = (change: object = {}) => ({ side: "buy" as const, quantity: size, signalId, ...change });

const declares = { instrumentsMax: 3, venuesMax: 1, entriesPerDay: 20, positionShareMax: ratio("1") };

const rows: readonly Row[] = [
  {
    check: "market_share",
    code: "market_share_above_limit",
    passes: [
      { says: "what is not known", view: {} },
      { says: "a tenth of the ten best levels", intent: { quantity: quantity("5") }, view: { depth: quantity("50") } },
      { says: "a hundredth of a day", intent: { quantity: quantity("5") }, view: { volumePerDay: quantity("500") } },
    ],
    denies: [
      {
        says: "a step more than a tenth of the levels",
        intent: { quantity: quantity("5.1") },
        view: { depth: quantity("50") },
        fact: ["of the ten best levels", "5.1 SOL, limit 5"],
      },
      {
        says: "a step more than a hundredth of a day",
        intent: { quantity: quantity("5.1") },
        view: { volumePerDay: quantity("500") },
        fact: ["of a day's volume", "5.1 SOL, limit 5"],
      },
      {
        says: "anything in an empty market",
        view: { depth: quantity("0") },
        fact: ["of the ten best levels", `${size} SOL, limit 0`],
      },
    ],
  },
  {
    check: "duplicate_order",
    code: "duplicate_order",
    passes: [
      { says: "the first", view: { recentEntries: [] } },
      { says: "another signal", view: { recentEntries: [twin({ signalId: "sig_other" })] } },
      { says: "another size", view: { recentEntries: [twin({ quantity: quantity("99") })] } },
    ],
    denies: [
      { says: "the same for the same signal", view: { recentEntries: [twin()] }, fact: ["before", size] },
      {
        says: "the same without any signal",
        view: { recentEntries: [twin({ signalId: null })] },
        fact: ["before", size],
      },
    ],
  },
  {
    check: "restricted_instrument",
    code: "instrument_restricted",
    passes: [{ says: "what is not on the list", view: { restricted: ["BTC", "ETH/USDT"] } }],
    denies: [
      { says: "the pair", view: { restricted: ["SOL/USDT"] }, fact: ["restricted", "SOL/USDT"] },
      { says: "the asset", view: { restricted: ["SOL"] }, fact: ["restricted", "SOL"] },
      { says: "the id", view: { restricted: ["kucoin:SOL/USDT"] }, fact: ["restricted", "kucoin:SOL/USDT"] },
    ],
  },
  {
    check: "declared_limits",
    code: "beyond_declaration",
    passes: [
      { says: "what no strategy is behind", view: {} },
      { says: "the last declared entry of a day [L11]", view: { declared: { limits: declares, entriesToday: 19 } } },
    ],
    denies: [
      {
        says: "one entry more [L11]",
        view: { declared: { limits: declares, entriesToday: 20 } },
        fact: ["declared", "20 a day"],
      },
      {
        says: "a position larger than declared",
        view: { declared: { limits: { ...declares, positionShareMax: ratio("0.001") }, entriesToday: 0 } },
        fact: ["declaredShare", "0.1 %"],
      },
    ],
  },
  {
    check: "proposal_pace",
    code: "too_many_trades",
    passes: [
      { says: "what was not counted", view: {} },
      { says: "the twentieth", view: { proposalsLately: 19 } },
    ],
    denies: [{ says: "the next", view: { proposalsLately: 20 }, fact: ["limit", "fewer than 20"] }],
  },
  {
    check: "quick_move",
    code: "price_jumped",
    passes: [
      { says: "what can't be told", view: {} },
      { says: "5 % within a minute", view: { quickMove: ratio("0.05") } },
    ],
    denies: [{ says: "a hair more", view: { quickMove: ratio("0.0501") }, fact: ["limit", "5 %"] }],
  },
  {
    check: "hard_limits",
    code: "above_hard_limit",
    passes: [{ says: "the 42nd writing request of a minute", view: { writesLastMinute: 41 } }],
    denies: [
      {
        says: "the 43rd: the rest is kept for exits and cancels",
        view: { writesLastMinute: 42 },
        fact: ["writesLimit", "42 for entries"],
      },
    ],
  },
];

tellPromises(rows);
