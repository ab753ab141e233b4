/**
 * Any people, in any order, at any moment: taps of all kinds, a market that moves, time that passes, commits and answers that
 * come in every order that fast-check can think of. Whatever happened, the promises about consent hold.
 */
import fc, { type AsyncCommand, type Scheduler } from "fast-check";
import { expect, test } from "vitest";
import type { Approval } from "../../src/core/approval.ts";
import type { FactOf, FactType, Recorded } from "../../src/core/events.ts";
import { handleWaiting } from "../../src/flows/receive_message.ts";
import { expireApprovals } from "../../src/flows/settle_approval.ts";
import { showPrompts } from "../../src/flows/show_prompts.ts";
import { sweep } from "../../src/flows/sweep.ts";
import { type ApprovalHouse, openApprovalHouse } from "../fixtures/approval_house.ts";
import type { ScriptedChat, SeenMessage } from "../scenarios/scripted_chat.ts";

type Model = { asked: number };
type World = { readonly house: ApprovalHouse; readonly underWay: Promise<unknown>[]; readonly scheduler: Scheduler };
type Command = AsyncCommand<Model, World, false>;

/** Starts something and lets the world take that many steps: what it waits for happens in any order with everything else. */
function act(name: string, steps: number, begin: (world: World) => Promise<unknown> | undefined): Command {
  return {
    check: () => true,
    async run(_model, world) {
      const begun = begin(world);
      if (begun !== undefined) world.underWay.push(begun);
      for (let step = 0; step < steps; step += 1) await takeStep(world);
    },
    toString: () => `${name}, ${steps} steps`,
  };
}

/** One thing that waits goes on; which one is for fast-check to choose. */
async function takeStep({ scheduler }: World): Promise<void> {
  if (scheduler.count() > 0) await scheduler.waitNext(1);
  else await new Promise((resolve) => setImmediate(resolve));
}

const people = {
  ana: { platform: "telegram", userId: "111" },
  "ana elsewhere": { platform: "discord", userId: "222" },
  bo: { platform: "telegram", userId: "333" },
  stranger: { platform: "telegram", userId: "999" },
} as const;
type Who = keyof typeof people;

/** The newest prompt, or any that was ever shown: people tap what is on their screens. */
function buttonOf(chat: ScriptedChat, label: string, back: number): { message: SeenMessage; token: string } | null {
  const shown = chat.messages.filter((message) => message.buttons.some((button) => button.label === label));
  const message = shown[Math.max(0, shown.length - 1 - back)];
  const token = message?.buttons.find((button) => button.label === label)?.token;
  return message === undefined || token === undefined ? null : { message, token };
}

type TapWish = { readonly who: Who; readonly label: string; readonly back: number; readonly isRepeated: boolean };

function tap({ who, label, back, isRepeated }: TapWish, steps: number): Command {
  return act(`${who} taps ${label}${isRepeated ? ", told twice" : ""}`, steps, ({ house }) => {
    const { platform, userId } = people[who];
    const chat = house[platform];
    const found = buttonOf(chat, label, back);
    if (found === null) return undefined;
    const sender = { userId, displayName: who, isPerson: true };
    const change = { ...found, sender, eventIds: [`${platform}-${who}-${house.facts.length}-${label}`] };
    const once = () => chat.tap(label, change);
    return isRepeated ? Promise.all([once(), once()]) : once();
  });
}

const labels = [
  "Approve",
  "Approve",
  "Approve",
  "Decline",
  "Smaller…",
  "½ of it",
  "½ of it",
  "Later…",
  "15 min",
] as const;

const steps = fc.constantFrom(0, 1, 2, 5, 12, 60);

const deeds: fc.Arbitrary<Command>[] = [
  steps.map((count) => act("the house asks", count, ({ house }) => house.ask())),
  ...[1, 2, 3].map(() =>
    fc
      .record({
        who: fc.constantFrom<Who>("ana", "ana elsewhere", "ana elsewhere", "bo", "bo", "stranger"),
        label: fc.constantFrom(...labels),
        back: fc.constantFrom(0, 0, 0, 1),
        isRepeated: fc.boolean(),
        count: steps,
      })
      .map(({ count, ...wish }) => tap(wish, count)),
  ),
  fc.tuple(fc.constantFrom("0.001", "0.004", "-0.02", "0.03"), steps).map(([share, count]) =>
    act(`the price moves by ${share}`, count, ({ house }) => {
      house.move(share);
      return undefined;
    }),
  ),
  fc.tuple(fc.constantFrom(1_000, 20_000, 310_000), steps).map(([ms, count]) =>
    act(`${ms} ms pass`, count, ({ house }) => {
      house.passTime(ms);
      return expireApprovals(house.needs);
    }),
  ),
  steps.map((count) => act("what a crash left is handled", count, ({ house }) => handleWaiting(house.needs))),
  steps.map((count) => act("the sweep looks", count, ({ house }) => sweep(house.needs))),
];
const commands = fc.commands<Model, World, false>(deeds, { maxCommands: 30, size: "+1" });

