/** Where the catalogue is met in the source: tests that name an id in their title, and marks in branches that handle it. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { faultIdsIn, root } from "./records.ts";

export type Fault = {
  readonly id: string;
  readonly layer: string;
  readonly tier: "SIM" | "PROC" | "both";
  readonly fault: string;
  readonly invariants: readonly string[];
};
export type Place = { readonly path: string; readonly what: string };

export const catalogue = JSON.parse(
  readFileSync(join(import.meta.dirname, "catalogue.json"), "utf8"),
) as readonly Fault[];

/** Test titles by fault id: every string in a test file that holds an id in brackets, so that tables of titles count too. */
export function testsInSource(): ReadonlyMap<string, readonly Place[]> {
  return gather(
    ["test"],
    (path) => path.endsWith(".test.ts") && !path.endsWith("faults.test.ts"),
    (text) =>
      [...text.matchAll(/(["'`])((?:\\.|(?!\1)[^\\\n])*\[[VNCPRXHMOGDSK]\d\d(?:\\.|(?!\1)[^\\\n])*)\1/g)].flatMap(
        (match) => faultIdsIn(match[2] ?? "").map((id) => ({ id, what: match[2] ?? "" })),
      ),
  );
}

/** Marks by fault id. */
export function marksInSource(): ReadonlyMap<string, readonly Place[]> {
  return gather(
    ["src", "commands", "jobs", "test/simulator"],
    // The file of `mark` itself shows in its comment how one looks.
    (path) => path.endsWith(".ts") && !path.endsWith(".test.ts") && !path.endsWith("core/mark.ts"),
    (text) =>
      [...text.matchAll(/"(([VNCPRXHMOGDSK]\d\d)\.[a-z][a-z0-9_]+)"/g)].map((match) => ({
        id: match[2] ?? "",
        what: match[1] ?? "",
      })),
  );
}

function gather(
  folders: readonly string[],
  isWanted: (path: string) => boolean,
  find: (text: string) => readonly { readonly id: string; readonly what: string }[],
): ReadonlyMap<string, readonly Place[]> {
  const found = new Map<string, Place[]>();
  for (const folder of folders) {
    const files = readdirSync(join(root, folder), { recursive: true, withFileTypes: true }).filter((one) =>
      one.isFile(),
    );
    // Sorted, so that the page is the same wherever it is written.
    for (const path of files.map((one) => join(one.parentPath, one.name)).sort()) {
      if (!isWanted(path)) continue;
      for (const { id, what } of find(readFileSync(path, "utf8")))
        found.set(id, [...(found.get(id) ?? []), { path: relative(root, path), what }]);
    }
  }
  return found;
}
