/** The local journal keeps what it promised through torn lines, full disks and other people's editors. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type FileJournal,
  type JournalWish,
  openJournal,
  readJournal,
} from "../../src/adapters/journal/file_journal.ts";
import { takeHomeLock } from "../../src/adapters/journal/home_lock.ts";
import { identityOfThisProcess, isGone } from "../../src/adapters/journal/process_identity.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { systemVault } from "../../src/adapters/system/vault.ts";
import type { JournalNote } from "../../src/ports/journal.ts";

const { sha256 } = systemVault();
let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "journal-"));
  path = join(folder, "trader.journal");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const wish = (change: Partial<JournalWish> = {}): JournalWish => ({
  path,
  sha256,
  now: () => "2026-11-21T06:00:00.000Z",
  ...change,
});

function opened(change: Partial<JournalWish> = {}): FileJournal {
  const journal = openJournal(wish(change));
  if (!journal.ok) throw new Error(journal.problem.because);
  return journal.value;
}

const head = (seq: number): JournalNote => ({ kind: "head", epoch: 3, seq, hash: sha256(String(seq)) });
const answer = (clientOrderId: string): JournalNote => ({
  kind: "venue_answer",
  clientOrderId,
  tradeId: "trade-1",
  answer: { ok: true, value: { venueOrderId: "v1" } },
  latencyMs: 12,
});

function written(notes: readonly JournalNote[], change: Partial<JournalWish> = {}): void {
  const journal = opened(change);
  for (const note of notes) expect(journal.write(note)).toEqual({ ok: true, value: null });
  journal.close();
}

describe("a journal", () => {
  it("gives back what was written, and goes on where the last process ended", () => {
    written([head(1), answer("a")]);
    written([head(2)]);
    expect(
      opened()
        .lines()
        .map((line) => [line.n, line.kind]),
    ).toEqual([
      [1, "head"],
      [2, "venue_answer"],
      [3, "head"],
    ]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("loses nothing but the line that the power took half-written [X24]", () => {
    written([head(1), head(2), head(3)]);
    const whole = readFileSync(path);
    const starts = [...whole.entries()].filter(([, byte]) => byte === 10).map(([at]) => at + 1);
    for (let size = starts[1] ?? 0; size < whole.length; size += 1) {
      writeFileSync(path, whole.subarray(0, size));
      const journal = opened();
      expect(journal.lines().map((line) => line.n)).toEqual([1, 2]);
      expect(journal.tornBytes).toBe(size - (starts[1] ?? 0));
      expect(journal.write(head(9)).ok).toBe(true);
      journal.close();
      expect(
        opened()
          .lines()
          .map((line) => line.n),
      ).toEqual([1, 2, 3]);
    }
  });

  it.each([
    ["one letter of a line", (text: string) => text.replace('"seq":2', '"seq":7')],
    ["a line taken out", (text: string) => text.split("\n").toSpliced(1, 1).join("\n")],
    ["two lines swapped", (text: string) => text.split("\n").toSorted().reverse().join("\n").trimStart().concat("\n")],
    ["a line of its own put in", (text: string) => text.replace("\n", "\nhello\n")],
  ])("is refused by name when somebody changed %s [P11]", (_what, change) => {
    written([head(1), head(2), head(3), head(4)]);
    const before = readFileSync(path, "utf8");
    const after = change(before);
    expect(after).not.toBe(before);
    writeFileSync(path, after);
    const refused = openJournal(wish());
    expect(refused).toMatchObject({ ok: false, problem: { kind: "damaged" } });
    expect(refused.ok ? "" : refused.problem.because).toMatch(/line \d/);
    expect(readFileSync(path, "utf8")).toBe(after);
  });

  it("says that the disk is full, keeps whole lines only, and goes on when there is room [S05]", () => {
    let isFull = false;
    const disk = {
      sync: () => undefined,
      write(fd: number, bytes: Buffer) {
        if (!isFull) return writeSync(fd, bytes);
        // Some bytes still fit, as in life.
        writeSync(fd, bytes.subarray(0, 20));
        throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
      },
    };
    const journal = opened({ disk });
    journal.write(head(1));
    isFull = true;
    expect(journal.write(head(2))).toMatchObject({ ok: false, problem: expect.stringContaining("ENOSPC") });
    expect(journal.problem()).toContain("could not be written");
    expect(readJournal(path, sha256)).toMatchObject({ ok: true, value: { tornBytes: 0 } });
    isFull = false;
    expect(journal.write(head(3)).ok).toBe(true);
    expect(journal.problem()).toBeNull();
    expect(
      opened()
        .lines()
        .map((line) => line.n),
    ).toEqual([1, 2]);
  });

  it("names a folder that takes no file [S05]", () => {
    rmSync(folder, { recursive: true });
    writeFileSync(folder, "a file where the folder should be");
    expect(openJournal(wish())).toMatchObject({ ok: false, problem: { kind: "unwritable" } });
  });

  it("begins anew when it has grown long, with what still counts and an unbroken chain", () => {
    written([
      { kind: "epoch_taken", epoch: 7, run: "r", systemIdentifier: "s", timeline: "1" },
      ...Array.from({ length: 40 }, (_, at) => head(at)),
      answer("waits"),
      answer("done"),
      { kind: "answer_replayed", clientOrderId: "done" },
    ]);
    const journal = opened({ sizeMax: 1_000 });
    expect(journal.lines().map((line) => line.kind)).toEqual(["epoch_taken", "head", "venue_answer"]);
    expect(journal.lines()[0]?.n).toBe(45);
    journal.close();
    expect(opened().lines()).toHaveLength(3);
    expect(readFileSync(`${path}.1`, "utf8").split("\n")).toHaveLength(45);
  });

  it("reads kinds that this version does not know", () => {
    written([{ kind: "of_the_future", more: [1] } as unknown as JournalNote, head(1)]);
    expect(opened().lines()).toHaveLength(2);
  });

  it("cuts off what a failed write left before it writes on [X24]", () => {
    const journal = opened();
    journal.write(head(1));
    appendFileSync(path, "half a li");
    expect(journal.write(head(2)).ok).toBe(true);
    expect(opened().lines()).toHaveLength(2);
  });
});

describe("which process it was", () => {
  it("this one lives; another start of the same number, another boot and a free number are gone", () => {
    const self = identityOfThisProcess();
    expect(isGone(self)).toBe(false);
    expect(isGone({ ...self, processStart: "1" })).toBe(true);
    expect(isGone({ ...self, bootId: "another" })).toBe(true);
    expect(isGone({ ...self, pid: 2 ** 22 + 1 })).toBe(true);
    expect(isGone({ ...self, host: "elsewhere", pid: 2 ** 22 + 1 })).toBe(false);
    expect(isGone({ ...self, bootId: "", pid: 2 ** 22 + 1 })).toBe(false);
  });
});

describe("the lock of the home folder", () => {
  const clock = systemClock();
  it("lets one in, tells the next who it is, and is free once he is gone", async () => {
    const first = await takeHomeLock(folder, { holder: "first", clock });
    expect(first.ok).toBe(true);
    expect(await takeHomeLock(folder, { holder: "second", clock })).toEqual({
      ok: false,
      problem: { kind: "held", by: "first" },
    });
    if (first.ok) await first.value.release();
    const third = await takeHomeLock(folder, { holder: "third", clock });
    expect(third.ok).toBe(true);
    if (third.ok) await third.value.release();
  });

  it("lets exactly one in when many come at once, over what a dead one left behind", async () => {
    writeFileSync(join(folder, "trader.lock"), "");
    writeFileSync(join(folder, "trader.lock.taking"), JSON.stringify({ ...identityOfThisProcess(), pid: 2 ** 22 + 1 }));
    const names = ["a", "b", "c", "d", "e", "f"];
    const locks = await Promise.all(names.map((holder) => takeHomeLock(folder, { holder, clock })));
    const winner = names[locks.findIndex((lock) => lock.ok)];
    expect(locks.filter((lock) => lock.ok)).toHaveLength(1);
    expect(locks.filter((lock) => !lock.ok && lock.problem.kind === "held" && lock.problem.by === winner)).toHaveLength(
      5,
    );
    for (const lock of locks) if (lock.ok) await lock.value.release();
  });

  it("knows when its socket was removed and another process let in; another lock in the folder is none of it", async () => {
    const first = await takeHomeLock(folder, { holder: "first", clock });
    const other = await takeHomeLock(folder, { holder: "other", clock, fileName: "emergency.lock" });
    if (!first.ok || !other.ok) throw new Error("both are free");
    expect([await first.value.isOurs(), await other.value.isOurs()]).toEqual([true, true]);
    rmSync(join(folder, "trader.lock"));
    expect(await first.value.isOurs()).toBe(true);
    const second = await takeHomeLock(folder, { holder: "second", clock });
    if (!second.ok) throw new Error("it is free");
    expect([await first.value.isOurs(), await second.value.isOurs()]).toEqual([false, true]);
    for (const lock of [first, other, second]) await lock.value.release();
  });

  it("a folder that can't be made is told, and proves nothing", async () => {
    writeFileSync(join(folder, "file"), "");
    const lock = await takeHomeLock(join(folder, "file", "below"), { holder: "x", clock });
    expect(lock).toMatchObject({ ok: false, problem: { kind: "unavailable" } });
  });

  it("works in a folder whose path is longer than a socket's may be", async () => {
    const deep = join(folder, "x".repeat(120));
    const lock = await takeHomeLock(deep, { holder: "deep", clock });
    expect(lock.ok).toBe(true);
    if (lock.ok) await lock.value.release();
  });
});
