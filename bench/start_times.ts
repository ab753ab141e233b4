/** From the command to "Ready": first start of an empty folder (built and unbuilt), and later starts. Then what an idle bot uses. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { milliseconds, printRows } from "./figures.ts";

const warmStarts = 5;
const idleMs = 20_000;

export async function run(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), "countersign-bench-"));
  try {
    rmSync("dist", { recursive: true, force: true });
    const first = await startOnce(home);
    const unbuiltMs = first.readyMs;
    await first.stop();
    const warm: number[] = [];
    for (let start = 0; start < warmStarts; start += 1) {
      const again = await startOnce(home);
      warm.push(again.readyMs);
      await again.stop();
    }
    const idle = await measureIdle(home);
    printRows("Start and idle", [
      {
        name: "first start, nothing built, empty folder",
        value: `${(unbuiltMs / 1_000).toFixed(1)} s`,
        target: "< 10 s",
      },
      { name: "later start to ready", value: milliseconds(warm), target: "<= 2 s" },
      { name: "idle CPU", value: `${idle.cpuPercent.toFixed(1)} % of one core`, target: "<= 3 %" },
      { name: "idle memory (PostgreSQL apart)", value: `${Math.round(idle.megabytes)} MB`, target: "<= 220 MB" },
    ]);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function startOnce(home: string): Promise<{ readyMs: number; pid: number; stop: () => Promise<void> }> {
  const started = performance.now();
  const child = spawn(process.execPath, ["src/start.js", "--home", home, "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let text = "";
  const readyMs = await new Promise<number>((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes("Ready after")) resolve(performance.now() - started);
    });
    void ended.then(() => reject(new Error(`The bot ended before it was ready:\n${text}`)));
  });
  return {
    readyMs,
    pid: child.pid ?? 0,
    async stop() {
      child.kill("SIGINT");
      await ended;
    },
  };
}

/** From /proc, so that the bot needs no instrument of its own. Linux only. */
async function measureIdle(home: string): Promise<{ cpuPercent: number; megabytes: number }> {
  const bot = await startOnce(home);
  await sleep(5_000);
  const before = cpuTicks(bot.pid);
  await sleep(idleMs);
  const ticks = cpuTicks(bot.pid) - before;
  const status = readFileSync(`/proc/${bot.pid}/status`, "utf8");
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN);
  await bot.stop();
  return { cpuPercent: (ticks * 10 * 100) / idleMs, megabytes: kilobytes / 1_024 };
}

/** User and system time in hundredths of a second. */
function cpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return Number(fields[11]) + Number(fields[12]);
}
