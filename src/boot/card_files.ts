/** Writes the file of a card while its message is about to leave: the closed trades of a period as CSV, read from the record. */
import { type Card, fileName } from "../core/card.ts";
import type { Needs } from "../flows/needs.ts";
import { reportFile } from "../flows/report.ts";
import type { WriteFile } from "../ports/card_files.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";

const writeDeadlineMs = 3_000;
/** Discord takes 10 MB in one request, words and picture included. */
const bytesMax = 8 * 1_024 * 1_024;

export type CardFileTools = {
  readonly clock: Clock;
  readonly log: Log;
  /** How long a message waits for its file; absent = 3,000. */
  readonly deadlineMs?: number;
};

/** `needs` is asked for late: chats open before the house is assembled. */
export function openCardFiles(tools: CardFileTools, needs: () => Needs): WriteFile {
  const { clock, log, deadlineMs = writeDeadlineMs } = tools;

  async function write(file: NonNullable<Card["file"]>): Promise<Uint8Array | null> {
    try {
      const text = await reportFile(needs(), file.period);
      return text === null ? null : new TextEncoder().encode(text);
    } catch (error) {
      log.warn("The file of a message could not be written", {
        period: file.period,
        because: error instanceof Error ? error.message : String(error),
      });
      return null;
    }
  }

  return async ({ file }) => {
    if (file === undefined) return null;
    const over = new AbortController();
    const late = clock.sleep(deadlineMs, over.signal).then(() => "late" as const);
    const first = await Promise.race([write(file), late]);
    over.abort();
    if (first === "late" || first === null || first.length > bytesMax) {
      log.warn("A message leaves without its file; /report brings it", { period: file.period });
      return null;
    }
    return { name: fileName(file), contentType: "text/csv; charset=utf-8", data: first };
  };
}
