/** An account is reached in one chat: a link in another one moves it there, topic and all, and says so. */
import { expect, test } from "vitest";
import { link } from "../../commands/link.ts";
import { issueCode } from "../../src/flows/link_people.ts";
import { openRunningHouse } from "../fixtures/running_house.ts";

const topic = { platform: "telegram", chatId: "-100", threadId: "7" } as const;

async function linkedAs(userId: string) {
  const { house, run } = await openRunningHouse(1);
  (house.needs as { commands: unknown }).commands = [link];
  const code = await run(issueCode(house.needs, "bo", "person:bo"));
  const sender = { userId, displayName: "Bo", isPerson: true };
  await run(house.telegram.say("link", code, { sender, chat: topic, isPrivate: false }));
  const card = house.telegram.messages.findLast((message) => message.isReply)?.card;
  const running = card?.fields.find(({ name }) => name === "Still running")?.value;
  return { link: house.books().people.links[`telegram:${userId}`], said: card?.lines.join(" "), running };
}

test("a link made in a topic of a group reaches that topic, and names the private chat that it replaces", async () => {
  const { link: made, said, running } = await linkedAs("333");
  expect(made?.chat).toEqual(topic);
  expect(said).toContain("They came to our private chat until now and do so no more");
  expect(running).toBe("your other accounts, as before");
});

test("a link of another account replaces nothing, and says nothing of it", async () => {
  const { link: made, said, running } = await linkedAs("999");
  expect([made?.personId, made?.chat]).toEqual(["bo", topic]);
  expect(said).not.toContain("until now");
  expect(running).toBe("your other chats, as before");
});
