/**
 * The reconciliation matrix: what our books say against what the venue shows, one row each. The rows are numbered as in the
 * runbook, so that a log line, a test and a person speak of the same case.
 *
 * A venue's own word about an order asked for by name, or a fill with its id, is proof and taken at once: taking it twice
 * changes nothing. Whatever is concluded from absence or from a difference has to be seen again first.
 */
export const rowNumbers = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
] as const;
export type Row = (typeof rowNumbers)[number];

export type RowRule = {
  readonly ours: string;
  readonly theirs: string;
  readonly does: string;
  /** Snapshots, at least `confirmGapMs` apart, that must show the same. */
  readonly looks: 1 | 2 | 3;
  /** Nothing is concluded while something of ours happened to the order within `quietMs`. */
  readonly isQuiet: boolean;
};

export const confirmGapMs = 2_000;
export const quietMs = 5_000;

const row = (ours: string, theirs: string, does: string, looks: 1 | 2 | 3 = 1, isQuiet = false): RowRule => ({
  ours,
  theirs,
  does,
  looks,
  isQuiet,
});

export const matrix: Readonly<Record<Row, RowRule>> = {
  1: row("intent", "-", "abandoned: it was never sent"),
  2: row("sending, unknown", "found, it is ours", "bound, its fills booked"),
  3: row("sending, unknown", "found, it is another one", "stays unknown, a person is called"),
  4: row("sending, unknown", "absent, may still arrive", "asked again"),
  5: row("sending, unknown", "absent, proven", "absent, with its evidence"),
  6: row("open", "open, same", "nothing"),
  7: row("open", "open, more filled", "fills booked; provisionally when their list lags", 2),
  8: row("open", "open, less filled", "suspect; breaker of the instrument; nothing is taken back", 2, true),
  9: row("open", "filled", "fills booked, position goes on", 2),
  10: row("open", "canceled, expired, rejected by our doing", "ended, what was filled stays"),
  11: row("open stop", "canceled by somebody else", "stop placed again once, then a person is asked"),
  12: row("open", "missing", "asked by name; unknown after three times", 3, true),
  13: row("cancel under way", "any", "the venue's word counts"),
  14: row("ended", "still live", "open again; canceled where it has no place", 2, true),
  15: row("ended", "a new fill", "booked; breaker of the instrument; what is left is sold"),
  16: row("-", "live, our name", "adopted: our record was lost", 2),
  17: row("-", "live, our name, newer epoch", "somebody else trades as us: everything stops"),
  18: row("-", "live, foreign", "never touched; counted; no entry beside it", 2),
  19: row("-", "a fill of nobody's order", "an external order takes it; the position shrinks", 2, true),
  20: row("position", "as much", "nothing"),
  21: row("position", "less", "smaller only by a record; else breaker, exits by the smaller number", 2, true),
  22: row("position", "more, where the venue keeps positions", "the excess is adopted and protected", 2, true),
  23: row("position without stop", "-", "the position loop protects it or leaves"),
  24: row("stop of another size", "-", "the position loop replaces it", 2, true),
  25: row("position closed", "an order to sell it is live", "canceled", 2),
  26: row("balance", "another", "a transfer where the venue has a record; else entries wait", 2, true),
};

/** What was seen so far and how often; a restart begins without it, which only costs time. */
export type Doubts = Readonly<Record<string, { readonly times: number; readonly lastAt: number }>>;

export type Confirmer = {
  /** @returns true when this was seen in as many snapshots as its row asks for. */
  confirm(row: Row, about: string, looks?: number): boolean;
  /** What the next snapshot is compared with: what was seen now, and what could not be looked at. */
  after(): Doubts;
};

/** @param isUnreadable whether what this doubt is about could not be looked at this time: then it neither grows nor ends. */
export function confirmer(before: Doubts, takenAt: number, isUnreadable: (key: string) => boolean): Confirmer {
  const next: Record<string, { times: number; lastAt: number }> = {};
  for (const [key, doubt] of Object.entries(before)) if (isUnreadable(key)) next[key] = doubt;
  return {
    confirm(row, about, looks = matrix[row].looks) {
      const key = `${row}|${about}`;
      const old = before[key];
      const isApart = old === undefined || takenAt - old.lastAt >= confirmGapMs;
      const seen = isApart ? { times: (old?.times ?? 0) + 1, lastAt: takenAt } : old;
      next[key] = seen;
      return seen.times >= looks;
    },
    after: () => next,
  };
}
