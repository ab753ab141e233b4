/** The launcher builds when sources changed and only then, and says in one sentence what is missing. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const root = join(import.meta.dirname, "..", "..");
let house = "";

beforeEach(() => {
  house = mkdtempSync(join(tmpdir(), "countersign-start-"));
  mkdirSync(join(house, "src", "practice"), { recursive: true });
  cpSync(join(root, "src", "start.js"), join(house, "src", "start.js"));
  symlinkSync(join(root, "node_modules"), join(house, "node_modules"));
  writeFileSync(join(house, "package.json"), '{ "type": "module" }');
  writeFileSync(join(house, "src", "words.ts"), 'export const words: string = "the house runs";');
  const main = [
    'import { words } from "./words.ts";',
    "export async function main(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {",
    '  process.stdout.write(`${words} with ${args.join(" ")} in ${env.NODE_ENV ?? "its own mode"}\\n`);',
    "  return 0;",
    "}",
  ].join("\n");
  writeFileSync(join(house, "src", "main.ts"), main);
  const practice =
    "export async function main(args: readonly string[]): Promise<number> { process.stdout.write(`practice ${args.join()}\\n`); return 3; }";
  writeFileSync(join(house, "src", "practice", "main.ts"), practice);
});
afterEach(() => rmSync(house, { recursive: true, force: true }));

type Ran = { readonly code: number | null; readonly out: string; readonly err: string };

function start(...args: readonly string[]): Ran {
  const { NODE_ENV, ...env } = process.env;
  const ran = spawnSync(process.execPath, [join(house, "src", "start.js"), ...args], {
    env,
    encoding: "utf8",
    cwd: tmpdir(),
  });
  return { code: ran.status, out: ran.stdout, err: ran.stderr };
}

test("the first start builds once, the second doesn't, and a change builds again", () => {
  expect(start("--once")).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^Building once \(\d+\.\d s\)\nthe house runs with --once in its own mode\n$/),
  });
  expect(start("--once").out).toBe("the house runs with --once in its own mode\n");
  writeFileSync(join(house, "src", "words.ts"), 'export const words: string = "the house was changed";');
  utimesSync(join(house, "src", "words.ts"), new Date(), new Date(Date.now() + 2_000));
  expect(start("audit", "verify").out).toMatch(
    /^Building once .*\nthe house was changed with audit verify in its own mode\n$/,
  );
});

test("the practice exchange gets its own words and gives its own exit code", () => {
  expect(start("practice", "kucoin", "--port", "0")).toMatchObject({
    code: 3,
    out: expect.stringContaining("practice kucoin,--port,0\n"),
  });
});

test("a build that fails leaves no stamp, so the next start tries again", () => {
  writeFileSync(join(house, "src", "words.ts"), "export const words: string = ;");
  for (const attempt of [1, 2]) {
    const { code, err } = start();
    expect({ attempt, code, says: err.includes("The build failed; the lines above say why.") }).toEqual({
      attempt,
      code: 1,
      says: true,
    });
  }
});

test("without packages it says how to get them", () => {
  rmSync(join(house, "node_modules"));
  expect(start()).toEqual({ code: 1, out: "", err: "The packages are not installed. Run: npm install\n" });
});

test("a Node that is too old is told in one sentence", () => {
  const path = join(house, "src", "start.js");
  writeFileSync(
    path,
    readFileSync(path, "utf8").replace("const oldestNode = [20, 19];", "const oldestNode = [99, 1];"),
  );
  const { code, err } = start();
  expect(code).toBe(1);
  expect(err).toBe(
    `Countersign needs Node 99.1 or newer; this is ${process.versions.node}. Install a newer Node and start again.\n`,
  );
});
