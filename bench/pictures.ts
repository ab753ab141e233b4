/**
 * One picture of each kind, from the wish to the PNG, first cold (the thread begins and loads its libraries) and then warm; and
 * how late the bot's own thread gets to its work meanwhile, beside the same thread with nothing to do.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { openPainter } from "../src/adapters/pictures/painter.ts";
import { systemClock } from "../src/adapters/system/clock.ts";
import type { Look, Painted, Painter } from "../src/ports/painter.ts";
import { keptLog } from "../test/fixtures/kept_log.ts";
import { equitySample, positionSample, positionSamples, promptSample } from "../test/fixtures/picture_samples.ts";
import { milliseconds, printRows, type Row } from "./figures.ts";

const closedSample = positionSamples["closed_by_stop"] ?? positionSample;
const rounds = 60;
const loopResolutionMs = 1;
const clock = systemClock();

const kinds = {
  "order with candles": (painter: Painter, look: Look) => painter.paintPrompt({ ...promptSample, look }),
  "equity and drawdown": (painter: Painter, look: Look) => painter.paintEquity({ ...equitySample, look }),
  "open position": (painter: Painter, look: Look) => painter.paintPosition({ ...positionSample, look }),
  "closed position": (painter: Painter, look: Look) => painter.paintPosition({ ...closedSample, look }),
} as const;

export async function run(): Promise<void> {
  const cold: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const painter = openPainter({ clock, log: keptLog() });
    cold.push(await timed(() => kinds["order with candles"](painter, "dark")));
    await painter.close();
  }
  const painter = openPainter({ clock, log: keptLog() });
  const idleLateMs = await loopLate(() => clock.sleep(2_000));
  const rows: Row[] = [];
  const busyLateMs = await loopLate(async () => {
    for (const [name, paint] of Object.entries(kinds)) rows.push(await measure(name, (look) => paint(painter, look)));
  });
  await painter.close();
  printRows("Pictures for chats, 1280 x 800, drawn in a thread", [
    ...rows,
    { name: "the first one, thread and libraries included", value: milliseconds(cold), target: "no bound" },
    {
      name: "the bot's own thread is late, p99",
      value: `${busyLateMs.toFixed(1)} ms while painting, ${idleLateMs.toFixed(1)} ms with nothing to do`,
      target: "<= 20 ms",
    },
  ]);
}

async function measure(name: string, paint: (look: Look) => Promise<Painted>): Promise<Row> {
  await paint("dark");
  const samples: number[] = [];
  for (let round = 0; round < rounds; round += 1)
    samples.push(await timed(() => paint(round % 2 === 0 ? "dark" : "light")));
  return { name, value: milliseconds(samples), target: "p50 <= 150 ms" };
}

async function timed(paint: () => Promise<Painted>): Promise<number> {
  const began = clock.mono();
  const painted = await paint();
  if (!painted.ok) throw new Error(painted.problem.because);
  return clock.mono() - began;
}

async function loopLate(during: () => Promise<void>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: loopResolutionMs });
  delay.enable();
  await during();
  delay.disable();
  return Math.max(0, delay.percentile(99) / 1e6 - loopResolutionMs);
}
