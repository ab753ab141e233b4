/** The part of the books about strategies: what each one said, was refused, traded and earned since it first spoke. */
import type { Books } from "./books.ts";
import type { Recorded } from "./events.ts";
import { isPositive, minus, type Notional, plus, zeroNotional } from "./money.ts";
import type { Instant } from "./time.ts";

export type StrategyRecord = {
  readonly name: string;
  readonly signals: number;
  readonly denied: number;
  readonly entries: number;
  readonly trades: number;
  readonly winners: number;
  readonly pnl: Notional;
  readonly fees: Notional;
  /** Stops in a row by instrument: a losing streak starts a cooldown. */
  readonly stopsInRow: Readonly<Record<string, { readonly stops: number; readonly lastAt: Instant }>>;
  readonly lastSignalAt: Instant | null;
};
export type StrategyBooks = Readonly<Record<string, StrategyRecord>>;

const unknownStrategy = (name: string): StrategyRecord => ({
  name,
  signals: 0,
  denied: 0,
  entries: 0,
  trades: 0,
  winners: 0,
  pnl: zeroNotional,
  fees: zeroNotional,
  stopsInRow: {},
  lastSignalAt: null,
});

export function evolveStrategies(books: Books, recorded: Recorded): StrategyBooks {
  const { fact, at } = recorded;
  const { strategies } = books;
  const change = (name: string, next: (old: StrategyRecord) => StrategyRecord): StrategyBooks => ({
    ...strategies,
    [name]: next(strategies[name] ?? unknownStrategy(name)),
  });
  switch (fact.type) {
    case "signal_raised":
      return change(fact.strategy, (old) => ({ ...old, signals: old.signals + 1, lastSignalAt: at }));
    case "intent_denied":
      return change(fact.strategy, (old) => ({ ...old, denied: old.denied + 1 }));
    case "order_intended":
      return fact.intent.leg === "entry"
        ? change(fact.intent.strategy, (old) => ({ ...old, entries: old.entries + 1 }))
        : strategies;
    case "position_closed": {
      const position = books.positions[fact.positionId];
      if (position === undefined || fact.reason === "no_fill") return strategies;
      const before = position.counted;
      // A late fill reopened it: it stays one trade and one end, and only what is new of its profit is added.
      if (before !== undefined)
        return change(position.strategy, (old) => ({
          ...old,
          pnl: plus(old.pnl, minus(fact.pnl, before.pnl)),
          fees: plus(old.fees, minus(fact.fees, before.fees)),
        }));
      return change(position.strategy, (old) => ({
        ...old,
        trades: old.trades + 1,
        winners: old.winners + (isPositive(fact.pnl) ? 1 : 0),
        pnl: plus(old.pnl, fact.pnl),
        fees: plus(old.fees, fact.fees),
        stopsInRow: {
          ...old.stopsInRow,
          [position.instrumentId]: {
            stops: fact.reason === "stop" ? (old.stopsInRow[position.instrumentId]?.stops ?? 0) + 1 : 0,
            lastAt: at,
          },
        },
      }));
    }
    default:
      return strategies;
  }
}
