/** What happens in more than one scene: silence of the venue, a price that moves, somebody who asks to leave or to end. */
import { held, type SceneAct, seen } from "./scene.ts";

type On = SceneAct["on"];

export const muted = (on: On, seconds: number): SceneAct => ({
  on,
  what: `no answer gets through for ${seconds} s`,
  act: ({ mute }) => mute(seconds * 1_000),
});

export const away = (on: On, seconds: number): SceneAct => ({
  on,
  what: `the venue is away for ${seconds} s`,
  act: (stage) => stage.away(seconds * 1_000),
});

/** Until the house has noticed that it got no answer; so the venue never has the order that is being sent. */
export const requestsLost: readonly SceneAct[] = [
  { on: "after commit order_sending", what: "requests are lost", act: ({ weather }) => weather("request_lost", 1) },
  { on: seen("order_answer_lost"), what: "requests arrive again", act: ({ weather }) => weather("request_lost", 0) },
];

/** Once a position is held; `by` is a share of the price. */
export const moved = (afterMs: number, what: string, by: number): SceneAct => ({
  on: held(),
  afterMs,
  what: `the price ${what}`,
  act: ({ jump }) => jump(by),
});

export const askedToLeave = (afterMs: number): SceneAct => ({
  on: held(),
  afterMs,
  what: "the owner asks to leave",
  act: ({ says, view }) => says("owner", "close", view.settings.symbols[0] ?? ""),
});

export const askedToEnd = (on: On): SceneAct => ({
  on,
  what: "the system asks the bot to end",
  act: ({ stop }) => stop(),
});
