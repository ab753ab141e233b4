/** From a signal to the exact entry that people are asked about: sized at a fresh quote, judged by every check. */

import type { OrderTerms } from "../core/approval.ts";
import type { Books } from "../core/books.ts";
import type { Denial } from "../core/denial.ts";
import { type Instrument, marketPinOf } from "../core/instrument.ts";
import type { OrderIntent } from "../core/intent.ts";
import { isPositive, type Notional, plus, type Ratio, ratioBetween, zeroRatio } from "../core/money.ts";
import { equityOf, exposuresOf, totalExposure } from "../core/portfolio.ts";
import { adverseDrift } from "../core/quote.ts";
import { fail, ok, type Result } from "../core/result.ts";
import type { RiskView } from "../core/risk_view.ts";
import type { Signal } from "../core/signal.ts";
import { sizeEntry } from "../core/sizing.ts";
import { judge } from "../define/check.ts";
import { type Outside, viewOf } from "./gather_view.ts";
import { marksOf } from "./memory.ts";
import type { Needs } from "./needs.ts";

export type EntryWish = {
  readonly instrument: Instrument;
  readonly signal: Signal;
  readonly signalId: string;
  readonly strategy: string;
  readonly tradeId: string;
};
export type PlannedEntry = { readonly intent: OrderIntent; readonly terms: OrderTerms; readonly view: RiskView };
export type RefusedEntry = {
  readonly intent: OrderIntent | null;
  readonly denials: readonly Denial[];
  readonly view: RiskView;
};

export function planEntry(
  needs: Needs,
  books: Books,
  wish: EntryWish,
  outside: Outside,
): Result<PlannedEntry, RefusedEntry> {
  const { instrument, signal, strategy } = wish;
  const view = viewOf(needs, books, { instrument, outside, signal, strategy });
  const sized = sizeEntry(signal, view);
  if (!sized.ok) return fail({ intent: null, denials: [sized.problem], view });
  const intent: OrderIntent = {
    intentId: needs.ids.next("int"),
    tradeId: wish.tradeId,
    mode: needs.settings.mode,
    venue: instrument.venue,
    account: needs.settings.account,
    instrumentId: instrument.instrumentId,
    leg: "entry",
    side: sized.value.side,
    quantity: sized.value.quantity,
    reduceOnly: false,
    shape: sized.value.shape,
    exitPlan: { ...sized.value.exitPlan, timeLimitMs: signal.exit.timeLimitMs },
    strategy,
    signalId: wish.signalId,
    attempt: 1,
  };
  const denials = judge(intent, view, needs.checks);
  if (denials.length > 0) return fail({ intent, denials, view });
  const exposure = totalExposure(view.exposures);
  const terms: OrderTerms = {
    quotedPrice: sized.value.executablePrice,
    quotedAt: needs.clock.wall(),
    risk: sized.value.risk,
    riskShare: share(sized.value.risk, view.equity),
    notional: sized.value.notional,
    notionalShare: share(sized.value.notional, view.equity),
    exposureNow: share(exposure, view.equity),
    exposureThen: share(plus(exposure, sized.value.notional), view.equity),
    because: signal.because,
    strength: signal.strength,
    equity: view.equity,
    currency: instrument.quote,
    market: marketPinOf(instrument),
  };
  return ok({ intent, terms, view });
}

/** The signal behind an approved or open request, rebuilt from what its prompt shows, so that it can be judged and sized again. */
export function signalBehind(intent: OrderIntent, terms: OrderTerms): Signal {
  const from = terms.quotedPrice;
  const stop = intent.exitPlan?.stopPrice ?? from;
  const target = intent.exitPlan?.targetPrice ?? null;
  return {
    direction: "long",
    strength: terms.strength,
    because: terms.because,
    exit: {
      stopDistance: adverseDrift("sell", from, stop),
      targetDistance: target === null ? null : adverseDrift("buy", from, target),
      timeLimitMs: intent.exitPlan?.timeLimitMs ?? null,
    },
  };
}

/** Of the equity, at the newest prices that are known: what an order that is shown anew begins from. */
export function exposureShare({ ledger, memory }: Pick<Needs, "ledger" | "memory">): Ratio {
  const marks = marksOf(memory);
  return share(totalExposure(exposuresOf(ledger.books(), marks)), equityOf(ledger.books(), marks));
}

function share(part: Notional, of: Notional): Ratio {
  return isPositive(of) ? ratioBetween(part, of) : zeroRatio;
}
