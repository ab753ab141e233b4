/** What was said while nobody listened is marked late, because a late tap may not add risk; what is fresh is not. */
import { expect, it } from "vitest";
import { only, pause, telegramHouse, until } from "./telegram_house.ts";

it("what piled up before the start is late; what comes after is not, even within the first seconds", async () => {
  const { server, ana, group, messenger, received, take } = await telegramHouse();
  server.sendText(ana, group, "before");
  await messenger.start(take);
  await until(() => received.length === 1);
  await until(() => server.waitingPolls() === 1);
  server.sendText(ana, group, "after");
  await until(() => received.length === 2);
  expect(received.map((one) => one.arrivedLate)).toEqual([true, false]);
});

it("a gap of more than 10 s makes the next batch late, and only that", async () => {
  const { server, ana, group, messenger, clock, received, take } = await telegramHouse();
  await messenger.start(take);
  await until(() => server.waitingPolls() === 1);
  await server.goAway();
  clock.skip(10_500);
  server.sendText(ana, group, "in the gap");
  await server.comeBack();
  await until(() => received.length === 1);
  await until(() => server.waitingPolls() === 1);
  server.sendText(ana, group, "fresh");
  await until(() => received.length === 2);
  expect(received.map((one) => one.arrivedLate)).toEqual([true, false]);
});

it("a short hiccup makes nothing late", async () => {
  const { server, ana, group, messenger, received, take } = await telegramHouse();
  await messenger.start(take);
  await until(() => server.waitingPolls() === 1);
  await server.goAway();
  await server.comeBack();
  server.sendText(ana, group, "soon after");
  await until(() => received.length === 1);
  expect(received.map((one) => one.arrivedLate)).toEqual([false]);
});

it("a tap that waited for the database is late when it is stored at last", async () => {
  const { server, ana, group, messenger, clock, received } = await telegramHouse();
  let isBroken = true;
  await messenger.start(async (incoming) => {
    if (isBroken) throw new Error("away");
    received.push(incoming);
  });
  server.sendText(ana, group, "waited");
  await until(() => messenger.health().problem !== null);
  clock.skip(10_500);
  isBroken = false;
  await until(() => received.length === 1);
  expect(only(received).arrivedLate).toBe(true);
});

it("a machine that slept through its own poll was not hearing", async () => {
  const { server, ana, group, messenger, clock, received, take } = await telegramHouse();
  await messenger.start(take);
  await until(() => server.waitingPolls() === 1);
  clock.skip(60_000);
  server.sendText(ana, group, "while asleep");
  await until(() => received.length === 1);
  expect(only(received).arrivedLate).toBe(true);
});

it("an update fetched in the middle of a long quiet poll is not late", async () => {
  const { server, ana, group, messenger, received, take } = await telegramHouse();
  await messenger.start(take);
  await pause(2_300);
  server.sendText(ana, group, "at last");
  await until(() => received.length === 1);
  expect(only(received).arrivedLate).toBe(false);
});
