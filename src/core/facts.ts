/** Numbers as text for people, each with its unit: the only spelling of amounts and shares in the facts of a denial. */
import {
  isPositive,
  type Notional,
  type Price,
  type Quantity,
  type Ratio,
  ratioBetween,
  showAmount,
  showPercent,
} from "./money.ts";

/** 18 zeros after the point help nobody, yet a limit missed by a hair must not look as if it were kept. */
const placesMax = 8;

function trim(text: string, placesMin: number): string {
  const point = text.indexOf(".");
  if (point < 0) return text;
  let end = text.length;
  while (end - point - 1 > placesMin && text[end - 1] === "0") end -= 1;
  return text.slice(0, end - point === 1 ? point : end);
}

/** ("1320.5", "USDT") is "1,320.50 USDT"; at least two places, at most eight, cut. */
export function moneyText(amount: Notional, currency: string): string {
  return `${trim(showAmount(amount, placesMax), 2)} ${currency}`;
}

/** Currencies whose hundredth is worth looking at; others are shown to the sixth place. */
const centCurrency = /USD|EUR|GBP|DAI/;

/** ("499.983119", "USDT") is "499.98 USDT": for reading at a glance, cut; refusals and audits use moneyText. */
export function cashText(amount: Notional, currency: string): string {
  return `${trim(showAmount(amount, centCurrency.test(currency) ? 2 : 6), 2)} ${currency}`;
}

/** ("0.0132") is "1.32 %"; at most four places. */
export function shareText(share: Ratio): string {
  const [number = "", unit = ""] = showPercent(share, 4).split(" ");
  return `${trim(number, 0)} ${unit}`;
}

/** ("87.36", "USDT") is "87.36 USDT". Prices keep every digit: one tick may be what the denial is about. */
export function priceText(at: Price, currency: string): string {
  return `${at} ${currency}`;
}

export function quantityText(size: Quantity, base: string): string {
  return `${size} ${base}`;
}

/** "1.32 % of equity (132.00 USDT)"; without the share where there is no equity to compare with. */
export function ofEquityText(
  amount: Notional,
  account: { readonly equity: Notional; readonly currency: string },
): string {
  const money = moneyText(amount, account.currency);
  return isPositive(account.equity) ? `${shareText(ratioBetween(amount, account.equity))} of equity (${money})` : money;
}

/** Milliseconds as a person says them: "850 ms", "2.5 s", "12 min", "4.1 h". */
export function lengthText(ms: number): string {
  const units = [
    { unit: "h", ms: 3_600_000 },
    { unit: "min", ms: 60_000 },
    { unit: "s", ms: 1_000 },
  ] as const;
  const fitting = units.find((one) => Math.abs(ms) >= one.ms);
  return fitting === undefined ? `${ms} ms` : `${Math.round((ms / fitting.ms) * 10) / 10} ${fitting.unit}`;
}
