/** Scenes of the whole house: what the venue did unseen, flatten, an orderly end, and the ways of a question. */
import { always, held, type Scene, type SceneAct, seen } from "./scene.ts";
import { askedToEnd, askedToLeave, away, muted } from "./scene_acts.ts";
import type { SceneStage } from "./stage.ts";

const flatten = { scenario: "flatten", armed: held() } as const;
const shutdown = { scenario: "shutdown", armed: held() } as const;
const approval = { scenario: "approval", armed: always, policy: "ask" } as const;
const reconcile = { scenario: "reconcile", armed: held() } as const;
const found = ["after commit house_started", "after commit reconciled", "after commit house_ready"] as const;

/** The house dies with a position, and before the next one starts the venue is not what it was. */
const unseen = (what: string, act: (stage: SceneStage) => void): SceneAct => ({
  on: held(),
  afterMs: 1_500,
  what: `the power fails; ${what}`,
  act(stage) {
    stage.kill();
    act(stage);
  },
});

export const reconcileScenes: readonly Scene[] = [
  {
    ...reconcile,
    name: "the stop fired",
    profile: "kucoin",
    acts: [unseen("the price falls through the stop", ({ jump }) => jump(-0.015))],
    passes: [...found, "after commit position_closed"],
    steps: 260,
  },
  {
    ...reconcile,
    name: "a person sold",
    profile: "binance",
    acts: [unseen("a person sells", ({ atVenue }) => atVenue("sell"))],
    passes: [...found, "after commit order_adopted"],
    steps: 260,
  },
  {
    ...reconcile,
    name: "the stop was taken away",
    profile: "alpaca",
    acts: [unseen("a person cancels the stop", ({ atVenue }) => atVenue("cancel_stop"))],
    passes: [...found, "after commit stop_lost"],
    steps: 360,
  },
  {
    ...reconcile,
    name: "it was liquidated",
    profile: "kucoin",
    acts: [unseen("the venue liquidates", ({ liquidated }) => liquidated())],
    passes: found,
    steps: 260,
  },
  {
    ...reconcile,
    name: "money came",
    profile: "kucoin",
    acts: [unseen("a deposit", ({ atVenue }) => atVenue("deposit"))],
    passes: [...found, "after commit transfer_recorded"],
    steps: 260,
  },
  {
    ...reconcile,
    name: "coins were withdrawn",
    profile: "polymarket",
    acts: [unseen("a person withdraws half of the shares", ({ atVenue }) => atVenue("withdraw_coins"))],
    passes: [...found, "after commit position_reduced"],
    steps: 360,
  },
  {
    ...reconcile,
    name: "coins are missing",
    profile: "alpaca",
    acts: [
      unseen("a person takes the stop away and half of the coins", ({ atVenue }) => {
        atVenue("cancel_stop");
        atVenue("withdraw_coins");
      }),
    ],
    passes: [...found, "after commit holdings_compared"],
    // Every alert has a button that is on record before its card leaves.
    steps: 460,
  },
  {
    ...reconcile,
    name: "the question was decided",
    profile: "polymarket",
    acts: [unseen("the question is answered", ({ resolved }) => resolved())],
    passes: found,
    steps: 480,
  },
  {
    ...reconcile,
    armed: always,
    name: "nobody will ever know",
    profile: "kucoin",
    nature: (personId) => (personId === "ada" ? { role: "owner" } : {}),
    acts: [
      muted("after commit order_sending", 40),
      {
        on: seen("order_answer_lost"),
        afterMs: 1_000,
        what: "one owner gives the order up",
        act: (stage) => giveUp(stage, "owner"),
      },
      {
        on: seen("lost_requested"),
        afterMs: 1_000,
        what: "the other owner joins",
        act: (stage) => giveUp(stage, "ada"),
      },
    ],
    passes: ["after commit order_declared_lost"],
    steps: 220,
  },
];

function giveUp({ view, says }: SceneStage, personId: string): void {
  const order = Object.values(view.books.orders).find((one) => one.state === "unknown");
  if (order !== undefined)
    says(personId, "unknown", `${order.clientOrderId.slice(-8)} lost the venue says nothing of it`);
}

const resume: SceneAct = {
  on: seen("flatten_verified"),
  afterMs: 1_500,
  what: "the owner asks to go on",
  act: ({ says }) => says("owner", "resume", "it was a drill"),
};
const types = (name: string, text: string): SceneAct => ({
  on: held(),
  afterMs: 2_000,
  what: `the owner types /${name}`,
  act: ({ says }) => says("owner", name, text),
});
const emptied = ["after commit level_changed", "after commit flatten_step", "after commit flatten_verified"] as const;

