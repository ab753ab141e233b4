/** Somebody types a slash command: aliases stand in the list, values that exist now are offered, and a page is turned where it stands. */
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { plainCard } from "../../src/core/card.ts";
import type { AnyCommand } from "../../src/define/command.ts";
import type { Complete } from "../../src/ports/messenger.ts";
import { type Rig, rig, until } from "../servers/discord/rig.ts";

const close = {
  name: "close",
  aliases: ["sell"],
  summary: "Close one position now",
  options: z.object({ what: z.string().min(2).max(60).describe("Instrument"), loud: z.boolean().default(false) }),
  access: { role: "operator", urgency: "safe" },
  examples: ["/close SOL/USDT"],
  candidates: { what: () => [] },
  run: async () => plainCard("ok", "done"),
} as unknown as AnyCommand;

let on: Rig | null = null;
afterEach(async () => {
  await on?.stop();
  on = null;
});

async function openWith(complete: Complete): Promise<Rig> {
  const opened = await rig({ bot: { commands: [close], complete } });
  on = opened;
  await until("the commands", () => opened.server.commandsOf(opened.guildId).length === 2);
  return opened;
}

describe("typing a slash command", () => {
  it("finds it under its alias too, with the same options; the answer comes back under our names", async () => {
    const { server, guildId, ana, channelId, heard } = await openWith(() => []);
    const [one, other] = server.commandsOf(guildId);
    expect([one?.["name"], other?.["name"]]).toEqual(["close", "sell"]);
    expect(other?.["options"]).toEqual(one?.["options"]);
    expect(other?.["description"]).toBe("Same as /close: Close one position now");
    server.slash(ana, channelId, "sell", { what: "SOL/USDT" });
    await until("the command", () => heard.length === 1);
    expect(heard[0]).toMatchObject({ kind: "command", name: "sell", options: { what: "SOL/USDT" } });
  });

  it("is offered values that exist now, for this account and what was typed; nothing of it is kept", async () => {
    const asked: unknown[] = [];
    const { server, ana, channelId, heard } = await openWith((account, typing) => {
      asked.push(account, typing);
      return [
        { value: "SOL/USDT", label: "SOL/USDT +1.20 USDT · 1.2 %" },
        { value: "x".repeat(101), label: null },
        { value: "ETH/USDT", label: null },
      ];
    });
    const typing = server.type(ana, channelId, "close", { option: "what", prefix: "so" });
    await until("the values", () => typing.interaction.choices !== null);
    expect(typing.interaction.answeredWith).toBe(8);
    // What Discord could not send back whole is not offered.
    expect(typing.interaction.choices).toEqual([
      { name: "SOL/USDT +1.20 USDT · 1.2 %", value: "SOL/USDT" },
      { name: "ETH/USDT", value: "ETH/USDT" },
    ]);
    expect(asked).toEqual([
      { platform: "discord", userId: ana },
      { command: "close", option: "what", prefix: "so" },
    ]);
    expect(heard).toEqual([]);
  });

  it("goes on without values when they can't be looked up, and says so in the log", async () => {
    const { server, ana, channelId, log } = await openWith(() => {
      throw new Error("the books are away");
    });
    const typing = server.type(ana, channelId, "sell", { option: "what", prefix: "" });
    await until("the log line", () => log.lines.some((line) => JSON.stringify(line).includes("the books are away")));
    expect(typing.interaction.choices).toBeNull();
  });

  it("of an option that completes nothing asks nobody", async () => {
    const { server, ana, channelId } = await openWith(() => []);
    expect(() => server.type(ana, channelId, "close", { option: "loud", prefix: "" })).toThrow("completes nothing");
  });
});

describe("a message that was tapped", () => {
  const button = { label: "2 of 2 ▶", style: "plain", token: "pgAAAAAAAAAAAAAA" } as const;
  const page = (number: number) => plainCard("info", `Page ${number}`);

  it("is edited where it stands, also when only the tapper sees it", async () => {
    on = await rig({ bot: { commands: [] } });
    const { server, bot, chat, ana, channelId, heard } = on;
    const posted = await bot.post(chat, page(1), { buttons: [button], nonce: "page", isQuiet: false });
    const messageId = posted.ok ? posted.value.messageId : "";
    server.tap(ana, messageId, button.label);
    await until("the tap", () => heard.length === 1);
    const ref = heard[0]?.answerRef;
    if (ref === undefined) return;
    await bot.acknowledge(ref, null);
    expect(await bot.editTapped?.(chat, ref, messageId, page(2), [])).toEqual({ ok: true, value: { messageId } });
    expect(server.message(messageId).content).toContain("Page 2");
    expect(server.message(messageId).components).toEqual([]);
    const own = await bot.reply(chat, ref, page(1), [button]);
    const ownId = own.ok ? own.value.messageId : "";
    expect(server.message(ownId).visibleTo).toBe(ana);
    server.tap(ana, ownId, button.label);
    await until("the second tap", () => heard.length === 2);
    const second = heard[1]?.answerRef;
    if (second === undefined) return;
    await bot.acknowledge(second, null);
    await bot.editTapped?.(chat, second, ownId, page(2), []);
    expect(server.message(ownId).content).toContain("Page 2");
    expect(server.see(channelId, ana)).toHaveLength(2);
  });

  it("is edited as an ordinary message when its tap can't be answered any more", async () => {
    on = await rig({ bot: { commands: [] } });
    const { server, bot, chat, ana, heard } = on;
    const posted = await bot.post(chat, page(1), { buttons: [button], nonce: "page", isQuiet: false });
    const messageId = posted.ok ? posted.value.messageId : "";
    server.tap(ana, messageId, button.label);
    await until("the tap", () => heard.length === 1);
    const ref = heard[0]?.answerRef;
    if (ref === undefined) return;
    await bot.acknowledge(ref, null);
    server.skip(16 * 60_000);
    expect((await bot.editTapped?.(chat, ref, messageId, page(2), [button]))?.ok).toBe(true);
    expect(server.message(messageId).content).toContain("Page 2");
  });
});
