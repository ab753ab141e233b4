/** A setting that nothing reads is a promise that nobody keeps: every declared name must occur in the program. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { environmentSettings, fileSettings } from "../../src/config.ts";
import { limitNames } from "../../src/core/profiles.ts";
import { camel } from "../../src/settings/group.ts";
import { bare, elementOf, shapeOf } from "../../src/settings/validate.ts";

const root = join(import.meta.dirname, "..", "..");

/** The program without the declarations, and without the tools that only describe them. */
const program = ["src", "commands", "jobs"]
  .flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: "utf8" }).map((name) => join(room, name)),
  )
  .filter((path) => path.endsWith(".ts") && path !== "src/config.ts" && !path.startsWith("src/generate/"))
  .filter((path) => !/src\/settings\/(?!house_settings|read_config)/.test(path))
  .map((path) => readFileSync(join(root, path), "utf8"))
  .join("\n");

function namesOf(shape: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(shape).flatMap(([name, field]) => {
    const inner = { ...shapeOf(bare(field)), ...shapeOf(bare(elementOf(bare(field)))) };
    return [camel(name), ...namesOf(inner)];
  });
}

const isRead = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(program);

test("every setting is read by the program", () => {
  // COUNTERSIGN_CONFIG names the file that the reader itself opens; risk limits are handed on as a whole (see below).
  const handedOn = new Set(["countersignConfig", ...namesOf(shapeOf(bare(fileSettings.risk)))]);
  const declared = [...namesOf(environmentSettings), ...namesOf(fileSettings)];
  expect(declared.filter((name) => !handedOn.has(name) && !isRead(name))).toEqual([]);
});

test("every risk setting is a limit that the profiles know", () => {
  const ownReaders = ["profile", "usdRate", "restricted", "volatilitySymbol"];
  const limits = namesOf(shapeOf(bare(fileSettings.risk))).filter((name) => !ownReaders.includes(name));
  const known: readonly string[] = limitNames;
  expect(limits.filter((name) => !known.includes(name) && !known.includes(`${name}Ms`))).toEqual([]);
  for (const name of ownReaders) expect(isRead(name)).toBe(true);
});

test("a setting that nothing reads is found", () => {
  expect(isRead(camel("wakes_the_neighbours"))).toBe(false);
});
