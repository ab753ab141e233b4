/**
 * Chance without memory: every draw is a pure function of the seed and of what it is for.
 * The same seed and question give the same answer in any order, so a restarted exchange
 * draws the very market it drew before.
 */

const mix = (hash: number): number => {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

/** 32-bit hash of a text (FNV-1a with a final mix). */
export const hashText = (text: string): number => {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mix(h >>> 0);
};

/** 32-bit hash of a base hash and up to two integers; integers beyond 32 bits count with all their bits. */
export const hashNumbers = (base: number, a: number, b = 0): number => {
  const high = Math.floor(a / 4294967296);
  let h = mix((base ^ Math.imul(a | 0, 0x9e3779b1)) >>> 0);
  h = mix((h ^ Math.imul(high | 0, 0x85ebca77)) >>> 0);
  return mix((h ^ Math.imul(b | 0, 0xc2b2ae3d)) >>> 0);
};

/** A number in [0, 1). */
export const unitOf = (base: number, a: number, b = 0): number => hashNumbers(base, a, b) / 4294967296;

/** Hex digits of a hash chain, `length` of them. */
export const hexOf = (text: string, length: number): string => {
  let out = "";
  for (let i = 0; out.length < length; i += 1) out += hashText(`${text}#${i}`).toString(16).padStart(8, "0");
  return out.slice(0, length);
};
