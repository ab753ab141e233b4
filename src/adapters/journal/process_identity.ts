/**
 * Which process this is, and whether one that a journal names is gone for certain. A pid alone says little: numbers are
 * given out again. Boot of the machine, pid and start of the process together name one process for ever.
 */
import { readFileSync } from "node:fs";
import { hostname } from "node:os";

export type ProcessIdentity = {
  readonly host: string;
  /** "" where the system does not tell. */
  readonly bootId: string;
  readonly pid: number;
  /** Clock ticks between boot and start of the process; "" where the system does not tell. */
  readonly processStart: string;
};

export function identityOfThisProcess(): ProcessIdentity {
  return { host: hostname(), bootId: bootId(), pid: process.pid, processStart: startOf(process.pid)?.start ?? "" };
}

/** True only when it can be proven. A process in another container or on another machine is never gone as far as we know. */
export function isGone(one: ProcessIdentity): boolean {
  if (one.host !== hostname() || one.bootId === "" || bootId() === "") return false;
  if (one.bootId !== bootId()) return true;
  const found = startOf(one.pid);
  return found === null || found.state === "Z" || found.start !== one.processStart;
}

function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "";
  }
}

function startOf(pid: number): { readonly state: string; readonly start: string } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may hold spaces and parentheses itself; field 3 is the state, field 22 the start.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] ?? "", start: fields[19] ?? "" };
  } catch {
    return null;
  }
}
