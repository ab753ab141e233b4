/** A house that follows another one: what waits, what never waits, and what is remembered across the two. */
import { describe, expect, it } from "vitest";
import type { Takeover } from "../../src/core/takeover.ts";
import { memoryJournal } from "../../src/ports/journal.ts";
import { LedgerUnavailable } from "../../src/ports/ledger.ts";
import type { TraderLease } from "../../src/ports/trader_lease.ts";
import { buy, textOf, told } from "./conversation.ts";
import { crashPoint } from "./crash_point.ts";
import { factsOf, play, sentEntries, sentStops, shortAbsence, storyMs, untilProtected } from "./play.ts";
import type { Stage, StageWish } from "./stage.ts";

const quarantineMs = 4_000;

/** The first process starts calmly, the second after the lease of the first has run out. */
function secondTakesOver(): () => Takeover {
  let starts = 0;
  return () => {
    starts += 1;
    return starts === 1
      ? { kind: "first", from: null, quarantineMs: 0 }
      : { kind: "expired", from: "pid 1 on elsewhere", quarantineMs };
  };
}

/** The tap itself gets no answer any more once that has happened. */
async function approveUntil(stage: Stage, happened: () => boolean, what: string): Promise<void> {
  await stage.ask("SOL/USDT");
  void stage.telegram.tap("Approve");
  await stage.until(happened, what);
}

describe.concurrent("a takeover after the lease of a silent holder", () => {
  it(
    "places the stop that nobody had placed at once, and reconciles only when nothing can arrive any more [P06]",
    () => {
      const point = crashPoint({ after: (fact) => fact.type === "fill_received" });
      return play({ ...point.wish, takeover: secondTakesOver() }, async (stage) => {
        await approveUntil(stage, point.happened, "the crash");
        expect(sentStops(stage)).toEqual([]);
        await stage.restart();
        const started = (await factsOf(stage, "house_started")).at(-1);
        expect(started?.takeover).toMatchObject({ kind: "expired", from: "pid 1 on elsewhere", quarantineMs });
        const sinceStart = (fact: { wallAt: number } | undefined) => (fact?.wallAt ?? 0) - (started?.wallAt ?? 0);
        const stops = (await factsOf(stage, "order_sending")).filter(
          (fact) => stage.books().orders[fact.clientOrderId]?.intent.leg === "protect",
        );
        expect(sinceStart(stops[0])).toBeLessThan(quarantineMs - 500);
        expect(sinceStart((await factsOf(stage, "reconciled")).at(-1))).toBeGreaterThanOrEqual(quarantineMs - 100);
        await untilProtected(stage, "SOL/USDT");
      });
    },
    storyMs,
  );

  it(
    "guards a position whose stop is in doubt by itself, and looks for that stop only after the quarantine [P06]",
    () => {
      const point = crashPoint({ afterPost: "protect" });
      return play({ ...shortAbsence, ...point.wish, takeover: secondTakesOver() }, async (stage) => {
        await approveUntil(stage, point.happened, "the crash");
        await stage.restart();
        const lost = (await factsOf(stage, "order_answer_lost")).map((fact) => fact.clientOrderId);
        expect(lost.map((id) => stage.books().orders[id]?.intent.leg)).toEqual(["protect"]);
        await untilProtected(stage, "SOL/USDT");
        expect(sentStops(stage)).toHaveLength(1);
        const probes = await factsOf(stage, "order_probed");
        const started = (await factsOf(stage, "house_started")).at(-1)?.wallAt ?? 0;
        for (const probe of probes) expect(probe.wallAt - started).toBeGreaterThanOrEqual(quarantineMs - 100);
      });
    },
    storyMs,
  );

  it(
    "opens nothing before it has reconciled [P06]",
    () =>
      play({ takeover: secondTakesOver() }, async (stage) => {
        await stage.restart();
        const started = (await factsOf(stage, "house_started")).at(-1)?.wallAt ?? 0;
        const ready = (await factsOf(stage, "house_ready")).at(-1)?.wallAt ?? 0;
        expect(ready - started).toBeGreaterThanOrEqual(quarantineMs - 100);
        await buy(stage, "SOL/USDT");
      }),
    storyMs,
  );
});

describe.concurrent("a lease that is about to run out", () => {
  it(
    "lets no order leave with less than three seconds left [P05]",
    () => {
      let leftMs = 10_000;
      const lease: TraderLease = {
        leftMs: () => leftMs,
        heldBy: () => "pid 7 on here",
        isLost: () => false,
        onLost: () => undefined,
      };
      // The lease runs down after the order is armed: the last question before the first byte finds it.
      const ledger: StageWish["ledger"] = (kept) => ({
        ...kept,
        async commit(decide) {
          let isArming = false;
          const value = await kept.commit((books, times) => {
            const decision = decide(books, times);
            isArming = decision.drafts.some((one) => one.fact.type === "order_sending");
            return decision;
          });
          if (isArming) leftMs = 2_900;
          return value;
        },
      });
      return play({ lease, ledger }, async (stage) => {
        const approvalId = await stage.ask("SOL/USDT");
        await stage.until(() => stage.discord.openPrompts().length > 0, "the prompt");
        await stage.discord.tap("Approve");
        await stage.until(() => stage.books().approvals[approvalId]?.state === "exec_failed", "the refusal");
        leftMs = 10_000;
        expect(sentEntries(stage)).toEqual([]);
        expect(textOf(await told(stage, stage.desk, "status"))).toContain("pid 7 on here");
      });
    },
    storyMs,
  );

  it(
    "ends all writing in the moment when another holder is seen [P05]",
    () => {
      const listeners: (() => void)[] = [];
      const lease: TraderLease = {
        leftMs: () => 10_000,
        heldBy: () => "pid 9 on elsewhere",
        isLost: () => listeners.length > 99,
        onLost: (listener) => void listeners.push(listener),
      };
      return play({ lease }, async (stage) => {
        const { needs } = stage.house();
        for (const tell of listeners) tell();
        expect(needs.memory.isFenced).toBe(true);
        const { seq } = stage.books();
        await expect(needs.ledger.commit(() => ({ drafts: [], value: 1 }))).rejects.toThrow(/Another process trades/);
        expect(stage.books().seq).toBe(seq);
        expect(stage.log.lines.some((line) => JSON.stringify(line).includes("pid 9 on elsewhere"))).toBe(true);
      });
    },
    storyMs,
  );
});

