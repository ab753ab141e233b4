/** Finds the definitions of a folder by their files, and loads them. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { definitionName, definitionPath, exportName, type Kind } from "./kinds.ts";

export type Scan = { readonly names: readonly string[]; readonly problems: readonly string[] };

/** Names in the order of the alphabet. A file that begins with "_" is a helper of its neighbours and no definition. */
export function scan(root: string, kind: Kind): Scan {
  const folder = join(root, kind.folder);
  if (!existsSync(folder)) return { names: [], problems: [] };
  const found = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() === kind.isFolder && !entry.name.startsWith("_"))
    .filter((entry) => kind.isFolder || (entry.name.endsWith(".ts") && entry.name !== "index.ts"))
    .map((entry) => entry.name.replace(/\.ts$/, ""))
    .filter((name) => existsSync(join(root, definitionPath(kind, name))))
    .sort();
  const problems = found.flatMap((name) => problemsOf(root, kind, name));
  return { names: found.filter((name) => problemsOf(root, kind, name).length === 0), problems };
}

function problemsOf(root: string, kind: Kind, name: string): readonly string[] {
  const path = definitionPath(kind, name);
  if (!definitionName.test(name))
    return [`${path}: a name is lower-case letters, digits and underscores, at most 32, beginning with a letter`];
  const text = readFileSync(join(root, path), "utf8");
  if (new RegExp(`export const ${exportName(name)}\\b[^=]*=\\s*${kind.define}\\b`).test(text)) return [];
  return [`${path}: must hold \`export const ${exportName(name)} = ${kind.define}({ ... })\`, named after its file`];
}

export type Loaded = {
  readonly definitions: readonly Readonly<Record<string, unknown>>[];
  readonly problems: readonly string[];
};

/** Imports each definition; one that can't be loaded is told by its file and doesn't hide the others. */
export async function load(root: string, kind: Kind, names: readonly string[]): Promise<Loaded> {
  const definitions: Readonly<Record<string, unknown>>[] = [];
  const problems: string[] = [];
  for (const name of names) {
    const path = definitionPath(kind, name);
    try {
      const module = (await import(pathToFileURL(join(root, path)).href)) as Record<string, unknown>;
      const definition = module[exportName(name)] as Readonly<Record<string, unknown>>;
      if (definition["name"] === name) definitions.push(definition);
      else problems.push(`${path}: its name must be "${name}", like its file`);
    } catch (error) {
      problems.push(
        `${path}: can't be loaded: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`,
      );
    }
  }
  return { definitions, problems };
}
