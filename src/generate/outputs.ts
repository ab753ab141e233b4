/**
 * Everything that is made from the definitions and the settings, as path -> text. Lists come first and need only file
 * names; tables need the definitions themselves, which may import a list: so they are made in a second step.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { envExample, settingsTables, yamlExample } from "../settings/describe.ts";
import { type Kind, kinds } from "./kinds.ts";
import { listText } from "./lists.ts";
import { machinesSection } from "./machines.ts";
import { fillSection } from "./markers.ts";
import { load, scan } from "./scan.ts";
import { sectionOf } from "./tables.ts";

export type Outputs = { readonly files: ReadonlyMap<string, string>; readonly problems: readonly string[] };

export function lists(root: string): Outputs {
  const scans = kinds.map((kind) => ({ kind, ...scan(root, kind) }));
  return {
    files: new Map(scans.map(({ kind, names }) => [`${kind.folder}/index.ts`, listText(kind, names)])),
    problems: scans.flatMap(({ problems }) => problems),
  };
}

export async function documents(root: string): Promise<Outputs> {
  const files = new Map<string, string>();
  const problems: string[] = [];
  for (const kind of kinds) {
    const loaded = await load(root, kind, scan(root, kind).names);
    problems.push(...loaded.problems);
    // A table that lacks the broken one would look as if it had been removed on purpose: leave the old table.
    if (loaded.problems.length > 0) continue;
    const path = `${kind.folder}/README.md`;
    files.set(path, fillSection(readme(root, path, kind), kind.list, sectionOf(kind.kind, loaded.definitions)));
  }
  files.set("README.md", fillSection(readOr(root, "README.md", "# Countersign\n"), "settings", settingsTables()));
  files.set(
    "src/core/README.md",
    fillSection(readOr(root, "src/core/README.md", "# The heart\n"), "state machines", machinesSection()),
  );
  files.set(".env.example", envExample());
  files.set("countersign.example.yaml", yamlExample());
  return { files, problems };
}

function readme(root: string, path: string, kind: Kind): string {
  return readOr(root, path, `# ${kind.heading}\n`);
}

function readOr(root: string, path: string, otherwise: string): string {
  const full = join(root, path);
  return existsSync(full) ? readFileSync(full, "utf8") : otherwise;
}
