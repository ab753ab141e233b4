/**
 * Decimal arithmetic of the oracle: whole numbers of 10^-18. It shares no line with src/core/money.ts, because a judge who
 * counts with the accused's own fingers would find every sum right.
 */
const places = 18;
const one = 10n ** BigInt(places);

/** Plain decimals as they may stand on a wire: digits, at most one point, no sign, no exponent. */
export const wireNumber = /^\d+(\.\d+)?$/;

/** @throws Error for anything but a plain decimal with at most 18 places. */
export function exact(text: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) throw new Error(`The oracle can't read ${JSON.stringify(text)} as a decimal`);
  const [, sign, whole = "0", fraction = ""] = match;
  const value = BigInt(whole) * one + BigInt(fraction.slice(0, places).padEnd(places, "0"));
  return sign === "-" ? -value : value;
}

export const times = (left: bigint, right: bigint): bigint => (left * right) / one;
export const absolute = (value: bigint): bigint => (value < 0n ? -value : value);
export const larger = (left: bigint, right: bigint): bigint => (left > right ? left : right);
export const smaller = (left: bigint, right: bigint): bigint => (left < right ? left : right);

export function text(value: bigint): string {
  const size = absolute(value);
  const fraction = (size % one).toString().padStart(places, "0").replace(/0+$/, "");
  return `${value < 0n ? "-" : ""}${size / one}${fraction === "" ? "" : `.${fraction}`}`;
}
