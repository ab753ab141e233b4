/** Reads every setting for this run, and what the process must never show. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { alerts } from "../alerts/index.ts";
import { type Config, secretNames } from "../config.ts";
import type { Hash } from "../core/canonical.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { Secret } from "../core/secret.ts";
import type { HouseSettings } from "../core/settings.ts";
import { helpText } from "../settings/describe.ts";
import { houseSettings, zoneOf } from "../settings/house_settings.ts";
import { showProblems } from "../settings/problem.ts";
import { readConfig } from "../settings/read_config.ts";
import { strategies } from "../strategies/index.ts";
import { venues } from "../venues/index.ts";
import { packageRoot } from "./root.ts";

export type ReadSettings = {
  readonly config: Config;
  readonly settings: HouseSettings;
  readonly secrets: readonly string[];
};

export function readSettings(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  vault: { sha256: Hash },
): Result<ReadSettings, { readonly text: string; readonly code: number }> {
  if (argv.includes("--help")) return fail({ text: helpText(), code: 0 });
  const read = readConfig({
    env,
    argv,
    readFile: readSmallFile,
    known: { strategies, venues: venues.map((venue) => venue.name), alerts: alerts.map(({ name }) => name) },
  });
  for (const name of secretNames) {
    delete env[name];
    delete env[`${name}_FILE`];
  }
  if (!read.ok) return fail({ text: showProblems(read.problem), code: 2 });
  const config = read.value;
  const settings = houseSettings(config, { version: versionOfPackage(), sha256: vault.sha256 });
  return ok({ config, settings: withOwner(settings, config.timeZone), secrets: secretsOf(config) });
}

/** A house without a list of people belongs to one owner, who signs in with the code that the start prints. */
function withOwner(settings: HouseSettings, timeZone: string | null): HouseSettings {
  if (settings.people.some((person) => person.role === "owner")) return settings;
  const owner = {
    personId: "owner",
    name: "owner",
    role: "owner" as const,
    ...zoneOf(timeZone),
    telegramUserId: null,
    discordUserId: null,
  };
  return { ...settings, people: [owner, ...settings.people] };
}

function secretsOf(config: Config): readonly string[] {
  return Object.values(config.environment).flatMap((value) => (value instanceof Secret ? [value.reveal()] : []));
}

function readSmallFile(path: string) {
  try {
    return { text: readFileSync(path, "utf8"), mode: statSync(path).mode & 0o777 };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function versionOfPackage(): string {
  const text: { version?: string } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as {
    version?: string;
  };
  return text.version ?? "0.0.0";
}
