/** What the outside monitor hears, over a real wire: a ping only while the house passes its own audit, and its ears are real ones. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sendHeartbeat as job } from "../../jobs/send_heartbeat.ts";
import { openMonitor } from "../../src/adapters/monitor/http_monitor.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { openTelegram } from "../../src/adapters/telegram/telegram.ts";
import { addMs } from "../../src/core/time.ts";
import type { Needs } from "../../src/flows/needs.ts";
import { selfAudit } from "../../src/flows/self_audit.ts";
import { sendHeartbeat } from "../../src/flows/send_heartbeat.ts";
import type { Messenger } from "../../src/ports/messenger.ts";
import { keptLog } from "../fixtures/kept_log.ts";
import { quickTimes, rig } from "../servers/discord/rig.ts";
import { startTelegramServer } from "../servers/telegram/server.ts";
import { play, storyMs } from "./play.ts";
import type { Stage } from "./stage.ts";

type Heard = { readonly path: string; readonly body: string };
let heard: Heard[];
let answers: { status: number; location?: string };
let server: ReturnType<typeof createServer>;
const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/check-7d1f`;

beforeEach(async () => {
  heard = [];
  answers = { status: 200 };
  server = createServer((request, answer) => {
    let body = "";
    request.on("data", (piece: Buffer) => (body += piece.toString()));
    request.on("end", () => {
      heard.push({ path: request.url ?? "", body });
      answer.writeHead(answers.status, answers.location === undefined ? {} : { location: answers.location }).end("OK");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

/** The house of the stage with this monitor, one ear, and a clock on its wall that is so much ahead. */
function needsWith(stage: Stage, ear?: Messenger, aheadMs = 0): Needs {
  const { needs } = stage.house();
  const clock = { ...needs.clock, wall: () => addMs(needs.clock.wall(), aheadMs) };
  const messengers = ear === undefined ? needs.messengers : new Map([[ear.platform, ear]]);
  return { ...needs, clock, messengers, monitor: openMonitor(address(), systemClock()) };
}
const well = (stage: Stage) =>
  stage.until(() => stage.books().house.isReady && selfAudit(stage.house().needs).length === 0, "a house that is well");
const pingOf = async (needs: Needs): Promise<Heard | undefined> => {
  heard.length = 0;
  await sendHeartbeat(needs);
  return heard[0];
};

test("every 30 s, by a job that also runs without the queue", () => {
  expect(job).toMatchObject({ schedule: { everyMs: 30_000, clock: "wall" }, isVital: true });
});

test(
  "the ping holds the head of the chain alone; what is wrong goes to /fail, without an amount or a name",
  { timeout: storyMs },
  () =>
    play({}, async (stage) => {
      await well(stage);
      const needs = needsWith(stage);
      const { hash } = stage.books();
      const ping = await pingOf(needs);
      expect(ping?.path).toBe("/check-7d1f");
      expect(ping?.body).toMatch(/^[0-9a-f]{64}$/);
      expect(ping?.body.length).toBe(hash.length);
      const { recordReadMono } = needs.memory;
      needs.memory.recordReadMono = needs.clock.mono() - 31_000;
      expect(await pingOf(needs)).toEqual({
        path: "/check-7d1f/fail",
        body: `${stage.books().hash}\nthe record was not read back from the database for 30 s`,
      });
      needs.memory.recordReadMono = recordReadMono;
      expect((await pingOf(needs))?.path).toBe("/check-7d1f");
      expect(needs.memory.pulse).toMatchObject({ pings: 3, pingsMissed: 0 });

      for (const [status, location, because] of [
        [500, undefined, "the monitor answered with status 500"],
        [404, undefined, "the monitor answered with status 404"],
        // Whoever takes over its address must not be told anything.
        [302, "http://127.0.0.1:9/elsewhere", "the monitor does not answer"],
      ] as const) {
        answers = { status, ...(location === undefined ? {} : { location }) };
        await sendHeartbeat(needs);
        expect(needs.memory.monitor.problem).toBe(because);
      }
      expect(needs.memory.pulse).toMatchObject({ pings: 6, pingsMissed: 3 });
      expect(JSON.stringify(stage.log.lines)).not.toContain("check-7d1f");
      needs.memory.isStopping = true;
      expect(await pingOf(needs)).toBeUndefined();
      needs.memory.isStopping = false;
    }),
);

describe("real ears", () => {
  test(
    "a gateway that swallows heartbeats is no ear: without an acknowledgement for 60 s there is no ping",
    { timeout: storyMs },
    () =>
      play({}, async (stage) => {
        const on = await rig({ server: { heartbeatMs: 300 }, bot: { times: { ...quickTimes, deafAfterMs: 95_000 } } });
        try {
          await well(stage);
          await stage.until(() => on.bot.health().isHearing, "the line");
          // Nothing but acknowledgements comes over this line, and they are never older than a second.
          const needs = needsWith(stage, on.bot, 59_000);
          await stage.house().needs.clock.sleep(1_000);
          expect((await pingOf(needs))?.path).toBe("/check-7d1f");
          on.server.gateway.becomeZombie(true);
          await stage.house().needs.clock.sleep(1_500);
          const ping = await pingOf(needs);
          expect(ping?.path).toBe("/check-7d1f/fail");
          expect(ping?.body).toContain("discord was not heard for 60 s");
        } finally {
          await on.stop();
        }
      }),
  );

  test(
    "a second program that polls makes us deaf: without a poll for 60 s there is no ping",
    { timeout: storyMs },
    () =>
      play({}, async (stage) => {
        const telegram = await startTelegramServer();
        const bot = openTelegram({
          token: telegram.token,
          apiRoot: telegram.apiRoot,
          clock: systemClock(),
          log: keptLog(),
          timing: { pollSeconds: 1, backoffFirstMs: 50, backoffMaxMs: 100, stopMaxMs: 500 },
        });
        try {
          await bot.start(() => Promise.resolve());
          await well(stage);
          const needs = needsWith(stage, bot, 58_000);
          await stage.until(() => bot.health().lastHeardAt !== null, "the first poll");
          expect((await pingOf(needs))?.path).toBe("/check-7d1f");
          telegram.fail("getUpdates", { kind: "conflict" }, 1_000);
          await stage.house().needs.clock.sleep(3_500);
          const ping = await pingOf(needs);
          expect(ping?.path).toBe("/check-7d1f/fail");
          expect(ping?.body).toContain("telegram was not heard for 60 s");
        } finally {
          await bot.stop();
          await telegram.close();
        }
      }),
  );
});
