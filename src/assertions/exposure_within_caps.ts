import type { Books } from "../core/books.ts";
import { cashText } from "../core/facts.ts";
import {
  absolute,
  isAtLeast,
  isDecimalText,
  isMore,
  isPositive,
  isZero,
  largest,
  minus,
  type Notional,
  notionalOf,
  plus,
  type Ratio,
  ratio,
  ratioBetween,
  scale,
  showPercent,
  zeroNotional,
  zeroRatio,
} from "../core/money.ts";
import { mayStillTrade } from "../core/order.ts";
import { drawdownOf, equityOf, heldPositions } from "../core/portfolio.ts";
import type { Readings } from "../core/readings.ts";
import type { Limits } from "../core/risk_view.ts";
import { between, hour } from "../core/time.ts";
import { type Breach, defineAssertion } from "../define/assertion.ts";

/** Entries of the whole house within an hour of house time: more is a loop and no strategy. */
const entriesPerHourMax = 240;
/** Rounding to steps and fees may lift a position over its share by a hair. */
const slack = ratio("1.01");
const two = ratio("2");

export const exposureWithinCaps = defineAssertion({
  id: "A06",
  name: "exposure_within_caps",
  promises: "Exposure, entries an hour, daily loss and drawdown stay within their caps, and every number is finite",
  onBreach: { scope: "account", class: "transient", looks: 1 },
  runbook: {
    means: "More is at stake than the limits allow, or a number that the limits are made of is no number.",
    does: "Nothing new is opened. A daily loss beyond its limit pauses the house, twice the limit asks for one tap to sell everything.",
    you: "Look at /limits and /positions. It closes by itself when all is within the caps; losses and drawdown are closed by a person.",
  },
  breaches(books, readings) {
    const broken = notFinite(books, readings);
    if (broken.length > 0) return broken;
    const account = books.house.account;
    if (account === null) return [];
    return [...caps(books, readings), ...pace(books, readings), ...losses(books, readings)];
  },
});

function notFinite({ house }: Books, { limits }: Readings): readonly Breach[] {
  const money = Object.entries(house.account ?? {}).filter(
    ([name, value]) => name.startsWith("equity") && !isDecimalText(String(value)),
  );
  const wrong = Object.entries(limits.now).filter(
    ([, value]) =>
      value !== null &&
      (typeof value === "number"
        ? !Number.isFinite(value) || value < 0
        : typeof value === "string" && !isDecimalText(value)),
  );
  return [...money, ...wrong].map(([name, value]) => ({
    class: "sticky",
    evidence: { [name]: `${String(value)} is no number` },
  }));
}

/**
 * What is at stake at cost: what held positions cost and what working entries may cost at their worst. A position whose price
 * rose is no breach, so cost and not the mark is held against the share, and against the highest equity that a sizing saw.
 */
function caps(books: Books, { limits }: Readings): readonly Breach[] {
  const account = books.house.account;
  if (account === null) return [];
  const held = heldPositions(books).map((position) => ({
    instrumentId: position.instrumentId,
    cost: isZero(position.boughtQuantity)
      ? zeroNotional
      : scale(position.entryCost, ratioBetween(position.quantity, position.boughtQuantity)),
  }));
  const working = Object.values(books.orders)
    .filter((order) => order.intent.leg === "entry" && mayStillTrade(order.state))
    .map((order) => ({
      instrumentId: order.intent.instrumentId,
      cost: largest(
        minus(notionalOf(order.intent.shape.limitPrice, order.intent.quantity), order.filledNotional),
        zeroNotional,
      ),
    }));
  const all = [...held, ...working];
  const base = largest(account.equityHigh, account.equityLast);
  const { exposureShare, positionShare, positionNotional } = limits.configured;
  const total = sumOf(all.map((one) => one.cost));
  const share = (of: Ratio) => scale(scale(base, of), slack);
  const over = (what: string, scope: string | null, used: Notional, cap: Notional): readonly Breach[] =>
    isMore(used, cap) ? [{ ...(scope === null ? {} : { scope }), evidence: { what, "at stake": used, cap } }] : [];
  const perInstrument = [...new Set(all.map((one) => one.instrumentId))].flatMap((instrumentId) => {
    const used = sumOf(all.filter((one) => one.instrumentId === instrumentId).map((one) => one.cost));
    return [
      ...(positionShare === null
        ? []
        : over("share of one position", `symbol:${instrumentId}`, used, share(positionShare))),
      ...(positionNotional === null
        ? []
        : over("money of one position", `symbol:${instrumentId}`, used, scale(positionNotional, slack))),
    ];
  });
  return [...over("all positions together", null, total, share(exposureShare)), ...perInstrument];
}

