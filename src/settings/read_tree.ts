/** Lays the command line over the file, and remembers for each value which of the two it came from. */
import type { TextTree, Written } from "./read_yaml.ts";
import type { WhereIs } from "./validate.ts";

/** One value of the command line: ["practice", "speed"] from --speed. */
export type Override = { readonly path: readonly string[]; readonly value: TextTree; readonly flag: string };

export function readTree(written: Written, overrides: readonly Override[]): { values: TextTree; whereIs: WhereIs } {
  const values = overrides.reduce<TextTree>((tree, { path, value }) => put(tree, path, value), written.values);
  const flags = new Map(overrides.map(({ path, flag }) => [path.join("."), flag]));
  return { values, whereIs: (path) => placeOf(path, flags, written) };
}

function put(tree: TextTree, path: readonly string[], value: TextTree): TextTree {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  const group =
    typeof tree === "object" && tree !== null && !Array.isArray(tree)
      ? (tree as Readonly<Record<string, TextTree>>)
      : {};
  return { ...group, [first]: put(group[first] ?? {}, rest, value) };
}

/** The nearest place that is known: a missing `role` is reported at the line of its person. */
function placeOf(path: readonly string[], flags: ReadonlyMap<string, string>, written: Written): string | null {
  for (let length = path.length; length > 0; length -= 1) {
    const key = path.slice(0, length).join(".");
    const flag = flags.get(key);
    if (flag !== undefined) return flag;
    const line = written.lines.get(key);
    if (line !== undefined) return `${written.path} line ${line}`;
  }
  return null;
}
