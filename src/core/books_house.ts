/** The part of the books about the house itself: who trades, how far it is halted, its limits, its money. */
import type { Books } from "./books.ts";
import { type BreakerBooks, emptyBreakers, evolveBreakers } from "./books_breakers.ts";
import { type Balances, postingsOf, withPostings } from "./books_money.ts";
import type { FactOf, Level, Recorded, SafeModeCause } from "./events.ts";
import type { Mode } from "./intent.ts";
import type { KillProcedure } from "./kill.ts";
import { isMore, minus, type Notional, notionalOf, plus, type Quantity, type Ratio, zeroNotional } from "./money.ts";
import { type Instant, utcDay } from "./time.ts";

/** Money of this account in its accounting currency. `deltas` are what fills and transfers moved, per asset, since the account was opened. */
export type AccountBooks = {
  readonly currency: string;
  readonly openingEquity: Notional;
  readonly deltas: Readonly<Record<string, Notional>>;
  readonly fees: Notional;
  readonly equityHigh: Notional;
  readonly equityLast: Notional;
  readonly sessionStartEquity: Notional;
  readonly dayStartEquity: Notional;
  readonly dayStart: string;
  /** Records of the venue's deposits and withdrawals that are booked already, newest last; absent before the first. */
  readonly transferIds?: readonly string[];
  /** Double entry: units by "account asset", as "cash USDT"; absent before the account was opened. */
  readonly money?: Balances;
};

export type SafeMode = {
  readonly since: Instant;
  readonly because: string;
  readonly endsBy: "itself" | "person";
};

export type HouseBooks = BreakerBooks & {
  readonly mode: Mode;
  readonly venue: string;
  readonly accountId: string;
  readonly epoch: number;
  readonly configHash: string;
  readonly startedAt: Instant | null;
  readonly isReady: boolean;
  /** Wall times of starts that no orderly end has followed, newest last. */
  readonly starts: readonly Instant[];
  readonly level: Level;
  readonly levelBy: string;
  readonly levelReason: string;
  readonly levelAt: Instant | null;
  /** The procedure that a raised level began; null = none is under way. */
  readonly kill: KillProcedure | null;
  /** Rises with every change of level, control or breaker; TX1 and TX2 compare it. */
  readonly controlVersion: number;
  /** Runtime limits by name, always at least as tight as the profile. */
  readonly controls: Readonly<Record<string, string>>;
  /** Sources (venue, market data, chats) that do not answer, since when and why. */
  readonly gone: Readonly<Record<string, { readonly since: Instant; readonly because: string }>>;
  /** Why nothing is opened at present although no level was raised; empty = it is not in SAFE_MODE. */
  readonly safeMode: Readonly<Partial<Record<SafeModeCause, SafeMode>>>;
  readonly balanceGap: Ratio | null;
  /** How much more cash (below 0: less) was at the venue than in our books, when nothing of ours was under way. */
  readonly cashGap?: {
    readonly asset: string;
    readonly amount: Notional;
    readonly at: Instant;
    readonly isStanding?: true;
  };
  /** What is really there of an asset of which our positions hold more. */
  readonly shortOf?: Readonly<Record<string, Quantity>>;
  /** Orders of others by instrument. */
  readonly foreign?: Readonly<Record<string, { readonly orderIds: readonly string[]; readonly buyNotional: Notional }>>;
  /** Instruments that move more within a day than the limit. */
  readonly wild?: Readonly<Record<string, { readonly move: Ratio; readonly since: Instant }>>;
  readonly lastReconciledAt: Instant | null;
  /** House time until which the lives before this one compared the books with the venue; absent = none was ever ready. */
  readonly comparedUntil?: Instant;
  readonly account: AccountBooks | null;
  /** The last arming of LIVE, with the values that it was for; null = never armed. */
  readonly armed: Arming | null;
};

/** What real money was switched on for. */
export type Arming = {
  readonly venue: string;
  readonly accountId: string;
  readonly keyFingerprint: string;
  readonly configHash: string;
  readonly declaredBalance: Notional;
  readonly by: string;
  readonly at: Instant;
};

export const emptyHouse: HouseBooks = {
  mode: "paper",
  venue: "",
  accountId: "",
  epoch: 0,
  configHash: "",
  startedAt: null,
  isReady: false,
  starts: [],
  level: "none",
  levelBy: "",
  levelReason: "",
  levelAt: null,
  kill: null,
  controlVersion: 0,
  controls: {},
  ...emptyBreakers,
  gone: {},
  safeMode: {},
  balanceGap: null,
  lastReconciledAt: null,
  account: null,
  armed: null,
};

const startsKept = 16;

export function evolveHouse(books: Books, recorded: Recorded): HouseBooks {
  const next = evolveFact(books, recorded);
  const postings = postingsOf(books, recorded);
  if (postings.length === 0 || next.account === null) return next;
  const money = withPostings(books.house.account?.money ?? {}, postings);
  return { ...next, account: { ...next.account, money } };
}

