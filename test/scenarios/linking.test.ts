/** How an account becomes a person and stops being one. */
import { afterEach, describe, expect, test } from "vitest";
import type { HouseSettings } from "../../src/core/settings.ts";
import { instant } from "../../src/core/time.ts";
import { issueCode } from "../../src/flows/link_people.ts";
import { textOf, told } from "./conversation.ts";
import { openStage, type Stage, type StageWish } from "./stage.ts";

const phone = {
  sender: { userId: "444", displayName: "second phone", isPerson: true },
  chat: { platform: "telegram", chatId: "444", threadId: null },
} as const;

const withAna = (settings: HouseSettings): HouseSettings => ({
  ...settings,
  people: [
    ...settings.people,
    { personId: "ana", name: "Ana", role: "approver", timeZone: "UTC", telegramUserId: "333", discordUserId: null },
  ],
});
const ana = {
  sender: { userId: "333", displayName: "Ana", isPerson: true },
  chat: { platform: "telegram", chatId: "333", threadId: null },
} as const;

describe("linking", () => {
  let stage: Stage;
  const open = async (wish: StageWish = {}) => {
    stage = await openStage(wish);
  };
  afterEach(async () => {
    await stage.judge().finally(() => stage.close());
  });
  const codeFromDesk = async (): Promise<string> =>
    /\/link (\S+)/.exec(textOf(await told(stage, stage.desk, "link")))?.[1] ?? "no code";

  test("a code from the desk links a second phone to the same person, who gets prompts there at once", async () => {
    await open();
    await stage.ask("SOL/USDT");
    const card = await told(stage, stage.telegram, "link", await codeFromDesk(), phone);
    expect(card.title).toBe("Linked: owner");
    await stage.until(
      () => stage.telegram.openPrompts().some((message) => message.chat.chatId === "444"),
      "the open prompt on the new chat",
    );
    await stage.telegram.tap("Approve", {
      ...phone,
      message: stage.telegram.openPrompts().find((one) => one.chat.chatId === "444") as never,
    });
    await stage.until(() => stage.position("SOL/USDT")?.protection === "placed", "protection");
    const voters = await stage.database.pool.query<{ who: string; account: string }>(
      "select body->>'personId' as who, body->>'userId' as account from events where kind = 'vote_cast'",
    );
    expect(voters.rows).toEqual([{ who: "owner", account: "444" }]);
  });

  test("a wrong code, a used code and an old code link nobody", async () => {
    let shift = 0;
    await open({ clock: (system) => ({ ...system, wall: () => instant(system.wall() + shift) }) });
    const wrong = await told(stage, stage.telegram, "link", "AAAAAAAAAAAAAAAA", phone);
    expect(wrong.title).toBe("This code is wrong or was used already.");
    const code = await issueCode(stage.house().needs, "owner", "test");
    shift = 15 * 60_000 + 1;
    const old = await told(stage, stage.telegram, "link", code, phone);
    expect(old.title).toBe("This code is too old.");
    expect(old.lines[0]).toContain("/link on the desk");
    const again = await told(stage, stage.telegram, "link", code, phone);
    expect(again.title).toBe("This code is wrong or was used already.");
    expect(stage.books().people.links["telegram:444"]).toBeUndefined();
    shift = 0;
    const good = await issueCode(stage.house().needs, "owner", "test");
    expect((await told(stage, stage.telegram, "link", good, phone)).title).toBe("Linked: owner");
    const thief = { sender: { userId: "666", displayName: "thief", isPerson: true } };
    const stolen = await told(stage, stage.telegram, "link", good, thief);
    expect(stolen.title).toBe("This code is wrong or was used already.");
    expect((await told(stage, stage.telegram, "pause", "", thief)).title).toBe("You are not linked to this house.");
  });

  test("a stranger gets no code, and nobody gets one where others read along", async () => {
    await open();
    expect((await told(stage, stage.telegram, "link", "", phone)).title).toBe("This chat is not linked yet.");
    const group = await told(stage, stage.discord, "link", "", { isPrivate: false, guildId: "77" });
    expect(group.title).toBe("Codes are made in private only.");
    expect(stage.books().people.codes).toEqual({});
  });

  test("no code is kept in the clear", async () => {
    await open();
    const code = await codeFromDesk();
    const kept = await stage.database.pool.query("select 1 from events where body::text like $1", [`%${code}%`]);
    expect(kept.rowCount).toBe(0);
    await told(stage, stage.telegram, "link", code, phone);
  });

  test("/unlink takes effect at once: the buttons of that account count for nothing", async () => {
    await open();
    await stage.ask("SOL/USDT");
    await stage.until(() => stage.telegram.openPrompts().length === 1, "the prompt");
    const card = await told(stage, stage.desk, "unlink", "telegram 111");
    expect(card.title).toBe("Unlinked: telegram 111");
    await stage.telegram.tap("Approve");
    await stage.until(() => Object.keys(stage.books().chat.inbox).length === 0, "the tap to be handled");
    expect(stage.orderPosts()).toHaveLength(0);
    expect((await told(stage, stage.telegram, "pause")).title).toBe("You are not linked to this house.");
    expect(stage.books().house.level).toBe("none");
    expect(textOf(await told(stage, stage.desk, "unlink", "telegram 111"))).toContain("No account 111 is linked");
    await stage.desk.tap("Decline");
    await stage.until(() => Object.values(stage.books().approvals)[0]?.state === "declined", "the no");
  });

  test("a person taken out of the settings has no power after the restart", async () => {
    await open({ settings: withAna });
    expect((await told(stage, stage.telegram, "pause", "", ana)).title).toBe("Paused");
    await told(stage, stage.desk, "resume", "all is well");
    await stage.restart((settings) => ({
      ...settings,
      people: settings.people.filter((one) => one.personId !== "ana"),
    }));
    expect((await told(stage, stage.telegram, "pause", "", ana)).title).toBe("You are not linked to this house.");
    expect(stage.books().house.level).toBe("none");
    expect(stage.books().people.persons["ana"]?.isActive).toBe(false);
  });

  test("an id that now belongs to somebody else in the settings is that person's", async () => {
    await open({ settings: withAna });
    await stage.restart((settings) => ({
      ...settings,
      people: settings.people.map((one) =>
        one.personId === "ana" ? { ...one, personId: "ben", name: "Ben", role: "viewer" as const } : one,
      ),
    }));
    expect((await told(stage, stage.telegram, "pause", "", ana)).title).toContain("yours is viewer");
  });
});
