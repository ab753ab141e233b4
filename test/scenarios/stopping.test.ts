/** An orderly end in the middle of things: what was begun is finished, nothing is begun, and the farewell says what is true. */
import { describe, expect, test } from "vitest";
import { fail } from "../../src/core/result.ts";
import type { Venue } from "../../src/ports/venue.ts";
import { buy, heldAt, told } from "./conversation.ts";
import { approvalState, factsOf, play, sentExits, sentStops, storyMs } from "./play.ts";
import { openStage, type Stage } from "./stage.ts";

const over = (venue: Venue, change: Partial<Venue>): Venue => Object.assign(Object.create(venue) as Venue, change);
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));
const ordersIn = (stage: Stage, state: string) =>
  Object.values(stage.books().orders).filter((order) => order.state === state);
const free = (stage: Stage) => Number(stage.exchange.balances()["SOL"]?.free ?? 0);

/** Every answer of this venue takes a while. */
function answersAfter(venue: Venue, ms: number): Venue {
  return new Proxy(venue, {
    get(target, name) {
      const member = Reflect.get(target, name) as unknown;
      if (typeof member !== "function" || name === "stop" || name === "whenFree" || name === "window") return member;
      return async (...asked: unknown[]) => {
        const answer: unknown = await (member as (...all: unknown[]) => Promise<unknown>).apply(target, asked);
        await pause(ms);
        return answer;
      };
    },
  });
}

describe.concurrent("the house is told to stop", () => {
  test("between the cancel of a stop and the sale: it ends when that is sold, not before [X23]", {
    timeout: storyMs,
  }, async () => {
    const stage = await openStage();
    try {
      await buy(stage, "SOL/USDT");
      stage.exchange.faults.add({ method: "DELETE", path: /.*/, verb: { do: "delay_after", ms: 3_000 } });
      await told(stage, stage.telegram, "close", "sol");
      await stage.until(() => free(stage) > 0, "the stop taken away");
      expect(await stage.house().stop("Ctrl-C")).toEqual([]);
      expect(heldAt(stage, "SOL")).toBe("none");
      expect(sentExits(stage)).toHaveLength(1);
    } finally {
      await stage.close();
    }
  });

  test(
    "while an entry is on the wire: what it bought gets its stop before the process ends [X23]",
    {
      timeout: storyMs,
    },
    () =>
      play({ venue: (venue) => answersAfter(venue, 300) }, async (stage) => {
        await stage.ask("SOL/USDT");
        void stage.telegram.tap("Approve");
        await stage.until(() => ordersIn(stage, "sending").length > 0, "the entry on its way");
        const lines = await stage.house().stop("Ctrl-C");
        // Here the program closes everything and its process ends.
        expect(sentStops(stage)).toHaveLength(1);
        expect(heldAt(stage, "SOL")).toBe("some");
        expect(stage.position("SOL/USDT")?.protection).toBe("placed");
        expect(lines).toEqual([expect.stringMatching(/stop [0-9.]+ rests at the venue$/)]);
        await stage.restart();
      }),
  );

  test("while nobody knows what became of an entry: it ends without waiting for that, and names it [X23]", {
    timeout: storyMs,
  }, async () => {
    const stage = await openStage();
    try {
      const approvalId = await stage.ask("SOL/USDT");
      stage.exchange.faults.add({ method: "POST", path: /hf\/orders$/, verb: { do: "drop_before" } });
      await stage.telegram.tap("Approve");
      await stage.until(() => approvalState(stage, approvalId) === "exec_unknown", "the lost answer");
      const begun = Date.now();
      const lines = await stage.house().stop("Ctrl-C");
      expect(Date.now() - begun).toBeLessThan(8_000);
      expect(lines).toEqual([
        expect.stringMatching(/^a purchase of [0-9.]+ SOL\/USDT \(xcs[a-z0-9]+\): nobody knows whether it traded$/),
      ]);
      const [farewell] = await factsOf(stage, "house_stopped");
      expect(farewell?.openPositions).toEqual(lines);
    } finally {
      await stage.close();
    }
  });

  test("before a stop was taken away for an exit: it stays, and the farewell says that it rests [X23]", {
    timeout: storyMs,
  }, () => {
    let isSlow = false;
    return play(
      {
        venue: (venue) =>
          over(venue, {
            async orderBook(symbol) {
              if (isSlow) await pause(1_500);
              return venue.orderBook(symbol);
            },
          }),
      },
      async (stage) => {
        await buy(stage, "SOL/USDT");
        isSlow = true;
        await pause(500);
        await told(stage, stage.telegram, "close", "sol");
        const lines = await stage.house().stop("Ctrl-C");
        expect(lines).toEqual([expect.stringMatching(/stop [0-9.]+ rests at the venue$/)]);
        await pause(2_500);
        expect(free(stage)).toBe(0);
        expect(await factsOf(stage, "order_cancel_requested")).toEqual([]);
        // The next start does what was asked.
        isSlow = false;
        await stage.restart();
        await stage.until(() => stage.position("SOL/USDT")?.state === "closed", "the close", 20_000);
      },
    );
  });

  test("while the venue does not say whether the stop is gone: it ends after ten seconds and says so [X23]", {
    timeout: storyMs,
  }, async () => {
    let isDeaf = false;
    const because = "no answer";
    const stage = await openStage({
      venue: (venue) =>
        over(venue, {
          cancelOrder: async () => {
            isDeaf = true;
            return fail({ kind: "unknown_outcome", because });
          },
          findOrder: async (ref) =>
            isDeaf
              ? fail({ kind: "unavailable", venue: "kucoin", what: "order", because, retryAfterMs: null })
              : venue.findOrder(ref),
        }),
    });
    try {
      await buy(stage, "SOL/USDT");
      await told(stage, stage.telegram, "close", "sol");
      await stage.until(() => isDeaf, "the cancel asked for");
      const begun = Date.now();
      const [line] = await stage.house().stop("Ctrl-C");
      expect(Date.now() - begun).toBeGreaterThan(9_000);
      expect(Date.now() - begun).toBeLessThan(20_000);
      expect(line).toContain("is being taken away for an exit");
    } finally {
      await stage.close();
    }
  });
});
