/** Imports point the way that the house is built; every rule of dependency_rules.cjs has a bad sample that it must catch. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cruise, type ICruiseOptions, type ICruiseResult, type IFlattenedRuleSet } from "dependency-cruiser";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..", "..");
const { forbidden, options } = createRequire(import.meta.url)("./dependency_rules.cjs") as {
  forbidden: NonNullable<IFlattenedRuleSet["forbidden"]> & { name: string; comment: string }[];
  options: ICruiseOptions;
};

async function violations(baseDir: string, folders: string[]): Promise<ICruiseResult["summary"]["violations"]> {
  const { output } = await cruise(folders, { ...options, baseDir, validate: true, ruleSet: { forbidden } });
  if (typeof output === "string") throw new Error("dependency-cruiser answered with text instead of a result");
  return output.summary.violations;
}

/** Every file is parsed; beside the other tests that takes its time. */
const parsedMs = 90_000;

test(
  "imports point the way that the house is built",
  async () => {
    const found = await violations(root, ["src", "commands", "jobs", "bench", "dashboard", "test"]);
    const comments = new Map(forbidden.map(({ name, comment }) => [name, comment]));
    const told = found.map(({ from, to, rule }) => `${from} imports ${to}: ${comments.get(rule.name) ?? rule.name}`);
    expect(told).toEqual([]);
  },
  parsedMs,
);

/** Rule, the file that breaks it, what it says. Files that are imported and aren't written here are made empty. */
const samples: readonly (readonly [rule: string, path: string, text: string])[] = [
  ["core-is-pure", "src/core/reads.ts", 'import "node:fs";'],
  ["define-sees-core-and-ports", "src/define/peeks.ts", 'import "../flows/x.ts";'],
  ["ports-are-interfaces", "src/ports/leaks.ts", 'import "../flows/x.ts";'],
  ["leaves-see-core-only", "src/alerts/asks.ts", 'import "../indicators/x.ts";'],
  ["leaves-see-core-and-indicators", "src/checks/asks.ts", 'import "../ports/x.ts";'],
  ["leaves-are-pure", "src/strategies/reads.ts", 'import "node:fs";'],
  ["indicators-see-core", "src/indicators/looks.ts", 'import "../define/x.ts";'],
  ["flows-see-ports", "src/flows/picks.ts", 'import "../checks/index.ts";'],
  ["commands-and-jobs-call-flows", "commands/picks.ts", 'import "../src/config.ts";'],
  ["adapters-are-strangers", "src/adapters/one/x.ts", 'import "../two/x.ts";'],
  ["venues-are-strangers", "src/venues/one/x.ts", 'import "../two/x.ts";'],
  ["practice-knows-no-bot", "src/practice/borrows.ts", 'import "../core/money.ts";'],
  ["practice-starts-with-the-system-clock", "src/practice/main.ts", 'import "../core/money.ts";'],
  ["settings-read-only-settings", "src/settings/calls.ts", 'import "../flows/x.ts";'],
  ["lab-is-pure", "src/lab/calls.ts", 'import "../ports/x.ts";'],
  ["second-processes-stand-alone", "src/emergency/leans.ts", 'import "../flows/x.ts";'],
  ["only-main-picks-adapters", "src/assemble.ts", 'import "./adapters/two/x.ts";'],
  ["only-main-picks-venues", "src/assemble.ts", 'import "./adapters/two/x.ts"; import "./venues/two/x.ts";'],
  [
    "the-dashboard-sees-types",
    "dashboard/src/a.ts",
    'import type { X } from "../../src/core/money.ts"; export type Y = X;',
  ],
  [
    "the-dashboard-sees-types-only",
    "dashboard/src/b.ts",
    'import { x } from "../../src/core/events.ts"; export const y = x;',
  ],
  ["tools-are-not-the-product", "src/ports/tooled.ts", 'import "../generate/x.ts";'],
  ["no-tests-in-the-product", "src/lab/tested.ts", 'import "../../test/x.ts";'],
  ["no-dev-packages-in-the-product", "src/lab/developed.ts", 'import fc from "fast-check"; export const x = fc;'],
  ["no-unknown-packages", "src/lab/unknown.ts", 'import "a-package-that-nobody-made";'],
  ["no-circles", "src/core/left.ts", 'import { right } from "./right.ts"; export const left = () => right;'],
  ["no-circles", "src/core/right.ts", 'import { left } from "./left.ts"; export const right = () => left;'],
  ["no-orphans", "src/lab/forgotten.ts", "export const forgotten = 1;"],
];

test("every import rule catches its bad sample", async () => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-imports-"));
  try {
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    writeFileSync(
      join(folder, "package.json"),
      '{ "devDependencies": { "fast-check": "*" }, "dependencies": { "zod": "*" } }',
    );
    const write = (path: string, text: string): void => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    };
    for (const [, path, text] of samples)
      for (const [, specifier = ""] of text.matchAll(/"(\.\.?\/[^"]+)"/g))
        write(join(dirname(path), specifier), "export const x = 1; export type X = 1;");
    for (const [, path, text] of samples) write(path, text);
    const found = await violations(folder, ["src", "commands", "dashboard", "test"]);
    const caught = found.map(({ rule, from }) => `${rule.name} in ${from}`);
    for (const [rule, path] of samples.filter(([name]) => name !== "no-circles"))
      expect(caught).toContain(`${rule} in ${path}`);
    expect(caught.join()).toMatch(/no-circles in src\/core\/(left|right)/);
    expect(new Set(samples.map(([rule]) => rule))).toEqual(new Set(forbidden.map(({ name }) => name)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
