/** When the watchdog speaks and what it says: one clear line a trouble, none for a hiccup, and the end of each. */
import { describe, expect, test } from "vitest";
import type { Beacon } from "../../src/core/beacon.ts";
import { type Heard, judge, lengthText, newWatch } from "../../src/watchdog/judge.ts";

type Step = readonly [second: number, heard: Heard];

const answer = (state: Beacon["state"], problems: string[] = [], clockMs = 0): Heard => ({
  kind: "answered",
  beacon: { state, problems, head: "00", at: 1_000_000 + clockMs },
  wallAt: 1_000_000,
});
const well = answer("well");
const silent: Heard = { kind: "silent", because: "nobody answers at its address" };

/** @returns each line with the second at which it was said. */
function said(steps: readonly Step[]): readonly string[] {
  let watch = newWatch;
  return steps.flatMap(([second, heard]) => {
    const judged = judge(watch, heard, second * 1_000);
    watch = judged.watch;
    return judged.lines.map((line) => `${second}: ${line}`);
  });
}

const every2s = (from: number, to: number, heard: Heard): Step[] =>
  Array.from({ length: Math.floor((to - from) / 2) + 1 }, (_, turn) => [from + turn * 2, heard]);

describe("a house that falls silent", () => {
  test("is told once after 15 s, again after ten minutes, and when it is back", () => {
    expect(said([[0, well], ...every2s(2, 640, silent), [642, well], [644, well]])).toEqual([
      "18: 🔴 The house is silent for 16 s: nobody answers at its address",
      "618: 🔴 The house is still silent for 10 min: nobody answers at its address",
      "642: 🟢 The house answers again after 10 min; it is well",
    ]);
  });

  test("for a moment only is told to nobody", () => {
    expect(said([[0, well], ...every2s(2, 14, silent), [16, well], ...every2s(18, 30, silent), [32, well]])).toEqual(
      [],
    );
  });

  test("after it said that it stops is told as that, and never heard before is silence, too", () => {
    expect(said([[0, answer("stopping")], ...every2s(2, 18, silent)])).toEqual([
      "18: 🔴 The house is silent for 16 s, after it said that it stops: nobody answers at its address",
    ]);
    expect(said(every2s(0, 16, silent))).toHaveLength(1);
  });
});

describe("a sick house", () => {
  const sick = answer("sick", ["the venue does not answer"]);

  test("is told by each of its problems once each stands for 10 s, and when each is gone", () => {
    const worse = answer("sick", ["the venue does not answer", "telegram was not heard for 60 s"]);
    expect(said([...every2s(0, 10, sick), ...every2s(12, 40, worse), ...every2s(42, 60, well)])).toEqual([
      "10: 🟠 The house is sick: the venue does not answer",
      "22: 🟠 The house is sick: telegram was not heard for 60 s",
      "50: 🟢 The house is well again after 40 s: the venue does not answer - no longer",
      "50: 🟢 The house is well again after 28 s: telegram was not heard for 60 s - no longer",
    ]);
  });

  test("that flickers is told once, not at each turn of it", () => {
    const flicker = Array.from({ length: 30 }, (_, turn): Step => [turn * 2, turn % 2 === 0 ? sick : well]);
    expect(said(flicker)).toEqual(["12: 🟠 The house is sick: the venue does not answer"]);
  });

  test("is told again every ten minutes", () => {
    expect(said(every2s(0, 612, sick)).map((line) => line.split(":")[0])).toEqual(["10", "610"]);
  });

  test("that falls silent keeps its problems: the silence is told, and they are not told anew", () => {
    const lines = said([...every2s(0, 20, sick), ...every2s(22, 60, silent), ...every2s(62, 80, sick)]);
    expect(lines.map((line) => line.slice(0, 6))).toEqual(["10: 🟠", "38: 🔴", "62: 🟢"]);
  });
});

test("a start that does not end is a problem after five minutes", () => {
  expect(said(every2s(0, 320, answer("starting")))).toEqual([
    "312: 🟠 The house is sick: it has been starting for over 5 minutes",
  ]);
});

test("clocks that are apart are a problem, whichever is ahead", () => {
  for (const apart of [10_001, -10_001])
    expect(said(every2s(0, 12, answer("well", [], apart)))).toEqual([
      "10: 🟠 The house is sick: its clock and the watchdog's are apart",
    ]);
  expect(said(every2s(0, 12, answer("well", [], 10_000)))).toEqual([]);
});

test.each([
  [0, "0 s"],
  [119_400, "119 s"],
  [120_000, "2 min"],
  [7_199_000, "119 min"],
  [11_100_000, "3 h 5 min"],
])("%i ms is %s", (ms, text) => {
  expect(lengthText(ms)).toBe(text);
});
