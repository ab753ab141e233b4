/**
 * Double entry: every fact that moves money is a set of postings, and per asset they sum to zero. Nothing appears and nothing
 * vanishes; it only goes from one account to another.
 *
 *   cash      free in the wallet                      market    the other side of every trade
 *   position  held for an open position               fees      paid to the venue, in the very asset that it took
 *   dust      left of a closed one, too small to sell equity    what the account was opened with
 *   external  deposits and withdrawals with a record  suspense  money that moved and nobody says why
 *
 * Ours are cash, position and dust: together they are what the venue should show.
 */
import type { Books } from "./books.ts";
import type { AccountBooks } from "./books_house.ts";
import type { BookedOrder } from "./books_orders.ts";
import type { FactOf, Recorded } from "./events.ts";
import { isNegative, isZero, minus, type Notional, negate, notionalOf, plus, zeroNotional } from "./money.ts";
import { isOpenPosition, type Position } from "./position.ts";

export const moneyAccounts = ["cash", "position", "dust", "market", "fees", "equity", "external", "suspense"] as const;
export type MoneyAccount = (typeof moneyAccounts)[number];

export type Posting = {
  readonly account: MoneyAccount;
  readonly asset: string;
  /** Units of the asset; what an account gives is negative. */
  readonly amount: Notional;
  /** Worth in quote currency at that very moment; null where nobody said a price. */
  readonly worth: Notional | null;
  readonly tradeId: string | null;
};
export type Balances = Readonly<Record<string, Notional>>;

type Move = {
  readonly asset: string;
  readonly from: MoneyAccount;
  readonly to: MoneyAccount;
  readonly amount: Notional;
  readonly worth?: Notional | null;
  readonly tradeId?: string | null;
};

/** The postings of one fact, from the books before it. None for a fact that moves nothing, or that is a repetition. */
export function postingsOf(books: Books, { fact }: Recorded): readonly Posting[] {
  const { account } = books.house;
  if (fact.type === "account_opened") return opened(account, fact).flatMap(posted);
  if (account === null) return [];
  switch (fact.type) {
    case "fill_received":
      return filled(books, fact).flatMap(posted);
    case "fill_reversed":
      return reversed(books, fact).flatMap(posted);
    case "transfer_recorded":
      return transferred(account, fact).flatMap(posted);
    case "position_closed":
      return closed(books, fact).flatMap(posted);
    case "position_reduced":
      return reduced(books, fact).flatMap(posted);
    default:
      return [];
  }
}

function posted({ asset, from, to, amount, worth = null, tradeId = null }: Move): readonly Posting[] {
  if (isZero(amount)) return [];
  return [
    { account: from, asset, amount: negate(amount), worth: worth === null ? null : negate(worth), tradeId },
    { account: to, asset, amount, worth, tradeId },
  ];
}

/** A second opening starts from nothing: what stood there goes back to where it came from. */
function opened(old: AccountBooks | null, fact: FactOf<"account_opened">): readonly Move[] {
  const back = Object.entries(old?.money ?? {}).flatMap(([name, amount]): readonly Move[] => {
    const [from, asset] = partsOf(name);
    return from === "equity" ? [] : [{ asset, from, to: "equity", amount }];
  });
  const held = Object.entries(fact.holdings).filter(([asset]) => asset !== fact.currency);
  const start = [[fact.currency, fact.equity] as const, ...held];
  return [...back, ...start.map(([asset, amount]): Move => ({ asset, from: "equity", to: "cash", amount }))];
}

type AnyFill = FactOf<"fill_received" | "fill_reversed">;

function filled(books: Books, fill: FactOf<"fill_received">): readonly Move[] {
  const order = books.orders[fill.clientOrderId];
  if (order === undefined || order.fillIds.includes(fill.venueFillId)) return [];
  const position = books.positions[order.tradeId];
  const holder: MoneyAccount = position === undefined ? "cash" : "position";
  const moves = movesOf(fill, order, holder);
  if (position?.state !== "closed") return moves;
  return [...undusted(order, position), ...moves];
}

function reversed(books: Books, fill: FactOf<"fill_reversed">): readonly Move[] {
  const order = books.orders[fill.clientOrderId];
  if (order === undefined || !order.fillIds.includes(fill.venueFillId)) return [];
  const position = books.positions[order.tradeId];
  const isReopened = position?.state === "closed" && order.intent.leg !== "entry" && fill.supersededBy === null;
  const back = movesOf(fill, order, isReopened ? "position" : holderOf(books, order.tradeId)).map((move) => ({
    ...move,
    from: move.to,
    to: move.from,
  }));
  return isReopened ? [...undusted(order, position), ...back] : back;
}

/** What was left of a closed position is part of it again. */
function undusted(order: BookedOrder, { quantity }: Position): readonly Move[] {
  const [base] = assetsOf(order);
  return [
    { asset: base, from: "dust", to: "position", amount: quantity as string as Notional, tradeId: order.tradeId },
  ];
}

function holderOf({ positions }: Books, tradeId: string): MoneyAccount {
  const position = positions[tradeId];
  if (position === undefined) return "cash";
  return isOpenPosition(position) ? "position" : "dust";
}

