/** After a start people hear once how long the house was away, and how each tap of that time was treated. */
import { expect, test } from "vitest";
import type { Card } from "../../src/core/card.ts";
import { expireApprovals } from "../../src/flows/settle_approval.ts";
import { noteReturn, tellReturn } from "../../src/flows/tell_return.ts";
import type { ApprovalHouse } from "../fixtures/approval_house.ts";
import { openRunningHouse } from "../fixtures/running_house.ts";

async function opened() {
  const { house, run } = await openRunningHouse(1);
  return { house, run };
}

const told = ({ facts }: ApprovalHouse): readonly { readonly chat: string; readonly card: Card }[] =>
  facts.flatMap(({ fact }) =>
    fact.type === "card_queued" && fact.alert === "back" ? [{ chat: fact.chat.platform, card: fact.card }] : [],
  );

test("every chat is told once: the absence, the requests, the taps", async () => {
  const { house, run } = await opened();
  await run(house.ask());
  const [prompt] = house.telegram.openPrompts();
  if (prompt === undefined) throw new Error("no prompt");
  house.wait(22 * 60_000);
  noteReturn(house.needs);
  await run(expireApprovals(house.needs));
  await run(house.telegram.tap("Approve", { message: prompt, arrivedLate: true }));
  await run(house.telegram.tap("Decline", { message: prompt, arrivedLate: true }));
  await run(tellReturn(house.needs));
  expect(told(house)).toEqual([]);
  await run(new Promise((resolve) => setTimeout(resolve, 50)));
  house.wait(10_000);
  await run(tellReturn(house.needs));
  await run(tellReturn(house.needs));
  expect(told(house).map(({ chat }) => chat)).toEqual(["discord", "telegram"]);
  const [one] = told(house);
  expect(one?.card.fields.map(({ name, value }) => `${name}: ${value}`)).toEqual([
    "Away for: 22 min",
    "Requests: 1 expired",
    "Taps of that time: 2 too late",
  ]);
  expect(one?.card.lines[0]).toMatch(/Discord keeps no taps/);
});

test("a short absence in which nothing was open is told to nobody", async () => {
  const { house, run } = await opened();
  house.wait(59_000);
  noteReturn(house.needs);
  await run(tellReturn(house.needs));
  house.wait(10_000);
  await run(tellReturn(house.needs));
  expect(told(house)).toEqual([]);
});

test("a longer one is told although nothing was open", async () => {
  const { house, run } = await opened();
  house.wait(60_000);
  noteReturn(house.needs);
  await run(tellReturn(house.needs));
  house.wait(10_000);
  await run(tellReturn(house.needs));
  expect(told(house)[0]?.card.fields.map(({ value }) => value)).toEqual(["1 min", "none was open", "none arrived"]);
});

test("what people decided meanwhile, from words and taps that waited, is told as well", async () => {
  const { house, run } = await opened();
  await run(house.ask());
  const [prompt] = house.telegram.openPrompts();
  if (prompt === undefined) throw new Error("no prompt");
  house.wait(60_000);
  noteReturn(house.needs);
  await run(house.telegram.tap("Decline", { message: prompt, arrivedLate: true }));
  await run(tellReturn(house.needs));
  await run(new Promise((resolve) => setTimeout(resolve, 50)));
  house.wait(10_000);
  await run(tellReturn(house.needs));
  expect(told(house)[0]?.card.fields.map(({ value }) => value)).toEqual(["1 min", "1 declined", "1 declined"]);
});
