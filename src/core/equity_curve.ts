/**
 * What the account was worth over the last month, from the marks that are on record, and the picture of it. Kept in the books,
 * so it must stay small: of a straight rise or fall within a day only its ends are kept.
 */
import type { EquityPoint, EquityShown } from "./card_picture.ts";
import type { Mode } from "./intent.ts";
import { isAtLeast, isMore, type Notional, type Ratio } from "./money.ts";
import { between, day, utcDay } from "./time.ts";

const periodDays = 30;
const pointsMax = 300;

export function withPoint(curve: readonly EquityPoint[], point: EquityPoint): readonly EquityPoint[] {
  const [before, last] = [curve.at(-2), curve.at(-1)];
  // The clock of a house may be set back; a curve that runs backwards can't be drawn.
  if (last !== undefined && point.at < last.at) return curve;
  const isBetween = before !== undefined && last !== undefined && liesBetween(before, last, point);
  const kept = isBetween ? curve.slice(0, -1) : curve;
  return [...kept, point].filter(({ at }) => between(at, point.at) <= periodDays * day).slice(-pointsMax);
}

function liesBetween(before: EquityPoint, last: EquityPoint, next: EquityPoint): boolean {
  if (utcDay(before.at) !== utcDay(last.at) || utcDay(last.at) !== utcDay(next.at)) return false;
  const rises = isAtLeast(last.equity, before.equity) && isAtLeast(next.equity, last.equity);
  const falls = isAtLeast(before.equity, last.equity) && isAtLeast(last.equity, next.equity);
  return rises || falls;
}

/** @returns null as long as there is nothing to compare. */
export function equityShown(
  curve: readonly EquityPoint[],
  about: {
    readonly mode: Mode;
    readonly currency: string;
    readonly equityHigh: Notional;
    readonly drawdownMax: Ratio;
  },
): EquityShown | null {
  const [first, last] = [curve[0], curve.at(-1)];
  if (first === undefined || last === undefined || curve.length < 2) return null;
  const days = Math.min(periodDays, Math.max(1, Math.round(between(first.at, last.at) / day)));
  const { mode, currency, equityHigh, drawdownMax } = about;
  return {
    mode,
    currency,
    period: days === 1 ? "Last day" : `Last ${days} days`,
    points: curve,
    highWaterBefore: curve.every(({ equity }) => isMore(equityHigh, equity)) ? equityHigh : null,
    drawdownMax,
  };
}
