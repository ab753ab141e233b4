/** A tap under a request for access: what it was not counted for is said in whole sentences. */
import { expect, test } from "vitest";
import { askAccess } from "../../src/flows/ask_access.ts";
import { deliverOutbox } from "../../src/flows/deliver_outbox.ts";
import { eve, openRunningHouse } from "../fixtures/running_house.ts";

test.each([
  ["late", { arrivedLate: true }, "Not counted: it was tapped while I was away. Tap again."],
  [
    "without an app for codes",
    {},
    "This takes a code of your authenticator app. Set one up first: type /code at the desk.",
  ],
] as const)("a yes that gives power, %s, lets nobody in and says why", async (_how, change, said) => {
  const { house, run } = await openRunningHouse(1, (same) => ({
    ...same,
    approvals: { ...same.approvals, isStepUp: true },
  }));
  await run(askAccess(house.needs, eve));
  await run(deliverOutbox(house.needs));
  await run(house.telegram.tap("As operator", change));
  expect(house.telegram.messages.at(-1)?.card.title).toBe(said);
  expect(Object.values(house.books().people.access).map(({ state }) => state)).toEqual(["open"]);
});
