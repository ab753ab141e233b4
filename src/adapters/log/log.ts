/**
 * The log: JSON lines in the state folder for machines and for later, short lines on the terminal for the person in front.
 *
 *   text, facts --redact--+--> pino --> <home>/logs/countersign.log   (one older file is kept beside it)
 *                         +--> one short line --> terminal
 *
 * Redaction stands before both, so neither has to be trusted.
 */
import { existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { destination, type Logger, pino } from "pino";
import { mark } from "../../core/mark.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import { createRedact } from "./redact.ts";
import { shortLine } from "./short_line.ts";

export type LogSetup = {
  /** The file of JSON lines; its folder is made when it is missing. */
  readonly path: string;
  /** Least severe line that is kept. */
  readonly level: "info" | "warn" | "error";
  /** Texts that must never be seen, in whatever form. */
  readonly secrets: readonly string[];
  readonly clock: Pick<Clock, "wall">;
  /** Shows one line to the person at the terminal; null = nobody is there. */
  readonly show: ((line: string) => void) | null;
  readonly isColoured: boolean;
};

export type OpenLog = Log & {
  /** Everything written so far is in the file when this returns. */
  close(): void;
};

/** Past this size the file becomes `<name>.1` at the next start: two files at most, on a small disk. */
const sizeMax = 20 * 1024 * 1024;
/** Bytes that may wait for a disk that takes nothing. */
const waitingMax = 256 * 1024;
const weights = { info: 30, warn: 40, error: 50 } as const;
type Level = keyof typeof weights;

export function openLog(setup: LogSetup): OpenLog {
  const { path, level, clock, show, isColoured } = setup;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (existsSync(path) && statSync(path).size > sizeMax) renameSync(path, `${path}.1`);
  const file = destination({ dest: path, mode: 0o600, sync: true, maxLength: waitingMax });
  // A full disk costs lines and nothing else: trading and its record are in the database. The count is said when it writes again.
  let dropped = 0;
  const drop = (): void => {
    mark("S02.log_line_dropped");
    dropped += 1;
  };
  file.on("error", drop);
  file.on("drop", drop);
  const timestamp = (): string => `,"at":"${isoNow(clock)}"`;
  const writer: Logger = pino({ level, base: null, timestamp, messageKey: "text" }, file);
  const redact = createRedact(setup.secrets);

  const tell = (at: Level, text: string, facts: Readonly<Record<string, unknown>>): void => {
    const before = dropped;
    try {
      if (before > 0) writer.warn({ facts: { dropped: before } }, "Log lines were lost: the disk could not take them");
      writer[at]({ facts }, text);
    } catch {
      drop();
    }
    if (before > 0 && dropped === before) dropped = 0;
  };

  const write = (at: Level, text: string, facts: Readonly<Record<string, unknown>> = {}): void => {
    if (weights[at] < weights[level]) return;
    const cleanText = redact.text(text);
    const cleanFacts = Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, redact.fact(key, value)]));
    tell(at, cleanText, cleanFacts);
    show?.(shortLine({ level: at, at: isoNow(clock), text: cleanText, facts: cleanFacts }, isColoured));
  };
  return {
    info: (text, facts) => write("info", text, facts),
    warn: (text, facts) => write("warn", text, facts),
    error: (text, facts) => write("error", text, facts),
    close: () => {
      file.flushSync();
      file.end();
    },
  };
}

function isoNow(clock: Pick<Clock, "wall">): string {
  return new Date(clock.wall()).toISOString();
}
