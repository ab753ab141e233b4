/**
 * npm run gen            writes lists, README tables and examples from the definitions and the settings
 * npm run gen -- --check writes nothing; says what is stale and ends with 1
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { documents, lists, type Outputs } from "./outputs.ts";

const root = join(import.meta.dirname, "..", "..");
const isCheck = process.argv.includes("--check");
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** @returns the paths whose text differs; writes them unless this is a check. */
function settle({ files }: Outputs): readonly string[] {
  return [...files].flatMap(([path, text]) => {
    const full = join(root, path);
    if (existsSync(full) && readFileSync(full, "utf8") === text) return [];
    if (!isCheck) {
      mkdirSync(dirname(full), { recursive: true });
      writeFileSync(full, text);
    }
    return [path];
  });
}

const listOutputs = lists(root);
const staleLists = settle(listOutputs);
const documentOutputs = await documents(root);
const stale = [...staleLists, ...settle(documentOutputs)];
const problems = [...listOutputs.problems, ...documentOutputs.problems];

for (const problem of problems) say(problem);
for (const path of stale) say(isCheck ? `${path}: is stale; run \`npm run gen\`` : `${path}: written`);
if (problems.length === 0 && stale.length === 0) say("All generated files are up to date.");
process.exitCode = problems.length > 0 || (isCheck && stale.length > 0) ? 1 : 0;
