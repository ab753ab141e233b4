/** The database beside the journal: the one that we know, with all that we know of, or a sentence for a person. */
import { describe, expect, it } from "vitest";
import type { DatabaseIdentity } from "../../src/adapters/postgres/epoch.ts";
import { databaseProblem, rememberedOf } from "../../src/boot/restored.ts";
import { quarantineMsOf, type TakeoverKind } from "../../src/core/takeover.ts";
import type { JournalLine, JournalNote } from "../../src/ports/journal.ts";

const lines = (...notes: JournalNote[]): readonly JournalLine[] =>
  notes.map((note, index) => ({ ...note, n: index + 1, at: "2026-11-21T06:00:00.000Z" }));
const taken = (epoch: number, change: Partial<Extract<JournalNote, { kind: "epoch_taken" }>> = {}): JournalNote => ({
  kind: "epoch_taken",
  epoch,
  run: "r",
  systemIdentifier: "sys-1",
  timeline: "00000001",
  ...change,
});
const head = (seq: number, hash = `hash-${seq}`): JournalNote => ({ kind: "head", epoch: 5, seq, hash });
const database = (change: Partial<DatabaseIdentity> = {}): DatabaseIdentity => ({
  systemIdentifier: "sys-1",
  timeline: "00000001",
  epoch: 5,
  head: { seq: 100, hash: "hash-100" },
  hashAt: (seq) => Promise.resolve(seq <= 100 ? `hash-${seq}` : null),
  ...change,
});
const known = rememberedOf(lines(taken(4), taken(5), head(90), head(100)));

describe("a database at the start", () => {
  it.each([
    ["the one of the last start", database()],
    ["the same, further on: another host of ours traded", database({ epoch: 8, head: { seq: 200, hash: "x" } })],
    ["one that may not be asked for its names", database({ systemIdentifier: null, timeline: null })],
  ])("is taken when it is %s", async (_what, found) => expect(await databaseProblem(known, found)).toBeNull());

  it("is taken when nothing is remembered", async () =>
    expect(await databaseProblem(rememberedOf([]), database({ epoch: 0 }))).toBeNull());

  it.each([
    ["an older epoch than we have traded with: a failover lost it [P09]", database({ epoch: 4 }), /epoch 4.*epoch 5/],
    ["another server [P10]", database({ systemIdentifier: "sys-2" }), /another database server/],
    ["another timeline [P10]", database({ timeline: "00000002" }), /timeline 00000002/],
    [
      "an earlier end than we remember: a backup [P11]",
      database({
        head: { seq: 60, hash: "hash-60" },
        hashAt: (seq) => Promise.resolve(seq <= 60 ? `hash-${seq}` : null),
      }),
      /ends at fact 60.*fact 100/,
    ],
    [
      "another fact at the same place [P11]",
      database({ hashAt: () => Promise.resolve("other") }),
      /fact 100 is another/,
    ],
  ])("is refused by name with %s", async (_what, found, says) =>
    expect(await databaseProblem(known, found)).toMatch(says),
  );

  it("that a person accepted is the one we know from then on; epochs go on counting [P11]", async () => {
    const after = rememberedOf(
      lines(taken(5), head(100), { kind: "database_accepted", reason: "restored", epoch: 6, seq: 60 }),
    );
    expect(await databaseProblem(after, database({ systemIdentifier: "sys-2", epoch: 6 }))).toBeNull();
    expect(await databaseProblem(after, database({ epoch: 5 }))).toMatch(/epoch 5.*epoch 6/);
  });
});

describe("the quarantine after a takeover", () => {
  const live = { hasMemory: true, absentAfterMs: 14_000, sendTtlMs: 500 };
  it.each<[TakeoverKind, number, number]>([
    ["first", 0, 0],
    ["released", 0, 0],
    ["proven_dead", 14_500, 0],
    ["expired", 14_500, 0],
  ])("%s: %d ms at a venue, %d ms at the practice exchange beside us [P06]", (kind, atVenue, inPaper) => {
    expect(quarantineMsOf(kind, live)).toBe(atVenue);
    expect(quarantineMsOf(kind, { ...live, hasMemory: false })).toBe(inPaper);
  });
});
