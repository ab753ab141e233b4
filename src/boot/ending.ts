/**
 * The ways in which this process ends: asked by a signal, or by a fault of its own. A fault is written down and ends the
 * process at once: what a program does after it surprised itself is not known to anybody.
 *
 *   SIGINT, SIGTERM, SIGHUP --> `asked` resolves, `signal` aborts     a second one after 3 s --> forced(130)
 *   uncaught fault ---------> journal, log, ledger (1 s at most) --> forced(70)
 */
import { mark } from "../core/mark.ts";
import type { Clock } from "../ports/clock.ts";

export const exitCodes = { fault: 70, restart: 75, forced: 130 } as const;

/** Ctrl-C reaches us twice under npm (from the terminal and from npm); a second one is not impatience until then. */
const impatienceMs = 3_000;
const lastWordsMs = 1_000;

export type Ending = {
  /** Aborted with the first wish to stop: every wait of the start ends with it. */
  readonly signal: AbortSignal;
  /** Resolves with the reason in words. */
  readonly asked: Promise<string>;
  /** What is still to be written when the program meets a fault of its own. Later ones replace earlier ones. */
  onFault(lastWords: (because: string) => Promise<void> | void): void;
  /** A promise of the house is broken in a way that no process may survive: the same end as after a fault. */
  fault(error: Error): void;
  /** Stops listening. */
  close(): void;
};

export function listenForEnd(tools: {
  readonly clock: Clock;
  readonly exit: (code: number) => void;
  /** Takes secrets out: an error that nobody expected may hold anything. */
  readonly clean: (text: string) => string;
}): Ending {
  const { clock, exit, clean } = tools;
  const stopping = new AbortController();
  let firstMono: number | null = null;
  let lastWords: (because: string) => Promise<void> | void = () => undefined;
  let hasFailed = false;
  let tellAsked: (because: string) => void = () => undefined;
  const asked = new Promise<string>((resolve) => {
    tellAsked = resolve;
  });

  const onSignal = (signal: NodeJS.Signals) => {
    if (firstMono !== null && clock.mono() - firstMono > impatienceMs) exit(exitCodes.forced);
    firstMono ??= clock.mono();
    tellAsked(signal === "SIGINT" ? "you pressed Ctrl-C" : `the system asked (${signal})`);
    stopping.abort();
  };
  const onFault = (error: unknown) => {
    // A fault while the last words of the first one are said ends it without more of them.
    if (hasFailed) return exit(exitCodes.fault);
    hasFailed = true;
    mark("X22.last_resort");
    const because = clean(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.stderr.write(`\nA fault in the program; it ends now: ${because}\n`);
    const said = Promise.resolve()
      .then(() => lastWords(because))
      .catch(() => undefined);
    void Promise.race([said, clock.sleep(lastWordsMs)]).finally(() => exit(exitCodes.fault));
  };

  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  process.on("uncaughtException", onFault);
  process.on("unhandledRejection", onFault);
  return {
    signal: stopping.signal,
    asked,
    onFault: (next) => {
      lastWords = next;
    },
    fault: onFault,
    close() {
      for (const signal of signals) process.off(signal, onSignal);
      process.off("uncaughtException", onFault);
      process.off("unhandledRejection", onFault);
    },
  };
}
