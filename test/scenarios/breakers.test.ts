/** Breakers as a person lives them: what opens them, what they stop, what goes on meanwhile, and what closes them. */
import { afterEach, describe, expect, test } from "vitest";
import { price, quantity } from "../../src/core/money.ts";
import { openBreaker } from "../../src/flows/open_breaker.ts";
import type { Venue } from "../../src/ports/venue.ts";
import { buy, cardsWith, noPrompts, textOf, told } from "./conversation.ts";
import { openStage, type Stage, type StageWish } from "./stage.ts";

type Trouble = { kind: "banned" | "key"; retryAfterMs: number | null } | null;

describe("breakers", () => {
  let stage: Stage;
  afterEach(async () => {
    await stage.judge().finally(() => stage.close());
  });
  const open = async (wish: StageWish = {}) => {
    stage = await openStage(wish);
  };
  const say = (name: string, text = "") => told(stage, stage.telegram, name, text);
  const standing = () => Object.keys(stage.books().house.breakers);
  const stateOf = (key: string) => stage.books().house.breakers[key]?.state;

  /** A venue that answers every question with this trouble while it lasts. */
  const troubled =
    (trouble: { now: Trouble }, asked: string[] = []) =>
    (venue: Venue): Venue =>
      new Proxy(venue, {
        get(target, name) {
          const member = Reflect.get(target, name) as unknown;
          if (typeof member !== "function" || name === "stop") return member;
          return (...given: unknown[]) => {
            const { now } = trouble;
            asked.push(String(name));
            if (now === null || name === "time") return (member as (...all: unknown[]) => unknown).apply(target, given);
            const because = now.kind === "key" ? "KC-API-KEY not exists" : "the venue told us to stay away";
            return Promise.resolve({
              ok: false,
              problem: {
                kind: "unavailable",
                venue: "kucoin",
                what: String(name),
                because,
                retryAfterMs: now.retryAfterMs,
                trouble: now.kind,
              },
            });
          };
        },
      });

  /** As if its cause had been gone for as long as it takes. */
  const cool = async (key: string) => {
    const { memory, clock } = stage.house().needs;
    await stage.until(() => memory.clearSince.has(key), "a look that finds the cause gone");
    const known = memory.clearSince.get(key);
    memory.clearSince.set(key, { mono: clock.mono() - 4_000_000, openedWallAt: known?.openedWallAt ?? 0 });
    await stage.until(() => stateOf(key) === "half_open", "a half open breaker");
  };

  test("a revoked key opens a breaker that only a person closes, and not before the key works [V50] [O10]", async () => {
    const trouble: { now: Trouble } = { now: null };
    const asked: string[] = [];
    await open({ venue: troubled(trouble, asked) });
    await buy(stage, "SOL/USDT");
    trouble.now = { kind: "key", retryAfterMs: null };
    await stage.until(() => standing().includes("key_refused@venue:kucoin"), "the breaker", 20_000);
    const before = asked.length;
    await stage.house().needs.clock.sleep(2_000);
    expect(
      asked.slice(before).filter((name) => name !== "time" && name !== "orderBook" && name !== "candles").length,
    ).toBeLessThan(4);
    expect(stage.position("SOL/USDT")?.protection).toBe("placed");
    expect(textOf(await say("reset", "key_refused the key is fine, trust me"))).toContain("key refused is still true");
    const same = textOf(await say("breakers", "reset key_refused the key is fine, trust me"));
    expect(same).toContain("key refused is still true");
    trouble.now = null;
    await stage.restart();
    expect(stateOf("key_refused@venue:kucoin")).toBe("open");
    await expect(stage.ask("ETH/USDT")).rejects.toThrow(/breaker_open/);
    expect((await say("reset", "key_refused a new key is in place")).title).toBe("Closed: key_refused@venue:kucoin");
    await stage.ask("ETH/USDT");
  }, 60_000);

  test("a ban stops every question; afterwards one smallest order tries the venue, and it closes [V31]", async () => {
    const trouble: { now: Trouble } = { now: null };
    const asked: string[] = [];
    await open({ venue: troubled(trouble, asked) });
    await buy(stage, "SOL/USDT");
    await stage.ask("BTC/USDT");
    trouble.now = { kind: "banned", retryAfterMs: 3_000 };
    const key = "venue_banned@venue:kucoin";
    await stage.until(() => stateOf(key) === "open", "the breaker");
    await stage.until(() => noPrompts(stage), "a void question");
    trouble.now = null;
    const during = asked.length;
    await stage.house().needs.clock.sleep(1_000);
    expect(asked.length - during).toBeLessThan(2);
    await stage.until(
      () => stage.house().needs.memory.venue.bannedUntilMono < stage.house().needs.clock.mono(),
      "its end",
    );
    await cool(key);
    const id = await stage.ask("ETH/USDT");
    const subject = stage.books().approvals[id]?.subject;
    const worth = subject?.kind === "order" ? Number(subject.terms.notional) : 0;
    expect(worth).toBeGreaterThan(0);
    expect(worth).toBeLessThan(10);
    await stage.telegram.tap("Approve");
    await stage.until(() => stateOf(key) === undefined, "a closed breaker");
    expect(stage.position("ETH/USDT")?.protection).toBe("placed");
    const kinds = await stage.database.pool.query<{ kind: string }>(
      "select kind from events where kind like 'breaker%' order by seq",
    );
    expect(kinds.rows.map((row) => row.kind)).toEqual(["breaker_opened", "breaker_half_opened", "breaker_closed"]);
  }, 60_000);

  test("the fourth reset of one cause within a day takes two people [O10]", async () => {
    await open({
      settings: (settings) => ({
        ...settings,
        people: [
          ...settings.people,
          {
            personId: "olga",
            name: "Olga",
            role: "operator",
            timeZone: "UTC",
            telegramUserId: "333",
            discordUserId: null,
          },
        ],
      }),
    });
    const wish = { scope: "global", cause: "two_writers", class: "sticky", evidence: { order: "x1" } } as const;
    for (let n = 1; n <= 3; n += 1) {
      await openBreaker(stage.house().needs, wish);
      expect((await say("reset", `two_writers the other one is off, number ${n}`)).title).toBe(
        "Closed: two_writers@global",
      );
    }
    await openBreaker(stage.house().needs, wish);
    expect((await say("reset", "two_writers once more")).title).toBe("Fourth reset of two_writers within a day");
    await stage.until(() => cardsWith(stage.discord, "Fourth reset").length === 1, "the announcement");
    expect((await say("reset", "two_writers and again")).title).toContain("waits already");
    expect(textOf(await say("breakers"))).toContain("Reset asked by owner: once more");
    expect((await say("breakers", "withdraw two_writers")).title).toContain("withdrawn");
    await say("reset", "two_writers once more");
    const olga = { sender: { userId: "333", displayName: "Olga", isPerson: true } };
    const done = await told(stage, stage.telegram, "reset", "two_writers I saw it too", olga);
    expect(done.title).toBe("Closed: two_writers@global");
    expect(standing()).toEqual([]);
  }, 30_000);

  test("one print of ten times the price moves nothing; the stop stays where it was [V47]", async () => {
    const spike = { reads: 0 };
    await open({
      venue: (venue) => {
        const orderBook: Venue["orderBook"] = async (symbol) => {
          const read = await venue.orderBook(symbol);
          if (!read.ok || spike.reads === 0) return read;
          spike.reads -= 1;
          const times = (levels: typeof read.value.bids) =>
            levels.map((level) => ({ ...level, price: price(String(Number(level.price) * 10)) }));
          return { ok: true, value: { ...read.value, bids: times(read.value.bids), asks: times(read.value.asks) } };
        };
        return Object.assign(Object.create(venue) as Venue, { orderBook });
      },
    });
    await buy(stage, "SOL/USDT");
    const held = stage.position("SOL/USDT");
    await stage.house().needs.clock.sleep(2_500);
    spike.reads = 1;
    await stage.until(() => spike.reads === 0, "the bad print");
    await stage.house().needs.clock.sleep(1_500);
    expect(stage.position("SOL/USDT")).toMatchObject({ state: "monitoring", exitPlan: held?.exitPlan, exitFacts: [] });
    expect(stage.books().house.account?.equityHigh).toMatch(/^(99|100)\d\d/);
  }, 30_000);

  test("a reckoning that fails stops entries, and never a stop [D05]", async () => {
    await open();
    await buy(stage, "SOL/USDT");
    // Some feed named the same asset with a price that is no number: what it is worth can't be computed any more.
    const { books } = stage.house().needs.memory;
    const good = books.get("kucoin:SOL/USDT");
    if (good === undefined) throw new Error("there is a book");
    books.delete("kucoin:SOL/USDT");
    const nonsense = [{ price: price("1"), quantity: quantity("1") }].map((level) => ({
      ...level,
      price: "x" as never,
    }));
    books.set("other:SOL/USDT", { ...good, instrumentId: "other:SOL/USDT", bids: nonsense });
    books.set("kucoin:SOL/USDT", good);
    await stage.until(() => standing().includes("exposure_within_caps@account:main"), "the breaker");
    await expect(stage.ask("ETH/USDT")).rejects.toThrow();
    await say("close", "SOL/USDT");
    await stage.until(() => stage.position("SOL/USDT")?.state === "closed", "the close", 20_000);
  }, 45_000);
});
