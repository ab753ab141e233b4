/** `npm run new` in a copy of the house: what it writes compiles under our own strictness, passes, and is found by the lists. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "..", "..");
let house = "";

const kinds = [
  ["command", "good_morning", "commands/good_morning.ts", "test/commands/good_morning.test.ts"],
  ["job", "sweep_floor", "jobs/sweep_floor.ts", "test/jobs/sweep_floor.test.ts"],
  ["strategy", "three_rises", "src/strategies/three_rises.ts", "test/strategies/three_rises.test.ts"],
  ["check", "has_price", "src/checks/has_price.ts", "test/checks/has_price.test.ts"],
  ["assertion", "ids_are_keys", "src/assertions/ids_are_keys.ts", "test/assertions/ids_are_keys.test.ts"],
  ["alert", "source_came_back", "src/alerts/source_came_back.ts", "test/alerts/source_came_back.test.ts"],
  ["venue", "tiny_exchange", "src/venues/tiny_exchange/venue.ts", "test/venues/tiny_exchange.test.ts"],
] as const;

function tool(file: string, ...args: readonly string[]): { code: number | null; text: string } {
  const ran = spawnSync(process.execPath, ["--import", "tsx", join(house, "src", "generate", file), ...args], {
    encoding: "utf8",
    cwd: house,
  });
  return { code: ran.status, text: `${ran.stdout}${ran.stderr}` };
}

beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), "countersign-new-"));
  for (const name of ["src", "commands", "jobs", "package.json", "tsconfig.json", "README.md"])
    cpSync(join(root, name), join(house, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(house, "node_modules"));
  for (const [kind, name] of kinds) expect(tool("new.ts", kind, name)).toMatchObject({ code: 0 });
});
afterAll(() => rmSync(house, { recursive: true, force: true }));

test("what was written compiles under the strictness of the house", () => {
  const { config } = ts.readConfigFile(join(house, "tsconfig.json"), ts.sys.readFile) as { config: unknown };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, house);
  const written = kinds.flatMap(([, , definition, itsTest]) => [join(house, definition), join(house, itsTest)]);
  const program = ts.createProgram(written, { ...options, noEmit: true });
  const complaints = written.flatMap((path) => {
    const file = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ messageText }) => `${path}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`,
    );
  });
  expect(complaints).toEqual([]);
});

test("the tests that were written pass, and fail when their definition is broken", () => {
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const run = (): string => {
    const words = [vitest, "run", "--root", house, "--reporter=json"];
    const ran = spawnSync(process.execPath, words, { encoding: "utf8", cwd: house });
    const { numPassedTests, numFailedTests } = JSON.parse(ran.stdout) as Record<string, number>;
    return `${numPassedTests} passed, ${numFailedTests} failed`;
  };
  expect(run()).toBe("13 passed, 0 failed");

  const path = join(house, "src", "checks", "has_price.ts");
  const sound = readFileSync(path, "utf8");
  writeFileSync(path, sound.replace("view.quote !== null", "view.quote === null"));
  expect(run()).toBe("11 passed, 2 failed");
  writeFileSync(path, sound);
});

test("lists and tables know what was written", () => {
  for (const [, name, definition] of kinds) {
    const list = definition.replace(/[^/]+(\/venue)?\.ts$/, "index.ts").replace("tiny_exchange/", "");
    const word = name.replace(/_(.)/g, (_all, letter: string) => letter.toUpperCase());
    expect(readFileSync(join(house, list), "utf8")).toContain(word);
    expect(readFileSync(join(house, list.replace("index.ts", "README.md")), "utf8")).toContain(name);
  }
  expect(tool("main.ts", "--check")).toMatchObject({ code: 0 });
});

test.each([
  ["a taken name", ["check", "has_price"], "src/checks/has_price.ts is there already; choose another name"],
  ["a capital letter", ["command", "Good"], "A name is lower-case letters"],
  ["a name that is too long", ["job", `a${"b".repeat(32)}`], "A name is lower-case letters"],
  ["a path", ["job", "../escape"], "A name is lower-case letters"],
  ["a word of the language", ["alert", "delete"], "delete is a word of the language"],
  ["a kind that isn't there", ["chek", "x"], "there is no such kind; did you mean check?"],
  ["no name", ["check"], "Write: npm run new <kind> <name>"],
])("%s is refused and nothing is written", (_case, words, told) => {
  const { code, text } = tool("new.ts", ...words);
  expect({ code, isTold: text.includes(told), text }).toMatchObject({ code: 1, isTold: true });
  expect(text).not.toContain("written");
});
