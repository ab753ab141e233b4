/** Codes of authenticator apps: one step early and late, sealed under a key that lies elsewhere, readable by an app. */
import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateSync } from "otplib";
import { expect, test } from "vitest";
import { openAuthenticator } from "../../src/adapters/authenticator/authenticator.ts";
import { systemVault } from "../../src/adapters/system/vault.ts";
import { squares } from "../../src/boot/authenticator.ts";
import { addMs, instant } from "../../src/core/time.ts";

const at = instant(1_770_000_015_000);
const step = Math.floor(at / 30_000);
const openHere = (home = mkdtempSync(join(tmpdir(), "countersign-"))) => ({
  home,
  app: openAuthenticator(home, systemVault()),
});
const codeAt = (secret: string, ms: number) => generateSync({ secret, epoch: Math.floor(ms / 1_000) });

test.each([
  ["of this step", 0, step],
  ["of the step before", -30_000, step - 1],
  ["of the next step", 30_000, step + 1],
  ["two steps old", -60_000, null],
  ["two steps early", 60_000, null],
])("a code %s belongs to the step it was made in, or to none", (_which, offsetMs, expected) => {
  const { app } = openHere();
  const made = app.create("Ana");
  expect(app.stepOf(made.sealed, codeAt(made.secret, addMs(at, offsetMs)), at)).toBe(expected);
});

test.each(["", "12345", "1234567", "abcdef", "１２３４５６", "-12345"])("%j is no code, and no error", (code) => {
  const { app } = openHere();
  expect(app.stepOf(app.create("Ana").sealed, code, at)).toBeNull();
});

test("what is kept holds no secret, and opens in this house only", () => {
  const { home, app } = openHere();
  const made = app.create("Ana");
  expect(made.sealed).not.toContain(made.secret);
  const code = codeAt(made.secret, at);
  expect(openHere(home).app.stepOf(made.sealed, code, at)).toBe(step);
  expect(openHere().app.stepOf(made.sealed, code, at)).toBeNull();
  const damaged = `${made.sealed.slice(0, -2)}${made.sealed.endsWith("AA") ? "BB" : "AA"}`;
  expect(app.stepOf(damaged, code, at)).toBeNull();
  expect(app.create("Ana").sealed).not.toBe(made.sealed);
});

test("the key is its owner's alone, and a damaged one is said by name", () => {
  const { home, app } = openHere();
  app.create("Ana");
  const path = join(home, "keys", "authenticator.key");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, "utf8")).toMatch(/^[0-9a-f]{64}\n$/);
  writeFileSync(path, "rubbish\n");
  expect(() => openHere(home).app.create("Ana")).toThrow(/authenticator\.key is damaged/);
});

test("the terminal shows the square with a quiet zone, two rows a line", () => {
  const { picture } = openHere().app.create("Ana");
  const lines = squares(picture);
  expect(lines).toHaveLength(Math.ceil((picture.length + 4) / 2));
  expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  expect(lines[0]).toMatch(/^ {2}█+$/);
});
