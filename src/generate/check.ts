/**
 * npm run check                   everything a reviewer would run: one line a step, its output only when it fails
 * npm run check -- --no-tests     the same without the tests
 *
 * The last line is "N passed, M failed", where a step that is no test counts as one. Tests that were skipped are named.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");
const bin = (name: string): string => join(root, "node_modules", ".bin", name);

type Step = { readonly name: string; readonly command: readonly string[]; readonly hint: string };
type Count = { readonly passed: number; readonly failed: number; readonly skipped: number };

const steps: readonly Step[] = [
  { name: "types", command: [bin("tsc"), "--noEmit"], hint: "" },
  ...(existsSync(join(root, "dashboard", "tsconfig.json"))
    ? [{ name: "types of the dashboard", command: [bin("tsc"), "--noEmit", "-p", "dashboard/tsconfig.json"], hint: "" }]
    : []),
  {
    name: "format",
    command: [bin("biome"), "ci", "--linter-enabled=false", "--colors=off", "."],
    hint: "npm run format mends it",
  },
  {
    name: "lint",
    command: [bin("biome"), "lint", "--error-on-warnings", "--colors=off", "."],
    hint: "",
  },
  { name: "lint with types", command: [bin("eslint"), "."], hint: "" },
  {
    name: "import rules",
    command: [bin("depcruise"), "--config", "test/house/dependency_rules.cjs", ...rooms()],
    hint: "test/house/dependency_rules.cjs says why each rule stands",
  },
  { name: "dead code", command: [bin("knip")], hint: "" },
  { name: "generated files", command: [bin("tsx"), "src/generate/main.ts", "--check"], hint: "npm run gen mends it" },
];

function rooms(): readonly string[] {
  return ["src", "commands", "jobs", "test", "bench", "dashboard"].filter((room) => existsSync(join(root, room)));
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Runs one command quietly; what it said is shown when it fails. */
function isPassed({ name, command, hint }: Step): boolean {
  const [file = "", ...args] = command;
  const began = performance.now();
  const ran = spawnSync(file, args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const seconds = ((performance.now() - began) / 1000).toFixed(1).padStart(6);
  say(`${ran.status === 0 ? "ok    " : "FAILED"} ${name.padEnd(24)}${seconds} s`);
  if (ran.status === 0) return true;
  say(`${ran.stdout}${ran.stderr}`.trim());
  if (hint !== "") say(hint);
  return false;
}

type Report = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
};

/** The tests, counted by their own report: a file that can't even be loaded counts as one failure. */
function tests(): Count {
  const folder = mkdtempSync(join(tmpdir(), "countersign-check-"));
  const report = join(folder, "tests.json");
  const command = [bin("vitest"), "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const passedAll = isPassed({ name: "tests", command, hint: "" });
  const counted = existsSync(report) ? countOf(JSON.parse(readFileSync(report, "utf8")) as Report) : null;
  rmSync(folder, { recursive: true, force: true });
  const count = counted ?? { passed: 0, failed: 1, skipped: 0 };
  return passedAll || count.failed > 0 ? count : { ...count, failed: 1 };
}

function countOf({ numPassedTests, numFailedTests, numPendingTests, testResults }: Report): Count {
  const unloaded = testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
  ).length;
  return { passed: numPassedTests, failed: numFailedTests + unloaded, skipped: numPendingTests };
}

const outcomes = steps.map(isPassed);
const own: Count = {
  passed: outcomes.filter((isGood) => isGood).length,
  failed: outcomes.filter((isGood) => !isGood).length,
  skipped: 0,
};
const tested: Count = process.argv.includes("--no-tests") ? { passed: 0, failed: 0, skipped: 0 } : tests();
const failed = own.failed + tested.failed;
if (tested.skipped > 0) say(`${tested.skipped} tests were skipped; their names say what they need`);
say(`${own.passed + tested.passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
