/** Gives esbuild the mutated text of the files that a mutant names; every other file is read as it is. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "esbuild";
import { applied, type Edit, editsOf, type Mutant } from "./mutant.ts";

export function mutantPlugin(mutant: Mutant, root = process.cwd()): Plugin {
  const edits = new Map<string, Edit[]>();
  for (const edit of editsOf(mutant)) {
    const path = join(root, edit.file);
    edits.set(path, [...(edits.get(path) ?? []), edit]);
  }
  return {
    name: `mutant ${mutant.name}`,
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const own = edits.get(path);
        if (own === undefined) return undefined;
        return { contents: applied(readFileSync(path, "utf8"), path, own), loader: "ts" };
      });
    },
  };
}
