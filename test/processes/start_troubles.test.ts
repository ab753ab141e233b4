/** What a person sees when the start can't work: one sentence that says what to do, a code for scripts, nothing left running. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readBooks } from "../smoke/bot_books.ts";
import { databasePid, type Ended, endDatabase, runBot, startBot } from "../smoke/bot_process.ts";
import { sleep, until } from "../smoke/until.ts";
import { alone, describeSlow, newStage, openScene, restart } from "./bench.ts";
import { expectFoundAndProtected, openWithUnansweredOrder } from "./unanswered_order.ts";

/** Lines for the person, without those of the log and of the build. */
const sentences = (output: string): readonly string[] =>
  output
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^\d\d:\d\d:\d\d /.test(line) && !line.startsWith("Building once"));

type Run = Ended & { readonly output: string };
const isTrace = (run: Run): boolean => /^\s+at .*\(?(file|node):/m.test(run.output);

describeSlow("a start that can't work", () => {
  it("refuses a second bot on the same folder and names the first; the first goes on", async () => {
    const stage = await newStage();
    const first = stage.start();
    await first.ready();
    const second = await runBot(alone(stage));
    expect(second.code).toBe(1);
    expect(second.output).toContain(`Another bot (pid ${first.pid}`);
    expect(isTrace(second)).toBe(false);
    expect(first.whyEnded()).toBeNull();
    await readBooks(stage.home);
    expect((await first.end("SIGINT")).code).toBe(0);
  }, 60_000);

  it("says which port is taken and leaves no database server behind", async () => {
    const stage = await newStage();
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as AddressInfo;
    const run = await runBot({ ...alone(stage), words: [...stage.place, "--port", String(port)] });
    taken.close();
    expect(run.code).toBe(1);
    expect(sentences(run.output)).toEqual([expect.stringContaining(String(port))]);
    expect(databasePid(stage.home)).toBeNull();
  }, 60_000);
});

describeSlow("a start with input that can't be used", () => {
  it("names the line of a settings file that can't be read", async () => {
    const stage = await newStage({ settings: "mode: paper\nwatch_list: [BTC/USDT\nrisk: }{\n" });
    const run = await runBot(alone(stage));
    expect(run.code).toBe(2);
    expect(run.output).toMatch(/line [23]/i);
    expect(isTrace(run)).toBe(false);
    expect(databasePid(stage.home)).toBeNull();
  }, 60_000);

  it.each([
    [
      "a price that is no number",
      ["1704067200000,100,101,99,100,5", "1704067260000,100,NaN,99,100,5", "1704067320000,100,101,99,100,5"],
    ],
    [
      "rows out of order",
      ["1704067320000,100,101,99,100,5", "1704067200000,100,101,99,100,5", "1704067260000,100,101,99,100,5"],
    ],
    ["no rows at all", []],
  ])(
    "refuses a candle file with %s",
    async (_what, rows) => {
      const stage = await newStage();
      const path = join(stage.folder, "BTC-USDT_1m.csv");
      writeFileSync(path, `${["timestamp,open,high,low,close,volume", ...rows].join("\n")}\n`);
      const run = await runBot(alone(stage, "--market", path));
      expect(run.code).toBe(1);
      expect(run.output).toContain("BTC-USDT_1m.csv");
      expect(isTrace(run)).toBe(false);
      expect(sentences(run.output)).toHaveLength(1);
      expect(databasePid(stage.home)).toBeNull();
    },
    60_000,
  );
});

describeSlow("a token that a platform refuses", () => {
  it.each([
    ["telegram", "TELEGRAM_BOT_TOKEN", "7000000002:AAanotherTokenThatOpensNothing0123456"],
    ["discord", "DISCORD_BOT_TOKEN", "MTAwMDAwMDAwMDAwMDAwMDAwMQ.GtestY.another-token-that-opens-nothing-0000"],
  ])(
    "of %s: the bot lives, and desk, health and log say so without showing it",
    async (chat, name, token) => {
      const stage = await newStage();
      const scene = await openScene(stage, { [name]: token });
      const light = await until(
        `the desk shows that ${chat} is bad`,
        () =>
          scene.desk.state()?.health.chats.find((one) => one.name === chat && one.light === "bad" && one.note !== null),
        { hopeless: scene.hopeless },
      );
      expect(light.note).toMatch(/token/i);
      const { address } = await scene.bot.desk();
      const health = await fetch(`${address}/healthz`);
      expect([health.status, await health.json()]).toEqual([503, { status: "degraded" }]);
      expect(scene.bot.output()).toMatch(new RegExp(`${chat}.*token`, "i"));
      expect(scene.bot.output()).not.toContain(token);
      expect((await scene.bot.end("SIGINT")).code).toBe(0);
    },
    90_000,
  );
});

describeSlow("a folder below another one that is closed", () => {
  it.skipIf(process.getuid?.() !== 0)(
    "works below a folder that only root may enter",
    async () => {
      const stage = await newStage();
      const closed = join(stage.folder, "closed");
      mkdirSync(closed);
      chmodSync(closed, 0o700);
      const home = join(closed, "home");
      const bot = startBot({ ...alone(stage), words: ["--home", home, "--config", stage.configPath, "--port", "0"] });
      try {
        await bot.ready();
        expect((await bot.end("SIGTERM")).code).toBe(0);
      } finally {
        await endDatabase(home);
      }
    },
    60_000,
  );
});

describeSlow("an end", () => {
  it("comes by itself after one look with --once", async () => {
    const stage = await newStage();
    const run = await runBot(alone(stage, "--once"));
    expect(run.code).toBe(0);
    expect(run.output).toContain("one cycle was asked for");
    expect(run.output).toContain("No position is open.");
    expect(databasePid(stage.home)).toBeNull();
    const facts = join(stage.folder, "facts.jsonl");
    const place = ["--home", stage.home, "--config", stage.configPath];
    expect((await runBot({ words: ["audit", "export", facts, ...place], folder: stage.folder })).code).toBe(0);
    const kinds = readFileSync(facts, "utf8")
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { kind: string }).kind);
    expect(kinds.filter((kind) => kind === "signal_raised")).toHaveLength(3);
    expect(kinds.at(-1)).toBe("house_stopped");
  }, 60_000);

  it("is one end when Ctrl-C arrives twice at once, as under npm", async () => {
    const stage = await newStage();
    const bot = startBot(alone(stage));
    await bot.ready();
    bot.signal("SIGINT");
    bot.signal("SIGINT");
    expect((await bot.end("SIGINT")).code).toBe(0);
    expect(bot.output().match(/Stopped: /g)).toHaveLength(1);
    expect(databasePid(stage.home)).toBeNull();
  }, 60_000);

  it("is forced by a second Ctrl-C after a while, and the next start finds what was left", async () => {
    const scene = await openWithUnansweredOrder();
    scene.bot.signal("SIGINT");
    await sleep(3_300);
    expect(scene.bot.whyEnded()).toBeNull();
    expect((await scene.bot.end("SIGINT")).code).toBe(130);
    await restart(scene);
    await expectFoundAndProtected(scene);
  }, 90_000);
});
