/** Mistakes about what is held: its size, its stop, its way out, its money. */
import type { Mutant } from "./mutant.ts";

const plan = "src/core/exit_plan.ts";
const protection = "src/core/protection.ts";

export const positionMutants: readonly Mutant[] = [
  {
    name: "swap_exit_priority",
    why: "the weaker of two reasons sells",
    expects: ["I06"],
    worlds: ["halt", "parts"],
    file: "src/core/position.ts",
    find: "return exitReasons.indexOf(left) < exitReasons.indexOf(right);",
    replace: "return exitReasons.indexOf(left) > exitReasons.indexOf(right);",
  },
  {
    name: "second_exit_while_unknown",
    why: "a sale of unknown fate is followed by another one, and the index that would refuse it is gone",
    expects: ["I06"],
    worlds: ["doubt"],
    file: plan,
    find: "if (exit !== undefined) return stepForLiveExit(exit, fact.kind, input);",
    replace: 'if (exit !== undefined && exit.state !== "unknown") return stepForLiveExit(exit, fact.kind, input);',
    also: [
      {
        file: "test/simulator/store/schema.ts",
        find: "if (index !== null) {",
        replace: 'if (index !== null && index[1] !== "orders_one_live_exit") {',
      },
    ],
  },
  {
    name: "sell_before_the_stop_is_gone",
    why: "the sale is sent while the cancel of the stop is not confirmed",
    expects: ["I06"],
    worlds: ["halt", "outage"],
    file: plan,
    find: "if (protect !== undefined) return stepForProtection(protect, fact.kind, input);",
    replace:
      'if (protect !== undefined && !protect.state.startsWith("cancel_")) return stepForProtection(protect, fact.kind, input);',
  },
  {
    name: "sell_beside_the_stop",
    why: "the stop is left where it is when the position is sold",
    expects: ["I06"],
    file: plan,
    find: "if (protect !== undefined) return stepForProtection(protect, fact.kind, input);",
    replace: "if (protect === null) return stepForProtection(protect, fact.kind, input);",
  },
  {
    name: "stop_of_the_ordered_size",
    why: "the stop has the size that was ordered and not the one that was filled",
    expects: ["I05", "I06"],
    worlds: ["parts"],
    file: "src/flows/place_stop.ts",
    find: 'const intent = reducing(needs, position, { leg: "protect", attempt, quantity, shape });',
    replace:
      'const ordered = Object.values(needs.ledger.books().orders).find((one) => one.tradeId === position.positionId && one.intent.leg === "entry")?.intent.quantity;\n  const intent = reducing(needs, position, { leg: "protect", attempt, quantity: ordered ?? quantity, shape });',
    also: [
      {
        file: "src/core/clearance.ts",
        find: "isAtMost(intent.quantity, consent.heldQuantity),",
        replace: 'intent.leg === "protect" || isAtMost(intent.quantity, consent.heldQuantity),',
      },
    ],
  },
  {
    name: "stop_is_never_resized",
    why: "a stop keeps its first size when more is filled or part is sold",
    expects: ["I05", "I06"],
    worlds: ["parts"],
    file: protection,
    find: "if (compare(resting.intent.quantity, quantity) !== 0)",
    replace: "if (compare(resting.intent.quantity, resting.intent.quantity) !== 0)",
  },
  {
    name: "stop_lost_unnoticed",
    why: "somebody took the stop away and it is not placed again",
    expects: ["I05"],
    worlds: ["hands"],
    file: "src/core/absorb.ts",
    find: "return isOurs ? [end] : [end, ...stopLostFacts(books, order, wallAt)];",
    replace: "return isOurs ? [end] : [];",
  },
  {
    name: "guard_in_place_of_a_stop",
    why: "the price is only watched where the venue could hold a stop",
    expects: ["I05"],
    file: protection,
    find: "  return stepAtVenue(quantity, input);\n}",
    replace: '  return position.protection === "local_guard" ? null : { do: "guard", because: "watched" };\n}',
  },
  {
    name: "refused_stop_forgotten",
    why: "a stop that was refused twice is neither placed nor followed by an exit, and the assertion that sees it only tells",
    expects: ["I05"],
    worlds: ["refusal"],
    file: protection,
    find: 'return { do: "exit", because: `the venue refused the stop ${position.protectionRefusals} times` };',
    replace: 'return { do: "wait", because: "refused" };',
    also: [
      {
        file: "src/assertions/every_position_is_protected.ts",
        find: '[{ scope, evidence, effect: { do: "exit_position" as const, positionId: position.positionId } }]',
        replace: "[{ scope, evidence }]",
      },
    ],
  },
  {
    name: "exit_waits_for_ever",
    why: "an exit that has its reason never gets its order",
    expects: ["I05", "I22"],
    file: plan,
    find: 'return { do: "sell", reason: fact.kind, quantity, limitPrice, attempt: position.attempts.exit + 1 };',
    replace: 'return { do: "wait", because: `not now (${limitPrice})` };',
  },
  {
    name: "fee_ignored_in_quantity",
    why: "a fee that was taken in base is not taken off what is held",
    expects: ["I04", "I06"],
    file: "src/core/position_money.ts",
    find: "const boughtQuantity = plus(position.boughtQuantity, net);",
    replace: "const boughtQuantity = plus(position.boughtQuantity, fill.quantity);",
  },
  {
    name: "fee_counted_twice",
    why: "a fee is taken off the account twice",
    expects: ["I13"],
    file: "src/core/books_house.ts",
    find: "deltas = moved(deltas, fill.feeAsset, minus(zeroNotional, fill.fee));",
    replace:
      "deltas = moved(moved(deltas, fill.feeAsset, minus(zeroNotional, fill.fee)), fill.feeAsset, minus(zeroNotional, fill.fee));",
  },
  {
    name: "profit_without_fees",
    why: "a profit is told before fees",
    expects: ["I13"],
    file: "src/core/position_money.ts",
    find: "return minus(minus(exitProceeds, cost), fees);",
    replace: "return minus(minus(exitProceeds, cost), minus(fees, fees));",
  },
  {
    name: "float_quantity",
    why: "quantities are rounded with binary fractions",
    expects: ["I14", "I05"],
    file: "src/core/money.ts",
    find: "return canonical(new Decimal(size).dividedToIntegerBy(step).times(step)) as Quantity;",
    replace: "return String(Math.floor(Number(size) / Number(step)) * Number(step)) as Quantity;",
  },
  {
    name: "price_off_tick",
    why: "a limit price is not brought on the venue's tick",
    expects: ["I05", "I14"],
    file: "src/core/exit_plan.ts",
    find: "return largest(floorToTick(moved, instrument.tickSize), instrument.tickSize);",
    replace: "return largest(moved, instrument.tickSize);",
  },
];
