/** Dice, ids, vault and log of a process: seeded and counted, so that a seed gives the same names every time. */
import { createHash } from "node:crypto";
import type { Dice } from "../../../src/ports/dice.ts";
import type { Ids } from "../../../src/ports/ids.ts";
import type { Log } from "../../../src/ports/log.ts";
import type { Vault } from "../../../src/ports/vault.ts";
import type { Chance } from "../contract.ts";

export const simDice = (chance: Chance): Dice => ({ roll: () => chance.next() });

const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

/** Tokens are hashes of a count: unguessable enough for a simulated stranger, and the same in every run of a seed. */
export function simVault(seed: string, processNumber: number): Vault {
  let last = 0;
  return {
    sha256,
    token() {
      last += 1;
      return createHash("sha256").update(`${seed}|${processNumber}|${last}`).digest("base64url").slice(0, 16);
    },
  };
}

/** Sortable by process and count; two processes never make the same name. */
export function simIds(processNumber: number): Ids {
  let last = 0;
  return {
    next(prefix) {
      last += 1;
      return `${prefix}_${String(processNumber).padStart(4, "0")}${last.toString(36).padStart(8, "0")}`;
    },
  };
}

export function simLog(keep: (line: string) => void): Log {
  const write =
    (level: string): Log["info"] =>
    (text, facts) =>
      keep(facts === undefined ? `${level} ${text}` : `${level} ${text} ${JSON.stringify(facts)}`);
  return { info: write("info"), warn: write("warn"), error: write("error") };
}
