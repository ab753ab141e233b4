/** What the house answers when asked, and what it says to words that it doesn't know or people that it doesn't know. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buy, factCount, textOf, told } from "./conversation.ts";
import { openStage, type Stage } from "./stage.ts";

const stranger = { userId: "999", displayName: "mallory", isPerson: true };

describe("asking", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage({
      settings: (settings) => ({
        ...settings,
        people: [
          ...settings.people,
          {
            personId: "vera",
            name: "Vera",
            role: "viewer",
            timeZone: "UTC",
            telegramUserId: "333",
            discordUserId: null,
          },
        ],
      }),
    });
  });
  afterEach(async () => {
    await stage.judge().finally(() => stage.close());
  });
  const vera = {
    sender: { userId: "333", displayName: "Vera", isPerson: true },
    chat: { platform: "telegram", chatId: "333", threadId: null },
  } as const;

  test("/status, /positions, /orders, /approvals and /signals contain the facts of one open trade", async () => {
    await buy(stage, "SOL/USDT");
    await stage.ask("ETH/USDT");
    const position = stage.position("SOL/USDT");
    const status = textOf(await told(stage, stage.telegram, "status"));
    expect(status).toContain("PAPER at kucoin");
    expect(status).toContain("State: trading");
    expect(status).toMatch(/Equity: 9[,.]?9\d\d/);
    expect(status).toContain("Positions: 1 open, exposure");
    expect(status).toContain("Waiting: 1 approval,");
    expect(status).toContain("Breakers: none open");
    expect(status).toContain("telegram hears, discord hears, desk hears");
    const positions = textOf(await told(stage, stage.discord, "positions"));
    expect(positions).toContain("1 open position");
    expect(positions).toContain(`${position?.quantity} from ${position?.entryPrice}`);
    expect(positions).toContain(`Stop: ${position?.exitPlan.stopPrice} at the venue`);
    expect(positions).toContain(position?.positionId ?? "missing");
    const orders = textOf(await told(stage, stage.desk, "orders"));
    expect(orders).toMatch(/SOL\/USDT protect · (open|accepted|working|live)/);
    expect(orders).toContain("SOL/USDT entry · filled");
    for (const id of stage.orderPosts()) expect(orders).toContain(id);
    const approvals = textOf(await told(stage, stage.telegram, "approvals"));
    expect(approvals).toContain("Today: 2 asked, 1 approved, 0 declined, 0 expired");
    expect(approvals).toContain(`buy ${position?.quantity} SOL/USDT`);
    expect(approvals.indexOf("ETH/USDT")).toBeLessThan(approvals.indexOf("SOL/USDT"));
    const signals = textOf(await told(stage, stage.telegram, "signals"));
    expect(signals).toContain("A scenario wants it. Strength 0.5");
    expect(signals).toContain("Asked: pending");
    expect(signals).toContain("Asked: executed");
    await stage.discord.tap("Decline");
  });

  test("/status of a halted house says who, at which level and why", async () => {
    await told(stage, stage.discord, "pause", "dentist");
    const card = await told(stage, stage.telegram, "status");
    expect(textOf(card)).toMatch(/State: pause since \d{4}-\d\d-\d\d \d\d:\d\d UTC by owner: dentist/);
    expect(card.tone).toBe("warning");
  });

  test("an empty house says so in every list, without numbers out of nowhere", async () => {
    expect((await told(stage, stage.telegram, "positions")).title).toBe("No open positions");
    expect((await told(stage, stage.telegram, "orders")).title).toBe("No orders yet");
    expect((await told(stage, stage.telegram, "signals")).title).toBe("No signals yet");
    expect((await told(stage, stage.telegram, "why")).title).toBe("Nothing was refused lately");
    expect((await told(stage, stage.telegram, "approvals")).title).toBe("Nothing was asked yet");
  });

  test("/help lists what this person may say, and explains one command", async () => {
    // The desk scrolls; the other chats turn pages.
    const all = textOf(await told(stage, stage.desk, "help"));
    for (const { name } of stage.house().needs.commands) expect(all).toContain(`/${name}: `);
    const hers = textOf(await told(stage, stage.telegram, "help", "", vera));
    expect(hers).toContain("/status: ");
    expect(hers).not.toContain("/flatten: ");
    const pause = textOf(await told(stage, stage.telegram, "help", "/pause"));
    expect(pause).toContain("/pause going on holiday");
    expect(pause).toContain("Role: operator");
    expect((await told(stage, stage.telegram, "help", "dance")).title).toBe("There is no /dance.");
  });

  test("a command that does not exist gets the nearest one, or the list", async () => {
    const near = await told(stage, stage.telegram, "pasue");
    expect(near.title).toBe("I don't know /pasue.");
    expect(near.lines).toEqual(["Did you mean /pause?"]);
    expect((await told(stage, stage.telegram, "stauts")).lines).toEqual(["Did you mean /status?"]);
  });

  test("who forgets the / is told what to type, in private alone", async () => {
    const { telegram } = stage;
    const said = () => telegram.messages.flatMap(({ card }) => (card.title.startsWith("I hear") ? card.lines : []));
    await telegram.write("Pause please", { isPrivate: false });
    await telegram.write("Pause please");
    await stage.until(() => said().length === 1, "the first hint");
    await telegram.write("stauts");
    await stage.until(() => said().length === 2, "both hints");
    expect(said()).toEqual(["Type /pause", "Did you mean /status?"]);
    expect(stage.books().house.level).toBe("none");
  });

  test("a command that does not exist gets no effect", async () => {
    expect(stage.books().house.level).toBe("none");
    expect((await told(stage, stage.telegram, "buyeverything")).lines).toEqual(["Type /help for the list."]);
  });

  test.each([
    ["orders", "abc", "/orders: count", "Type /orders · /orders 5"],
    ["orders", "99", "/orders: count", "Type /orders · /orders 5"],
    ["close", "", "/close: what", "Type /close SOL/USDT"],
    ["unlink", "myspace 1", "/unlink: platform", "Type /unlink telegram 123456789"],
  ])("/%s %s gets what is wrong and what to type", async (name, text, problem, hint) => {
    const card = await told(stage, stage.telegram, name, text);
    expect(card.title.startsWith(problem)).toBe(true);
    expect(card.lines).toEqual([hint]);
  });

  test("a viewer may look and may not halt, link others or loosen [M01]", async () => {
    expect((await told(stage, stage.telegram, "status", "", vera)).title).toContain("PAPER");
    for (const name of ["pause", "flatten", "resume", "close", "unlink"]) {
      const card = await told(stage, stage.telegram, name, "SOL/USDT because of that", vera);
      expect(card.title).toMatch(new RegExp(`^/${name} needs the role (operator|approver|owner); yours is viewer`));
    }
    expect((await told(stage, stage.telegram, "limits", "riskPerTrade 0.1%", vera)).title).toContain("role operator");
    expect(stage.books().house.controls).toEqual({});
    expect(stage.books().house.level).toBe("none");
  });

  test("a stranger is refused, and a flood of a stranger is not kept [M01] [M15]", async () => {
    const change = { sender: stranger, chat: { platform: "telegram", chatId: "999", threadId: null } } as const;
    const card = await told(stage, stage.telegram, "flatten", "", change);
    expect(card.title).toBe("You are not linked to this house.");
    expect(stage.books().house.level).toBe("none");
    const replies = () => stage.telegram.messages.filter((message) => message.chat.chatId === "999").length;
    for (let index = 0; index < 40; index += 1) await stage.telegram.say("status", "", change);
    await stage.until(() => Object.keys(stage.books().chat.inbox).length === 0, "an empty inbox");
    // A minute may turn within the flood: then it is twice the six of one minute.
    expect(await factCount(stage, "message_received")).toBeLessThanOrEqual(12);
    expect(replies()).toBeLessThanOrEqual(12);
    expect((await told(stage, stage.telegram, "status")).title).toContain("PAPER");
  });

  test("bots and anonymous admins command nothing, even under a linked id", async () => {
    const card = await told(stage, stage.telegram, "pause", "", {
      sender: { userId: "111", displayName: "bot", isPerson: false },
    });
    expect(card.title).toBe("Bots and anonymous admins can't give commands.");
    expect(stage.books().house.level).toBe("none");
  });
});
