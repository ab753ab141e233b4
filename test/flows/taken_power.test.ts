/** Power that was taken away is gone from what is still open too: signatures, codes that were made, questions that were asked. */

import { expect, test } from "vitest";
import { people } from "../../commands/people.ts";
import { unlink } from "../../commands/unlink.ts";
import { deskDoor } from "../../src/boot/desk_sight.ts";
import type { Role } from "../../src/core/authority.ts";
import { lockedOutWithout } from "../../src/core/books_people.ts";
import type { Fact } from "../../src/core/events.ts";
import { askAccess, settleAccess } from "../../src/flows/ask_access.ts";
import {
  enrolPeople,
  findDeskSession,
  issueCode,
  openDeskSession,
  useCode,
  useCodeAtDesk,
} from "../../src/flows/link_people.ts";
import { changeRole, removePerson, unlinkPerson } from "../../src/flows/manage_people.ts";
import { finishRaises } from "../../src/flows/raise_role.ts";
import { recordFacts } from "../../src/flows/record.ts";
import { showPrompts } from "../../src/flows/show_prompts.ts";
import type { ApprovalHouse } from "../fixtures/approval_house.ts";
import { personSet } from "../fixtures/facts.ts";
import { openRunningHouse } from "../fixtures/running_house.ts";

const person = (personId: string, role: Role): Fact => personSet(personId, role, { origin: "chat" });
const cleo: readonly Fact[] = [
  person("cleo", "owner"),
  {
    type: "chat_linked",
    personId: "cleo",
    platform: "discord",
    userId: "444",
    chat: { platform: "discord", chatId: "222", threadId: null },
  },
];

type Change = Parameters<typeof openRunningHouse>[1];

/** Ana and Cleo are owners, Bo signs too; everybody was let in by chat. */
async function opened(quorum: number, change?: Change) {
  const also = [person("ana", "owner"), person("bo", "approver"), ...cleo];
  const { house, run } = await openRunningHouse(quorum, change, also);
  const by = { actor: "person:cleo", sentAt: house.needs.clock.wall() };
  return { house, run, by, state: () => Object.values(house.books().approvals).at(-1)?.state };
}

const as = (userId: string) => ({ sender: { userId, displayName: userId, isPerson: true } });
const bo = as("333");

/** A tap is taken as soon as it is stored; here what comes of it is waited for. */
async function settled({ needs, books, wait }: ApprovalHouse): Promise<void> {
  while (Object.keys(books().chat.inbox).length > 0) await new Promise((resolve) => setImmediate(resolve));
  // A chat is not told twice within a second.
  wait(2_000);
  await showPrompts(needs);
}

type Opened = Awaited<ReturnType<typeof opened>>;
const takes: Readonly<Record<string, (at: Opened) => Promise<unknown>>> = {
  "taken out": ({ house, by }) => removePerson(house.needs, { ...by, who: "bo" }),
  "made viewer": ({ house, by }) => changeRole(house.needs, { ...by, who: "bo", role: "viewer", reason: "" }),
  unlinked: ({ house, by }) => unlinkPerson(house.needs, { ...by, who: "bo", platform: "telegram" }),
};

test.each(Object.keys(takes))("the signature of somebody who was %s meanwhile is none", async (how) => {
  const at = await opened(2);
  const { house, run } = at;
  await run(house.ask());
  await run(house.telegram.tap("Approve", bo).then(() => settled(house)));
  expect(house.telegram.openPrompts()[0]?.card.footer).toContain("1 of 2 signatures given");
  await run(takes[how]?.(at) ?? Promise.reject(new Error(how)));
  await run(house.discord.tap("Approve", as("444")).then(() => settled(house)));
  expect([at.state(), house.sent.length]).toEqual(["pending", 0]);
  // The yes of the one who is left counts alone, or is asked for once more because the prompt was drawn anew under it.
  expect(house.discord.openPrompts()[0]?.card.footer).toMatch(/1 of 2 signatures given|2 signatures needed/);
  await run(house.discord.tap("Approve"));
  expect([at.state(), house.sent.length]).toEqual(["executed", 1]);
});

test("an account that is unlinked takes the signature along that came from it, though its person has another one", async () => {
  const at = await opened(2);
  const { house, run, by } = at;
  await run(house.ask());
  await run(house.telegram.tap("Approve"));
  await run(unlinkPerson(house.needs, { ...by, who: "ana", platform: "telegram" }));
  await run(house.telegram.tap("Approve", bo));
  expect([at.state(), house.sent.length]).toEqual(["pending", 0]);
});

const account = {
  platform: "telegram",
  userId: "999",
  chat: { platform: "telegram", chatId: "999", threadId: null },
} as const;

