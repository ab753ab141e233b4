/** A chat that is deaf is on record although nobody writes to it, and no longer than it is deaf. */
import fc, { type Scheduler } from "fast-check";
import { expect, test } from "vitest";
import { watchChats } from "../../src/flows/watch_sources.ts";
import { openApprovalHouse } from "../fixtures/approval_house.ts";

async function through<Value>(scheduler: Scheduler, work: Promise<Value>): Promise<Value> {
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    if (scheduler.count() > 0) await scheduler.waitNext(1);
    else await new Promise((resolve) => setImmediate(resolve));
  }
  return done;
}

test("a linked chat that does not hear for 30 s is gone, though nothing was to be said there; it is back when it hears", async () => {
  const [scheduler] = fc.sample(fc.scheduler(), 1);
  if (scheduler === undefined) throw new Error("no scheduler");
  const house = await openApprovalHouse(scheduler, 1);
  const look = async () => {
    await through(scheduler, watchChats(house.needs));
    return Object.keys(house.needs.ledger.books().house.gone);
  };
  house.telegram.isDeaf = true;
  expect(await look()).toEqual([]);
  house.wait(29_000);
  expect(await look()).toEqual([]);
  house.wait(1_000);
  expect(await look()).toEqual(["chat:telegram"]);
  house.telegram.isDeaf = false;
  expect(await look()).toEqual([]);
  house.telegram.isDeaf = true;
  expect(await look()).toEqual([]);
});
