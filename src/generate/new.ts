/** npm run new <kind> <name>: writes a definition with its test, then brings lists and tables up to date. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { noSuch } from "../settings/problem.ts";
import { definitionName, exportName, type Kind, kinds } from "./kinds.ts";
import { type Files, filesFor } from "./templates.ts";

const root = join(import.meta.dirname, "..", "..");
const usage = `Write: npm run new <kind> <name>, for example: npm run new command good_morning\nKinds: ${kinds.map(({ kind }) => kind).join(", ")}`;

/** Words that TypeScript keeps for itself can't be the name of an export. */
const reserved =
  /^(await|break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|export|extends|false|finally|for|function|if|implements|import|in|index|instanceof|interface|let|new|null|package|private|protected|public|return|static|super|switch|this|throw|true|try|typeof|var|void|while|with|yield)$/;

function refusal(kindName: string, name: string): string | null {
  const kind = kindOf(kindName);
  if (kind === undefined)
    return noSuch(
      "kind",
      kindName,
      kinds.map((one) => one.kind),
    );
  if (!definitionName.test(name))
    return "A name is lower-case letters, digits and underscores, at most 32, beginning with a letter: good_morning";
  if (reserved.test(exportName(name))) return `${name} is a word of the language; choose another name`;
  const taken = Object.keys(filesFor(kind, name)).find((path) => existsSync(join(root, path)));
  return taken === undefined ? null : `${taken} is there already; choose another name`;
}

function kindOf(name: string): Kind | undefined {
  return kinds.find(({ kind }) => kind === name);
}

function write(files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    // "wx": a file that appeared meanwhile is not overwritten.
    writeFileSync(join(root, path), text, { flag: "wx" });
    process.stdout.write(`${path}: written\n`);
  }
}

/** @returns the exit code. */
function run(words: readonly string[]): number {
  const [kindName, name] = words;
  if (kindName === undefined || name === undefined || words.length > 2) {
    process.stderr.write(`${usage}\n`);
    return 1;
  }
  const problem = refusal(kindName, name);
  const kind = kindOf(kindName);
  if (problem !== null || kind === undefined) {
    process.stderr.write(`${problem ?? usage}\n`);
    return 1;
  }
  write(filesFor(kind, name));
  return (
    spawnSync(process.execPath, [...process.execArgv, join(import.meta.dirname, "main.ts")], { stdio: "inherit" })
      .status ?? 1
  );
}

process.exitCode = run(process.argv.slice(2));
