/** Scenes of leaving: exits for every reason, and the cancel of the stop that has to come first. */
import { held, type Scene, seen } from "./scene.ts";
import { askedToLeave, away, moved, muted } from "./scene_acts.ts";

const exit = { scenario: "exit", armed: held() } as const;
const cancel = { scenario: "cancel", armed: held() } as const;
const left = ["after commit exit_triggered", "after commit position_closed"] as const;
const taken = ["after commit order_cancel_requested", "after wire cancel"] as const;

const close = askedToLeave(2_500);
const toTarget = moved(3_000, "jumps to the target", 0.015);

export const exitScenes: readonly Scene[] = [
  { ...exit, name: "a person asks", profile: "kucoin", acts: [close], passes: [...left, ...taken], steps: 150 },
  { ...exit, name: "its time is over", profile: "binance", canary: { holdCandles: 1 }, passes: left, steps: 150 },
  {
    ...exit,
    name: "its target",
    profile: "binance",
    canary: { targetPercent: 1 },
    acts: [toTarget],
    passes: ["after commit order_triggered", "after commit position_closed"],
    steps: 140,
  },
  {
    ...exit,
    name: "a target that we watch",
    profile: "alpaca",
    canary: { targetPercent: 1 },
    acts: [toTarget],
    passes: left,
    steps: 140,
  },
  {
    ...exit,
    name: "in parts",
    profile: "kucoin",
    acts: [
      close,
      { on: held(), what: "little is on the other side", act: ({ weather }) => weather("partial_fills", 1) },
      {
        on: seen("fill_received", 3),
        what: "the book is full again",
        act: ({ weather }) => weather("partial_fills", 0),
      },
    ],
    passes: left,
    steps: 160,
  },
  {
    ...exit,
    name: "its answer is lost",
    profile: "alpaca",
    acts: [close, muted("after commit order_sending", 7)],
    passes: ["after commit order_answer_lost", "after commit order_found", "after commit position_closed"],
    steps: 180,
  },
  {
    ...exit,
    name: "a match that fails",
    profile: "polymarket",
    acts: [
      { on: held(), what: "matches fail to settle", act: ({ weather }) => weather("fill_quirks", 1) },
      close,
      { on: seen("fill_reversed"), what: "matches settle again", act: ({ weather }) => weather("fill_quirks", 0) },
    ],
    passes: ["after commit exit_triggered", "after commit fill_reversed"],
    steps: 240,
  },
];

export const cancelScenes: readonly Scene[] = [
  { ...cancel, name: "at once", profile: "binance", acts: [close], passes: taken, steps: 140 },
  {
    ...cancel,
    name: "only asked for",
    profile: "kucoin",
    acts: [close, { on: held(), what: "cancels take their time", act: ({ weather }) => weather("async_cancel", 1) }],
    passes: taken,
    steps: 170,
  },
  {
    ...cancel,
    name: "its answer is lost",
    profile: "binance",
    acts: [close, muted("after commit order_cancel_requested", 14)],
    passes: taken,
    steps: 170,
  },
  {
    ...cancel,
    name: "the stop fires meanwhile",
    profile: "kucoin",
    acts: [
      close,
      { on: held(), what: "orders trade while they are canceled", act: ({ weather }) => weather("cancel_race", 1) },
    ],
    passes: taken,
    steps: 150,
  },
  {
    ...cancel,
    name: "it does not arrive",
    profile: "alpaca",
    acts: [close, away("after commit order_cancel_requested", 8)],
    passes: ["after commit order_cancel_requested", "after commit order_cancel_lost"],
    steps: 170,
  },
];
