/** A smaller order in place of the one that was asked: everything but the size stays as it was, to the last digit. Pure. */
import type { OrderTerms } from "./approval.ts";
import type { Instrument } from "./instrument.ts";
import type { OrderIntent } from "./intent.ts";
import {
  floorToStep,
  isDecimalText,
  isLess,
  isPositive,
  notionalOf,
  plus,
  type Quantity,
  quantity,
  ratio,
  ratioBetween,
  scale,
} from "./money.ts";
import { fail, ok, type Result } from "./result.ts";

export type SizedOrder = { readonly intent: OrderIntent; readonly terms: OrderTerms };

/** The same wish with `wanted`, rounded down to the lot. @returns one sentence why it can't be smaller. */
export function resized(
  order: SizedOrder,
  wanted: Quantity,
  about: { readonly instrument: Instrument; readonly intentId: string },
): Result<SizedOrder, string> {
  const { instrument, intentId } = about;
  const { intent, terms } = order;
  const size = floorToStep(wanted, instrument.stepSize);
  if (!isLess(size, intent.quantity)) return fail(`Only a smaller size than ${intent.quantity} can be asked for here`);
  const notional = notionalOf(intent.shape.limitPrice, size);
  if (!isPositive(size) || isLess(size, instrument.quantityMin) || isLess(notional, instrument.notionalMin))
    return fail(
      `${size} ${instrument.base} is less than the venue takes (${instrument.quantityMin} ${instrument.base}, ${instrument.notionalMin} ${instrument.quote})`,
    );
  const share = ratioBetween(size, intent.quantity);
  const notionalShare = scale(terms.notionalShare, share);
  return ok({
    intent: { ...intent, intentId, quantity: size },
    terms: {
      ...terms,
      notional,
      notionalShare,
      risk: scale(terms.risk, share),
      riskShare: scale(terms.riskShare, share),
      exposureThen: plus(terms.exposureNow, notionalShare),
    },
  });
}

/** What a person chose or typed: "½", "25 %", "0.4". null = no size. */
export function sizeWish(text: string, of: Quantity): Quantity | null {
  const word = text.trim().replace(",", ".").replace(/\s+%$/, "%");
  const shares: Readonly<Record<string, string>> = { half: "0.5", "½": "0.5", quarter: "0.25", "¼": "0.25" };
  const share = shares[word.toLowerCase()] ?? percentOf(word);
  if (share !== null) return isDecimalText(share) ? scale(of, ratio(share)) : null;
  return isDecimalText(word) && !word.startsWith("-") ? quantity(word) : null;
}

function percentOf(word: string): string | null {
  const digits = /^(\d{1,2})%$/.exec(word)?.[1];
  return digits === undefined ? null : `0.${digits.padStart(2, "0")}`;
}
