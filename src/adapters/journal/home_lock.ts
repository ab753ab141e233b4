/**
 * One process a home folder: a socket in the folder that the kernel closes with its process, however that ends. A frozen
 * process still holds it. Whoever connects is told who it is.
 */
import { closeSync, mkdirSync, openSync, rmSync } from "node:fs";
import { createConnection, createServer, type Server } from "node:net";
import { join } from "node:path";
import { fail, ok, type Result } from "../../core/result.ts";
import type { Clock } from "../../ports/clock.ts";

export type HomeLock = { release(): Promise<void> };
export type HomeLockProblem =
  /** `by`: the holder's own text; null when it does not answer (frozen). */
  | { readonly kind: "held"; readonly by: string | null }
  /** This folder can't hold a socket: nothing is proven by it. */
  | { readonly kind: "unavailable"; readonly because: string };

const fileName = "trader.lock";
const answerWithinMs = 500;

export async function takeHomeLock(
  folder: string,
  wish: { readonly holder: string; readonly clock: Clock },
): Promise<Result<HomeLock, HomeLockProblem>> {
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  // The path of a socket may have some 100 characters; through the open folder it is always short.
  const folderFd = process.platform === "linux" ? openSync(folder, "r") : null;
  const path = folderFd === null ? join(folder, fileName) : `/proc/self/fd/${folderFd}/${fileName}`;
  const done = () => (folderFd === null ? undefined : closeSync(folderFd));
  const living = await ask(path, wish.clock);
  if (living !== "nobody") {
    done();
    return fail({ kind: "held", by: living.text });
  }
  try {
    rmSync(path, { force: true });
    const server = await listen(path, wish.holder);
    const seen = await ask(path, wish.clock);
    // Two that start at once may both have cleared the way; the one whose socket lies there has the lock.
    if (seen === "nobody" || seen.text !== wish.holder) {
      server.close();
      done();
      return fail({ kind: "held", by: seen === "nobody" ? null : seen.text });
    }
    server.unref();
    return ok({
      release: () =>
        new Promise((resolve) => {
          server.close(() => {
            done();
            resolve();
          });
        }),
    });
  } catch (error) {
    done();
    return fail({ kind: "unavailable", because: (error as Error).message });
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
