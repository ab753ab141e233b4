/**
 * Reads countersign.yaml into a tree of text. Numbers stay as they are written (0.10 is not 0.1), and every value's
 * line is kept, so that a complaint can say where to look. The YAML library's own messages quote the file: they are not shown.
 */
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Range, type YAMLMap } from "yaml";
import type { SettingProblem } from "./problem.ts";
import type { ReadFile } from "./read_texts.ts";

export type TextTree = string | null | readonly TextTree[] | { readonly [key: string]: TextTree };
export type Written = {
  readonly values: TextTree;
  /** "people.0.role" to its line. */
  readonly lines: ReadonlyMap<string, number>;
  readonly path: string;
  readonly problems: readonly SettingProblem[];
};

const usualPath = "countersign.yaml";

/** The usual file may be missing; one that was asked for may not. */
export function readYaml(path: string | undefined, readFile: ReadFile): Written {
  const file = readFile(path ?? usualPath);
  const isUsual = path === undefined || path === usualPath;
  const label = isUsual ? usualPath : "settings file";
  if (file !== null) return parseYaml(file.text, label);
  const problem = { name: "COUNTERSIGN_CONFIG", where: null, text: "names a settings file that can't be read" };
  return { values: {}, lines: new Map(), path: label, problems: isUsual ? [] : [problem] };
}

export function parseYaml(text: string, path: string): Written {
  const counter = new LineCounter();
  const document = parseDocument(text, { schema: "failsafe", prettyErrors: false, lineCounter: counter });
  const lines = new Map<string, number>();
  const lineAt = (offset: number): number => counter.linePos(offset).line;
  const problems = document.errors.map((error) => ({
    name: path,
    where: `line ${lineAt(error.pos[0])}`,
    text: faults[error.code] ?? "isn't valid YAML; check the indentation, colons and quotes around here",
  }));
  if (problems.length > 0) return { values: {}, lines, path, problems: problems.slice(0, 5) };

  const values = toTree(document.contents, [], (at, offset) => lines.set(at.join("."), lineAt(offset))) ?? {};
  if (typeof values === "string" || Array.isArray(values))
    return {
      values: {},
      lines,
      path,
      problems: [{ name: path, where: "line 1", text: "must be settings, one `name: value` a line" }],
    };
  return { values, lines, path, problems };
}

const faults: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "the same name stands twice in one group; keep one",
  TAB_AS_INDENT: "is indented with a tab; use spaces",
  MISSING_CHAR: "a closing quote, bracket or colon is missing",
  BAD_ALIAS: "a value that begins with * or & needs quotes",
};

type Note = (at: readonly string[], offset: number) => void;

/** undefined = nothing was written there (`people:` with only comments beneath): the default holds. */
function toTree(node: unknown, at: readonly string[], note: Note): TextTree | undefined {
  if (isScalar(node)) {
    note(at, startOf(node));
    const text = String(node.value ?? "");
    if (node.type !== "PLAIN") return text;
    return text === "" ? undefined : ["~", "null"].includes(text) ? null : text;
  }
  if (isSeq(node)) {
    note(at, startOf(node));
    return node.items.map((item, index) => toTree(item, [...at, String(index)], note) ?? "");
  }
  return isMap(node) ? toGroup(node, at, note) : undefined;
}

function toGroup(map: YAMLMap, at: readonly string[], note: Note): TextTree {
  note(at, startOf(map));
  const group: Record<string, TextTree> = {};
  for (const { key, value } of map.items) {
    const name = isScalar(key) ? String(key.value) : "?";
    const inner = toTree(value, [...at, name], note);
    if (isScalar(key)) note([...at, name], startOf(key));
    if (inner !== undefined) group[name] = inner;
  }
  return group;
}

function startOf(node: { range?: Range | null }): number {
  return node.range?.[0] ?? 0;
}
