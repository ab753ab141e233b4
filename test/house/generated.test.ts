/** Lists, tables and examples are what the definitions and settings make of them today. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { kinds } from "../../src/generate/kinds.ts";
import { listText } from "../../src/generate/lists.ts";
import { fillSection } from "../../src/generate/markers.ts";
import { lengthText, table } from "../../src/generate/tables.ts";

const root = join(import.meta.dirname, "..", "..");

test("every generated file is up to date, else: run npm run gen", () => {
  const ran = spawnSync(process.execPath, ["--import", "tsx", join(root, "src", "generate", "main.ts"), "--check"], {
    encoding: "utf8",
    cwd: root,
  });
  expect(`${ran.stdout}${ran.stderr}`).toBe("All generated files are up to date.\n");
});

test("a list is written as the formatter would leave it, short and long", () => {
  const check = kinds.find(({ kind }) => kind === "check");
  const venue = kinds.find(({ kind }) => kind === "venue");
  if (check === undefined || venue === undefined) throw new Error("kinds lost check or venue");
  expect(listText(check, [])).toContain("export const checks: readonly AnyCheck[] = [];");
  expect(listText(venue, ["kucoin"])).toContain(
    'import { kucoin } from "./kucoin/venue.ts";\n\nexport const venues: readonly VenueDefinition[] = [kucoin];',
  );
  const many = Array.from({ length: 12 }, (_, at) => `a_rather_long_name_${at}`);
  expect(listText(check, many)).toContain("AnyCheck[] = [\n  aRatherLongName0,\n");
});

test("a section is replaced between its markers and what people wrote around it stays", () => {
  const once = fillSection("# Title\n\nBefore.\n", "rows", "one");
  const twice = fillSection(`${once}\nAfter.\n`, "rows", "two");
  expect(twice).toMatch(/^# Title\n\nBefore\.\n\n<!-- rows: .* -->\ntwo\n<!-- end of rows -->\n\nAfter\.\n$/);
  expect(fillSection(twice, "rows", "two")).toBe(twice);
});

test("a cell can hold a bar, and lengths read like lengths", () => {
  expect(table(["A"], [["x | y"]])).toContain("| x \\| y |");
  expect([250, 1_500, 30_000, 300_000, 86_400_000].map(lengthText)).toEqual([
    "250 ms",
    "1500 ms",
    "30 s",
    "5 min",
    "1 d",
  ]);
});
