/** Answers to taps, which never throw and never keep a decision waiting, and the command menu. */
import { expect, it } from "vitest";
import type { Fault } from "../servers/telegram/faults.ts";
import { openBot, pause, prompt, telegramHouse, until } from "./telegram_house.ts";

it("a notice is shown to the tapper, a refusal as an alert, nothing just stops the spinner", async () => {
  const { server, ana, group, messenger } = await telegramHouse();
  const message = await prompt(server, group);
  const answer = async (notice: { text: string; isRefusal: boolean } | null) => {
    const { queryId } = server.tap(ana, message, "Yes");
    const outcome = await messenger.acknowledge({ platform: "telegram", id: `q:${queryId}`, token: null }, notice);
    return [outcome, server.answerOf(queryId)];
  };
  expect(await answer(null)).toEqual(["ok", { text: "", showAlert: false }]);
  expect(await answer({ text: "Noted.", isRefusal: false })).toEqual(["ok", { text: "Noted.", showAlert: false }]);
  expect(await answer({ text: "Not you.", isRefusal: true })).toEqual(["ok", { text: "Not you.", showAlert: true }]);
  const [outcome, long] = await answer({ text: "👨‍👩‍👧‍👦 ".repeat(100), isRefusal: true });
  expect(outcome).toBe("ok");
  expect((long as { text: string }).text.length).toBeLessThanOrEqual(200);
});

it("a tap that is too old, unknown or already answered is stale", async () => {
  let skipped = 0;
  const { server, ana, group, messenger } = await telegramHouse({ server: { now: () => Date.now() + skipped } });
  const message = await prompt(server, group);
  const { queryId } = server.tap(ana, message, "Yes");
  const ref = { platform: "telegram", id: `q:${queryId}`, token: null } as const;
  expect(await messenger.acknowledge(ref, null)).toBe("ok");
  expect(await messenger.acknowledge(ref, null)).toBe("stale");
  const second = server.tap(ana, message, "Yes");
  skipped = 16_000;
  expect(await messenger.acknowledge({ ...ref, id: `q:${second.queryId}` }, null)).toBe("stale");
  expect(await messenger.acknowledge({ ...ref, id: "q:777" }, null)).toBe("stale");
});

it("it never throws and never takes longer than its time: every fault is only a failed answer", async () => {
  const { server, ana, group, messenger } = await telegramHouse({ settings: { answerTimeoutSeconds: 0.3 } });
  const message = await prompt(server, group);
  const faults: Fault[] = [
    { kind: "drop_before" },
    { kind: "drop_after" },
    { kind: "garbage" },
    { kind: "flood", retryAfter: 30 },
    { kind: "server_error", when: "after" },
    { kind: "delay", ms: 1_000 },
  ];
  for (const fault of faults) {
    server.fail("answerCallbackQuery", fault);
    const { queryId } = server.tap(ana, message, "Yes");
    const begun = performance.now();
    expect(await messenger.acknowledge({ platform: "telegram", id: `q:${queryId}`, token: null }, null)).toBe("failed");
    expect(performance.now() - begun).toBeLessThan(900);
  }
});

it("a command needs no answer, and another platform's reference is none of ours", async () => {
  const { server, messenger } = await telegramHouse();
  expect(await messenger.acknowledge({ platform: "telegram", id: "m:5", token: null }, null)).toBe("ok");
  expect(await messenger.acknowledge({ platform: "discord", id: "q:5", token: "x" }, null)).toBe("failed");
  expect(server.callsOf("answerCallbackQuery")).toEqual([]);
});

const command = (name: string, summary: string) => ({ name, summary });
const open = { chatId: null, commands: [command("access", "Ask to be let in")] };
const menu = [command("pause", "Stop new entries"), command("status", "What is open & how it stands")];

it("each chat is offered what its people may say: written once, again only when it differs, taken away with the link", async () => {
  const { server, messenger, ana, group } = await telegramHouse();
  const dm = server.privateChat(ana);
  const stranger = server.addUser();
  const set = async (menus: Parameters<NonNullable<typeof messenger.setMenus>>[0], writes: number) => {
    messenger.setMenus?.(menus);
    await until(() => server.world.commandWrites >= writes);
    await pause(30);
    expect(server.world.commandWrites).toBe(writes);
  };
  const mine = { chatId: String(dm.id), commands: menu };
  await set([open, mine], 2);
  expect(server.menu(ana, dm)).toEqual(["pause", "status"]);
  expect(server.menu(stranger, server.privateChat(stranger))).toEqual(["access"]);
  expect(server.menu(ana, group)).toEqual(["access"]);
  await set([open, mine], 2);
  await set([open, { ...mine, commands: [...menu, command("why", "x".repeat(400))] }], 3);
  expect(server.menu(ana, dm)).toEqual(["pause", "status", "why"]);
  const many = Array.from({ length: 130 }, (_, count) => command(`c${count}`, ""));
  await set([{ chatId: null, commands: many }, mine], 5);
  expect(server.menu(stranger, server.privateChat(stranger))).toHaveLength(100);
  messenger.setMenus?.([open]);
  await until(() => server.menu(ana, dm)[0] === "access");
});

it("a chat that is not there yet keeps no other menu from being set", async () => {
  const { server, messenger, ana } = await telegramHouse();
  const dm = server.privateChat(ana);
  messenger.setMenus?.([{ chatId: "777000123", commands: menu }, open, { chatId: String(dm.id), commands: menu }]);
  await until(() => server.world.commandWrites === 2);
  expect(server.menu(ana, dm)).toEqual(["pause", "status"]);
});

it("is written later when Telegram is away now", async () => {
  const { server, messenger, clock, take } = await telegramHouse();
  const early = openBot(server, { clock: { ...clock, mono: () => clock.mono() * 1_000 } });
  server.fail("setMyCommands", { kind: "server_error", when: "before" });
  early.messenger.setMenus?.([open]);
  await pause(50);
  expect(server.world.commandWrites).toBe(0);
  await early.messenger.start(take);
  await until(() => server.world.commandWrites === 1);
  await pause(100);
  expect(server.world.commandWrites).toBe(1);
  await messenger.stop();
});
