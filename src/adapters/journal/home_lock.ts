/**
 * One process a home folder: a socket in the folder that the kernel closes with its process, however that ends. A frozen
 * process still holds it. Whoever connects is told who it is. Taking it is done by one at a time: a file that only one can
 * make stands beside it for that moment.
 */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { createConnection, createServer, type Server } from "node:net";
import { join } from "node:path";
import { fail, ok, type Result } from "../../core/result.ts";
import type { Clock } from "../../ports/clock.ts";
import { identityOfThisProcess, isGone, type ProcessIdentity } from "./process_identity.ts";

export type HomeLock = {
  /** False when somebody else holds it: whoever removes the socket by hand lets another in. */
  isOurs(): Promise<boolean>;
  release(): Promise<void>;
};
export type HomeLockProblem =
  /** `by`: the holder's own text; null when it does not answer (frozen). */
  | { readonly kind: "held"; readonly by: string | null }
  /** This folder can't hold a socket: nothing is proven by it. */
  | { readonly kind: "unavailable"; readonly because: string };

const answerWithinMs = 500;
/** Taking the lock is a matter of milliseconds; a file that stands there longer was left by a process that died meanwhile. */
const takingMaxMs = 3_000;
const takingEveryMs = 50;
const askedMax = 4;

export async function takeHomeLock(
  folder: string,
  wish: {
    readonly holder: string;
    readonly clock: Clock;
    /** The house's own unless told. */
    readonly fileName?: string;
  },
): Promise<Result<HomeLock, HomeLockProblem>> {
  // The path of a socket may have some 100 characters; through the open folder it is always short.
  let folderFd: number | null = null;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o711 });
    folderFd = process.platform === "linux" ? openSync(folder, "r") : null;
  } catch (error) {
    return fail({ kind: "unavailable", because: (error as Error).message });
  }
  const done = () => (folderFd === null ? undefined : closeSync(folderFd));
  const fileName = wish.fileName ?? "trader.lock";
  const path = folderFd === null ? join(folder, fileName) : `/proc/self/fd/${folderFd}/${fileName}`;
  const taken = await alone(`${path}.taking`, wish.clock, () => take(path, wish)).catch(
    (error: Error): Result<Server, HomeLockProblem> => fail({ kind: "unavailable", because: error.message }),
  );
  if (!taken.ok) {
    done();
    return taken;
  }
  const server = taken.value;
  return ok({
    isOurs: async () => {
      let living = await ask(path, wish.clock);
      // This process answers itself, and may have been busy.
      for (let tries = 1; living !== "nobody" && living.text === null && tries < askedMax; tries += 1)
        living = await ask(path, wish.clock);
      return living === "nobody" || living.text === wish.holder;
    },
    release: () =>
      new Promise((resolve) => {
        server.close(() => {
          done();
          resolve();
        });
      }),
  });
}

async function take(
  path: string,
  { holder, clock }: { readonly holder: string; readonly clock: Clock },
): Promise<Result<Server, HomeLockProblem>> {
  const living = await ask(path, clock);
  if (living !== "nobody") return fail({ kind: "held", by: living.text });
  rmSync(path, { force: true });
  const server = await listen(path, holder);
  const seen = await ask(path, clock);
  // The one whose socket lies there has the lock, whatever came in between.
  if (seen === "nobody" || seen.text !== holder) {
    server.close();
    return fail({ kind: "held", by: seen === "nobody" ? null : seen.text });
  }
  server.unref();
  return ok(server);
}

/** Two that start at once would both find nobody, and the second would clear the first one's socket away. */
async function alone<Value>(path: string, clock: Clock, work: () => Promise<Value>): Promise<Value> {
  const me = JSON.stringify(identityOfThisProcess());
  for (const begun = clock.mono(); !isMade(path, me); ) {
    if (isLeftBehind(path) || clock.mono() - begun >= takingMaxMs) rmSync(path, { force: true });
    else await clock.sleep(takingEveryMs);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function isMade(path: string, text: string): boolean {
  let fd: number;
  try {
    fd = openSync(path, "wx", 0o600);
  } catch (error) {
    if ((error as { code?: string }).code === "EEXIST") return false;
    throw error;
  }
  try {
    writeSync(fd, text);
  } finally {
    closeSync(fd);
  }
  return true;
}

function isLeftBehind(path: string): boolean {
  try {
    return isGone(JSON.parse(readFileSync(path, "utf8")) as ProcessIdentity);
  } catch {
    // Half-written, or just taken away: the next look says.
    return false;
  }
}

function listen(path: string, holder: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      // Whoever asks and goes away again is no trouble of ours.
      socket.on("error", () => undefined);
      socket.end(holder);
    });
    server.once("error", reject);
    server.listen(path, () => resolve(server));
  });
}

/** "nobody": no process listens. Otherwise somebody lives, with his text or, frozen, without. */
async function ask(path: string, clock: Clock): Promise<"nobody" | { readonly text: string | null }> {
  const socket = createConnection(path);
  const connected = new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true));
    socket.on("error", () => resolve(false));
  });
  if (!(await connected)) return "nobody";
  let text = "";
  const told = new Promise<string>((resolve) => {
    socket.on("data", (bytes: Buffer) => (text += bytes.toString()));
    socket.once("close", () => resolve(text));
  });
  const done = new AbortController();
  const answer = await Promise.race([told, clock.sleep(answerWithinMs, done.signal).then(() => null)]);
  done.abort();
  socket.destroy();
  return { text: answer };
}
