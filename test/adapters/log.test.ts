/** The log tells what happened and never a secret, whatever form and slot it hides in. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type LogSetup, openLog } from "../../src/adapters/log/log.ts";
import { Secret } from "../../src/core/secret.ts";
import { instant } from "../../src/core/time.ts";
import type { Log } from "../../src/ports/log.ts";

const canary = 'c4nary/pass+phrase "quoted" & 1';
const token = "123456789:AAcanaryTokenOfTelegram_-x";
let folder = "";
let shown: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "countersign-log-"));
  shown = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const pathOf = (): string => join(folder, "logs", "countersign.log");

/** Writes through a fresh log and returns all that anyone could read afterwards. */
function written(write: (log: Log) => void, change: Partial<LogSetup> = {}): { file: string; screen: string } {
  const log = openLog({
    path: pathOf(),
    level: "info",
    secrets: [canary, token],
    clock: { wall: () => instant(Date.UTC(2026, 1, 6, 14, 3, 22)) },
    show: (line) => shown.push(line),
    isColoured: false,
    ...change,
  });
  write(log);
  log.close();
  return { file: readFileSync(pathOf(), "utf8"), screen: shown.join("\n") };
}

test("a line says when, what and with which facts, to machine and person", () => {
  const { file, screen } = written((log) =>
    log.warn("Order is late", { order: "x1", lateMs: 5200, venue: null, note: "two words" }),
  );
  expect(JSON.parse(file)).toEqual({
    level: 40,
    at: "2026-02-06T14:03:22.000Z",
    facts: { order: "x1", lateMs: 5200, venue: null, note: "two words" },
    text: "Order is late",
  });
  expect(screen).toBe('14:03:22 ! Order is late  order=x1  lateMs=5200  note="two words"');
});

test("lines below the chosen weight are kept nowhere", () => {
  const { file, screen } = written(
    (log) => {
      log.info("chatter");
      log.error("trouble");
    },
    { level: "error" },
  );
  expect(file).not.toContain("chatter");
  expect(screen).toBe("14:03:22 X trouble");
});

const thrown = (): Error =>
  new Error(`GET https://api.telegram.org/bot${token}/getMe failed`, { cause: new Error(canary) });
const basic = (before: string): string => Buffer.from(`${before}${canary}:and more`).toString("base64");
const forms: readonly (readonly [form: string, text: string])[] = [
  ["plain", canary],
  ["in a URL path", `https://api.telegram.org/bot${token}/getMe`],
  ["URL-encoded", `https://x/?p=${encodeURIComponent(canary)}`],
  ["base64", Buffer.from(canary).toString("base64")],
  ["base64url", Buffer.from(canary).toString("base64url")],
  ["base64 behind 1 byte", basic("a")],
  ["base64 behind 2 bytes", basic("ab")],
  ["base64 behind 3 bytes", basic("abc")],
  ["hex", Buffer.from(canary).toString("hex")],
  ["JSON", JSON.stringify({ body: canary })],
  ["twice", `${canary} and ${canary}`],
];
const traces = /c4nary|AAcanaryToken|phrase|NG5hcnk|RuYXJ5|0bmFyeS|63346e617279/i;

test.each(forms)("a secret %s is seen nowhere: not in the text, not in a fact, not in an error", (_form, text) => {
  const careless = { inner: text } as unknown as string;
  const { file, screen } = written((log) => {
    log.info(`saw ${text}`);
    log.warn("fact", { header: text });
    log.error("nested", { response: careless });
    log.error("thrown", { error: new Error(text) as unknown as string });
    log.error("stack", { error: thrown() as unknown as string });
  });
  expect(file.split("\n").filter(Boolean)).toHaveLength(5);
  expect(`${file}${screen}`).not.toMatch(traces);
  expect(file.match(/\[redacted\]/g)?.length).toBeGreaterThanOrEqual(6);
});

test.each(["apiKey", "KUCOIN_API_SECRET", "botToken", "passphrase", "authorization", "totpSeed", "Cookie"])(
  "a fact called %s is hidden though nobody registered its value",
  (name) => {
    const { file, screen } = written((log) => {
      log.info("keyed", { [name]: "unregistered" });
      log.info("deeper", { request: { headers: { [name]: "unregistered" } } as unknown as string });
    });
    expect(`${file}${screen}`).not.toContain("unregistered");
  },
);

test("a Secret prints as [redacted] even where nobody registered it", () => {
  const { file } = written((log) =>
    log.info(`value ${String(new Secret("unregistered"))}`, { box: new Secret("unregistered") as unknown as string }),
  );
  expect(file).not.toContain("unregistered");
  expect(file.match(/\[redacted\]/g)).toHaveLength(2);
});

test("a foreign text can't forge a line of ours on the terminal", () => {
  const { screen } = written((log) =>
    log.info("venue said", { message: "ok\n14:03:23   All positions are closed\u001b[2J" }),
  );
  expect(shown).toHaveLength(1);
  expect(screen.split("\n")).toHaveLength(1);
  expect(screen).not.toContain("\u001b");
});

test("what can't be turned into text doesn't break the line", () => {
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  const { file } = written((log) =>
    log.info("odd", { circle: circle as unknown as string, big: 10n as unknown as string }),
  );
  expect(JSON.parse(file)).toMatchObject({ facts: { circle: "[object]", big: "[bigint]" } });
});

test("the file is for its owner alone, and an old one is set aside when it has grown large", () => {
  written((log) => log.info("first"));
  expect(statSync(pathOf()).mode & 0o777).toBe(0o600);
  writeFileSync(pathOf(), "x".repeat(20 * 1024 * 1024 + 1));
  const { file } = written((log) => log.info("second"));
  expect(file).toContain("second");
  expect(statSync(`${pathOf()}.1`).size).toBeGreaterThan(20 * 1024 * 1024);
});

test("a disk that is full costs lines, never a fault: the screen still shows them, and memory stays bounded [S02]", () => {
  const log = openLog({
    path: "/dev/full",
    level: "info",
    secrets: [],
    clock: { wall: () => instant(0) },
    show: (line) => shown.push(line),
    isColoured: false,
  });
  for (let line = 0; line < 2_000; line += 1) log.info("x".repeat(500), { line });
  expect(shown).toHaveLength(2_000);
});
