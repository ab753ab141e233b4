/** What the house confesses to those outside: each trouble by its own sentence, none when it is well, and never an amount. */
import { describe, expect, test } from "vitest";
import { auditProblems, type JobVitals, type Vitals } from "../../src/core/self_audit.ts";

const job: JobVitals = {
  name: "reconcile",
  everyMs: 1_000,
  deadlineMs: 60_000,
  runningMs: null,
  idleMs: 900,
  failuresInARow: 0,
};
const well: Vitals = {
  isReady: true,
  isFenced: false,
  leaseLeftMs: 9_000,
  recordReadAgeMs: 1_000,
  chain: { headOk: true, gapFree: true, rowsOk: true },
  journalProblem: null,
  outboxLagMs: 0,
  queue: { isAlive: true, ringAgeMs: 500, runningMs: 100_000 },
  jobs: [job],
  ears: [{ platform: "telegram", heardAgeMs: 29_000 }],
  price: { ageMs: 5_000, maxMs: 60_000 },
  venueAnswerAgeMs: 1_000,
  comparedAgeMs: 30_000,
  unheard: null,
  isLargeRequestLate: false,
};

test("a house that is well has nothing to say", () => {
  expect(auditProblems(well)).toEqual([]);
});

describe("each trouble has its sentence", () => {
  test.each<[string, Partial<Vitals>, string]>([
    [
      "a start that never ends",
      { isReady: false, queue: { isAlive: true, ringAgeMs: 500, runningMs: 300_001 } },
      "the start has not come to its end for 5 minutes",
    ],
    ["another process writes", { isFenced: true }, "this process may not write any more"],
    ["nothing can be written", { leaseLeftMs: 2_999 }, "the database does not take the lease"],
    ["nothing can be read", { recordReadAgeMs: 30_001 }, "the record was not read back from the database for 30 s"],
    ["nothing was ever read", { recordReadAgeMs: null }, "the record was not read back from the database for 30 s"],
    ["a changed fact", { chain: { headOk: false, gapFree: true, rowsOk: true } }, "the audit chain does not verify"],
    ["a changed row", { chain: { headOk: true, gapFree: true, rowsOk: false } }, "the audit chain does not verify"],
    ["a full disk", { journalProblem: "ENOSPC on /home/ana" }, "the local journal can't be written"],
    ["cards that wait", { outboxLagMs: 10_001 }, "messages wait too long for their chat"],
    [
      "a dead queue",
      { queue: { isAlive: false, ringAgeMs: 1, runningMs: 60_000 } },
      "the queue does not work; this process does its jobs by itself",
    ],
    [
      "a queue that swallows",
      { queue: { isAlive: true, ringAgeMs: 60_001, runningMs: 70_000 } },
      "nothing came through the queue for 60 s",
    ],
    [
      "a queue that never gave anything back",
      { queue: { isAlive: true, ringAgeMs: null, runningMs: 70_000 } },
      "nothing came through the queue for 60 s",
    ],
    ["a job that hangs", { jobs: [{ ...job, runningMs: 60_001 }] }, "the job reconcile does not come to an end"],
    ["a job that stays away", { jobs: [{ ...job, idleMs: 60_001 }] }, "the job reconcile does not run"],
    ["a job that fails", { jobs: [{ ...job, failuresInARow: 5 }] }, "the job reconcile fails again and again"],
    ["a deaf chat", { ears: [{ platform: "telegram", heardAgeMs: 60_001 }] }, "telegram was not heard for 60 s"],
    [
      "a chat that never heard",
      { ears: [{ platform: "discord", heardAgeMs: null }] },
      "discord was not heard for 60 s",
    ],
    ["old prices", { price: { ageMs: 60_001, maxMs: 60_000 } }, "no fresh price has come"],
    ["a silent venue", { venueAnswerAgeMs: 60_001 }, "the venue does not answer"],
    ["no reconcile", { comparedAgeMs: 120_001 }, "the books were not compared with the venue"],
    ["nobody to call", { unheard: "no alert leaves this machine" }, "no alert leaves this machine"],
    [
      "a large request at its end",
      { isLargeRequestLate: true },
      "a large request waits for an answer, and its time is nearly over",
    ],
  ])("%s", (_, trouble, sentence) => {
    expect(auditProblems({ ...well, ...trouble })).toEqual([sentence]);
  });
});

describe("what is no trouble", () => {
  test.each<[string, Partial<Vitals>]>([
    [
      "nothing measured before the venue is joined",
      {
        isReady: false,
        recordReadAgeMs: null,
        comparedAgeMs: null,
        venueAnswerAgeMs: null,
        price: { ageMs: null, maxMs: 1 },
        ears: [{ platform: "telegram", heardAgeMs: null }],
      },
    ],
    ["a queue that was started just now", { queue: { isAlive: false, ringAgeMs: null, runningMs: 59_999 } }],
    ["jobs that were not started yet", { queue: { isAlive: false, ringAgeMs: null, runningMs: null }, jobs: [] }],
    ["a job that is only rung for", { jobs: [{ ...job, everyMs: null, idleMs: 9_000_000 }] }],
    ["an hourly job after two hours", { jobs: [{ ...job, everyMs: 3_600_000, idleMs: 7_200_000 }] }],
    ["a lease shared with nobody", { leaseLeftMs: Number.POSITIVE_INFINITY }],
    [
      "everything exactly at its limit",
      {
        recordReadAgeMs: 30_000,
        outboxLagMs: 10_000,
        comparedAgeMs: 120_000,
        venueAnswerAgeMs: 60_000,
        ears: [{ platform: "telegram", heardAgeMs: 60_000 }],
        jobs: [{ ...job, runningMs: 60_000, idleMs: 60_000 }],
      },
    ],
  ])("%s", (_, state) => {
    expect(auditProblems({ ...well, ...state })).toEqual([]);
  });
});

test("several troubles are several sentences, and none holds a path or what the system said", () => {
  const problems = auditProblems({
    ...well,
    isFenced: true,
    journalProblem: "ENOSPC on /home/ana",
    outboxLagMs: 99_000,
  });
  expect(problems).toHaveLength(3);
  expect(problems.join()).not.toMatch(/ENOSPC|\/home|99/);
});
