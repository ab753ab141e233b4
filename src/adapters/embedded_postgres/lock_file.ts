/** What postmaster.pid says, and whether that process truly lives. */
import { existsSync, readFileSync, readlinkSync, realpathSync, rmSync } from "node:fs";
import { basename, join } from "node:path";

export type LockFile = {
  readonly pid: number;
  readonly port: number;
  /** The server takes connections (line 8). */
  readonly isReady: boolean;
};

/** @returns null when there is none, or when it is still being written. */
export function readLockFile(dataFolder: string): LockFile | null {
  let text: string;
  try {
    text = readFileSync(join(dataFolder, "postmaster.pid"), "utf8");
  } catch {
    return null;
  }
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return null;
  return { pid, port: Number(lines[3] ?? "0"), isReady: lines[7]?.trim() === "ready" };
}

/** A process that has ended but was not collected yet (state Z) answers kill(pid, 0) and is dead all the same. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return processState(pid) !== "Z";
}

/** False when the pid was given to some other program after a reboot; true where the system does not tell. */
export function isServerOf(pid: number, dataFolder: string): boolean {
  if (!existsSync("/proc/self/stat")) return true;
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dataFolder);
  } catch (error) {
    // Another user's process hides its folder; the lock file is then believed.
    return (error as NodeJS.ErrnoException).code === "EACCES";
  }
}

/**
 * After a restart of a container the old number is often in use again, by us or by a neighbour; PostgreSQL would then
 * refuse to start. Only a process whose program is known, and is not postgres, proves the file stale.
 */
export function removeForeignLock(dataFolder: string): boolean {
  const lock = readLockFile(dataFolder);
  if (lock === null || !isAlive(lock.pid)) return false;
  try {
    if (/^postgres(\.exe)?( \(deleted\))?$/.test(basename(readlinkSync(`/proc/${lock.pid}/exe`)))) return false;
  } catch {
    return false;
  }
  rmSync(join(dataFolder, "postmaster.pid"), { force: true });
  return true;
}

function processState(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may hold spaces and parentheses itself.
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
  } catch {
    return null;
  }
}
