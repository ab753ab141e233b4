/** The server as a process: started in a group of its own, ready when postmaster.pid says so, ended with SIGINT. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { assert } from "../../core/assert.ts";
import { fail, ok, type Result } from "../../core/result.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import { isAlive, isServerOf, readLockFile } from "./lock_file.ts";
import { explainFailure } from "./problem.ts";
import { bareEnvironment, identity, type Place } from "./run_as.ts";

export type ServerPlan = {
  readonly place: Place;
  readonly postgres: string;
  readonly logFile: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly log: Log;
};

export type StartProblem = { readonly kind: "locked" | "failed"; readonly message: string };

const pollMs = 20;
/** Crash recovery replays the log and may take a while; a server that lives is given this long. */
const readyMsMax = 120_000;
const logBytesMax = 5_000_000;

export const defaultSettings: Readonly<Record<string, string>> = {
  listen_addresses: "127.0.0.1",
  // No socket in the file system: nothing to place, nothing to clean up, no length limit of a path.
  unix_socket_directories: "",
  max_connections: "60",
  shared_buffers: "32MB",
  max_wal_size: "256MB",
  jit: "off",
  fsync: "on",
  full_page_writes: "on",
  synchronous_commit: "on",
  password_encryption: "scram-sha-256",
  timezone: "UTC",
  log_timezone: "UTC",
  // A backend notices within a second that its client is gone, so a statement of a dead process does not linger.
  client_connection_check_interval: "1000",
  log_min_messages: "warning",
  log_checkpoints: "off",
};

/** Starts the server on `port`. "locked" means that another server still holds, or has just left, the data folder. */
export async function launch(plan: ServerPlan, port: number): Promise<Result<{ readonly pid: number }, StartProblem>> {
  turnLogOver(plan.logFile);
  const logFrom = existsSync(plan.logFile) ? statSync(plan.logFile).size : 0;
  const { place, clock } = plan;
  const settings = Object.entries({ ...plan.settings, port: String(port) }).flatMap(([name, value]) => [
    "-c",
    `${name}=${value}`,
  ]);
  const [first = "", ...rest] = [...place.runAs.prefix, plan.postgres, "-D", place.dataFolder, ...settings];
  // A file and not a pipe: a pipe that nobody reads while our event loop is busy would block the whole server.
  const logHandle = openSync(plan.logFile, "a", 0o600);
  const child = spawn(first, rest, {
    ...identity(place.runAs),
    env: bareEnvironment(place.libraryPath),
    cwd: "/",
    stdio: ["ignore", logHandle, logHandle],
    detached: true,
  });
  closeSync(logHandle);
  const whyEnded = watchEnd(child);
  child.unref();

  const deadline = clock.mono() + readyMsMax;
  while (whyEnded() === null) {
    const lock = readLockFile(place.dataFolder);
    if (lock?.isReady === true && lock.pid === child.pid) return ok({ pid: lock.pid });
    if (clock.mono() > deadline) break;
    await clock.sleep(pollMs);
  }
  const said = readFrom(plan.logFile, logFrom);
  const ended = whyEnded();
  if (ended === null) {
    return fail({
      kind: "failed",
      message: `PostgreSQL was not ready after ${readyMsMax / 1000} s; it says: ${said.slice(-300)}. It is left running as pid ${String(child.pid)}.`,
    });
  }
  const kind = /lock file .* already exists|shared memory block .* still in use/.test(said) ? "locked" : "failed";
  return fail({ kind, message: explainFailure(`${said}\n${said === "" ? ended : ""}`, place.dataFolder) });
}

/** @returns a question that is answered with null for as long as the process lives. */
function watchEnd(child: ChildProcess): () => string | null {
  let ended: string | null = null;
  child.on("error", (error) => {
    ended = error.message;
  });
  child.on("exit", (code, signal) => {
    ended ??= `ended with ${String(signal ?? code)}`;
  });
  return () => ended;
}

/** SIGINT = end all sessions, write everything, stop. @returns false when the server did not end in time. */
export async function endServer(dataFolder: string, clock: Clock, deadlineMs = 15_000): Promise<boolean> {
  const lock = readLockFile(dataFolder);
  if (lock === null || !isAlive(lock.pid) || !isServerOf(lock.pid, dataFolder)) return true;
  const deadline = clock.mono() + deadlineMs;
  signal(lock.pid, "SIGINT");
  while (clock.mono() < deadline) {
    if (readLockFile(dataFolder)?.pid !== lock.pid || !isAlive(lock.pid)) return true;
    await clock.sleep(5);
  }
  return false;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // Gone between the look and the signal.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** A port that is free at this moment. */
export function freePort(): Promise<number> {
  return new Promise((settle, refuse) => {
    const probe = createServer();
    probe.once("error", refuse);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      assert(address !== null && typeof address === "object", "A listening socket has an address");
      probe.close(() => settle(address.port));
    });
  });
}

function turnLogOver(file: string): void {
  if (existsSync(file) && statSync(file).size > logBytesMax) renameSync(file, `${file}.1`);
}

function readFrom(file: string, offset: number): string {
  return existsSync(file) ? readFileSync(file).subarray(offset).toString("utf8") : "";
}

/** Where the log of a server in `folder` is. */
export const logFileOf = (folder: string): string => join(folder, "postgres.log");