export const flattenScenes: readonly Scene[] = [
  {
    ...flatten,
    name: "one position",
    profile: "kucoin",
    acts: [types("flatten", "a drill"), resume],
    passes: [...emptied, "after commit flatten_confirmed", "after commit flatten_ended"],
    steps: 190,
  },
  {
    ...flatten,
    name: "an emergency with two",
    profile: "binance",
    symbols: 2,
    armed: held(2),
    acts: [{ ...types("emergency", "now"), on: held(2) }],
    passes: emptied,
    steps: 220,
  },
  {
    ...flatten,
    name: "raised on the way",
    profile: "alpaca",
    acts: [
      types("flatten", "out"),
      {
        on: seen("flatten_confirmed"),
        what: "the owner types /emergency",
        act: ({ says }) => says("owner", "emergency", "faster"),
      },
    ],
    passes: emptied,
    steps: 190,
  },
  {
    ...flatten,
    name: "the venue is away",
    profile: "kucoin",
    acts: [types("flatten", "out"), away(seen("flatten_confirmed"), 10)],
    passes: emptied,
    steps: 230,
  },
  {
    ...flatten,
    name: "without stops",
    profile: "polymarket",
    acts: [types("flatten", "out")],
    passes: emptied,
    steps: 190,
  },
  {
    ...flatten,
    name: "only a pause",
    profile: "binance",
    acts: [
      types("pause", "lunch"),
      {
        on: seen("level_changed"),
        afterMs: 4_000,
        what: "the owner goes on",
        act: ({ says }) => says("owner", "resume", "back at my desk"),
      },
    ],
    passes: ["after commit level_changed"],
    steps: 140,
  },
];

export const shutdownScenes: readonly Scene[] = [
  {
    ...shutdown,
    name: "with a position",
    profile: "kucoin",
    acts: [{ ...askedToEnd(held()), afterMs: 2_000 }],
    passes: [...found, "after commit house_stopped"],
    steps: 150,
  },
  {
    ...shutdown,
    armed: always,
    name: "with an order on the wire",
    profile: "binance",
    acts: [askedToEnd("after commit order_sending")],
    passes: ["after commit house_stopped", "after commit order_acknowledged"],
    steps: 150,
  },
  {
    ...shutdown,
    armed: always,
    name: "with an order decided",
    profile: "alpaca",
    acts: [askedToEnd("before commit order_sending")],
    passes: ["after commit house_stopped"],
    steps: 150,
  },
  {
    ...shutdown,
    armed: always,
    policy: "ask",
    name: "with a question open",
    profile: "kucoin",
    nature: () => ({ thinksMs: 12_000 }),
    acts: [askedToEnd(seen("prompt_posted"))],
    passes: ["after commit house_stopped", "after commit vote_cast"],
    steps: 180,
  },
  {
    ...shutdown,
    name: "while it leaves",
    profile: "kucoin",
    acts: [askedToLeave(2_000), askedToEnd("after commit order_cancel_requested")],
    passes: ["after commit house_stopped", "after commit position_closed"],
    steps: 170,
  },
];

export const approvalScenes: readonly Scene[] = [
  {
    ...approval,
    name: "two chats say yes",
    profile: "kucoin",
    nature: (personId) => (personId === "owner" ? { doubleTaps: 1 } : { keenness: 1 }),
    weather: { chat_doubled: 0.4 },
    passes: ["after commit vote_cast", "after commit prompt_posted", "after commit order_sending"],
    steps: 150,
  },
  {
    ...approval,
    name: "two chats, two answers",
    profile: "binance",
    nature: () => ({ isContradictory: true }),
    passes: ["after commit vote_cast"],
    steps: 140,
  },
  {
    ...approval,
    name: "everybody says no",
    profile: "alpaca",
    nature: () => ({ keenness: 0 }),
    passes: ["after commit vote_cast", "after commit approval_settled"],
    steps: 120,
  },
  {
    ...approval,
    name: "nobody answers",
    profile: "kucoin",
    nature: () => ({ thinksMs: 600_000 }),
    settings: (usual) => ({ ...usual, approvals: { ...usual.approvals, expiresMs: 12_000 } }),
    passes: ["after commit approval_settled"],
    steps: 140,
  },
  {
    ...approval,
    name: "a limit changes meanwhile",
    profile: "kucoin",
    nature: () => ({ thinksMs: 20_000 }),
    acts: [
      {
        on: seen("prompt_posted"),
        what: "the owner tightens a limit",
        act: ({ says }) => says("owner", "limits", "riskPerTrade 0.4%"),
      },
    ],
    passes: ["after commit control_changed", "after commit approval_requested"],
    steps: 160,
  },
  {
    ...approval,
    name: "the price runs away",
    profile: "binance",
    nature: () => ({ thinksMs: 20_000 }),
    acts: [
      { on: seen("prompt_posted"), afterMs: 500, what: "the price rises by 0.2 %", act: ({ jump }) => jump(0.002) },
    ],
    passes: ["after commit approval_revised"],
    steps: 160,
  },
  {
    ...approval,
    name: "the chats are away",
    profile: "kucoin",
    weather: { chat_away: 0.3 },
    passes: ["after wire card"],
    steps: 160,
  },
];
