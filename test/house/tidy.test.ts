/** The tree is tidy: no file breaks a rule of tidy_rules.ts or tidy_shapes.ts, and each rule catches its bad sample. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { definitionPath, exportName, kinds } from "../../src/generate/kinds.ts";
import { scan } from "../../src/generate/scan.ts";
import { sourceOf } from "./source_text.ts";
import { badName, bannedWords, rules } from "./tidy_rules.ts";
import { badShape } from "./tidy_shapes.ts";

const root = join(import.meta.dirname, "..", "..");
const rooms = ["src", "commands", "jobs", "migrations", "test", "dashboard", "bench"];
const paths = rooms
  .filter((room) => existsSync(join(root, room)))
  .flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"))
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)),
  )
  .filter((path) => !/(^|\/)dist\//.test(path))
  .sort();
const readable = paths.filter((path) => /\.(ts|tsx|js|cjs|mjs|sql)$/.test(path));

/** Every file is parsed; beside the other tests that takes its time. */
const parsedMs = 90_000;

test(
  "every file obeys the rules of the house",
  () => {
    const complaints = readable.flatMap((path) => {
      const source = sourceOf(path, readFileSync(join(root, path), "utf8"));
      return [...bannedWords(source), ...badShape(source)];
    });
    expect(complaints).toEqual([]);
  },
  parsedMs,
);

test("every file and folder has a name that says what it is", () => {
  expect(paths.flatMap(badName)).toEqual([]);
});

test("every definition is named after its file", () => {
  expect(kinds.flatMap((kind) => scan(root, kind).problems)).toEqual([]);
  const misnamed = kinds.flatMap((kind) =>
    scan(root, kind).names.filter((name) => {
      const text = readFileSync(join(root, definitionPath(kind, name)), "utf8");
      const own = new RegExp(`export const ${exportName(name)}\\b[\\s\\S]*?\\bname: ("${name}"|[a-zA-Z]+),`);
      return !own.test(text);
    }),
  );
  expect(misnamed).toEqual([]);
});

test.each(rules.flatMap((rule) => rule.samples.map(([path, text]) => [path, text, rule.instead] as const)))(
  "%s with %s is refused",
  (path, text, instead) => {
    expect(bannedWords(sourceOf(path, text)).join("\n")).toContain(`use ${instead}`);
  },
);

test.each([
  [
    "src/core/x.ts",
    "/** Talks of Date.now(), which is banned. */\nexport const words = `setTimeout(${1}) and process.env`;",
  ],
  ["src/flows/x.ts", "/** Waits. */\nexport const at = (clock: { now(): number }): number => clock.now();"],
  ["src/adapters/system/x.ts", "/** The clock. */\nexport const now = (): number => Date.now();"],
  ["src/adapters/postgres/x.ts", '/** Says :at. */\nexport const text = "where at < :at";'],
  ["test/core/x.test.ts", "/** Tests may wait. */\nsetTimeout(() => undefined, 1);"],
])("%s is left in peace", (path, text) => {
  const source = sourceOf(path, text);
  expect([...bannedWords(source), ...badShape(source)]).toEqual([]);
});

const long = (lines: number): string => "  run();\n".repeat(lines);
test.each([
  ["a long function", "src/core/x.ts", `/** X. */\nfunction f() {\n${long(60)}}`, "function of 62 lines"],
  ["a long file", "src/core/x.ts", `/** X. */\n${"run();\n".repeat(400)}`, "split it (limit 400)"],
  ["a default export", "src/core/x.ts", "/** X. */\nexport default 1;", "no default exports"],
  ["a default function", "jobs/x.ts", "/** X. */\nexport default function f() {}", "no default exports"],
  ["an enum", "src/core/x.ts", "/** X. */\nexport enum Side { Buy }", "no enums"],
  ["a barrel", "src/core/x.ts", '/** X. */\nexport * from "./money.ts";', "no barrels"],
  ["inheritance", "src/flows/x.ts", "/** X. */\nclass A extends Base {}", "no inheritance"],
  ["no opening", "src/core/x.ts", "run();\nstop();", "begin with a docblock"],
])("%s is refused", (_case, path, text, words) => {
  expect(badShape(sourceOf(path, text)).join("\n")).toContain(words);
});

test.each([
  "src/core/fooBar.ts",
  "src/Core/foo.ts",
  "src/utils/foo.ts",
  "src/core/helpers.ts",
  "migrations/1_x.sql",
  "src/services/x.ts",
])("the name %s is refused", (path) => {
  expect(badName(path)).toHaveLength(1);
});
