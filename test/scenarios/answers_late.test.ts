/** Answers that come late, lie, or come while the database is away: what they may prove, and what must not be forgotten. */
import { describe, expect, test } from "vitest";
import { quantity } from "../../src/core/money.ts";
import { fail } from "../../src/core/result.ts";
import { instant } from "../../src/core/time.ts";
import { memoryJournal } from "../../src/ports/journal.ts";
import { LedgerUnavailable } from "../../src/ports/ledger.ts";
import type { Venue } from "../../src/ports/venue.ts";
import { told } from "./conversation.ts";
import { approvalState, factsOf, play, shortAbsence, storyMs, untilProtected } from "./play.ts";
import { openStage, type Stage } from "./stage.ts";

const orderPath = "/api/v1/hf/orders";
const over = (venue: Venue, change: Partial<Venue>): Venue => Object.assign(Object.create(venue) as Venue, change);
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

describe.concurrent("what a look proves", () => {
  test("one that began before the venue's bound proves nothing, however late its last list came [V02]", {
    timeout: storyMs,
  }, async () => {
    const boundMs = 6_000;
    let bound = Number.POSITIVE_INFINITY;
    const namedAt: number[] = [];
    await play(
      {
        venueDefinition: (kucoin) => ({ ...kucoin, capabilities: { ...kucoin.capabilities, absentAfterMs: boundMs } }),
        venue: (venue) =>
          over(venue, {
            async findOrder(ref) {
              const read = await venue.findOrder(ref);
              namedAt.push(Date.now());
              return read;
            },
            async balances() {
              // The last list of a look that began before the bound comes after it.
              if (Date.now() < bound && bound < Number.POSITIVE_INFINITY) await pause(bound - Date.now() + 300);
              return venue.balances();
            },
          }),
      },
      async (stage) => {
        const approvalId = await stage.ask("SOL/USDT");
        stage.exchange.faults.add({ method: "POST", path: orderPath, verb: { do: "drop_before" } });
        await stage.telegram.tap("Approve");
        await stage.until(() => approvalState(stage, approvalId) === "exec_unknown", "the lost answer");
        const [sending] = await factsOf(stage, "order_sending");
        bound = (sending?.stampedAt ?? 0) + boundMs;
        await stage.until(() => approvalState(stage, approvalId) === "exec_failed", "the proof", 60_000);
        const first = (await factsOf(stage, "order_probed")).find((one) => one.verdict === "absent");
        expect(namedAt.find((at) => at >= bound)).toBeLessThanOrEqual(first?.wallAt ?? 0);
      },
    );
  });

  test("an unknown entry is not bound to a namesake of another size by /pause, nor is that canceled [V09]", {
    timeout: storyMs,
  }, async () => {
    let isLying = false;
    const canceled: string[] = [];
    const stage = await openStage({
      venue: (venue) =>
        over(venue, {
          async findOrder(ref) {
            const read = await venue.findOrder(ref);
            if (!isLying || !read.ok || read.value === null) return read;
            const filledQuantity = quantity("0");
            return { ok: true, value: { ...read.value, quantity: quantity("999"), filledQuantity, state: "open" } };
          },
          cancelOrder(ref, wire) {
            canceled.push(ref.clientOrderId);
            return venue.cancelOrder(ref, wire);
          },
        }),
    });
    try {
      const approvalId = await stage.ask("SOL/USDT");
      isLying = true;
      stage.exchange.faults.add({ method: "POST", path: orderPath, verb: { do: "drop_after" } });
      await stage.telegram.tap("Approve");
      await stage.until(() => approvalState(stage, approvalId) === "exec_unknown", "the lost answer");
      const id = (await factsOf(stage, "order_answer_lost"))[0]?.clientOrderId ?? "";
      await stage.until(() => stage.books().orders[id]?.suspectedBecause !== undefined, "somebody is called");
      await told(stage, stage.telegram, "pause", "why not");
      await pause(2_000);
      expect(stage.books().orders[id]?.state).toBe("unknown");
      expect(canceled).toEqual([]);
      // The lie ends: now it is the one that we sent, and what it bought is protected.
      isLying = false;
      await untilProtected(stage, "SOL/USDT", 40_000);
    } finally {
      await stage.close();
    }
  });
});

describe.concurrent("what was proven absent", () => {
  test("and is filled after all is found by its name, and what it bought is sold [V02]", {
    timeout: storyMs,
  }, async () => {
    let arrive: () => Promise<unknown> = async () => undefined;
    const held = (stage: Stage) => Number(stage.exchange.balances()["SOL"]?.free ?? 0);
    await play(
      {
        ...shortAbsence,
        venue: (venue) =>
          over(venue, {
            async placeOrder(cleared, name) {
              if (cleared.leg !== "entry") return venue.placeOrder(cleared, name);
              // It hangs inside the venue, stamped in time, and comes out when nobody waits for it any more.
              arrive = () =>
                venue.placeOrder(cleared, { ...name, stampedAt: instant(Date.now()), mayLeave: () => true });
              return fail({ kind: "unknown_outcome", because: "held up inside the venue" });
            },
          }),
      },
      async (stage) => {
        const approvalId = await stage.ask("SOL/USDT");
        await stage.telegram.tap("Approve");
        await stage.until(() => approvalState(stage, approvalId) === "exec_failed", "the proof", 40_000);
        await arrive();
        expect(held(stage)).toBeGreaterThan(0);
        await stage.until(() => held(stage) === 0, "the sale of it", 30_000);
        await stage.until(() => stage.position("SOL/USDT")?.state === "closed", "the close");
        expect((await factsOf(stage, "breaker_opened")).map((fact) => fact.cause)).toEqual(["late_fill"]);
      },
    );
  });
});

describe.concurrent("the database is away when five seconds are over", () => {
  test("an answer that comes later is kept in the journal [P03]", { timeout: storyMs }, async () => {
    let isAway = false;
    const journal = memoryJournal(() => new Date().toISOString());
    const stage = await openStage({
      journal,
      ledger: (ledger) => ({
        ...ledger,
        commit: (decide) => (isAway ? Promise.reject(new LedgerUnavailable("away")) : ledger.commit(decide)),
      }),
    });
    try {
      await stage.ask("SOL/USDT");
      stage.exchange.faults.add({ method: "POST", path: orderPath, verb: { do: "delay_after", ms: 7_000 } });
      await stage.telegram.tap("Approve");
      await stage.until(() => stage.orderPosts().length > 0, "the post");
      await pause(1_000);
      isAway = true;
      await stage.until(() => journal.lines().some((line) => line.kind === "venue_answer"), "the answer on file");
      expect(journal.lines().filter((line) => line.kind === "venue_answer")).toHaveLength(1);
      isAway = false;
    } finally {
      await stage.close();
    }
  });
});
