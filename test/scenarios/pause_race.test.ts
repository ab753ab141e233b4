/** /pause against approvals that come in at the same moment: after its reply nothing enters, except what it names. */
import { expect, test } from "vitest";
import type { Venue } from "../../src/ports/venue.ts";
import { textOf, told } from "./conversation.ts";
import { play, sentEntries, storyMs } from "./play.ts";
import type { Stage } from "./stage.ts";

const rounds = 10;
const symbols = ["SOL/USDT", "ETH/USDT", "BTC/USDT"] as const;

/** Numbers from a fixed seed, so that a failing round can be played again. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const waitMs = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** In odd rounds the way from decision to wire takes its time, so that the pause falls on every step of it. */
const slowed =
  (round: number, next: () => number) =>
  (real: Venue): Venue =>
    new Proxy(real, {
      get(target, name) {
        if (name !== "placeOrder" || round % 2 === 0) return Reflect.get(target, name) as unknown;
        return async (...sent: Parameters<Venue["placeOrder"]>) => {
          if (sent[0].leg === "entry") await waitMs(next() * 120);
          return target.placeOrder(...sent);
        };
      },
    });

const isEnded = (stage: Stage) =>
  Object.values(stage.books().approvals).every(
    (one) => one.state !== "pending" && one.state !== "approved" && one.state !== "executing",
  ) && Object.values(stage.books().positions).every((one) => one.state === "closed" || one.protection === "placed");

/** @returns how many of the three entered before the pause held. */
async function raceOnce(stage: Stage, next: () => number): Promise<number> {
  for (const symbol of symbols) await stage.ask(symbol);
  await stage.until(() => stage.telegram.openPrompts().length === symbols.length, "three prompts");
  const taps = stage.telegram.openPrompts().map(async (message) => {
    await waitMs(next() * 80);
    // The pause may have closed this prompt already; then there is no button to tap.
    if (message.buttons.length > 0) await stage.telegram.tap("Approve", { message });
  });
  await waitMs(next() * 160);
  const reply = textOf(await told(stage, stage.desk, "pause", "a race"));
  const atReply = new Set(sentEntries(stage).map((order) => order["clientOid"]));
  await Promise.all(taps);
  await waitMs(1_500);
  const late = sentEntries(stage).filter((order) => !atReply.has(order["clientOid"]));
  expect(late.filter((order) => !reply.includes(order["clientOid"] ?? "?"))).toEqual([]);
  await stage.until(() => isEnded(stage), "an end of every approval, and a stop for what was bought");
  return sentEntries(stage).length;
}

test("/pause races thirty approvals at random moments and is never overtaken", { timeout: storyMs }, async () => {
  const entered: number[] = [];
  const one = async (round: number) => {
    const next = random(20_260_401 + round * 7_919);
    await play({ venue: slowed(round, next) }, async (stage) => {
      entered.push(await raceOnce(stage, next));
    });
  };
  for (let round = 0; round < rounds; round += 5)
    await Promise.all([0, 1, 2, 3, 4].map((offset) => one(round + offset)));
  const sum = entered.reduce((total, count) => total + count, 0);
  // Some were faster and some were stopped: otherwise nothing was raced.
  expect(sum).toBeGreaterThan(0);
  expect(sum).toBeLessThan(rounds * symbols.length);
});
