/** A chain that was computed anew holds by itself; what was noted outside of the database tells it apart. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openJournal } from "../../src/adapters/journal/file_journal.ts";
import { systemVault } from "../../src/adapters/system/vault.ts";
import { type Anchor, anchorIn, anchorProblem, anchorsOfHome } from "../../src/boot/anchors.ts";
import type { Fact } from "../../src/core/events.ts";
import { notional } from "../../src/core/money.ts";
import type { JournalNote } from "../../src/ports/journal.ts";
import { houseOnDatabase, type RealLedger } from "../fixtures/real_ledger.ts";

const { sha256 } = systemVault();
const home = mkdtempSync(join(tmpdir(), "countersign-anchors-"));
const marked: Fact = { type: "equity_marked", equity: notional("1"), because: "high" };
let house: RealLedger;
let head: { readonly seq: number; readonly hash: string };
beforeAll(async () => {
  house = await houseOnDatabase();
  await house.tell(marked, marked);
  head = house.ledger.books();
  await house.tell(marked);
});
afterAll(async () => {
  await house.end();
  rmSync(home, { recursive: true, force: true });
});

const problemOf = (change: Partial<Anchor>) =>
  anchorProblem(house.pool, [{ seq: head.seq, hash: head.hash, from: "your anchor", ...change }]);
const other = "0".repeat(64);

test("a head that was noted holds, whole or by its first digits, with its number or without", async () => {
  for (const change of [{}, { hash: head.hash.slice(0, 8) }, { seq: null, hash: head.hash.slice(0, 8) }])
    expect(await problemOf(change)).toBeNull();
});

test("a chain that was written anew, and one whose end is gone, are told by what was noted", async () => {
  expect(await problemOf({ hash: other })).toContain(`Fact ${head.seq} is another one than your anchor remembers`);
  expect(await problemOf({ seq: null, hash: other })).toContain("No fact has the hash");
  expect(await problemOf({ seq: 900 })).toContain("There is no fact 900");
});

test("the journal of the home is asked by itself, from the last database on that a person accepted", async () => {
  const opened = openJournal({ path: join(home, "trader.journal"), sha256, now: () => "2026-02-06T12:00:00.000Z" });
  if (!opened.ok) throw new Error(opened.problem.because);
  const notes: readonly JournalNote[] = [
    { kind: "head", epoch: 1, seq: 77, hash: other },
    { kind: "database_accepted", reason: "restored", epoch: 1, seq: 1 },
    { kind: "head", epoch: 1, seq: head.seq, hash: head.hash },
  ];
  for (const note of notes) opened.value.write(note);
  opened.value.close();
  const anchors = anchorsOfHome(home, sha256);
  if (!anchors.ok) throw new Error(anchors.problem);
  expect(anchors.value).toEqual([{ seq: head.seq, hash: head.hash, from: "the journal at 2026-02-06T12:00:00.000Z" }]);
  expect(await anchorProblem(house.pool, anchors.value)).toBeNull();
});

test.each([
  ["512:1f00ab3c", 512],
  ["1F00AB3C", null],
])("%s is an anchor as messages name it", (text, seq) => {
  expect(anchorIn(text)).toEqual({ ok: true, value: { seq, hash: "1f00ab3c", from: "your anchor" } });
});
test.each(["", "512", "512:1f00", "x:1f00ab3c", "1f00ab3%"])("%j is none", (text) =>
  expect(anchorIn(text).ok).toBe(false),
);
