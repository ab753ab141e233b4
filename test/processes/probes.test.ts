/** Somebody pokes at a running bot to make it say what it knows, or fetch what they name; and a machine that runs out of memory. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, it } from "vitest";
import { linkEverywhere, linkTelegram } from "../smoke/link.ts";
import { sleep, until } from "../smoke/until.ts";
import { describeSlow, newStage, openScene, restart, type Scene } from "./bench.ts";
import { loaded, onceReady } from "./sabotage.ts";
import { expectFoundAndProtected, openWithUnansweredOrder } from "./unanswered_order.ts";

/** It reads the secrets while they still are in the environment, and throws them where nobody catches. */
const betrayal = {
  first: "const known = { ...process.env };",
  fault:
    "setTimeout(() => { throw new Error('the request failed: ' + JSON.stringify(known)); }, Number(process.env.BREAKS_AFTER_MS));",
};

/** Every file below a folder that holds the text as it is: logs, journal, lifeline, the database's tables, queues and write-ahead log. */
function filesWith(folder: string, text: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(text));
}

const botSays = (scene: Scene): string =>
  JSON.stringify([
    scene.bot.output(),
    ...(["telegram", "discord"] as const).flatMap((chat) => scene.hands.messages(chat)),
    scene.desk.cards(),
    scene.desk.state(),
  ]);

describeSlow("secrets, while everything goes wrong", () => {
  it("stay out of output, logs, journal, ledger, queue, chats and desk [M12]", async () => {
    const stage = await newStage();
    const scene = await openScene(stage, { ...onceReady(stage, betrayal), BREAKS_AFTER_MS: "25000" });
    await linkEverywhere(scene);
    const { faults } = stage.exchange;
    faults.add({ verb: { do: "html_502" }, times: 20 });
    faults.add({ verb: { do: "refuse", code: "400005", msg: "Invalid KC-API-SIGN", status: 401 }, times: 20 });
    faults.add({ verb: { do: "cut_body" }, times: 20 });
    await stage.telegram.goAway();
    stage.discord.gateway.cut();
    await sleep(6_000);
    faults.clear();
    await stage.telegram.comeBack();
    const said = botSays(scene);
    const ended = await scene.bot.ended;
    expect(ended.code).toBe(70);
    expect(scene.bot.output()).toContain("the request failed: ");
    await stage.endBot();
    const { TELEGRAM_BOT_TOKEN, DISCORD_BOT_TOKEN, KUCOIN_API_KEY, KUCOIN_API_SECRET, KUCOIN_API_PASSPHRASE } =
      stage.env;
    const canaries = [TELEGRAM_BOT_TOKEN, DISCORD_BOT_TOKEN, KUCOIN_API_KEY, KUCOIN_API_SECRET, KUCOIN_API_PASSPHRASE];
    for (const canary of canaries) {
      const forms = [canary, Buffer.from(canary).toString("base64").slice(0, -2), encodeURIComponent(canary)];
      expect(forms.filter((form) => form.length > 10 && (scene.bot.output() + said).includes(form))).toEqual([]);
      expect(forms.flatMap((form) => filesWith(stage.home, form))).toEqual([]);
    }
    expect(readdirSync(stage.folder).filter((name) => name.startsWith("core"))).toEqual([]);
  }, 120_000);
});

describeSlow("an address that somebody would like us to fetch", () => {
  it("is text and nothing else, in commands, reasons and answers of a venue; bad code inside gets no way out [M14]", async () => {
    const asked: string[] = [];
    const inside = createServer((request, answer) => {
      asked.push(request.url ?? "");
      answer.end("role credentials");
    });
    await new Promise<void>((resolve) => inside.listen(0, "127.0.0.1", resolve));
    const address = `http://127.0.0.1:${(inside.address() as AddressInfo).port}/latest/meta-data`;
    const stage = await newStage();
    const badCode = `setTimeout(() => fetch("http://169.254.169.254/latest/meta-data").catch((error) => console.log("bad code heard: " + error.cause.message)), 4000);`;
    const scene = await openScene(stage, loaded(stage, badCode));
    await linkTelegram(scene);
    await scene.desk.command("pause", `look at ${address} first`);
    await scene.desk.command("why", address);
    await scene.desk.command("limits", `${address} 5 ${address}`);
    stage.telegram.sendText(stage.people.onTelegram, stage.people.privately, `/resume ${address}`);
    stage.telegram.sendText(stage.people.onTelegram, stage.people.privately, `${address}`);
    stage.exchange.faults.add({ verb: { do: "redirect", to: address }, times: 5 });
    await until("the refusal", () => scene.bot.output().includes("bad code heard"), scene);
    await sleep(4_000);
    expect(asked).toEqual([]);
    expect(scene.bot.output()).toContain("A connection to 169.254.169.254 was refused");
    expect((await scene.bot.end("SIGINT")).code).toBe(0);
    await new Promise((resolve) => inside.close(resolve));
  }, 90_000);
});

describeSlow("a machine without memory", () => {
  it("takes the bot in the middle of an order: the next start is quick, says so, finds the order and protects it [X21]", async () => {
    const scene = await openWithUnansweredOrder();
    // The kernel's limit on what it may still ask for: the next page that it wants is its last.
    execFileSync("prlimit", ["--pid", String(scene.bot.pid), "--data=1", "--as=1"]);
    const ended = await scene.bot.ended;
    expect([ended.code === 0, ended.signal ?? ended.code]).toEqual([false, expect.anything()]);
    const begun = Date.now();
    await restart(scene);
    expect(Date.now() - begun).toBeLessThan(9_000);
    expect(scene.bot.output()).toContain("ended without a word");
    await expectFoundAndProtected(scene);
  }, 120_000);
});
