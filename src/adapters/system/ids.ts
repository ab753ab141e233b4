/**
 * Names for new things: `prefix_` + 10 characters of wall time + 16 random ones, both in lower-case base 32, so that
 * names sort by birth and never meet. Two names of the same millisecond stay in order: the random part then counts up.
 */
import { randomBytes } from "node:crypto";
import { assert } from "../../core/assert.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Ids } from "../../ports/ids.ts";

/** No i, l, o, u: nobody misreads a name aloud. */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const timeLength = 10;
const randomLength = 16;
const prefixForm = /^[a-z][a-z0-9]{0,12}$/;

export function systemIds(clock: Clock): Ids {
  let lastMs = 0;
  let lastRandom = 0n;
  return {
    next(prefix) {
      assert(prefixForm.test(prefix), `An id prefix is 1 to 13 of [a-z0-9] and starts with a letter, got "${prefix}"`);
      // A wall clock that was set back must not give names that sort before older ones.
      const ms = Math.max(clock.wall(), lastMs);
      lastRandom = ms === lastMs ? lastRandom + 1n : freshRandom();
      lastMs = ms;
      return `${prefix}_${base32(BigInt(ms), timeLength)}${base32(lastRandom, randomLength)}`;
    },
  };
}

/** 79 bits: the highest bit stays free, so that counting up within a millisecond can't overflow. */
function freshRandom(): bigint {
  return BigInt(`0x${randomBytes(10).toString("hex")}`) >> 1n;
}

function base32(value: bigint, length: number): string {
  let rest = value;
  let text = "";
  for (let place = 0; place < length; place += 1) {
    text = (alphabet[Number(rest & 31n)] ?? "") + text;
    rest >>= 5n;
  }
  return text;
}
