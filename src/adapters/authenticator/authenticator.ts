/**
 * Codes of authenticator apps through otplib, and their secrets sealed with AES-256-GCM under a key that lies beside the
 * records, never in them: whoever copies the database can give no code, whoever copies the key alone neither.
 */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { generateSecret, generateURI, verifySync } from "otplib";
import qrcode from "qrcode";
import type { Authenticator } from "../../ports/authenticator.ts";
import type { Vault } from "../../ports/vault.ts";

const stepSeconds = 30;
const secretBytes = 20;
const issuer = "Countersign";
const form = "v1";

/** @param home the key is made at its first use, readable by its owner only. */
export function openAuthenticator(home: string, vault: Vault): Authenticator {
  let key: Buffer | null = null;
  const keyOf = (): Buffer => {
    key ??= readKey(join(home, "keys"), vault);
    return key;
  };
  return {
    create(label) {
      const secret = generateSecret({ length: secretBytes });
      const address = generateURI({ issuer, label, secret });
      return { secret, sealed: seal(secret, keyOf(), vault), picture: pictureOf(address) };
    },
    stepOf(sealed, code, at) {
      const secret = open(sealed, keyOf());
      if (secret === null || !/^\d{6}$/.test(code)) return null;
      const found = verifySync({ secret, token: code, epoch: Math.floor(at / 1_000), epochTolerance: stepSeconds });
      return found.valid && "timeStep" in found ? found.timeStep : null;
    },
  };
}

function readKey(folder: string, vault: Vault): Buffer {
  const path = join(folder, "authenticator.key");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    const file = openSync(path, "wx", 0o600);
    // Three tokens of 96 random bits, hashed to one key: more than the cipher takes.
    writeSync(file, `${vault.sha256(`${vault.token()}${vault.token()}${vault.token()}`)}\n`);
    fsyncSync(file);
    closeSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const key = Buffer.from(readFileSync(path, "utf8").trim(), "hex");
  if (key.length !== 32)
    throw new Error(
      `${path} is damaged: it must hold 64 hex digits. Restore it, or remove it and set up every app anew.`,
    );
  return key;
}

function seal(secret: string, key: Buffer, vault: Vault): string {
  const iv = Buffer.from(vault.token(), "base64url");
  const cipher = createCipheriv("aes-256-gcm", key, iv);
  const body = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
  return [form, iv.toString("base64url"), body.toString("base64url"), cipher.getAuthTag().toString("base64url")].join(
    ".",
  );
}

/** null = damaged, or sealed with another key. */
function open(sealed: string, key: Buffer): string | null {
  const [version, iv = "", body = "", tag = ""] = sealed.split(".");
  if (version !== form) return null;
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(iv, "base64url"), { authTagLength: 16 });
    decipher.setAuthTag(Buffer.from(tag, "base64url"));
    return Buffer.concat([decipher.update(Buffer.from(body, "base64url")), decipher.final()]).toString("utf8");
  } catch {
    return null;
  }
}

function pictureOf(text: string): readonly (readonly boolean[])[] {
  const { modules } = qrcode.create(text, { errorCorrectionLevel: "M" });
  return Array.from({ length: modules.size }, (_, row) =>
    Array.from({ length: modules.size }, (__, column) => modules.get(row, column) === 1),
  );
}
