/** The key that the house and its watchdog share: kept in the home folder, or given; and what is signed with it. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Seal } from "../../core/beacon.ts";

const fileName = "beacon.key";
/** Anything shorter is half a file. */
const keyForm = /^\S{32,200}$/;

/** HMAC-SHA256, hex. */
export function sealWith(key: string): Seal {
  const sign = (text: string): string => createHmac("sha256", key).update(text, "utf8").digest("hex");
  return {
    sign,
    isRight(text, signature) {
      const right = Buffer.from(sign(text));
      const given = Buffer.from(signature);
      return given.length === right.length && timingSafeEqual(given, right);
    },
  };
}

/** The key of this home, made when there is none. null = the folder can't hold one; the house lives without a beacon then. */
export function keepBeaconKey(home: string): string | null {
  const known = readBeaconKey(home);
  if (known !== null) return known;
  try {
    mkdirSync(home, { recursive: true, mode: 0o711 });
    writeFileSync(join(home, fileName), `${randomBytes(32).toString("hex")}\n`, { mode: 0o600, flag: "wx" });
  } catch {
    // Another process of this home may have been quicker; then its key is ours.
  }
  return readBeaconKey(home);
}

/** null = none there that can be read. */
export function readBeaconKey(home: string): string | null {
  try {
    const key = readFileSync(join(home, fileName), "utf8").trim();
    return keyForm.test(key) ? key : null;
  } catch {
    return null;
  }
}
