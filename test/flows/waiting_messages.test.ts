/** What is stored and not handled is looked at again; one that is being handled is left to whoever does it. */
import { expect, test } from "vitest";
import { handleWaiting } from "../../src/flows/receive_message.ts";
import { openRunningHouse } from "../fixtures/running_house.ts";

test("a message whose handler waits for a platform that never answers keeps the next look from nothing", async () => {
  const { house, run } = await openRunningHouse(1);
  await run(house.ask());
  const answers: (() => void)[] = [];
  house.telegram.acknowledge = () => new Promise((done) => answers.push(() => done("ok")));
  house.needs.clock.sleep = () => new Promise(() => undefined);
  await run(house.telegram.tap("Approve"));
  expect(Object.keys(house.books().chat.inbox)).toHaveLength(1);
  let isOver = false;
  await run(
    Promise.race([
      handleWaiting(house.needs).then(() => {
        isOver = true;
      }),
      new Promise((resolve) => setTimeout(resolve, 500)),
    ]),
  );
  expect(isOver).toBe(true);
  // And it is handled once, by whoever began.
  for (const answer of answers) answer();
  await run(Promise.resolve());
  expect(Object.values(house.books().approvals).map(({ state }) => state)).toEqual(["executed"]);
  expect(house.sent).toHaveLength(1);
});
