/**
 * Numbers as the venue wrote them. JSON.parse turns 9007199254740993 into …992 and 0.1 into a float; here every number
 * outside a text becomes the text of its digits, so that nothing is lost before money.ts has seen it.
 */

import { mark } from "../../core/mark.ts";

/** A JSON text (skipped whole) or a number. Texts come first, so digits inside them are never touched. */
const textOrNumber = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Whole numbers from here on are not all different to a JavaScript number. */
const exactDigits = 16;

/** @returns undefined when the text is no JSON; numbers arrive as texts of their exact digits. */
export function parseLossless(text: string): unknown {
  try {
    return JSON.parse(text.replace(textOrNumber, asText));
  } catch {
    return undefined;
  }
}

function asText(found: string): string {
  if (found.startsWith('"')) return found;
  if (found.length >= exactDigits && !/[.eE]/.test(found)) mark("D03.longer_than_a_number_can_hold");
  return `"${found}"`;
}

/**
 * A number text of a venue in the plain form that money.ts takes: exponents written out, idle zeros cut
 * ("94000.00000000000000000000" is "94000", "1E-7" is "0.0000001").
 * @returns null when it is no number.
 */
export function plainDecimal(text: string): string | null {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text.trim());
  if (match === null) return null;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const digits = whole + fraction;
  if (digits === "") return null;
  const shift = whole.length + Number.parseInt(exponent, 10);
  const padded = shift <= 0 ? "0".repeat(1 - shift) + digits : digits.padEnd(shift, "0");
  const point = Math.max(shift, 1);
  const left = padded.slice(0, point).replace(/^0+(?=\d)/, "");
  const right = padded.slice(point).replace(/0+$/, "");
  const plain = right === "" ? left : `${left}.${right}`;
  return sign === "-" && /[1-9]/.test(plain) ? `-${plain}` : plain;
}
