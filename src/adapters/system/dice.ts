/** Chance from the machine: 53 random bits as a number in [0, 1). */
import { randomBytes } from "node:crypto";
import type { Dice } from "../../ports/dice.ts";

export function systemDice(): Dice {
  return { roll: () => Number(randomBytes(8).readBigUInt64BE() >> 11n) / 2 ** 53 };
}
