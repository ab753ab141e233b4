/** How the process starts, stops and comes back, told on real ones: who may trade, what a fault leaves, what a person must say. */
import { appendFileSync, chmodSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readBooks } from "../smoke/bot_books.ts";
import { endDatabase, runBot } from "../smoke/bot_process.ts";
import type { Stage } from "../smoke/stage.ts";
import { sleep, until } from "../smoke/until.ts";
import { alone, describeSlow, newStage, openScene, restart } from "./bench.ts";
import { onceReady } from "./sabotage.ts";
import { expectFoundAndProtected, openWithUnansweredOrder } from "./unanswered_order.ts";

async function expectOrderlyRun(stage: Stage): Promise<void> {
  const bot = stage.start();
  await bot.ready();
  expect((await bot.end("SIGINT")).code).toBe(0);
}

const journalOf = (stage: Stage) =>
  readFileSync(join(stage.home, "trader.journal"), "utf8")
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line.slice(65)) as { note: Record<string, unknown> }).note);

describeSlow("a start after a death", () => {
  it("does not wait for the lease of a process that is dead for certain, and names it [P06]", async () => {
    const stage = await newStage();
    const first = stage.start();
    await first.ready();
    expect((await first.end("SIGKILL")).signal).toBe("SIGKILL");
    const second = stage.start();
    const begun = Date.now();
    await second.ready();
    expect(Date.now() - begun).toBeLessThan(9_000);
    expect(second.output()).not.toContain("Waiting for the lease");
    expect((await second.end("SIGINT")).code).toBe(0);
    expect(journalOf(stage).map((note) => note["kind"])).toEqual(
      expect.arrayContaining(["booted", "epoch_taken", "head", "stopped"]),
    );
  }, 90_000);

  it("refuses a second bot in the folder of a frozen one, which goes on when it wakes [P06]", async () => {
    const stage = await newStage();
    const first = stage.start();
    await first.ready();
    first.signal("SIGSTOP");
    const second = await runBot(alone(stage));
    expect(second.code).toBe(1);
    expect(second.output).toMatch(/Another bot that does not answer \(it may be frozen\)/);
    first.signal("SIGCONT");
    await sleep(1_000);
    expect(first.whyEnded()).toBeNull();
    expect((await first.end("SIGINT")).code).toBe(0);
  }, 90_000);
});

describeSlow("a database that this house does not know", () => {
  it("is refused until a person says why; then nothing is opened before /resume [P11] [P09]", async () => {
    const stage = await newStage();
    await expectOrderlyRun(stage);
    await endDatabase(stage.home);
    // The folder of an older database under the same home, as after a restored backup of another server.
    renameSync(join(stage.home, "postgres"), join(stage.folder, "old-postgres"));
    const refused = await runBot(alone(stage));
    expect(refused.code).toBe(1);
    expect(refused.output).toMatch(/not the database that this house knows.*--accept-restored-database/s);
    const accepted = stage.start(["--accept-restored-database", "restored from Friday"]);
    await accepted.ready();
    await until("SAFE_MODE is said", () => /SAFE_MODE/.test(accepted.output()), { hopeless: accepted.whyEnded });
    expect((await accepted.end("SIGINT")).code).toBe(0);
    const epochs = journalOf(stage).flatMap((note) => (note["kind"] === "epoch_taken" ? [note["epoch"]] : []));
    expect(epochs).toEqual([1, 2]);
    // Said once: the next start knows this one.
    await expectOrderlyRun(stage);
  }, 120_000);

  it("is not started beside a journal that somebody changed, which is named [P11]", async () => {
    const stage = await newStage();
    await expectOrderlyRun(stage);
    const path = join(stage.home, "trader.journal");
    writeFileSync(path, readFileSync(path, "utf8").replace('"epoch":1', '"epoch":0'));
    const refused = await runBot(alone(stage));
    expect(refused.code).toBe(1);
    expect(refused.output).toMatch(/trader\.journal is damaged: line \d/);
    expect(refused.output).not.toMatch(/^\s+at /m);
  }, 90_000);

  it("does not matter when only the last line was torn by the power [X24]", async () => {
    const stage = await newStage();
    const first = stage.start();
    await first.ready();
    await first.end("SIGKILL");
    appendFileSync(join(stage.home, "trader.journal"), '4f2a1b {"at":"2026');
    const second = stage.start();
    await second.ready();
    expect(second.output()).toContain("half a line");
    expect((await second.end("SIGINT")).code).toBe(0);
  }, 90_000);
});

