/** How a sweep and a single seed are told to a person. */
import { spawnSync } from "node:child_process";
import type { SeedResult } from "./run.ts";

/** The commit that a failure belongs to, and whether the tree differs from it. */
export function commitOf(): string {
  const git = (...told: string[]): string => spawnSync("git", told, { encoding: "utf8" }).stdout?.trim() ?? "";
  const head = git("rev-parse", "HEAD");
  if (head === "") return "unknown (no git here)";
  return git("status", "--porcelain", "--untracked-files=no") === "" ? head : `${head} with uncommitted changes`;
}

export function failureText(result: SeedResult, commit: string): string {
  const lines = [
    "",
    `seed ${result.seed} broke a promise at step ${result.steps} (${result.profile}; commit ${commit})`,
    `faults of this seed: ${result.families.join(", ") || "none"}`,
    ...result.violations.slice(0, 5).flatMap(violationLines),
    "story:",
    ...result.story.map((line) => `  ${line}`),
    `again, with the whole story: npm run sim -- --seed ${result.seed} --steps ${result.asked ?? result.steps}`,
    "",
  ];
  return lines.join("\n");
}

export function violationLines({ invariant, what, evidence }: SeedResult["violations"][number]): readonly string[] {
  return [`${invariant}: ${what}`, ...Object.entries(evidence).map(([name, value]) => `    ${name}: ${value}`)];
}