const sumOf = (parts: readonly Notional[]): Notional =>
  parts.reduce((total, part) => plus(total, absolute(part)), zeroNotional);

function pace({ orders }: Books, { at }: Readings): readonly Breach[] {
  const entries = Object.values(orders).filter(
    (order) => order.intent.leg === "entry" && order.sentAt !== null && between(order.decidedAt, at) < hour,
  ).length;
  return entries > entriesPerHourMax
    ? [{ class: "sticky", evidence: { "entries within an hour": String(entries), limit: String(entriesPerHourMax) } }]
    : [];
}

/** Losses are closed by a person only. The day's loss pauses the house, twice the limit leaves everything. */
function losses(books: Books, { marks, limits }: Readings): readonly Breach[] {
  const account = books.house.account;
  if (account === null) return [];
  const equity = equityOf(books, marks);
  const { drawdownMax, dailyLossShare, dailyLossNotional, sessionLossShare, sessionLossNotional } = limits.now;
  const drawdown = drawdownOf(equity, account.equityHigh);
  const { currency } = account;
  const day = { currency, start: account.dayStartEquity, share: dailyLossShare, money: dailyLossNotional };
  const daily = lossProblem(day, equity, false);
  const isDouble = daily !== null && lossProblem(day, equity, true) !== null;
  const session = lossProblem(
    { currency, start: account.sessionStartEquity, share: sessionLossShare, money: sessionLossNotional },
    equity,
    false,
  );
  return [
    ...(isAtLeast(drawdown, drawdownMax) && isPositive(drawdown)
      ? [
          {
            cause: "drawdown_reached",
            class: "sticky" as const,
            evidence: {
              drawdown: `${showPercent(drawdown)} · ${cashText(minus(account.equityHigh, equity), account.currency)}`,
              limit: showPercent(drawdownMax),
            },
          },
        ]
      : []),
    ...(daily === null
      ? []
      : [
          {
            cause: "daily_loss_reached",
            class: "sticky" as const,
            evidence: daily,
            effect: { do: "raise_level" as const, level: "pause" as const },
          },
        ]),
    ...(daily === null || !isDouble
      ? []
      : [
          {
            cause: "daily_loss_doubled",
            class: "sticky" as const,
            evidence: daily,
            effect: { do: "raise_level" as const, level: "flatten" as const },
          },
        ]),
    ...(session === null ? [] : [{ cause: "session_loss_reached", class: "sticky" as const, evidence: session }]),
  ];
}

type Loss = {
  readonly currency: string;
  readonly start: Notional;
  readonly share: Limits["dailyLossShare"];
  readonly money: Notional | null;
};

function lossProblem(limit: Loss, now: Notional, isDoubled: boolean): Record<string, string> | null {
  const { currency, start, share, money } = limit;
  const loss = minus(start, now);
  if (!isPositive(loss)) return null;
  const lost = isPositive(start) ? ratioBetween(loss, start) : zeroRatio;
  const times = <Amount extends Notional | Ratio>(most: Amount): Amount =>
    isDoubled ? (scale(most, two) as Amount) : most;
  const told = `${cashText(loss, currency)} · ${showPercent(lost)}`;
  if (money !== null && isAtLeast(loss, times(money))) return { loss: told, limit: cashText(money, currency) };
  return share !== null && isAtLeast(lost, times(share)) ? { loss: told, limit: showPercent(share) } : null;
}