describe.concurrent("an answer that the database could not take", () => {
  type Away = { readonly wish: StageWish; comeBack(): void; isAway(): boolean };
  type Journaled = {
    readonly away: Away;
    /** How many lines of a kind are in the journal. */
    readonly noted: (kind: string) => number;
  };

  /** The answer to the entry is in the journal when the story begins, and the ledger is away. */
  function playUntilJournaled(story: (stage: Stage, journaled: Journaled) => Promise<void>): Promise<void> {
    const journal = memoryJournal();
    const away = ledgerThatGoesAway();
    const noted = (kind: string) => journal.lines().filter((line) => line.kind === kind).length;
    return play({ ...away.wish, journal }, async (stage) => {
      await approveUntil(stage, () => noted("venue_answer") > 0, "the journal");
      await story(stage, { away, noted });
    });
  }

  /** From the acknowledgement of the entry on the ledger is away, until told otherwise. */
  function ledgerThatGoesAway(): Away {
    let isAway = false;
    let isOver = false;
    return {
      comeBack: () => {
        isAway = false;
        isOver = true;
      },
      isAway: () => isAway,
      wish: {
        ledger: (ledger) => ({
          ...ledger,
          commit: (decide) =>
            ledger.commit((books, times) => {
              const decision = decide(books, times);
              const isAnswer = decision.drafts.some((one) => one.fact.type === "order_acknowledged");
              if (isAnswer && !isOver) isAway = true;
              if (isAway) throw new LedgerUnavailable("The database is away");
              return decision;
            }),
        }),
      },
    };
  }

  it(
    "stands in the journal, is recorded when the database is back, and nothing is sent again [P03]",
    () =>
      playUntilJournaled(async (stage, { away, noted }) => {
        expect(away.isAway()).toBe(true);
        away.comeBack();
        await stage.until(() => noted("answer_replayed") > 0, "the replay");
        await untilProtected(stage, "SOL/USDT");
        expect(sentEntries(stage)).toHaveLength(1);
        expect(await factsOf(stage, "order_acknowledged")).not.toEqual([]);
      }),
    storyMs,
  );

  it(
    "is recorded by the next process when this one dies meanwhile, once, whoever else has found the order [P03]",
    () =>
      playUntilJournaled(async (stage, { away, noted }) => {
        const restarted = stage.restart();
        away.comeBack();
        await restarted;
        await untilProtected(stage, "SOL/USDT");
        expect(sentEntries(stage)).toHaveLength(1);
        const waiting = noted("venue_answer");
        await stage.until(() => noted("answer_replayed") >= waiting, "the replay");
        const acknowledged = await factsOf(stage, "order_acknowledged");
        expect(new Set(acknowledged.map((fact) => fact.clientOrderId)).size).toBe(acknowledged.length);
      }),
    storyMs,
  );
});

describe.concurrent("a house that is killed each time it starts", () => {
  const limited = (starts: number): StageWish => ({ settings: (settings) => ({ ...settings, startsMax: starts }) });

  it(
    "is in SAFE_MODE after the fourth start: stops are placed, nothing is opened, until a person says why [X19]",
    () =>
      play(limited(3), async (stage) => {
        await buy(stage, "BTC/USDT");
        for (let start = 2; start <= 4; start += 1) await stage.restart();
        expect(stage.books().house.safeMode.crash_loop?.because).toContain("4 starts within 5 minutes");
        expect(stage.position("BTC/USDT")?.protection).toBe("placed");
        expect(textOf(await told(stage, stage.desk, "status"))).toContain("SAFE_MODE");
        const denied = await stage.ask("SOL/USDT").then(
          (id) => id,
          (error: Error) => error.message,
        );
        if (stage.discord.openPrompts().length > 0) await stage.discord.tap("Approve");
        await stage.house().needs.clock.sleep(500);
        expect(sentEntries(stage)).toHaveLength(1);
        await told(stage, stage.desk, "resume", "found and mended the cause");
        await stage.until(() => stage.books().house.safeMode.crash_loop === undefined, `the end of it (${denied})`);
        await buy(stage, "SOL/USDT");
      }),
    storyMs,
  );

  it(
    "counts no start that ended in order [X19]",
    () =>
      play(limited(3), async (stage) => {
        for (let start = 2; start <= 6; start += 1) {
          await stage.house().stop("a test");
          await stage.restart();
        }
        expect(stage.books().house.safeMode).toEqual({});
      }),
    storyMs,
  );
});