function evolveFact(books: Books, recorded: Recorded): HouseBooks {
  const house = books.house;
  const { fact, wallAt } = recorded;
  switch (fact.type) {
    case "house_started":
      return {
        ...lifeEnded(books),
        mode: fact.mode,
        venue: fact.venue,
        accountId: fact.account,
        epoch: fact.epoch,
        configHash: fact.configHash,
        startedAt: wallAt,
        isReady: false,
        starts: [...house.starts, wallAt].slice(-startsKept),
        gone: {},
      };
    case "house_ready":
      return { ...house, isReady: true };
    case "house_died":
      return lifeEnded(books);
    case "house_stopped":
      return { ...lifeEnded(books), starts: house.starts.slice(0, -1) };
    case "level_changed":
    case "control_changed":
    case "safe_mode_entered":
    case "safe_mode_left":
      return { ...evolveControls(house, recorded), controlVersion: house.controlVersion + 1 };
    case "breaker_opened":
    case "breaker_half_opened":
    case "breaker_closed":
      return { ...withBreakers(house, recorded), controlVersion: house.controlVersion + 1 };
    // A warning stops nothing, so an order on its way need not notice it.
    case "breaker_degraded":
    case "breaker_reset_asked":
    case "breaker_reset_withdrawn":
    case "order_intended":
      return withBreakers(house, recorded);
    case "live_armed": {
      const { type: _type, ...values } = fact;
      return { ...house, armed: { ...values, by: recorded.actor, at: wallAt } };
    }
    default:
      return evolveSight(books, recorded);
  }
}

/** A life that was ready compared every few seconds, to its last fact; one that left something open did not come to an end with it. */
function lifeEnded({ house, at }: Books): HouseBooks {
  const isSettled = house.isReady && Object.keys(house.shortOf ?? {}).length === 0;
  return { ...house, isReady: false, ...(isSettled ? { comparedUntil: at } : {}) };
}

/** What the house saw of the world: sources, balances, holdings, money. */
function evolveSight(books: Books, recorded: Recorded): HouseBooks {
  const house = books.house;
  const { fact, wallAt } = recorded;
  switch (fact.type) {
    case "source_gone":
      return { ...house, gone: { ...house.gone, [fact.source]: { since: wallAt, because: fact.because } } };
    case "source_back":
      return { ...house, gone: without(house.gone, fact.source) };
    case "balance_compared":
      return {
        ...house,
        balanceGap: fact.gap,
        cashGap: {
          asset: fact.asset,
          amount: minus(fact.theirs, fact.ours),
          at: recorded.at,
          ...(fact.isStanding === true ? { isStanding: true } : {}),
        },
      };
    case "reconciled":
      return { ...house, lastReconciledAt: wallAt };
    case "holdings_compared": {
      const rest = without(house.shortOf ?? {}, fact.asset);
      return { ...house, shortOf: fact.isShort ? { ...rest, [fact.asset]: fact.theirs } : rest };
    }
    case "foreign_orders_seen": {
      const { type: _type, instrumentId, ...seen } = fact;
      const rest = without(house.foreign ?? {}, instrumentId);
      return { ...house, foreign: seen.orderIds.length === 0 ? rest : { ...rest, [instrumentId]: seen } };
    }
    case "market_judged": {
      const rest = without(house.wild ?? {}, fact.instrumentId);
      return {
        ...house,
        wild: fact.isWild ? { ...rest, [fact.instrumentId]: { move: fact.move, since: wallAt } } : rest,
      };
    }
    case "account_opened":
    case "equity_marked":
    case "fill_received":
    case "fill_reversed":
    case "transfer_recorded":
      return { ...house, account: evolveAccount(books, recorded) };
    default:
      return house;
  }
}

/** Levels and limits: whatever an order on its way must notice. */
function evolveControls(house: HouseBooks, { fact, actor, wallAt }: Recorded): HouseBooks {
  switch (fact.type) {
    case "level_changed":
      return { ...house, level: fact.to, levelBy: actor, levelReason: fact.reason, levelAt: wallAt };
    case "control_changed":
      return { ...house, controls: withControl(house.controls, fact.name, fact.to) };
    case "safe_mode_entered": {
      const { cause, because, endsBy } = fact;
      return { ...house, safeMode: { ...house.safeMode, [cause]: { since: wallAt, because, endsBy } } };
    }
    case "safe_mode_left":
      return { ...house, safeMode: without(house.safeMode as Record<string, SafeMode>, fact.cause) };
    default:
      return house;
  }
}

