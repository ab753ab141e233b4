/** What a prompt says: each thing that can be asked, and an order in each state that it can come to. */
import type { ApprovalSubject } from "../../src/core/approval.ts";
import type { Fact, FactOf } from "../../src/core/events.ts";
import { price } from "../../src/core/money.ts";
import { ended, fillOf, intended, requested, revised, sending, settledAs, terms, vote } from "../fixtures/facts.ts";
import { makeEntry } from "../fixtures/intent.ts";
import { drawAll, type Shown } from "./draw.ts";
import { type GoldenHouse, openGoldenHouse, shownAs } from "./house.ts";
import type { Scene } from "./scene.ts";

type Asked = Partial<FactOf<"approval_requested">>;

/** Everything that can be asked; a kind without an entry does not compile. */
const asked: { readonly [Kind in ApprovalSubject["kind"]]: readonly (readonly [string, Asked])[] } = {
  order: [
    ["one signature", {}],
    ["two signatures", { tier: "T2", quorum: 2 }],
    ["a veto window", { isVeto: true }],
    [
      "with a trail and a time limit, without a target",
      {
        subject: {
          kind: "order",
          terms,
          intent: makeEntry({
            exitPlan: {
              stopPrice: price("85.62"),
              targetPrice: null,
              trail: { distanceBps: 150 },
              timeLimitMs: 14_400_000,
            },
          }),
        },
      },
    ],
  ],
  flatten: [["everything", { tier: "TE", subject: flattenSubject() }]],
  lower_level: [
    ["alone", { tier: "T3", subject: levelSubject({ isAlone: true, isOverride: false }) }],
    [
      "with a second person, without proof",
      { tier: "T3", quorum: 2, subject: levelSubject({ isAlone: false, isOverride: true }) },
    ],
  ],
  loosen_limit: [
    ["alone", { tier: "T3", subject: limitSubject(true) }],
    ["with a second owner", { tier: "T3", quorum: 2, subject: limitSubject(false) }],
  ],
  raise_role: [
    ["alone", { tier: "T3", subject: roleSubject(true) }],
    ["with a second owner", { tier: "T3", subject: roleSubject(false) }],
  ],
};

function flattenSubject(): ApprovalSubject {
  return {
    kind: "flatten",
    positions: [
      { line: "4.5 SOL/USDT, entry 87.50, now 88.12: +2.79 USDT · +0.71 %" },
      { line: "0.01 BTC/USDT, entry 64,000, now 64,210: +2.10 USDT · +0.33 %" },
    ],
  } as unknown as ApprovalSubject;
}
function levelSubject(change: { readonly isAlone: boolean; readonly isOverride: boolean }): ApprovalSubject {
  return {
    kind: "lower_level",
    from: "emergency",
    reason: "the exchange answers again",
    ...change,
  } as unknown as ApprovalSubject;
}
function roleSubject(isAlone: boolean): ApprovalSubject {
  const reason = "she watches the night";
  return { kind: "raise_role", personId: "ana", name: "Ana", from: "operator", to: "approver", reason, isAlone };
}
function limitSubject(isAlone: boolean): ApprovalSubject {
  return {
    kind: "loosen_limit",
    name: "riskPerTrade",
    from: "0.5 %",
    to: "1 %",
    reason: "new month",
    isAlone,
  } as unknown as ApprovalSubject;
}

const order = intended("e1", makeEntry(), { approvalId: "apr-1", approvalVersion: 1 });
const approved: readonly Fact[] = [
  settledAs("approved"),
  settledAs("executing", { from: "approved", by: [] }),
  order,
  sending("e1"),
];
const filled = fillOf("e1", { price: "87.49", quantity: "4.5" });
const from = (state: "approved" | "executing") => ({ from: state, by: ["Ana (telegram)"] }) as const;

const lives: readonly (readonly [string, readonly Fact[], Asked?])[] = [
  ["one of two signed", [vote("ana", { userId: "111" })], { tier: "T2", quorum: 2 }],
  ["the price moved: asked again", [revised(2)]],
  ["approved", [settledAs("approved")]],
  [
    "executed",
    [...approved, filled, ended("e1", { how: "filled" } as never), settledAs("executed", from("executing"))],
  ],
  [
    "executed in part",
    [
      ...approved,
      fillOf("e1", { price: "87.49", quantity: "2" }),
      ended("e1"),
      settledAs("executed", from("executing")),
    ],
  ],
  [
    "not executed: the venue refused",
    [
      ...approved,
      {
        type: "order_rejected",
        clientOrderId: "e1",
        code: "200004",
        message: "Balance insufficient!",
        reason: "balance",
      },
      settledAs("exec_failed", { ...from("executing"), reason: "Balance insufficient!" }),
    ],
  ],
  [
    "nobody knows",
    [
      ...approved,
      { type: "order_answer_lost", clientOrderId: "e1", because: "no answer within 5 s" },
      settledAs("exec_unknown", { ...from("executing"), reason: "no answer within 5 s" }),
    ],
  ],
  [
    "declined",
    [
      vote("ana", { verdict: "no" }),
      settledAs("declined"),
      { type: "decline_explained", approvalId: "apr-1", personId: "ana", reason: "too close to the news" },
    ],
  ],
  ["expired", [settledAs("expired", { by: [] })]],
  ["canceled", [settledAs("canceled", { by: [], reason: "paused by Ana" })]],
  [
    "replaced",
    [settledAs("superseded", { by: [], supersededBy: "apr-2", reason: "a newer request of the same kind" })],
  ],
  [
    "not executed: the price ran away",
    [settledAs("invalidated", { reason: "the price moved 92 bps against the order, at most 75" })],
  ],
];

export const promptScenes: readonly Scene[] = [
  ...Object.entries(asked).map(([kind, wishes]) => ({ file: `prompts/asked_${kind}`, draw: () => drawAsked(wishes) })),
  { file: "prompts/lives_of_an_order", draw: drawLives },
];

async function drawAsked(wishes: readonly (readonly [string, Asked])[]): Promise<string> {
  const shown: Shown[] = [];
  for (const [when, wish] of wishes) shown.push(promptOf(await houseAsked(wish), when));
  return drawAll(shown);
}

async function drawLives(): Promise<string> {
  const shown: Shown[] = [];
  for (const [when, facts, wish = {}] of lives) {
    const house = await houseAsked(wish);
    await house.tell(...facts);
    await house.second(4);
    shown.push(promptOf(house, when));
  }
  return drawAll(shown);
}

async function houseAsked(wish: Asked): Promise<GoldenHouse> {
  const house = await openGoldenHouse();
  await house.tell(requested(wish));
  await house.second();
  return house;
}

function promptOf(house: GoldenHouse, when: string): Shown {
  const { messageId } = Object.values(house.books().prompts)[0] ?? {};
  const message = house.telegram.messages.find((one) => one.messageId === messageId);
  if (message === undefined) throw new Error(`${when}: no prompt was shown`);
  return shownAs(message, when);
}
