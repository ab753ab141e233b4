import type { Books } from "../core/books.ts";
import { moneyProblem, overdrawnAssets } from "../core/books_money.ts";
import type { BookedOrder } from "../core/books_orders.ts";
import {
  isDecimalText,
  isMore,
  isNegative,
  minus,
  type Notional,
  notional,
  plus,
  type Quantity,
  zeroNotional,
  zeroQuantity,
} from "../core/money.ts";
import type { Position } from "../core/position.ts";
import { type Breach, defineAssertion } from "../define/assertion.ts";

export const moneyAddsUp = defineAssertion({
  id: "A10",
  name: "money_adds_up",
  promises:
    "Every amount is a finite number, nothing is held that is less than nothing, and fills, orders and positions add up",
  onBreach: { scope: "account", class: "sticky", looks: 1 },
  runbook: {
    means:
      "A sum does not add up: a negative holding, an order that filled more than its fills, a position that differs from what was bought and sold.",
    does: "Nothing new is opened on this account.",
    you: "Run `npm run audit -- rebuild` and compare with the venue's own list of fills. Reset with a reason when you know what it was.",
  },
  breaches: (books) => [
    ...Object.values(books.orders).flatMap(ofOrder),
    ...Object.values(books.positions).flatMap(ofPosition),
    ...cashBelowZero(books),
    ...ofTheAccounts(books),
  ],
});

function ofOrder(order: BookedOrder): readonly Breach[] {
  const { clientOrderId, filledQuantity, filledNotional, fillIds } = order;
  const texts = { clientOrderId, filledQuantity, filledNotional };
  const isNamed = clientOrderId !== "" && clientOrderId !== "null" && clientOrderId !== "undefined";
  if (!isNamed || !isDecimalText(filledQuantity) || !isDecimalText(filledNotional))
    return [{ evidence: { order: "without a name or with an amount that is no number", ...texts } }];
  if (isNegative(filledQuantity) || isNegative(filledNotional))
    return [{ evidence: { order: clientOrderId, filled: filledQuantity, for: filledNotional } }];
  return isMore(filledQuantity, zeroQuantity) !== fillIds.length > 0
    ? [{ evidence: { order: clientOrderId, filled: filledQuantity, fills: String(fillIds.length) } }]
    : [];
}

function ofPosition(position: Position): readonly Breach[] {
  const { positionId, quantity, boughtQuantity, soldQuantity } = position;
  const amounts = [quantity, boughtQuantity, soldQuantity, position.entryCost, position.realizedPnl, position.fees];
  const wrong = amounts.find((amount) => !isDecimalText(amount));
  if (wrong !== undefined) return [{ evidence: { position: positionId, amount: `${wrong} is no number` } }];
  if (isNegative(quantity)) return [{ evidence: { position: positionId, holds: quantity } }];
  const left: Quantity = minus(boughtQuantity, soldQuantity);
  return left === quantity ? [] : [{ evidence: { position: positionId, holds: quantity, "bought less sold": left } }];
}

/** Spot money only: the account can't have spent more than it had. A hundredth of a unit is left to rounding. */
function cashBelowZero({ house: { account } }: Books): readonly Breach[] {
  if (account === null) return [];
  const wrong = Object.entries(account.deltas).find(([, amount]) => !isDecimalText(amount));
  if (wrong !== undefined) return [{ evidence: { asset: wrong[0], amount: `${wrong[1]} is no number` } }];
  const cash = plus(account.openingEquity, account.deltas[account.currency] ?? zeroNotional);
  return isMore(minus(zeroNotional, roundingOf()), cash) ? [{ evidence: { cash, currency: account.currency } }] : [];
}

/** The double entry: every asset sums to zero over all accounts, and nothing was spent that never was there. */
function ofTheAccounts(books: Books): readonly Breach[] {
  const problem = moneyProblem(books);
  if (problem !== null) return [{ evidence: { accounts: problem } }];
  const [overdrawn] = overdrawnAssets(books);
  return overdrawn === undefined ? [] : [{ evidence: { overdrawn } }];
}

const roundingOf = (): Notional => notional("0.01");
