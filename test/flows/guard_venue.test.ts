/** What the guard before a venue learns from answers, and what it does not ask because of it. */
import { expect, test } from "vitest";
import { guardVenue } from "../../src/flows/guard_venue.ts";
import { makeMemory } from "../../src/flows/memory.ts";
import type { Unavailable, Venue } from "../../src/ports/venue.ts";

const gone = (change: Partial<Unavailable> = {}) => ({
  ok: false as const,
  problem: { kind: "unavailable" as const, venue: "kucoin", what: "it", because: "it", retryAfterMs: null, ...change },
});

function stand(answers: { value: unknown }) {
  let mono = 1_000;
  const memory = makeMemory().venue;
  const asked: string[] = [];
  const answer = (name: string) => () => {
    asked.push(name);
    return Promise.resolve(answers.value);
  };
  const names = ["balances", "orderBook", "placeOrder", "cancelOrder", "findOrder"] as const;
  const venue = {
    name: "kucoin",
    ...Object.fromEntries(names.map((name) => [name, answer(name)])),
  } as unknown as Venue;
  const guarded = guardVenue(venue, { clock: { mono: () => mono } as never, memory });
  return { guarded, asked, memory, wait: (ms: number) => (mono += ms) };
}

test("told to stay away for two minutes it asks nothing for two minutes, not even for an exit [V31]", async () => {
  const answers = { value: gone({ trouble: "banned", retryAfterMs: 120_000 }) as unknown };
  const { guarded, asked, memory, wait } = stand(answers);
  await guarded.balances();
  answers.value = { ok: true, value: [] };
  expect(await guarded.orderBook("SOL/USDT")).toMatchObject({ ok: false, problem: { retryAfterMs: 120_000 } });
  wait(119_000);
  expect(await guarded.placeOrder({} as never, {} as never)).toMatchObject({
    ok: false,
    problem: { kind: "not_sent" },
  });
  expect(await guarded.cancelOrder({} as never)).toMatchObject({ ok: false, problem: { kind: "not_sent" } });
  expect(asked).toEqual(["balances"]);
  wait(1_001);
  expect(await guarded.balances()).toMatchObject({ ok: true });
  expect(asked).toEqual(["balances", "balances"]);
  expect(memory.failingSinceMono).toBeNull();
});

test("a refused key is tried once in 30 s; public questions go on, and a good answer forgets it [V50]", async () => {
  const answers = { value: gone({ trouble: "key", because: "KC-API-KEY not exists" }) as unknown };
  const { guarded, asked, memory, wait } = stand(answers);
  for (let n = 0; n < 20; n += 1) {
    await guarded.balances();
    await guarded.findOrder({} as never);
    wait(1_000);
  }
  expect(asked).toHaveLength(1);
  expect(memory.keyRefused).toBe("KC-API-KEY not exists");
  answers.value = { ok: true, value: [] };
  await guarded.orderBook("SOL/USDT");
  expect(asked).toHaveLength(2);
  expect(memory.keyRefused).not.toBeNull();
  wait(11_000);
  await guarded.balances();
  expect(memory.keyRefused).toBeNull();
});

test("what protects or leaves a position tries a refused key again after two seconds; an entry does not [V50]", async () => {
  const answers = { value: gone({ trouble: "key", because: "no right" }) as unknown };
  const { guarded, asked, memory, wait } = stand(answers);
  await guarded.balances();
  answers.value = { ok: true, value: {} };
  wait(2_001);
  await guarded.placeOrder({ leg: "entry" } as never, {} as never);
  expect(asked).toEqual(["balances"]);
  await guarded.placeOrder({ leg: "protect" } as never, {} as never);
  expect(asked).toEqual(["balances", "placeOrder"]);
  expect(memory.keyRefused).toBeNull();
});

test("an order that is refused for its rights says the same of the key [V50]", async () => {
  const answers = {
    value: {
      ok: false,
      problem: { kind: "rejected", code: "400003", message: "no right", reason: "permission" },
    } as unknown,
  };
  const { guarded, memory } = stand(answers);
  await guarded.placeOrder({} as never, {} as never);
  expect(memory.keyRefused).toBe("no right");
});

test("failures are counted from the first one until an answer comes; a refusal is an answer [V32]", async () => {
  const answers = { value: gone({ because: "connection refused" }) as unknown };
  const { guarded, memory, wait } = stand(answers);
  await guarded.balances();
  wait(5_000);
  await guarded.orderBook("SOL/USDT");
  expect([memory.failingSinceMono, memory.failingBecause, memory.answeredMono]).toEqual([
    1_000,
    "connection refused",
    null,
  ]);
  answers.value = { ok: false, problem: { kind: "rejected", code: "1", message: "no money", reason: "balance" } };
  await guarded.placeOrder({} as never, {} as never);
  expect([memory.failingSinceMono, memory.answeredMono]).toEqual([null, 6_000]);
});

test("the window of a venue is answered at once, banned or not: an exit can't wait for a promise", async () => {
  const { guarded } = stand({ value: gone({ trouble: "banned", retryAfterMs: 120_000 }) });
  const withWindow = guardVenue(
    { name: "kucoin", balances: () => guarded.balances(), window: () => "post_only" } as never,
    {
      clock: { mono: () => 0 } as never,
      memory: makeMemory().venue,
    },
  );
  await withWindow.balances();
  expect(withWindow.window?.()).toBe("post_only");
});