function evolveAccount(books: Books, { fact, at }: Recorded): AccountBooks | null {
  const account = books.house.account;
  if (fact.type === "account_opened") {
    const start = {
      equityHigh: fact.equity,
      equityLast: fact.equity,
      sessionStartEquity: fact.equity,
      dayStartEquity: fact.equity,
    };
    return {
      currency: fact.currency,
      openingEquity: fact.equity,
      deltas: {},
      fees: zeroNotional,
      dayStart: utcDay(at),
      ...start,
      ...(fact.transferIds === undefined ? {} : { transferIds: fact.transferIds.slice(-transfersKept) }),
    };
  }
  if (account === null) return null;
  if (fact.type === "equity_marked") {
    return {
      ...account,
      equityLast: fact.equity,
      equityHigh:
        fact.because === "rebased" || isMore(fact.equity, account.equityHigh) ? fact.equity : account.equityHigh,
      ...(fact.because === "session" ? { sessionStartEquity: fact.equity } : {}),
      ...(fact.because === "day" ? { dayStartEquity: fact.equity, dayStart: utcDay(at) } : {}),
    };
  }
  if (fact.type === "transfer_recorded") return withTransfer(account, fact);
  if (fact.type === "fill_reversed") return withoutFill(account, books, fact);
  return fact.type === "fill_received" ? withFill(account, books, fact) : account;
}

/** The mirror of `withFill`. */
function withoutFill(account: AccountBooks, books: Books, fill: FactOf<"fill_reversed">): AccountBooks {
  const order = books.orders[fill.clientOrderId];
  if (order === undefined || !order.fillIds.includes(fill.venueFillId)) return account;
  const { instrumentId, side } = order.intent;
  const [base = "", quote = ""] = instrumentId.slice(instrumentId.indexOf(":") + 1).split("/");
  const money = notionalOf(fill.price, fill.quantity);
  const size = fill.quantity as string as Notional;
  const isBuy = side === "buy";
  let deltas = moved(account.deltas, base, isBuy ? minus(zeroNotional, size) : size);
  deltas = moved(deltas, quote, isBuy ? money : minus(zeroNotional, money));
  deltas = moved(deltas, fill.feeAsset, fill.fee);
  return { ...account, deltas, fees: minus(account.fees, fill.feeInQuote) };
}

const transfersKept = 500;

/** The record of a transfer counts once, however often a venue lists it. */
export function isBooked(account: AccountBooks, { recordId }: FactOf<"transfer_recorded">): boolean {
  return recordId !== "unexplained" && (account.transferIds ?? []).includes(recordId);
}

/** Money that comes or goes is neither profit nor loss: whatever a drawdown is measured from moves along with it. */
function withTransfer(account: AccountBooks, transfer: FactOf<"transfer_recorded">): AccountBooks {
  if (isBooked(account, transfer)) return account;
  const { asset, amount, direction, recordId, worth, explains } = transfer;
  const named =
    recordId === "unexplained"
      ? account
      : { ...account, transferIds: [...(account.transferIds ?? []).slice(1 - transfersKept), recordId] };
  if (explains !== undefined) return named;
  const signed = (size: Notional): Notional => (direction === "in" ? size : minus(zeroNotional, size));
  const by = signed(worth ?? zeroNotional);
  return {
    ...named,
    deltas: moved(account.deltas, asset, signed(amount as string as Notional)),
    equityHigh: plus(account.equityHigh, by),
    equityLast: plus(account.equityLast, by),
    sessionStartEquity: plus(account.sessionStartEquity, by),
    dayStartEquity: plus(account.dayStartEquity, by),
  };
}

function withFill(
  account: AccountBooks,
  books: Books,
  fill: Extract<Recorded["fact"], { type: "fill_received" }>,
): AccountBooks {
  const order = books.orders[fill.clientOrderId];
  if (order === undefined || order.fillIds.includes(fill.venueFillId)) return account;
  const [base = "", quote = ""] = order.intent.instrumentId
    .slice(order.intent.instrumentId.indexOf(":") + 1)
    .split("/");
  const money = notionalOf(fill.price, fill.quantity);
  const size = fill.quantity as string as Notional;
  const isBuy = order.intent.side === "buy";
  let deltas = account.deltas;
  deltas = moved(deltas, base, isBuy ? size : minus(zeroNotional, size));
  deltas = moved(deltas, quote, isBuy ? minus(zeroNotional, money) : money);
  deltas = moved(deltas, fill.feeAsset, minus(zeroNotional, fill.fee));
  return { ...account, deltas, fees: plus(account.fees, fill.feeInQuote) };
}

function moved(deltas: AccountBooks["deltas"], asset: string, by: Notional): AccountBooks["deltas"] {
  return { ...deltas, [asset]: plus(deltas[asset] ?? zeroNotional, by) };
}

function withBreakers(house: HouseBooks, recorded: Recorded): HouseBooks {
  const { breakers, breakerHistory, accountId } = house;
  const next = evolveBreakers({ breakers, breakerHistory }, accountId, recorded);
  return next.breakers === breakers && next.breakerHistory === breakerHistory ? house : { ...house, ...next };
}

function withControl(controls: HouseBooks["controls"], name: string, to: string | null): HouseBooks["controls"] {
  return to === null ? without(controls, name) : { ...controls, [name]: to };
}

/** A record without one key. */
export function without<Value>(record: Readonly<Record<string, Value>>, key: string): Readonly<Record<string, Value>> {
  if (!(key in record)) return record;
  const { [key]: _gone, ...rest } = record;
  return rest;
}
