/** Who holds the trader epoch, so that a person can find the process: kept as one text in the database. */
import { z } from "zod";

export type Holder = {
  /** Unique for one run of one process. */
  readonly run: string;
  readonly host: string;
  readonly pid: number;
  /** Wall time of the start of the process, ISO 8601. */
  readonly since: string;
  /** Commit of the sources; "" where nobody knows. */
  readonly gitSha: string;
};

const shape = z.object({
  run: z.string(),
  host: z.string(),
  pid: z.number(),
  since: z.string(),
  gitSha: z.string(),
});

/** What stands in the lease once it was given back. */
export const nobody = "nobody";

export const holderText = (holder: Holder): string => JSON.stringify(holder);

/** null for nobody, and for what an older version or another program wrote. */
export function readHolder(text: string): Holder | null {
  try {
    return shape.parse(JSON.parse(text));
  } catch {
    // Not our form: the caller shows the text as it is.
    return null;
  }
}

/** "pid 4711 on trader-1 since 2026-11-21 06:12:29 UTC, build 1a2b3c4". */
export function showHolder(text: string): string {
  const holder = readHolder(text);
  if (holder === null) return text.slice(0, 80);
  const since = holder.since.slice(0, 19).replace("T", " ");
  const build = holder.gitSha === "" ? "" : `, build ${holder.gitSha.slice(0, 7)}`;
  return `pid ${holder.pid} on ${holder.host} since ${since} UTC${build}`;
}