/** Base against quote, and the fee out of wherever its asset is held. */
function movesOf(fill: AnyFill, order: BookedOrder, holder: MoneyAccount): readonly Move[] {
  const [base, quote] = assetsOf(order);
  const { tradeId } = order;
  const size = fill.quantity as string as Notional;
  const money = notionalOf(fill.price, fill.quantity);
  const [paid, got] = order.intent.side === "buy" ? (["cash", holder] as const) : ([holder, "cash"] as const);
  const [given, taken] = order.intent.side === "buy" ? [quote, base] : [base, quote];
  const amountOf = (asset: string): Notional => (asset === base ? size : money);
  return [
    { asset: given, from: paid, to: "market", amount: amountOf(given), worth: money, tradeId },
    { asset: taken, from: "market", to: got, amount: amountOf(taken), worth: money, tradeId },
    {
      asset: fill.feeAsset,
      from: fill.feeAsset === base ? holder : "cash",
      to: "fees",
      amount: fill.fee,
      worth: fill.feeInQuote,
      tradeId,
    },
  ];
}

function transferred(account: AccountBooks, transfer: FactOf<"transfer_recorded">): readonly Move[] {
  const { asset, amount: size, direction, recordId, worth, explains } = transfer;
  if (recordId !== "unexplained" && (account.transferIds ?? []).includes(recordId)) return [];
  const amount = size as string as Notional;
  const outside: MoneyAccount = recordId === "unexplained" ? "suspense" : "external";
  const inside: MoneyAccount = explains === undefined ? "cash" : "suspense";
  const [from, to] = direction === "in" ? [outside, inside] : [inside, outside];
  return [{ asset, from, to, amount, worth }];
}

function closed({ positions }: Books, { positionId }: FactOf<"position_closed">): readonly Move[] {
  const position = positions[positionId];
  if (position === undefined || !isOpenPosition(position)) return [];
  const amount = position.quantity as string as Notional;
  return [{ asset: baseOf(position.instrumentId), from: "position", to: "dust", amount, tradeId: positionId }];
}

/** The transfer that took it is a fact of its own and goes out of cash. */
function reduced(books: Books, { positionId, quantity }: FactOf<"position_reduced">): readonly Move[] {
  const position = books.positions[positionId];
  if (position === undefined) return [];
  const amount = quantity as string as Notional;
  const from = holderOf(books, positionId);
  return [{ asset: baseOf(position.instrumentId), from, to: "cash", amount, tradeId: positionId }];
}

const assetsOf = ({ intent }: BookedOrder): readonly [base: string, quote: string] => {
  const [base = "", quote = ""] = intent.instrumentId.slice(intent.instrumentId.indexOf(":") + 1).split("/");
  return [base, quote];
};
const baseOf = (instrumentId: string): string => instrumentId.slice(instrumentId.indexOf(":") + 1).split("/")[0] ?? "";
const nameOf = (account: MoneyAccount, asset: string): string => `${account} ${asset}`;
const partsOf = (name: string): readonly [MoneyAccount, string] => {
  const gap = name.indexOf(" ");
  return [name.slice(0, gap) as MoneyAccount, name.slice(gap + 1)];
};

export function withPostings(balances: Balances, postings: readonly Posting[]): Balances {
  const next: Record<string, Notional> = { ...balances };
  for (const { account, asset, amount } of postings) {
    const name = nameOf(account, asset);
    next[name] = plus(next[name] ?? zeroNotional, amount);
  }
  return next;
}

const balanceOf = (balances: Balances, account: MoneyAccount, asset: string): Notional =>
  balances[nameOf(account, asset)] ?? zeroNotional;

/** What the venue should show of an asset: everything that is ours, wherever it is booked. */
export function ownedOf(balances: Balances, asset: string): Notional {
  return (["cash", "position", "dust"] as const).reduce(
    (total, account) => plus(total, balanceOf(balances, account, asset)),
    zeroNotional,
  );
}

const assetsIn = (balances: Balances): readonly string[] => [
  ...new Set(Object.keys(balances).map((name) => partsOf(name)[1])),
];

/**
 * Does the money add up? Every asset sums to zero over all accounts; what is ours is what the account was opened with and
 * what fills and transfers moved; what is held for positions is what the positions hold.
 * @returns a sentence about the first sum that does not, or null.
 */
export function moneyProblem({ house, positions }: Books): string | null {
  const { account } = house;
  if (account === null) return null;
  const balances = account.money ?? {};
  for (const asset of assetsIn(balances)) {
    const total = moneyAccounts.reduce((sum, name) => plus(sum, balanceOf(balances, name, asset)), zeroNotional);
    if (!isZero(total)) return `The accounts of ${asset} sum to ${total} and not to 0`;
    const moved = plus(account.deltas[asset] ?? zeroNotional, negate(balanceOf(balances, "equity", asset)));
    const owned = ownedOf(balances, asset);
    if (owned !== moved) return `${asset}: ${owned} is booked as ours, and fills and transfers moved ${moved}`;
    const held = Object.values(positions)
      .filter((position) => isOpenPosition(position) && baseOf(position.instrumentId) === asset)
      .reduce((sum, position) => plus(sum, position.quantity as string as Notional), zeroNotional);
    const booked = balanceOf(balances, "position", asset);
    if (booked !== held) return `${asset}: ${booked} is booked for positions, and they hold ${held}`;
  }
  return null;
}

/** Assets of which more was spent than there ever was: on a spot account that can't be. */
export function overdrawnAssets({ house }: Books): readonly string[] {
  const balances = house.account?.money ?? {};
  return assetsIn(balances).filter((asset) => isNegative(ownedOf(balances, asset)));
}

/** Money that came or went without a reason, by asset; what is not zero waits for a person. */
export function suspendedMoney({ house }: Books): Balances {
  const balances = house.account?.money ?? {};
  return Object.fromEntries(
    assetsIn(balances).flatMap((asset) => {
      const amount = minus(zeroNotional, balanceOf(balances, "suspense", asset));
      return isZero(amount) ? [] : [[asset, amount] as const];
    }),
  );
}
