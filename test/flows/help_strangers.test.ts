/** Somebody who is not linked learns from /help how to ask, and nothing of what this house can do. */
import { expect, test } from "vitest";
import { help } from "../../commands/help.ts";
import { commands } from "../../commands/index.ts";
import { openAlertHouse } from "../fixtures/alert_house.ts";
import { textOf } from "../scenarios/conversation.ts";

async function helped(userId: string, command: string): Promise<string> {
  const house = await openAlertHouse();
  const needs = { ...house.needs(), commands };
  const origin = { platform: "telegram", chatId: userId, userId, isPrivate: true };
  return textOf(
    await help.run({ needs, options: { command }, actor: "x", personId: null, origin, sentAt: house.clock.wall() }),
  );
}

test.each(["pause", "/flatten", "emergency", "nothing_of_that_name"])(
  "a stranger who asks about %s is told who is not in",
  async (word) => {
    expect(await helped("666", word)).toMatch(/^You are not linked to this house\.\nSend \/access/);
  },
);

test.each(["access", "link", "help"])("what a stranger may say is explained: %s", async (word) => {
  expect(await helped("666", word)).toContain(`/${word}\n`);
});

test("the list of a stranger holds what anybody may say", async () => {
  expect(
    (await helped("666", ""))
      .split("\n")
      .filter((line) => line.startsWith("/"))
      .map((line) => line.split(":")[0]),
  ).toEqual(
    commands
      .filter(({ access }) => access.role === "anyone")
      .map(({ name }) => `/${name}`)
      .concat("/help COMMAND shows examples."),
  );
});

test("who is linked is told all of it", async () => {
  expect(await helped("111", "pause")).toContain("/pause going on holiday");
  expect(await helped("111", "dance")).toContain("There is no /dance.");
});
