/** Hashes and secrets from node:crypto. */
import { createHash, randomBytes } from "node:crypto";
import type { Vault } from "../../ports/vault.ts";

export function systemVault(): Vault {
  return {
    sha256: (text) => createHash("sha256").update(text, "utf8").digest("hex"),
    token: () => randomBytes(12).toString("base64url"),
  };
}
