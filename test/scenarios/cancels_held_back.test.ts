/** A cancel is a byte on the wire like an order: whoever may not send any more takes no stop away, and no cancel leaves unrecorded. */
import { describe, expect, test } from "vitest";
import type { Memory } from "../../src/flows/memory.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import { buy, told } from "./conversation.ts";
import { approvalState, factsOf, storyMs } from "./play.ts";
import { openStage, type Stage } from "./stage.ts";

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));
const cancelsAt = (stage: Stage): readonly string[] =>
  stage.exchange.wireLog
    .all()
    .filter((one) => one.method === "DELETE")
    .map((one) => one.target);

/** Stands still for so long right after the row of the first cancel was committed, as a frozen process does. */
function frozenAfterTheRow(forMs: number, begun: () => void) {
  let isOver = false;
  return (ledger: Ledger): Ledger => ({
    ...ledger,
    async commit(decide) {
      let isCancel = false;
      const value = await ledger.commit((books, times) => {
        const decision = decide(books, times);
        isCancel = decision.drafts.some((one) => one.fact.type === "order_cancel_requested");
        return decision;
      });
      if (isCancel && !isOver) {
        isOver = true;
        begun();
        await pause(forMs);
      }
      return value;
    },
  });
}

/** Whoever looks each second whether the reason is gone does not find it gone. */
function hold(memory: Memory, change: Partial<Memory>): void {
  for (const [name, value] of Object.entries(change))
    Object.defineProperty(memory, name, { get: () => value, set: () => undefined });
}

async function freezeInCancel(forMs: number, meanwhile: (stage: Stage) => void): Promise<Stage> {
  let fall: () => void = () => undefined;
  const asleep = new Promise<void>((done) => {
    fall = done;
  });
  const stage = await openStage({ ledger: frozenAfterTheRow(forMs, () => fall()) });
  await buy(stage, "SOL/USDT");
  void told(stage, stage.telegram, "close", "sol").catch(() => undefined);
  await asleep;
  meanwhile(stage);
  return stage;
}

describe.concurrent("a process that stands still between the row of a cancel and its byte", () => {
  const deposed: readonly (readonly [string, Partial<Memory>])[] = [
    ["another one took the epoch", { isFenced: true }],
    ["the emergency process took over", { isStandingBack: true }],
  ];
  test.each(deposed)(
    "wakes up when %s: the cancel does not leave [C05]",
    { timeout: storyMs },
    async (_name, change) => {
      const stage = await freezeInCancel(1_500, ({ house }) => hold(house().needs.memory, change));
      try {
        await pause(3_000);
        expect(await factsOf(stage, "order_cancel_requested")).toHaveLength(1);
        expect(cancelsAt(stage)).toEqual([]);
      } finally {
        await stage.close();
      }
    },
  );

  test("wakes up after its cancel counts as lost: that one does not leave, the next one with its own row does [C05]", {
    timeout: storyMs,
  }, async () => {
    const stage = await freezeInCancel(6_000, () => undefined);
    try {
      await stage.until(() => cancelsAt(stage).length > 0, "a cancel", 40_000);
      expect((await factsOf(stage, "order_cancel_requested")).length).toBeGreaterThan(1);
      await stage.until(() => stage.position("SOL/USDT")?.state === "closed", "the close", 20_000);
      await stage.judge();
    } finally {
      await stage.close();
    }
  });
});

test("a cancel of an order of unknown fate has its row like every other", { timeout: storyMs }, async () => {
  const stage = await openStage();
  try {
    const approvalId = await stage.ask("SOL/USDT");
    stage.exchange.faults.add({ method: "POST", path: /hf\/orders$/, verb: { do: "drop_before" } });
    await stage.telegram.tap("Approve");
    await stage.until(() => approvalState(stage, approvalId) === "exec_unknown", "the lost answer");
    const id = (await factsOf(stage, "order_answer_lost"))[0]?.clientOrderId ?? "";
    await told(stage, stage.telegram, "pause", "look at it");
    await stage.until(() => cancelsAt(stage).length > 0, "the cancel by its name");
    const rows = await factsOf(stage, "cancel_leaving");
    expect(rows.map((row) => row.clientOrderId)).toEqual(cancelsAt(stage).map(() => id));
    expect(cancelsAt(stage)[0]).toContain(id);
  } finally {
    await stage.close();
  }
});
