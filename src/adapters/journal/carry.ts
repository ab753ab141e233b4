/** What of an old journal still counts when its file begins anew: the highest epoch, the newest head, answers that wait, late starts. */
import type { JournalLine, JournalNote } from "../../ports/journal.ts";

/** Starts beyond this many say nothing more about a crash loop. */
const bootsKept = 8;

export function carriedNotes(lines: readonly JournalLine[]): readonly JournalNote[] {
  const ofKind = <Kind extends JournalNote["kind"]>(kind: Kind) =>
    lines.filter((line): line is Extract<JournalLine, { kind: Kind }> => line.kind === kind);
  const highest = ofKind("epoch_taken").reduce<JournalLine | null>(
    (best, line) => (best?.kind === "epoch_taken" && best.epoch > line.epoch ? best : line),
    null,
  );
  const boots = new Set(
    ofKind("booted")
      .slice(-bootsKept)
      .map((line) => line.n),
  );
  const ends = ofKind("stopped").slice(-bootsKept);
  const heads = new Set([highest, ofKind("head").at(-1) ?? null, ofKind("database_accepted").at(-1) ?? null]);
  const replayed = new Set(ofKind("answer_replayed").map((line) => line.clientOrderId));
  return lines
    .filter(
      (line) =>
        boots.has(line.n) ||
        heads.has(line) ||
        ends.some((end) => end.n === line.n) ||
        line.kind === "emergency" ||
        (line.kind === "venue_answer" && !replayed.has(line.clientOrderId)),
    )
    .map(({ n: _n, at: _at, ...note }) => note as JournalNote);
}
