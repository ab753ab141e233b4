/** Whoever does at night what a text says types a command that exists, with words that it takes. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { commands } from "../../commands/index.ts";
import { commandNamed } from "../../src/define/command.ts";
import { parseOptions } from "../../src/flows/read_options.ts";
import { fileOf, filesThere } from "./scenes.ts";

type Quoted = { readonly file: string; readonly name: string; readonly words: readonly string[] };

/** Everything behind the name up to the end of the sentence: what is typed and, after it, what is only said. */
const quoted = /(?:^|[\s("'>])\/([a-z][a-z_]*)\b((?: +(?!\/)[^\s]+?(?=[.,;:)"']*(?:\s|$)))*)/gm;

function quotedIn(file: string): readonly Quoted[] {
  const blocks = readFileSync(fileOf(file), "utf8").split("--- desk\n").slice(1);
  // What somebody mistyped is repeated to them.
  const desk = blocks
    .map((block) => (block.split("\n--- telegram")[0] ?? "").replace(/I don't know \/\w+/g, ""))
    .join("\n");
  return [...desk.matchAll(quoted)].map(([, name = "", words = ""]) => ({
    file,
    name,
    words: words.split(/\s+/).filter((word) => word !== ""),
  }));
}

const isKnown = ({ name }: Quoted): boolean => commandNamed(commands, name) !== undefined;

/** The first words are its options, the others belong to the sentence. */
function isTaken({ name, words }: Quoted): boolean {
  const command = commandNamed(commands, name);
  if (command === undefined) return false;
  const lengths = [...words.keys(), words.length];
  return lengths.some((length) => parseOptions(command, { options: null, text: words.slice(0, length).join(" ") }).ok);
}

it("every command that a text names exists", () => {
  const all = filesThere().flatMap(quotedIn);
  expect(all.length).toBeGreaterThan(100);
  expect(all.filter((one) => !isKnown(one))).toEqual([]);
});

it("what an alert says to type is understood", () => {
  const all = filesThere()
    .filter((file) => file.startsWith("alerts/"))
    .flatMap(quotedIn);
  expect(all.length).toBeGreaterThan(20);
  expect(all.filter((one) => !isTaken(one))).toEqual([]);
});

it.each(["/unlink Ana", "/unlink the chat account"])("%s would be found", (text) => {
  const [, name = "", words = ""] = [...text.matchAll(quoted)][0] ?? [];
  expect(isTaken({ file: "", name, words: words.trim().split(" ") })).toBe(false);
});
