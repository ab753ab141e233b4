/** What the last runs left behind about the catalogue of faults: marks that were reached, tests that passed. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..", "..");
export const recordsFolder = join(root, "node_modules", ".cache", "countersign-faults");

export type Records = {
  readonly marks: ReadonlySet<string>;
  /** Titles that passed and never failed since, by fault id. */
  readonly passed: ReadonlyMap<string, ReadonlySet<string>>;
  readonly failed: ReadonlyMap<string, ReadonlySet<string>>;
};

/** Ids in square brackets: "a late fill opens it again [V17 X04]". L is a control, the rest are faults. */
export function idsIn(title: string): readonly string[] {
  return [...title.matchAll(/\[((?:[VNCPRXHMOGDSKL]\d\d)(?:[ ,]+[VNCPRXHMOGDSKL]\d\d)*)\]/g)].flatMap((match) =>
    (match[1] ?? "").split(/[ ,]+/),
  );
}

export const faultIdsIn = (title: string): readonly string[] => idsIn(title).filter((id) => !id.startsWith("L"));

/** While the hooks after a test run, its result says "fail" if this try refused anything; errors of an earlier try stay in it. */
export function isPromiseKept(result: { readonly state?: string } | undefined): boolean {
  return result?.state !== "fail";
}

export function readRecords(): Records {
  const marks = new Set(linesOf("marks.txt"));
  const passed = new Map<string, Set<string>>();
  const failed = new Map<string, Set<string>>();
  for (const line of linesOf("tests.txt")) {
    const { title, ids, verdict } = JSON.parse(line) as { title: string; ids: readonly string[]; verdict: string };
    for (const id of ids) {
      const [to, from] = verdict === "passed" ? [passed, failed] : [failed, passed];
      to.set(id, (to.get(id) ?? new Set()).add(title));
      from.get(id)?.delete(title);
    }
  }
  return { marks, passed, failed };
}

export function forgetRecords(): void {
  rmSync(recordsFolder, { recursive: true, force: true });
}

function linesOf(name: string): readonly string[] {
  const path = join(recordsFolder, name);
  return existsSync(path)
    ? readFileSync(path, "utf8")
        .split("\n")
        .filter((line) => line !== "")
    : [];
}
