/** Money is calculated in src/core/money.ts and nowhere else; each way around it is caught. */
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { moneyComplaints } from "./money_arithmetic.ts";

const root = join(import.meta.dirname, "..", "..");
const samplePath = join(root, "src", "core", "bad_sample.ts");

/** One line each; the variable names say their types. */
const bad = [
  "price < other",
  "price >= other",
  "`${1}` + price",
  "price + 1",
  "+quantity",
  "Number(notional)",
  "Number.parseFloat(ratio)",
  "parseInt(quantity, 10)",
  "(maybe ?? price) > other",
  "generic(price, other)",
] as const;
const good = [
  "price === other",
  "count + 1",
  "when - when",
  "isLess(price, other)",
  "Number(word)",
  "`${price}`",
] as const;

const sample = [
  'import { isLess, type Notional, type Price, type Quantity, type Ratio } from "./money.ts";',
  'import type { Instant } from "./time.ts";',
  "declare const price: Price; declare const other: Price; declare const maybe: Price | null;",
  "declare const quantity: Quantity; declare const notional: Notional; declare const ratio: Ratio;",
  "declare const count: number; declare const when: Instant; declare const word: string;",
  "function generic<A extends Price | Quantity>(left: A, right: A): boolean { return left < right; }",
  ...bad.map((expression) => `void (${expression});`),
  ...good.map((expression) => `void (${expression});`),
].join("\n");

/** The whole house and the sample, parsed once; types are worked out only where a sum or a comparison stands. */
function programOf(): ts.Program {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile) as { config: unknown };
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const ours = fileNames.filter((name) => !name.startsWith(join(root, "test")));
  const host = ts.createCompilerHost(options);
  // Of the packages only zod can hand money through its types; the rest would cost seconds and say nothing.
  host.resolveModuleNameLiterals = (literals, from, _redirected, given) =>
    literals.map(({ text }) =>
      /^(\.|zod$)/.test(text) || from.includes("/node_modules/")
        ? ts.resolveModuleName(text, from, given, host)
        : { resolvedModule: undefined },
    );
  const readFile = host.getSourceFile.bind(host);
  host.getSourceFile = (name, version, ...rest) =>
    name === samplePath ? ts.createSourceFile(name, sample, version, true) : readFile(name, version, ...rest);
  const fileExists = host.fileExists.bind(host);
  host.fileExists = (name) => name === samplePath || fileExists(name);
  return ts.createProgram([...ours, samplePath], { ...options, types: [], noEmit: true }, host);
}

const program = programOf();

test("nobody calculates with money outside src/core/money.ts", () => {
  const isOurs = (name: string): boolean =>
    name.startsWith(root) && !name.includes("node_modules") && name !== samplePath;
  expect(moneyComplaints(program, isOurs).map((line) => line.slice(root.length + 1))).toEqual([]);
});

test("every way of calculating with money is caught, and what is no money is left in peace", () => {
  const caught = moneyComplaints(program, (name) => name === samplePath).map((line) =>
    Number(/:(\d+):/.exec(line)?.[1]),
  );
  const firstBad = 7;
  // The call of generic() is innocent; the comparison inside it, on line 6, is not.
  const expected = bad.map((expression, index) => (expression.startsWith("generic") ? 6 : firstBad + index));
  expect(caught.sort((left, right) => left - right)).toEqual(expected.sort((left, right) => left - right));
});
