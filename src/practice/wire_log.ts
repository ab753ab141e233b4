/** What came over the wire, in order: for tests that count requests and compare them byte by byte. No headers, no secrets. */

export interface WireEntry {
  /** Wire time of receipt, ms. */
  at: number;
  method: string;
  /** Path with query. */
  target: string;
  body: string;
  /** HTTP status, or 0 when the request got no answer. */
  status: number;
  /** Code of the venue's envelope, "" when there was none. */
  code: string;
  /** The fault that acted, or null. */
  fault: string | null;
}

const KEPT = 5_000;

export interface WireLog {
  add(entry: WireEntry): void;
  all(): readonly WireEntry[];
  /** Writing requests only: POST and DELETE. */
  writes(): readonly WireEntry[];
  clear(): void;
}

export const createWireLog = (): WireLog => {
  let entries: WireEntry[] = [];
  return {
    add(entry) {
      entries.push(entry);
      if (entries.length > KEPT * 2) entries = entries.slice(-KEPT);
    },
    all: () => entries,
    writes: () => entries.filter((entry) => entry.method !== "GET"),
    clear() {
      entries = [];
    },
  };
};
