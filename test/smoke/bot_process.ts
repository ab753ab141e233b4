/** The bot as its owner runs it: `node src/start.js`, a process of its own that is read, signalled and ended from outside. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isAlive, isServerOf, readLockFile } from "../../src/adapters/embedded_postgres/lock_file.ts";
import { sleep, until } from "./until.ts";

export const repository = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const launcher = join(repository, "src", "start.js");

export type BotStart = {
  /** After `node src/start.js`. */
  readonly words: readonly string[];
  /** All that the process knows besides PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  /** Working folder; a stranger's `.env` must not be in it. */
  readonly folder: string;
};

export type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export type BotProcess = {
  readonly pid: number;
  /** Everything it wrote so far, both streams. */
  output(): string;
  readonly ended: Promise<Ended>;
  /** One sentence once it has ended; null while it lives. */
  whyEnded(): string | null;
  /** Waits until the desk answers. @returns its address and the owner's code. */
  desk(): Promise<{ readonly address: string; readonly code: string }>;
  /** Waits until the venue is joined and positions are protected. @returns how many are open. */
  ready(): Promise<number>;
  signal(name: NodeJS.Signals): void;
  /** Signals and waits for the end; after 30 s it is killed, and the answer says so. */
  end(name: NodeJS.Signals): Promise<Ended>;
};

/** Every process of ours that may still live, with its working folder; `endAll` is the last thing that a stage does, whatever came before. */
const living = new Map<ChildProcess, string>();

/** A test worker listens to coverage marks; its bots are made to listen in the same way. Empty outside of a test worker. */
const marksOption = (): string => /--import \S+\/listen\.mjs/.exec(process.env["NODE_OPTIONS"] ?? "")?.[0] ?? "";

export function startBot(start: BotStart): BotProcess {
  const { PATH = "", HOME = start.folder } = process.env;
  const child = spawn(process.execPath, [launcher, ...start.words], {
    cwd: start.folder,
    env: { PATH, HOME, ...start.env, NODE_OPTIONS: `${marksOption()} ${start.env?.["NODE_OPTIONS"] ?? ""}`.trim() },
    stdio: ["ignore", "pipe", "pipe"],
  });
  living.set(child, start.folder);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece: Buffer) => (text += piece.toString()));
  const endedWith: { value: Ended | null } = { value: null };
  const ended = new Promise<Ended>((resolve) => {
    const settle = (code: number | null, signal: NodeJS.Signals | null) => {
      living.delete(child);
      endedWith.value = { code, signal };
      resolve({ code, signal });
    };
    child.once("close", settle);
    child.once("error", (error) => {
      text += `\n${error.message}`;
      settle(null, null);
    });
  });
  const whyEnded = () => {
    if (endedWith.value === null) return null;
    const { code, signal } = endedWith.value;
    return `the bot ended (code ${code ?? "none"}, signal ${signal ?? "none"}) after writing:\n${text.slice(-3_000)}`;
  };
  const find = <Found>(what: string, read: () => Found | null) => until(what, read, { hopeless: whyEnded });
  return {
    pid: child.pid ?? 0,
    output: () => text,
    ended,
    whyEnded,
    async desk() {
      const found = await find("the desk's address", () => /Desk\s+(http:\S+?)\/#code=(\S+)/.exec(text));
      return { address: found[1] ?? "", code: found[2] ?? "" };
    },
    ready: async () => Number((await find("the bot is ready", () => /Ready after \S+ s, (\d+) open/.exec(text)))[1]),
    signal: (name) => void child.kill(name),
    async end(name) {
      child.kill(name);
      const timer = setTimeout(() => child.kill("SIGKILL"), 30_000);
      const how = await ended;
      clearTimeout(timer);
      return how;
    },
  };
}

/** Runs it to its end. */
export async function runBot(start: BotStart): Promise<Ended & { readonly output: string }> {
  const bot = startBot(start);
  return { ...(await bot.ended), output: bot.output() };
}

/** Pid of the bot's own database server; null when none lives. A process that is only waiting to be collected is none. */
export function databasePid(home: string): number | null {
  const folder = join(home, "postgres");
  const lock = existsSync(folder) ? readLockFile(folder) : null;
  return lock !== null && isAlive(lock.pid) && isServerOf(lock.pid, folder) ? lock.pid : null;
}

/** A killed bot leaves its database server behind: it is asked to end, then told to. */
export async function endDatabase(home: string): Promise<void> {
  const pid = databasePid(home);
  if (pid === null) return;
  process.kill(pid, "SIGCONT");
  process.kill(pid, "SIGINT");
  for (let waited = 0; waited < 5_000 && isAlive(pid); waited += 50) await sleep(50);
  if (isAlive(pid)) process.kill(pid, "SIGKILL");
}

/** Ends every bot that was started in this folder, and the database below this home. */
export async function endAll(folder: string, home: string): Promise<void> {
  const left = () => [...living].flatMap(([child, where]) => (where === folder ? [child] : []));
  for (const child of left()) child.kill("SIGKILL");
  for (let waited = 0; waited < 5_000 && left().length > 0; waited += 20) await sleep(20);
  await endDatabase(home);
}
