/** How near the house is to each of its limits, in money and percent, from the present books. */
import type { Card, CardField } from "../core/card.ts";
import { cashText, shareText } from "../core/facts.ts";
import { instrumentIdOf, symbolOf } from "../core/instrument.ts";
import {
  isPositive,
  isZero,
  minus,
  type Notional,
  ratioBetween,
  scale,
  showPercent,
  smallest,
  zeroNotional,
} from "../core/money.ts";
import { drawdownOf, equityOf, exposuresOf, heldPositions, totalExposure } from "../core/portfolio.ts";
import { signedCash } from "../core/report_cards.ts";
import { allowedOf, leftOf, lossOf } from "../core/risk_left.ts";
import type { Limits, OpenExposure } from "../core/risk_view.ts";
import { currentLimits, tradingStateOf } from "./gather_view.ts";
import { marksOf } from "./memory.ts";
import type { Needs } from "./needs.ts";

type Seen = {
  readonly limits: Limits;
  readonly equity: Notional;
  readonly exposures: readonly OpenExposure[];
  readonly currency: string;
};

export function riskCard(needs: Needs): Card {
  const books = needs.ledger.books();
  const marks = marksOf(needs.memory);
  const { account } = books.house;
  const equity = equityOf(books, marks);
  const seen: Seen = {
    limits: currentLimits(needs, books),
    equity,
    exposures: exposuresOf(books, marks),
    currency: account?.currency ?? needs.settings.currency,
  };
  const state = tradingStateOf(books);
  const equityHigh = account?.equityHigh ?? equity;
  const drawdown = showPercent(drawdownOf(equity, equityHigh));
  const open = heldPositions(books).length;
  return {
    title: `Risk · ${needs.settings.mode.toUpperCase()}`,
    tone: state === "active" ? "info" : "warning",
    lines: [],
    fields: [
      { name: "Trading", value: state === "active" ? "active" : `${state}: exits and stops only` },
      { name: "Equity", value: cashText(equity, seen.currency) },
      exposureField(seen),
      {
        name: "Drawdown",
        value: `${drawdown} from ${cashText(equityHigh, seen.currency)}, stops entries at ${shareText(seen.limits.drawdownMax)}`,
      },
      lossField("Today", seen, {
        start: account?.dayStartEquity ?? equity,
        share: seen.limits.dailyLossShare,
        money: seen.limits.dailyLossNotional,
      }),
      lossField("Session", seen, {
        start: account?.sessionStartEquity ?? equity,
        share: seen.limits.sessionLossShare,
        money: seen.limits.sessionLossNotional,
      }),
      { name: "Positions", value: `${open} of ${seen.limits.openPositionsMax}` },
      { name: "Risk of one trade", value: `at most ${ofEquity(scale(equity, seen.limits.riskPerTrade), seen)}` },
      ...needs.settings.symbols.map((symbol) => instrumentField(instrumentIdOf(needs.settings.venue, symbol), seen)),
    ],
    footer: "/limits shows every limit and tightens one; /why says what was refused by them.",
    chart: null,
  };
}

function ofEquity(amount: Notional, { equity, currency }: Seen): string {
  const share = isPositive(equity) ? ` · ${showPercent(ratioBetween(amount, equity))}` : "";
  return `${cashText(amount, currency)}${share}`;
}

function exposureField(seen: Seen): CardField {
  const used = totalExposure(seen.exposures);
  const allowed = scale(seen.equity, seen.limits.exposureShare);
  const unknown = totalExposure(seen.exposures.filter((one) => one.isUnknown));
  const left = leftOf(allowed, used) ?? zeroNotional;
  const doubt = isZero(unknown) ? "" : `; ${cashText(unknown, seen.currency)} of it unknown`;
  return {
    name: "Exposure",
    value: `${ofEquity(used, seen)}, limit ${shareText(seen.limits.exposureShare)}, ${cashText(left, seen.currency)} left${doubt}`,
  };
}

function lossField(
  name: string,
  { equity, currency }: Seen,
  limit: { readonly start: Notional } & Parameters<typeof allowedOf>[0],
): CardField {
  const pnl = minus(equity, limit.start);
  const share = isPositive(limit.start) ? ` · ${showPercent(ratioBetween(pnl, limit.start))}` : "";
  const left = leftOf(allowedOf(limit, limit.start), lossOf(pnl));
  const rest =
    left === null
      ? "no limit"
      : isZero(left)
        ? "limit reached, no entries"
        : `${cashText(left, currency)} more may be lost`;
  return { name, value: `${signedCash(pnl, currency)}${share}, ${rest}` };
}

/** The tightest of what one position, one asset and the whole house may still take. */
function instrumentField(instrumentId: string, seen: Seen): CardField {
  const { limits, equity, exposures, currency } = seen;
  const symbol = symbolOf(instrumentId);
  const base = symbol.split("/")[0] ?? "";
  const used = totalExposure(exposures.filter((one) => one.instrumentId === instrumentId));
  const ofAsset = totalExposure(exposures.filter((one) => one.base === base));
  const onePosition = allowedOf({ share: limits.positionShare, money: limits.positionNotional }, equity);
  const forAsset = leftOf(allowedOf({ share: limits.assetShare, money: null }, equity), ofAsset);
  const forHouse = leftOf(scale(equity, limits.exposureShare), totalExposure(exposures)) ?? zeroNotional;
  const bounds = [onePosition, forAsset].filter((bound) => bound !== null);
  const may = smallest(forHouse, ...bounds);
  const taken = isZero(used) ? "nothing open" : `${ofEquity(used, seen)} open`;
  // A position is never added to.
  const next = isZero(used) ? `an entry may take ${cashText(may, currency)}` : "no second entry";
  const cap = onePosition === null ? "" : `, cap ${cashText(onePosition, currency)}`;
  return { name: symbol, value: `${taken}, ${next}${cap}` };
}
