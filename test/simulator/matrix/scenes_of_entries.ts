/** Scenes of an entry and of the stop that follows it: in fair weather, and with everything that can happen to the two orders. */
import { always, held, type Scene, type SceneAct, seen } from "./scene.ts";
import { away, moved, muted, requestsLost } from "./scene_acts.ts";

const entered = ["after commit order_acknowledged", "after commit fill_received"] as const;
const entry = { scenario: "entry", armed: always } as const;
/** From the entry's answer on: the first order that is sent then is the stop. */
const stop = { scenario: "stop", armed: seen("order_acknowledged") } as const;

const taken: SceneAct = {
  on: held(),
  afterMs: 2_000,
  what: "a person cancels the stop",
  act: ({ atVenue }) => atVenue("cancel_stop"),
};

const trial: Scene = {
  ...entry,
  name: "a trial after an outage",
  profile: "kucoin",
  acts: [away(seen("house_ready"), 40)],
  passes: ["after commit breaker_half_opened", "after commit breaker_closed"],
  steps: 450,
};

export const entryScenes: readonly Scene[] = [
  {
    ...entry,
    name: "asked",
    profile: "kucoin",
    policy: "ask",
    passes: [...entered, "after commit vote_cast"],
    steps: 130,
  },
  { ...entry, name: "by policy", profile: "binance", passes: entered, steps: 110 },
  { ...entry, name: "two at once", profile: "alpaca", symbols: 2, passes: entered, steps: 120 },
  { ...entry, name: "a share of a question", profile: "polymarket", policy: "ask", passes: entered, steps: 130 },
  { ...entry, name: "in parts", profile: "kucoin", weather: { partial_fills: 1 }, passes: entered, steps: 120 },
  {
    ...entry,
    name: "its answer is lost",
    profile: "binance",
    acts: [muted("after commit order_sending", 7)],
    passes: ["after commit order_answer_lost", "after commit order_found", "after wire look"],
    steps: 150,
  },
  {
    ...entry,
    name: "nobody ever gets it",
    profile: "kucoin",
    acts: requestsLost,
    passes: ["after commit order_answer_lost", "after commit order_probed", "after commit order_absent"],
    steps: 200,
  },
  {
    ...entry,
    name: "it is refused",
    profile: "alpaca",
    acts: [
      {
        on: "before commit order_sending",
        what: "for 4 s the venue takes larger orders only",
        act: ({ asksForMore }) => asksForMore(4_000),
      },
    ],
    passes: ["after commit order_rejected"],
    steps: 110,
  },
  {
    ...entry,
    name: "it cannot leave",
    profile: "kucoin",
    acts: [
      {
        on: "after commit order_sending",
        what: "the venue is told to be busy for 2 s",
        act: ({ busy }) => busy(2_000),
      },
    ],
    passes: ["after commit order_not_sent"],
    steps: 110,
  },
  {
    ...entry,
    name: "decided, then gone",
    profile: "binance",
    acts: [{ on: "after commit order_intended", what: "the power fails", act: ({ kill }) => kill() }],
    passes: ["after commit order_dropped"],
    steps: 130,
  },
  {
    ...entry,
    name: "the database mumbles",
    profile: "kucoin",
    weather: { store_lost_before: 0.05, store_lost_after: 0.05 },
    passes: entered,
    steps: 150,
  },
  {
    ...entry,
    name: "another takes over",
    profile: "binance",
    isSameHost: false,
    acts: [
      {
        on: "after wire place",
        what: "the holder sleeps and another comes",
        act: ({ freeze, standBy }) => {
          freeze(14_000);
          standBy();
        },
      },
    ],
    passes: [...entered, "after commit house_started"],
    steps: 230,
  },
  trial,
];

export const stopScenes: readonly Scene[] = [
  {
    ...stop,
    name: "placed, then reached",
    profile: "kucoin",
    acts: [moved(3_000, "falls through the stop", -0.015)],
    passes: ["after commit order_triggered", "after commit position_closed"],
    steps: 150,
  },
  {
    ...stop,
    name: "a gap below its limit",
    profile: "alpaca",
    acts: [moved(2_000, "falls far below the stop", -0.06)],
    passes: ["after commit exit_triggered", "after commit position_closed"],
    steps: 170,
  },
  {
    ...stop,
    name: "our own watch",
    profile: "polymarket",
    acts: [moved(3_000, "falls through the stop", -0.12)],
    passes: ["after commit exit_triggered", "after commit position_closed"],
    steps: 150,
  },
  {
    ...stop,
    name: "refused twice",
    profile: "binance",
    weather: { stop_refused: 1 },
    passes: ["after commit order_rejected"],
    steps: 150,
  },
  {
    ...stop,
    name: "its answer is lost",
    profile: "binance",
    acts: [muted("after commit order_sending", 7)],
    passes: ["after commit order_answer_lost", "after commit order_found"],
    steps: 150,
  },
  {
    ...stop,
    name: "it never arrives",
    profile: "kucoin",
    acts: requestsLost,
    passes: ["after commit order_answer_lost"],
    steps: 200,
  },
  {
    ...stop,
    name: "somebody takes it away twice",
    profile: "kucoin",
    acts: [taken, { ...taken, on: seen("stop_lost"), afterMs: 8_000, what: `${taken.what} again` }],
    passes: ["after commit stop_lost", "after commit breaker_opened"],
    steps: 190,
  },
];
