/** An outside monitor: it hears that the bot lives, that nobody would be told of anything any more, and then nothing at all. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { linkTelegram } from "../smoke/link.ts";
import { sleep, until } from "../smoke/until.ts";
import { describeSlow, newStage, openScene } from "./bench.ts";

type Report = { readonly path: string; readonly body: string };

/** Keeps what it was told; it would call somebody when nothing comes for a minute. */
async function openMonitor() {
  const reports: Report[] = [];
  const server = createServer((request, answer) => {
    let body = "";
    request.on("data", (piece: Buffer) => (body += piece.toString()));
    request.on("end", () => {
      reports.push({ path: request.url ?? "", body });
      answer.end("OK");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    reports,
    address: `http://127.0.0.1:${port}/check-7d1f`,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

describeSlow("an outside monitor", () => {
  it("is called upon when the alerts channel is switched off, and hears nothing more of a dead bot [O11]", async () => {
    const stage = await newStage();
    const monitor = await openMonitor();
    const env = { HEARTBEAT_URL: monitor.address };
    const scene = await openScene(stage, env);
    await linkTelegram(scene);
    await until("a report that all is well", () => monitor.reports.some((one) => one.path === "/check-7d1f"), {
      ...scene,
      deadlineMs: 60_000,
    });
    for (const { body } of monitor.reports) expect(body.split("\n")[0]).toMatch(/^[0-9a-f]{64}$/);
    expect((await scene.bot.end("SIGINT")).code).toBe(0);

    // Somebody takes the token out of the settings and starts again: the desk still says it to whoever looks.
    monitor.reports.length = 0;
    const { TELEGRAM_BOT_TOKEN: _token, ...without } = { ...stage.env, ...env };
    scene.bot = stage.start([], { ...without, TELEGRAM_BOT_TOKEN: "" });
    const { openDeskClient } = await import("../smoke/desk_client.ts");
    const { address, code } = await scene.bot.desk();
    scene.desk = await openDeskClient(address, code);
    await scene.bot.ready();
    await until(
      "a report that something is wrong",
      () => monitor.reports.some((one) => one.path === "/check-7d1f/fail"),
      {
        ...scene,
        deadlineMs: 60_000,
      },
    );
    expect(monitor.reports.at(-1)?.body).toContain("no alert leaves this machine: telegram linked, none connected");
    const { card } = await scene.desk.command("status");
    expect(JSON.stringify(card)).toContain("no alert leaves this machine");
    expect(scene.desk.state()?.health.chats).toContainEqual(expect.objectContaining({ name: "alerts", light: "bad" }));

    await scene.bot.end("SIGKILL");
    monitor.reports.length = 0;
    await sleep(33_000);
    expect(monitor.reports).toEqual([]);
    await monitor.close();
  }, 180_000);
});
