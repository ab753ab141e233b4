/**
 * Makes the data folder once: initdb into a folder beside, then a rename, so that a first start that was cut off leaves
 * nothing that looks like a database. The password is made first and never changes.
 */
import { spawn } from "node:child_process";
import {
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fail, ok, type Result } from "../../core/result.ts";
import { isAlive } from "./lock_file.ts";
import { explainFailure } from "./problem.ts";
import { bareEnvironment, identity, type Place } from "./run_as.ts";

export const serverUser = "countersign";

/** Reads the password, or makes one of `token()`. @throws when the state folder can't be written. */
export function readPassword(folder: string, hasData: boolean, token: () => string): Result<string, string> {
  const file = join(folder, "postgres_password");
  if (!existsSync(file)) {
    if (hasData) {
      return fail(
        `${file} is missing, but the database it opens is there. Put the file back from your backup of ${folder}; without it the data can't be read.`,
      );
    }
    const own = `${file}.${process.pid}`;
    writeFileSync(own, `${token()}${token()}`, { mode: 0o600 });
    try {
      // A link appears whole or not at all, and never replaces the one that another start has made a moment ago.
      linkSync(own, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    } finally {
      rmSync(own, { force: true });
    }
  }
  return ok(readFileSync(file, "utf8").trim());
}

/** Runs initdb unless the data folder is there. @throws when the state folder can't be written. */
export async function initializeData(plan: {
  readonly place: Place;
  readonly initdb: string;
  readonly password: string;
  /** For tests: do not wait for the disk. */
  readonly isSynced: boolean;
}): Promise<Result<"made" | "was_there", string>> {
  const { place } = plan;
  if (existsSync(join(place.dataFolder, "PG_VERSION"))) return checkVersion(place.dataFolder);
  removeLeftovers(place.dataFolder);
  const beside = `${place.dataFolder}.new-${process.pid}`;
  const passwordFile = `${place.dataFolder}.password-${process.pid}`;
  try {
    mkdirSync(beside, { recursive: true, mode: 0o700 });
    writeFileSync(passwordFile, plan.password, { mode: 0o600 });
    for (const path of [beside, passwordFile]) giveTo(place, path);
    const problem = await runInitdb({ ...plan, dataFolder: beside, passwordFile });
    if (problem !== null) return fail(explainFailure(problem, place.dataFolder));
    try {
      renameSync(beside, place.dataFolder);
    } catch (error) {
      // Another start was faster; its folder is as good as ours.
      if (!existsSync(join(place.dataFolder, "PG_VERSION"))) throw error;
    }
    return ok("made");
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(beside, { recursive: true, force: true });
  }
}

function checkVersion(dataFolder: string): Result<"was_there", string> {
  const version = readFileSync(join(dataFolder, "PG_VERSION"), "utf8").trim();
  return version === "18"
    ? ok("was_there")
    : fail(
        `${dataFolder} was made by PostgreSQL ${version}, and this program brings PostgreSQL 18. Go back to the version that made it, write a backup there, and restore it here.`,
      );
}

function removeLeftovers(dataFolder: string): void {
  const parent = join(dataFolder, "..");
  for (const name of readdirSync(parent)) {
    const pid = /^postgres\.(?:new|password)-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(parent, name), { recursive: true, force: true });
  }
}

/** setpriv changes the user by itself, so there the owner is read from its words. */
function giveTo(place: Place, path: string): void {
  const { runAs } = place;
  const uid = runAs.uid ?? numberAfter(runAs.prefix, "--reuid=");
  const gid = runAs.gid ?? numberAfter(runAs.prefix, "--regid=");
  if (uid !== null && gid !== null) chownSync(path, uid, gid);
}

function numberAfter(words: readonly string[], start: string): number | null {
  const word = words.find((one) => one.startsWith(start));
  return word === undefined ? null : Number(word.slice(start.length));
}

/** @returns what it wrote when it failed, null when it worked. */
function runInitdb(plan: {
  readonly place: Place;
  readonly initdb: string;
  readonly dataFolder: string;
  readonly passwordFile: string;
  readonly isSynced: boolean;
}): Promise<string | null> {
  const { place } = plan;
  const words = [
    ...place.runAs.prefix,
    plan.initdb,
    `--pgdata=${plan.dataFolder}`,
    `--username=${serverUser}`,
    `--pwfile=${plan.passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    // Text sorts by its bytes: the same on every machine and after every upgrade of a system library.
    "--locale=C",
    "--data-checksums",
    ...(plan.isSynced ? [] : ["--no-sync"]),
  ];
  const [first = "", ...rest] = words;
  return new Promise((settle) => {
    const child = spawn(first, rest, {
      ...identity(place.runAs),
      env: bareEnvironment(place.libraryPath),
      cwd: "/",
      stdio: ["ignore", "pipe", "pipe"],
      // In its own group, so that Ctrl-C at the terminal does not cut it off in the middle.
      detached: true,
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece: Buffer) => (text += piece.toString()));
    child.on("error", (error) => settle(error.message));
    child.on("close", (code) => settle(code === 0 ? null : text));
  });
}
