/**
 * Who runs the server. PostgreSQL refuses to run as root, so root lends it a powerless user:
 *
 *   ordinary user ------------------------------------> itself
 *   root, all folders reachable by the other user ----> that user (nobody, or whoever owns the data already)
 *   root, clone below a closed folder (/root) --------> that user + the right to search and read, through setpriv
 *   root, without setpriv or without that right ------> that user, programs and data copied below /var/lib/countersign
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, cpSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fail, ok, type Result } from "../../core/result.ts";
import { linkLibraries } from "./binaries.ts";

export type RunAs = {
  /** null = as ourselves. */
  readonly uid: number | null;
  readonly gid: number | null;
  /** Words before the program's own command line; empty, or setpriv with its options. */
  readonly prefix: readonly string[];
};

export type Wish = {
  /** The state folder (.countersign). */
  readonly folder: string;
  /** Folder of the platform package, its library links already made. */
  readonly packageFolder: string;
  /** See Binaries. */
  readonly libraryPath: string | null;
  /** null where the system knows no users (Windows). */
  readonly myUid: number | null;
  /** Where programs and data go when nothing else works. */
  readonly spareRoot: string;
  /** Name or path of util-linux's setpriv; tests name one that is not there. */
  readonly setpriv: string;
};

export type Place = {
  readonly runAs: RunAs;
  readonly dataFolder: string;
  readonly packageFolder: string;
  readonly libraryPath: string | null;
  /** One line for the log when something else than the normal place is used. */
  readonly note: string | null;
};

/** `nobody` of every Linux distribution; initdb needs a uid that has a name. */
const nobody = 65_534;
export const spareRootDefault = "/var/lib/countersign";

export function choosePlace(wish: Wish): Result<Place, string> {
  const { packageFolder, libraryPath } = wish;
  const dataFolder = join(wish.folder, "postgres");
  const plain = { dataFolder, packageFolder, libraryPath, note: null };
  if (wish.myUid !== 0) return ok({ ...plain, runAs: { uid: null, gid: null, prefix: [] } });

  const owner = existsSync(dataFolder) ? statSync(dataFolder) : { uid: 0, gid: 0 };
  // A folder that an ordinary user began keeps its owner, so that this user can go on without root later.
  const [uid, gid] = owner.uid === 0 ? [nobody, nobody] : [owner.uid, owner.gid];
  const asOther: RunAs = { uid, gid, prefix: [] };
  if (canReach(asOther, wish)) return ok({ ...plain, runAs: asOther });

  const withSearch: RunAs = { uid: null, gid: null, prefix: [wish.setpriv, ...setprivWords(uid, gid)] };
  if (canReach(withSearch, wish)) {
    const note = `PostgreSQL runs as uid ${uid} with the right to search closed folders, because ${wish.folder} lies below one.`;
    return ok({ ...plain, runAs: withSearch, note });
  }
  return moveAway({ ...wish, runAs: asOther });
}

function setprivWords(uid: number, gid: number): readonly string[] {
  // The identity changes first; the one right to search and read then outlives the change and every fork of the server.
  return [
    `--reuid=${uid}`,
    `--regid=${gid}`,
    "--clear-groups",
    "--securebits=+no_setuid_fixup",
    "--inh-caps=+dac_read_search",
    "--ambient-caps=+dac_read_search",
  ];
}

/** Tries it: whoever may enter the state folder and run `postgres --version` can run the server there. */
function canReach(runAs: RunAs, wish: Pick<Wish, "folder" | "packageFolder" | "libraryPath">): boolean {
  const program = join(wish.packageFolder, "native", "bin", "postgres");
  const words = [...runAs.prefix, "/bin/sh", "-c", 'cd "$1" && exec "$2" --version', "sh", wish.folder, program];
  const [first = "", ...rest] = words;
  const options = { ...identity(runAs), env: bareEnvironment(wish.libraryPath), cwd: "/", timeout: 10_000 };
  const answer = spawnSync(first, rest, options);
  return answer.error === undefined && answer.status === 0;
}

/** The server inherits nothing of ours: no secret of the process environment reaches it. */
export function bareEnvironment(libraryPath: string | null): Record<string, string> {
  const plain = { PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", LANG: "C", LC_ALL: "C", TZ: "UTC" };
  return libraryPath === null ? plain : { ...plain, LD_LIBRARY_PATH: libraryPath };
}

/** Options of spawn that hold the user. */
export function identity(runAs: RunAs): { uid?: number; gid?: number } {
  return runAs.uid === null || runAs.gid === null ? {} : { uid: runAs.uid, gid: runAs.gid };
}

function moveAway(wish: Wish & { readonly runAs: RunAs }): Result<Place, string> {
  const name = createHash("sha256").update(resolve(wish.folder)).digest("hex").slice(0, 12);
  const home = join(wish.spareRoot, name);
  const packageFolder = join(home, "programs");
  try {
    mkdirSync(home, { recursive: true, mode: 0o755 });
    // The umask of root may be 077; these two folders hold nothing secret.
    for (const folder of [dirname(home), home]) chmodSync(folder, 0o755);
    copyPrograms(wish.packageFolder, packageFolder);
  } catch (error) {
    return fail(
      `PostgreSQL can't run below ${wish.folder} as another user, and ${home} can't be written: ${(error as Error).message}. Start as an ordinary user, or set DATABASE_URL.`,
    );
  }
  const linked = linkLibraries(packageFolder, join(home, "libraries"));
  if (!linked.ok) return linked;
  const { libraryPath } = linked.value;
  if (!canReach(wish.runAs, { folder: home, packageFolder, libraryPath })) {
    return fail(
      `PostgreSQL refuses to run as root, and uid ${String(wish.runAs.uid)} can reach neither ${wish.folder} nor ${home}. Start as an ordinary user, or set DATABASE_URL.`,
    );
  }
  const note = `PostgreSQL's programs and data are kept in ${home}: no other user can reach ${wish.folder}, and setpriv can't lend that right here.`;
  return ok({ runAs: wish.runAs, dataFolder: join(home, "postgres"), packageFolder, libraryPath, note });
}

/** Copied beside and then renamed, so that a copy that was cut off is never taken for a whole one. */
function copyPrograms(from: string, to: string): void {
  if (existsSync(to)) return;
  const beside = `${to}.new`;
  rmSync(beside, { recursive: true, force: true });
  cpSync(from, beside, { recursive: true, verbatimSymlinks: true });
  renameSync(beside, to);
}
