/** The watchdog as a process of its own beside a real house: it tells its own chat of a kill -9, of the return, and of a goodbye. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startTelegramServer } from "../servers/telegram/server.ts";
import { repository } from "../smoke/bot_process.ts";
import { until } from "../smoke/until.ts";
import { describeSlow, newStage, openScene } from "./bench.ts";

function startWatchdog(folder: string, env: Readonly<Record<string, string>>) {
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, [join(repository, "src", "start.js"), "watchdog"], {
    cwd: folder,
    env: { PATH, HOME: folder, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece: Buffer) => (text += piece.toString()));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, ended, output: () => text };
}

describeSlow("a watchdog", () => {
  it("tells its own chat when the house is killed, when it is back, and when it said goodbye", async () => {
    const stage = await newStage();
    const scene = await openScene(stage);
    const telegram = await startTelegramServer({ token: "7000000002:AAwatchdogTokenThatOpensNothing012345" });
    const chat = telegram.privateChat(telegram.addUser());
    const texts = () => telegram.botMessages(chat).map(({ history }) => String(history.at(-1)?.content.text));
    const { address } = await scene.bot.desk();
    const env = {
      WATCHDOG_TELEGRAM_TOKEN: telegram.token,
      WATCHDOG_TELEGRAM_CHAT: String(chat.id),
      WATCHDOG_HOUSE: address,
      TELEGRAM_API_ROOT: telegram.apiRoot,
      COUNTERSIGN_HOME: stage.home,
    };
    const dog = startWatchdog(stage.folder, env);
    try {
      const told = (form: RegExp, ms = 60_000) =>
        until(`a line like ${form.source}`, () => texts().some((text) => form.test(text)), {
          deadlineMs: ms,
          seen: () => `${texts().join(" | ")}\n${dog.output().slice(-1_000)}`,
        });
      await told(/^🔵 The watchdog watches/);
      await scene.bot.end("SIGKILL");
      await told(/^🔴 The house is silent for \d+ s: nobody answers at its address$/);

      scene.bot = stage.start(["--port", new URL(address).port]);
      await scene.bot.ready();
      await told(/^🟢 The house answers again after \d+ s; it is \w+$/);

      expect((await scene.bot.end("SIGINT")).code).toBe(0);
      await until("silence once more", () => texts().filter((text) => text.startsWith("🔴")).length === 2);
      dog.child.kill("SIGTERM");
      expect(await dog.ended).toBe(0);
      expect(dog.output()).not.toContain(telegram.token);
      expect(texts().filter((text) => text.startsWith("🟠"))).toEqual([]);
    } finally {
      dog.child.kill("SIGKILL");
      await dog.ended;
      await telegram.close();
    }
  }, 240_000);
});