describeSlow("a database that is away at the start", () => {
  it("is waited for, with longer and longer pauses, until somebody stops the bot [P01]", async () => {
    const stage = await newStage();
    const bot = stage.start([], { DATABASE_URL: "postgres://nobody:nothing@127.0.0.1:9/none" });
    await until("it has tried three times", () => (bot.output().match(/does not answer/g)?.length ?? 0) >= 3, {
      hopeless: bot.whyEnded,
    });
    expect(bot.output()).not.toContain("Desk ");
    const ended = await bot.end("SIGTERM");
    expect(ended.code).not.toBeNull();
    expect(bot.output()).not.toContain("nothing@");
  }, 60_000);
});

describeSlow("a house that dies each time it starts", () => {
  it("opens nothing after the fourth start within five minutes, and says how that ends [X19]", async () => {
    const stage = await newStage({
      settings:
        "mode: paper\nvenue: kucoin\nwatch_list: [BTC/USDT]\ninterval: 2s\nstrategies: [{ name: always_trade_canary }]\n",
    });
    for (let start = 1; start <= 3; start += 1) {
      const bot = stage.start();
      await bot.ready();
      await bot.end("SIGKILL");
    }
    const scene = await openScene(stage);
    await until("SAFE_MODE", () => /SAFE_MODE.*4 starts within 5 minutes/.test(scene.bot.output()), scene);
    await sleep(3_000);
    expect((await readBooks(stage.home)).orders).toEqual([]);
    expect((await scene.bot.end("SIGINT")).code).toBe(0);
  }, 120_000);
});

describeSlow("a SIGTERM while an order has no answer", () => {
  it("waits ten seconds at most, cancels no stop, and the next start finds what became of it [X23]", async () => {
    const scene = await openWithUnansweredOrder();
    const asked = Date.now();
    expect((await scene.bot.end("SIGTERM")).code).toBe(0);
    expect(Date.now() - asked).toBeLessThan(14_000);
    await restart(scene);
    await expectFoundAndProtected(scene);
  }, 90_000);
});

describeSlow("a fault of the program itself", () => {
  it.each([
    ["an exception that nobody caught", "setTimeout(() => { throw new Error('handler broke'); }, 50);"],
    ["a promise that nobody awaited", "setTimeout(() => { void Promise.reject(new Error('handler broke')); }, 50);"],
  ])(
    "%s is written down and ends it with a code; the next start works [X22]",
    async (_what, fault) => {
      const stage = await newStage();
      const bot = stage.start([], onceReady(stage, { fault }));
      const ended = await bot.ended;
      expect(ended.code).toBe(70);
      expect(bot.output()).toContain("handler broke");
      // Not always as the last line: a head that was just being noted may follow it.
      expect(journalOf(stage)).toContainEqual(
        expect.objectContaining({ kind: "died", because: expect.stringContaining("handler broke") }),
      );
      await expectOrderlyRun(stage);
    },
    90_000,
  );
});

describeSlow("surroundings that betray", () => {
  it("are warned about in paper mode, and the time is UTC whatever the machine says [G08] [G09] [G10]", async () => {
    const stage = await newStage();
    writeFileSync(join(stage.folder, ".env"), "LOG_LEVEL=info\n");
    chmodSync(join(stage.folder, ".env"), 0o644);
    const bot = stage.start([], {
      NODE_TLS_REJECT_UNAUTHORIZED: "0",
      HTTPS_PROXY: "http://127.0.0.1:9",
      TZ: "Europe/Berlin",
    });
    await bot.ready();
    expect((await bot.end("SIGINT")).code).toBe(0);
    for (const name of ["NODE_TLS_REJECT_UNAUTHORIZED", "HTTPS_PROXY", ".env"]) expect(bot.output()).toContain(name);
    const hour = new Date().toISOString().slice(11, 13);
    expect(bot.output()).toMatch(new RegExp(`^${hour}:\\d\\d:\\d\\d `, "m"));
  }, 60_000);

  it.each([
    ["NODE_TLS_REJECT_UNAUTHORIZED", { NODE_TLS_REJECT_UNAUTHORIZED: "0" }],
    ["HTTPS_PROXY", { HTTPS_PROXY: "http://127.0.0.1:9" }],
  ])(
    "end a live start by name: %s [G08]",
    async (name, env) => {
      const stage = await newStage();
      const run = await runBot({
        words: [...stage.place, "--mode", "live", "--port", "0"],
        env: { ...stage.env, ACCOUNT_BALANCE: "100", ...env },
        folder: stage.folder,
      });
      expect(run.code).toBe(2);
      expect(run.output).toContain(name);
    },
    60_000,
  );
});
