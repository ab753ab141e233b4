/** What a whole house confesses of itself, and what a watchdog hears of it: on real parts, measured as they are. */
import { expect, test } from "vitest";
import { selfAudit } from "../../src/flows/self_audit.ts";
import { showBeacon } from "../../src/flows/show_beacon.ts";
import type { Messenger } from "../../src/ports/messenger.ts";
import { play, storyMs } from "./play.ts";

test("a whole house is well, and each part that falls silent is named", { timeout: storyMs }, () =>
  play({}, async (stage) => {
    const { needs } = stage.house();
    const { memory, clock, messengers } = needs;
    await stage.until(
      () => needs.ledger.books().house.isReady && selfAudit(needs).length === 0,
      "a house that is well",
    );
    expect(memory.watchdogAskedMono).toBe(null);
    expect(showBeacon(needs)).toMatchObject({ state: "well", problems: [], head: needs.ledger.books().hash });
    expect(memory.watchdogAskedMono).toBeGreaterThan(0);

    const { jobs, recordReadMono } = memory;
    expect(recordReadMono).toBeGreaterThan(0);
    memory.recordReadMono = clock.mono() - 30_100;
    expect(selfAudit(needs)).toEqual(["the record was not read back from the database for 30 s"]);
    memory.recordReadMono = recordReadMono;

    const reports = jobs?.report() ?? [];
    expect(reports.map(({ name }) => name)).toContain("strategy_cycle");
    const stuck = reports.map((one) =>
      one.name === "sweep" ? { ...one, isRunning: true, startedAtMono: -60_000 } : one,
    );
    memory.jobs = { sinceMono: clock.mono(), report: () => stuck };
    expect(selfAudit(needs)).toEqual(["the job sweep does not come to an end"]);
    // A stage has no queue, which counts once the jobs have run for a minute.
    const ended = reports.map((one) => ({ ...one, endedAtMono: clock.mono() }));
    memory.jobs = { sinceMono: clock.mono() - 60_100, report: () => ended };
    expect(selfAudit(needs)).toEqual(["the queue does not work; this process does its jobs by itself"]);
    memory.jobs = jobs;

    const telegram = messengers.get("telegram");
    if (telegram === undefined) throw new Error("the stage has one");
    const deaf: Messenger = { ...telegram, health: () => ({ isHearing: true, lastHeardAt: null, problem: null }) };
    const withDeaf = { ...needs, messengers: new Map([...messengers, ["telegram", deaf] as const]) };
    expect(selfAudit(withDeaf)).toEqual(["telegram was not heard for 60 s"]);
    expect(showBeacon(withDeaf)).toMatchObject({ state: "sick", problems: ["telegram was not heard for 60 s"] });
    memory.watchdogAskedMono = null;
  }),
);
