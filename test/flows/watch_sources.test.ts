/** A chat that is deaf is on record although nobody writes to it, and no longer than it is deaf. */
import { expect, test } from "vitest";
import { watchChats } from "../../src/flows/watch_sources.ts";
import { openRunningHouse } from "../fixtures/running_house.ts";

test("a linked chat that does not hear for 30 s is gone, though nothing was to be said there; it is back when it hears", async () => {
  const { house, run } = await openRunningHouse(1);
  const look = async () => {
    await run(watchChats(house.needs));
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