test.each(["unlinked"])("a code that somebody made before being %s links nobody", async (how) => {
  const at = await opened(1);
  const { house, run } = at;
  const code = await run(issueCode(house.needs, "bo", "person:bo"));
  await run(takes[how]?.(at) ?? Promise.reject(new Error(how)));
  expect(await run(useCode(house.needs, code, account))).toMatchObject({ ok: false });
  expect(house.books().people.links["telegram:999"]).toBeUndefined();
  const anew = await run(issueCode(house.needs, "bo", "person:cleo"));
  expect(await run(useCode(house.needs, anew, account))).toMatchObject({ ok: true });
});

test("a desk whose link was taken shows nothing more, though its person has other accounts", async () => {
  const { house, run, by } = await opened(1);
  const door = deskDoor(() => ({ needs: house.needs }) as never);
  await run(useCodeAtDesk(house.needs, await run(issueCode(house.needs, "bo", "person:bo"))));
  expect(door.personNow("bo")).toMatchObject({ personId: "bo" });
  await run(unlinkPerson(house.needs, { ...by, who: "bo", platform: "desk" }));
  expect(door.personNow("bo")).toBeNull();
});

/** Signed in at the desk, as its page does it. */
async function atDesk({ house, run }: Opened, personId: string, tokenHash: string): Promise<void> {
  await run(useCodeAtDesk(house.needs, await run(issueCode(house.needs, personId, `person:${personId}`))));
  await run(openDeskSession(house.needs, { personId, tokenHash, openedAt: house.needs.clock.wall() }));
}

/** What a command answers to Ana in her private chat. */
async function said({ house, run }: Opened, name: string, text: string): Promise<string> {
  (house.needs as { commands: unknown }).commands = [unlink, people];
  await run(house.telegram.say(name, text));
  const { card } = house.telegram.messages.findLast((message) => message.isReply) ?? {};
  return [card?.title, ...(card?.lines ?? [])].join("\n");
}

test("/unlink desk ends the sessions there: none of them works again after the next sign-in", async () => {
  const at = await opened(1);
  await atDesk(at, "bo", "stolen");
  expect(await said(at, "unlink", "desk bo")).toContain("Unlinked: desk bo");
  await atDesk(at, "bo", "new");
  expect([findDeskSession(at.house.needs, "stolen"), findDeskSession(at.house.needs, "new")?.personId]).toEqual([
    null,
    "bo",
  ]);
});

test("a session that an older house left open when it took the desk away does not come back either", async () => {
  const at = await opened(1);
  await atDesk(at, "bo", "stolen");
  const gone: Fact = { type: "chat_unlinked", platform: "desk", userId: "bo", reason: "" };
  await at.run(recordFacts(at.house.needs, "person:ana", [gone]));
  await atDesk(at, "bo", "new");
  expect(findDeskSession(at.house.needs, "stolen")).toBeNull();
});

test("whoever is unlinked on one platform and not on the others is said, with the words that end it", async () => {
  const at = await opened(1);
  await atDesk(at, "bo", "one");
  expect(await said(at, "unlink", "telegram 333")).toContain("Still linked: desk. /unlink desk bo ends it.");
  await at.run(
    recordFacts(at.house.needs, "house", [{ type: "chat_linked", ...account, personId: "cleo", userId: "445" }]),
  );
  await atDesk(at, "cleo", "two");
  expect(await said(at, "unlink", "discord 444")).toContain(
    "Still linked: telegram 445, desk. /people unlink cleo ends them all.",
  );
});

test("two owners who take each other out at once do not lock everybody out", async () => {
  const { house, run } = await opened(1);
  await run(
    recordFacts(house.needs, "house", [{ type: "chat_unlinked", platform: "discord", userId: "222", reason: "" }]),
  );
  const origin = { platform: "telegram", chatId: "111", userId: "111", isPrivate: true };
  const unlinks = (personId: string, options: { platform: "telegram" | "discord"; user: string }) =>
    unlink.run({
      options,
      needs: house.needs,
      actor: `person:${personId}`,
      personId,
      origin,
      sentAt: house.needs.clock.wall(),
    });
  await run(
    Promise.all([
      unlinks("ana", { platform: "discord", user: "444" }),
      unlinks("cleo", { platform: "telegram", user: "111" }),
    ]),
  );
  expect(lockedOutWithout(house.books().people, {})).toBe(false);
});

const inSettings = {
  personId: "bo",
  name: "bo",
  role: "approver",
  timeZone: "UTC",
  telegramUserId: "333",
  discordUserId: null,
};

test("/people unlink takes the accounts of the settings file away at once, and they stay out", async () => {
  const at = await opened(1, (same) => ({ ...same, people: [inSettings as never] }));
  const { house, run } = at;
  await run(
    recordFacts(house.needs, "house", [{ type: "chat_unlinked", platform: "telegram", userId: "333", reason: "" }]),
  );
  await run(enrolPeople(house.needs));
  const isLinked = () => house.books().people.links["telegram:333"] !== undefined;
  expect(isLinked()).toBe(true);
  for (const words of ["remove bo", "role bo viewer"])
    expect(await said(at, "people", words)).toMatch(/settings file.*To take the power now: \/unlink telegram 333$/);
  expect(await said(at, "people", "unlink bo")).toMatch(/bo: telegram 333 counts for nothing.*\nThe settings file/);
  expect(isLinked()).toBe(false);
  await run(enrolPeople(house.needs));
  expect(isLinked()).toBe(false);
});