const factsOf = <Type extends FactType>(facts: readonly Recorded[], type: Type) =>
  facts.filter((one): one is Recorded<FactOf<Type>> => one.fact.type === type);

function judge(house: ApprovalHouse): void {
  const { facts } = house;
  const votes = factsOf(facts, "vote_cast");
  const intended = factsOf(facts, "order_intended");
  expect(new Set(house.sent.map((one) => one.clientOrderId)).size, "nothing is sent twice").toBe(house.sent.length);
  for (const { clientOrderId, seq } of house.sent) {
    const order = intended.find((one) => one.fact.clientOrderId === clientOrderId);
    expect(order, "an order is decided before it is sent").toBeDefined();
    if (order === undefined) continue;
    const { approvalId, approvalVersion, digest } = order.fact;
    expect(
      intended.filter((one) => one.fact.approvalId === approvalId && one.fact.approvalVersion === approvalVersion),
      "one order for an approved version",
    ).toHaveLength(1);
    const given = votes.filter(
      ({ fact }) => fact.approvalId === approvalId && fact.version === approvalVersion && fact.verdict === "yes",
    );
    const approval = house.books().approvals[approvalId ?? ""];
    expect(
      given.every((vote) => vote.fact.digest === digest && vote.seq < order.seq),
      "signed what was sent",
    ).toBe(true);
    expect(new Set(given.map((vote) => vote.fact.personId)).size).toBeGreaterThanOrEqual(approval?.quorum ?? 1);
    const noes = votes.filter(({ fact }) => fact.approvalId === approvalId && fact.verdict === "no");
    expect(noes, "nothing leaves after a no").toEqual([]);
    const settled = factsOf(facts, "approval_settled").filter(
      (one) => one.fact.approvalId === approvalId && one.fact.to === "approved",
    );
    expect(settled).toHaveLength(1);
    expect(settled[0]?.seq).toBeLessThanOrEqual(seq);
  }
  for (const approval of Object.values(house.books().approvals)) judgeApproval(house, approval, votes);
  expect(
    votes.every(({ fact }) => fact.personId === "ana" || fact.personId === "bo"),
    "a stranger decides nothing",
  ).toBe(true);
}

function judgeApproval(
  house: ApprovalHouse,
  approval: Approval,
  votes: readonly Recorded<FactOf<"vote_cast">>[],
): void {
  const mine = votes.filter(({ fact }) => fact.approvalId === approval.approvalId);
  const isRefused = mine.some(({ fact }) => fact.verdict === "no");
  if (isRefused) expect(approval.state, "one no is enough").toBe("declined");
  const keys = mine.filter(({ fact }) => fact.verdict === "yes").map(({ fact }) => `${fact.version} ${fact.personId}`);
  expect(new Set(keys).size, "one person counts once").toBe(keys.length);
  const prompts = Object.values(house.books().prompts).filter((prompt) => prompt.approvalId === approval.approvalId);
  const shown = prompts.flatMap((prompt) =>
    house[prompt.chat.platform as "telegram" | "discord"].messages.filter((one) => one.messageId === prompt.messageId),
  );
  expect(new Set(shown.map((message) => message.card.footer)).size, "everybody is told the same").toBeLessThanOrEqual(
    1,
  );
  const live = shown.filter((message) => message.buttons.length > 0);
  if (approval.state !== "pending") expect(live, "no live button on what is closed").toEqual([]);
}

async function finish({ needs }: ApprovalHouse, underWay: readonly Promise<unknown>[]): Promise<void> {
  await Promise.all(underWay);
  await handleWaiting(needs);
  await sweep(needs);
  await showPrompts(needs);
}

/** Everything that was begun comes to its end, and the chats show it. */
async function settleDown(world: World): Promise<void> {
  const { house, underWay } = world;
  let isDone = false;
  const all = finish(house, underWay).finally(() => {
    isDone = true;
  });
  for (let turns = 0; !isDone; turns += 1) {
    if (turns > 20_000) throw new Error("it never ends");
    await takeStep(world);
  }
  await all;
}

test.each([1, 2])(
  "with a quorum of %i the promises about consent hold in every order of taps, prices and commits",
  async (quorum) => {
    const reached = { sent: 0, declined: 0, resized: 0 };
    await fc.assert(
      fc.asyncProperty(commands, fc.scheduler(), async (list, scheduler) => {
        const house = await openApprovalHouse(scheduler, quorum);
        const world: World = { house, underWay: [], scheduler };
        world.underWay.push(house.ask());
        await fc.asyncModelRun(() => ({ model: { asked: 0 }, real: world }), list);
        await settleDown(world);
        judge(house);
        reached.sent += house.sent.length;
        reached.declined += Object.values(house.books().approvals).filter((one) => one.state === "declined").length;
        reached.resized += factsOf(house.facts, "approval_revised").length;
      }),
      { numRuns: 150 },
    );
    // A model in which nothing happens proves nothing.
    expect(reached.sent).toBeGreaterThan(quorum === 1 ? 10 : 2);
    expect(reached.declined).toBeGreaterThan(10);
    expect(reached.resized).toBeGreaterThan(5);
  },
  120_000,
);
