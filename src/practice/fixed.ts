/**
 * Fixed-point numbers of the practice exchange: a bigint that counts 1e-12 units.
 *
 * Prices, sizes and money share the scale, so a product of a price (up to 9 places on the
 * instruments here) and a size is exact or rounded by a named rule. No float ever holds money.
 */

/** One whole unit. */
export const ONE = 1_000_000_000_000n;
const PLACES = 12;

const PLAIN = /^(\d+)(?:\.(\d+))?$/;
const SCIENTIFIC = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;

/** Reads a plain decimal such as "90.14". Signs, exponents and more than 12 places give null, as on the wire. */
export const parseFixed = (text: string): bigint | null => {
  const match = PLAIN.exec(text);
  if (match === null || text.length > 40) return null;
  const fraction = (match[2] ?? "").replace(/0+$/, "");
  if (fraction.length > PLACES) return null;
  return BigInt(match[1] ?? "0") * ONE + BigInt(fraction.padEnd(PLACES, "0"));
};

/** Reads a number from a data file, where 3.817e-05 is usual. Places beyond the twelfth are cut. Null if it is no number. */
export const parseDataNumber = (text: string): bigint | null => {
  const match = SCIENTIFIC.exec(text.trim());
  if (match === null) return null;
  const exponent = Number(match[4] ?? "0");
  const digits = (match[2] ?? "") + (match[3] ?? "");
  const shift = exponent - (match[3] ?? "").length + PLACES;
  if (Math.abs(shift) > 60) return null;
  const value = shift >= 0 ? BigInt(digits) * 10n ** BigInt(shift) : BigInt(digits) / 10n ** BigInt(-shift);
  return match[1] === "-" ? -value : value;
};

/** For constants in our own code, where anything but a plain decimal is a mistake. @throws if the text is not one. */
export const fixed = (text: string): bigint => {
  const value = parseFixed(text);
  if (value === null)
    throw new Error(`practice: "${text}" is not a plain decimal with at most 12 places; write it as 123.45`);
  return value;
};

/** Plain decimal without trailing zeros: "0.1", "-3", "0". */
export const formatFixed = (value: bigint): string => {
  const magnitude = value < 0n ? -value : value;
  const fraction = (magnitude % ONE).toString().padStart(PLACES, "0").replace(/0+$/, "");
  const text = fraction === "" ? (magnitude / ONE).toString() : `${magnitude / ONE}.${fraction}`;
  return value < 0n ? `-${text}` : text;
};

/** a x b, rounded down. Both not negative. */
export const timesDown = (a: bigint, b: bigint): bigint => (a * b) / ONE;

/** a x b, rounded up: what a venue charges. Both not negative. */
export const timesUp = (a: bigint, b: bigint): bigint => (a * b + ONE - 1n) / ONE;

/** a / b, rounded down. */
export const dividedDown = (a: bigint, b: bigint): bigint => (a * ONE) / b;

export const floorTo = (value: bigint, step: bigint): bigint => value - (((value % step) + step) % step);

export const ceilTo = (value: bigint, step: bigint): bigint => {
  const low = floorTo(value, step);
  return low === value ? value : low + step;
};

export const isMultiple = (value: bigint, step: bigint): boolean => value % step === 0n;

export const lesser = (a: bigint, b: bigint): bigint => (a < b ? a : b);
export const greater = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** A float of the synthetic path as fixed point, floored to `step`. The only door from float to fixed. */
export const fromFloat = (value: number, step: bigint): bigint => {
  const stepFloat = Number(step) / Number(ONE);
  return BigInt(Math.floor(value / stepFloat)) * step;
};

/** For drawing a market only; never for money. */
export const toFloat = (value: bigint): number => Number(value) / Number(ONE);

/** How many decimal places a value really uses (0 to 12). */
export const placesOf = (value: bigint): number => {
  const text = formatFixed(value);
  const dot = text.indexOf(".");
  return dot < 0 ? 0 : text.length - dot - 1;
};
