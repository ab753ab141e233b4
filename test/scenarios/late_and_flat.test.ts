/** What comes to light after everything was sold, and prices that stand still while they pretend to be new. */
import { expect, test } from "vitest";
import { systemClock } from "../../src/adapters/system/clock.ts";
import type { ClearedIntent } from "../../src/core/clearance.ts";
import { price } from "../../src/core/money.ts";
import { fail, ok } from "../../src/core/result.ts";
import { instant } from "../../src/core/time.ts";
import { raiseLevel } from "../../src/flows/halt_trading.ts";
import type { OrderBook, Venue } from "../../src/ports/venue.ts";
import { kucoin } from "../../src/venues/kucoin/venue.ts";
import { watchMarks } from "../fixtures/watch_marks.ts";
import { buy, heldAt, saleQuestion } from "./conversation.ts";
import { factsOf, play, sentEntries, shortAbsence, storyMs } from "./play.ts";
import type { Stage } from "./stage.ts";

const marks = watchMarks();
const clock = systemClock();
const kill = (stage: Stage) => stage.books().house.kill;

/** A venue whose every list leaves out what it took last, money included, until it is shown: an index that lags. */
function laggingIndex() {
  let hidden: string | null = null;
  let purse: Awaited<ReturnType<Venue["balances"]>> | null = null;
  const isOpen = () => hidden === null;
  const wrap = (venue: Venue): Venue => {
    const { orderById: _orderById, allOpenOrders: _all, ...plain } = venue;
    return {
      ...plain,
      async placeOrder(cleared, wire) {
        if (cleared.leg !== "entry") return venue.placeOrder(cleared, wire);
        purse = await venue.balances();
        hidden = wire.clientOrderId;
        await venue.placeOrder(cleared, wire);
        return fail({ kind: "unknown_outcome", because: "no answer came" });
      },
      findOrder: async (ref) => (hidden === ref.clientOrderId ? ok(null) : venue.findOrder(ref)),
      async openOrders(symbol) {
        const read = await venue.openOrders(symbol);
        return read.ok ? ok(read.value.filter((order) => order.clientOrderId !== hidden)) : read;
      },
      fills: async (symbol, since) => (isOpen() ? venue.fills(symbol, since) : ok([])),
      balances: async () => (isOpen() || purse === null ? venue.balances() : purse),
    };
  };
  return {
    wrap,
    show: () => {
      hidden = null;
    },
  };
}

test.concurrent("an entry that was proven absent and shows up after verified flat is sold by the sweep, and halted comes later [K02]", {
  timeout: storyMs,
}, () => {
  const index = laggingIndex();
  return play({ ...shortAbsence, venue: index.wrap }, async (stage) => {
    await stage.ask("SOL/USDT");
    await stage.telegram.tap("Approve");
    const states = () => Object.values(stage.books().orders).map((order) => order.state);
    await stage.until(() => states().includes("unknown"), "the doubt");
    await raiseLevel(stage.house().needs, "flatten", { actor: "person:owner", reason: "a test" });
    await stage.until(() => stage.discord.openPrompts().length > 0 || kill(stage)?.confirmedAt != null, "the question");
    if (kill(stage)?.confirmedAt == null) await stage.discord.tap("Approve");
    expect(kill(stage)?.verifiedAt).toBeNull();
    await stage.until(() => states().includes("absent"), "the proof", 40_000);
    await stage.until(() => kill(stage)?.verifiedAt != null, "verified flat", 20_000);
    expect(heldAt(stage, "SOL")).toBe("some");
    index.show();
    await stage.until(() => heldAt(stage, "SOL") === "none", "the late fill, sold", 40_000);
    await stage.until(() => stage.position("SOL/USDT")?.state === "closed", "the books too");
    expect(sentEntries(stage)).toHaveLength(1);
    expect(kill(stage)?.step).not.toBe("halted");
    expect(marks.reached()).toContain("K02.selling_again");
  });
});

test.concurrent(
  "an order of ours that works at the venue although nothing is left in the books is taken back by the sweep [K02]",
  { timeout: storyMs },
  () =>
    play({}, async (stage) => {
      await buy(stage, "SOL/USDT");
      await raiseLevel(stage.house().needs, "flatten", { actor: "person:owner", reason: "a test" });
      // The card of the purchase may still have its buttons.
      await stage.until(() => saleQuestion(stage.discord) !== undefined, "the question");
      const message = saleQuestion(stage.discord);
      await stage.discord.tap("Approve", message === undefined ? {} : { message });
      await stage.until(() => kill(stage)?.verifiedAt != null, "verified flat", 40_000);
      const entry = Object.values(stage.books().orders).find((order) => order.intent.leg === "entry");
      const [credentials] = stage.exchange.credentials;
      if (entry === undefined || credentials === undefined) throw new Error("there is no trade to copy");
      // As a process would that lost its record with a failover: our name, nothing of it in the books.
      const venue = await kucoin.open({ credentials, baseUrl: stage.exchange.url, clock, log: stage.log });
      await venue.instruments(["SOL/USDT"]);
      const intent = {
        ...entry.intent,
        shape: { orderType: "limit", limitPrice: price("80"), timeInForce: "gtc" },
      } as unknown as ClearedIntent;
      const clientOrderId = `${entry.clientOrderId.slice(0, -4)}zzzz`;
      const placed = await venue.placeOrder(intent, { clientOrderId, stampedAt: instant(clock.wall()) });
      expect(placed.ok).toBe(true);
      const isWorking = async () => {
        const read = await venue.openOrders("SOL/USDT");
        return read.ok && read.value.some((order) => order.clientOrderId === clientOrderId);
      };
      for (let waited = 0; waited < 30_000 && (await isWorking()); waited += 500) await clock.sleep(500);
      expect(await isWorking()).toBe(false);
      await venue.stop();
      expect(heldAt(stage, "SOL")).toBe("none");
    }),
);

test.concurrent("a feed that stands still answers at once with an old book: nothing is entered on it [V46]", {
  timeout: storyMs,
}, () => {
  let frozen: OrderBook | null = null;
  let isFrozen = false;
  const still = (venue: Venue): Venue => ({
    ...venue,
    async orderBook(symbol) {
      const read = await venue.orderBook(symbol);
      if (symbol !== "SOL/USDT" || !read.ok) return read;
      frozen = isFrozen && frozen !== null ? { ...frozen, receivedAt: instant(clock.wall()) } : read.value;
      return ok(frozen);
    },
  });
  return play({ venue: still }, async (stage) => {
    const id = await stage.ask("SOL/USDT");
    expect(stage.books().approvals[id]?.state).toBe("pending");
    await stage.telegram.tap("Decline");
    await stage.until(() => stage.books().approvals[id]?.state === "declined", "the no");
    isFrozen = true;
    await clock.sleep(3_500);
    await expect(stage.ask("SOL/USDT")).rejects.toThrow(/data_stale/);
    expect(marks.reached()).toContain("V46.age_by_venue_clock");
    expect(await factsOf(stage, "order_intended")).toEqual([]);
  });
});