test("an account that the settings name and an owner took out stays out at the next start, until a code brings it back", async () => {
  const { house, run } = await opened(1, (same) => ({ ...same, people: [inSettings as never] }));
  (house.needs as { commands: unknown }).commands = [unlink];
  const isLinked = () => house.books().people.links["telegram:333"]?.personId === "bo";
  await run(
    recordFacts(house.needs, "house", [{ type: "chat_unlinked", platform: "telegram", userId: "333", reason: "" }]),
  );
  await run(enrolPeople(house.needs));
  expect(isLinked()).toBe(true);
  await run(house.telegram.say("unlink", "telegram 333"));
  await run(enrolPeople(house.needs));
  expect(isLinked()).toBe(false);
  const code = await run(issueCode(house.needs, "bo", "person:ana"));
  await run(useCode(house.needs, code, { ...account, userId: "333" }));
  expect(isLinked()).toBe(true);
  await run(enrolPeople(house.needs));
  expect(isLinked()).toBe(true);
});

test("who is no owner any more when it is decided lets nobody in", async () => {
  const { house, run } = await opened(1);
  const stranger = { platform: "telegram", userId: "999", name: "Eve", chat: account.chat };
  await run(askAccess(house.needs, stranger));
  const requestId = Object.keys(house.books().people.access)[0] ?? "";
  await run(recordFacts(house.needs, "house", [person("ana", "approver")]));
  const settled = await run(settleAccess(house.needs, { requestId, role: "approver", personId: "ana" }));
  expect([settled.kind, house.books().people.links["telegram:999"]]).toEqual(["not_allowed", undefined]);
  expect((await run(settleAccess(house.needs, { requestId, role: "viewer", personId: "cleo" }))).kind).toBe("settled");
});

const askedRaise = async (at: Opened, { house, run }: Opened = at) => {
  const wish = { actor: "person:ana", sentAt: house.needs.clock.wall(), who: "bo", role: "owner" as const };
  await run(changeRole(house.needs, { ...wish, reason: "she watches the night" }));
  return Object.values(house.books().approvals).at(-1);
};
const stepUp: Change = (same) => ({ ...same, approvals: { ...same.approvals, isStepUp: true } });

test("what somebody asked for who has lost the power to ask is void at its end, also when nobody stopped it", async () => {
  const at = await opened(1, stepUp);
  const { house, run } = at;
  await run(recordFacts(house.needs, "house", [person("cleo", "approver")]));
  expect((await askedRaise(at))?.subject).toMatchObject({ isAlone: true });
  await run(recordFacts(house.needs, "house", [person("cleo", "owner"), person("ana", "viewer")]));
  house.wait(3_600_000);
  await run(finishRaises(house.needs));
  expect([at.state(), house.books().people.persons["bo"]?.role]).toEqual(["invalidated", "approver"]);
});

test("a no that is stored in the last second of a wait stops it, before anybody has looked at it", async () => {
  const at = await opened(1, stepUp);
  const { house, run } = at;
  await run(recordFacts(house.needs, "house", [person("cleo", "approver")]));
  await askedRaise(at);
  const no = await declineInbox(house);
  await run(recordFacts(house.needs, "telegram:333", [no]));
  house.wait(3_600_000);
  await run(finishRaises(house.needs));
  expect([at.state(), house.books().people.persons["bo"]?.role]).toEqual(["pending", "approver"]);
});

test("a wait that ended while nobody listened is done only after what was said meanwhile was heard", async () => {
  const at = await opened(1, stepUp);
  const { house, run } = at;
  await run(recordFacts(house.needs, "house", [person("cleo", "approver")]));
  await askedRaise(at);
  house.wait(3_600_000);
  house.needs.memory.back = { awayMs: 3_600_000, open: [], taps: new Map(), dueMono: null };
  await run(finishRaises(house.needs));
  expect(at.state()).toBe("pending");
  house.needs.memory.back = null;
  await run(finishRaises(house.needs));
  expect(at.state()).toBe("executed");
});

/** As a process leaves it that died right after it stored the tap. */
async function declineInbox(house: ApprovalHouse): Promise<Fact> {
  const message = house.telegram.openPrompts().at(-1);
  const token = message?.buttons.find((button) => button.label === "Decline")?.token ?? "";
  expect(token).not.toBe("");
  const payload = JSON.stringify({
    kind: "tap",
    eventIds: ["late"],
    chat: { platform: "telegram", chatId: "111", threadId: null },
    isPrivate: true,
    guildId: null,
    ...bo,
    answerRef: { platform: "telegram", id: "q:late", token: null },
    arrivedLate: false,
    messageId: message?.messageId,
    token,
    tappedAt: null,
    isInline: false,
  });
  return { type: "message_received", inboxId: "in-late", eventKeys: ["telegram:late"], payload };
}
