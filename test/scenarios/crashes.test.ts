/** The process dies at the worst moments, without any clean-up; the next one finds at most one order and leaves nothing unprotected. */
import { describe, expect, test } from "vitest";
import type { Fact } from "../../src/core/events.ts";
import { crashPoint, type Death } from "./crash_point.ts";
import {
  approvalState,
  factsOf,
  play,
  sentEntries,
  sentExits,
  sentStops,
  shortAbsence,
  storyMs,
  untilClosed,
  untilProtected,
} from "./play.ts";
import type { Stage } from "./stage.ts";

const legOf = (clientOrderId: string, stage: Stage) => stage.books().orders[clientOrderId]?.intent.leg;

/** Plays until the process is dead, and starts the next one. */
async function crashed(
  death: Death,
  story: (stage: Stage, approvalId: string) => Promise<void>,
  before: (stage: Stage) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const point = crashPoint(death);
  await play({ ...shortAbsence, ...point.wish }, async (stage) => {
    const approvalId = await stage.ask("SOL/USDT");
    // The tap of a process that dies is never answered.
    void stage.telegram.tap("Approve");
    await before(stage);
    await stage.until(point.happened, "the crash");
    await stage.restart();
    await story(stage, approvalId);
  });
}

describe.concurrent("nothing had left yet", () => {
  const settledAs = (to: string) => (fact: Fact) => fact.type === "approval_settled" && fact.to === to;
  const isEntryIntended = (fact: Fact) => fact.type === "order_intended" && fact.intent.leg === "entry";
  test.for<{ name: string; death: Death; ends: string }>([
    {
      name: "[X01] after the approval, before the order is decided",
      death: { after: settledAs("approved") },
      ends: "invalidated",
    },
    {
      name: "[X02] after the order is decided, before it is armed",
      death: { after: isEntryIntended },
      ends: "exec_failed",
    },
  ])("$name: no order is ever sent, and the approval says so", { timeout: storyMs }, ({ death, ends }) =>
    crashed(death, async (stage, approvalId) => {
      await stage.until(() => approvalState(stage, approvalId) === ends, `approval ${ends}`);
      expect(sentEntries(stage)).toEqual([]);
      expect(stage.position("SOL/USDT")?.state ?? "closed").toBe("closed");
      // The slot is free again: the next question may be asked.
      expect(await stage.ask("SOL/USDT")).not.toBe(approvalId);
    }),
  );

  test.for<{ name: string; death: Death }>([
    { name: "[X03] armed", death: { after: (fact) => fact.type === "order_sending" } },
    { name: "[X03 X04] at the door of the wire", death: { beforePost: "entry" } },
  ])("$name and not posted: absent by proof, never posted again", { timeout: storyMs }, ({ death }) =>
    crashed(death, async (stage, approvalId) => {
      expect(approvalState(stage, approvalId)).toBe("exec_unknown");
      await stage.until(() => approvalState(stage, approvalId) === "exec_failed", "the proof", 45_000);
      expect(sentEntries(stage)).toEqual([]);
      expect(await factsOf(stage, "order_absent")).toHaveLength(1);
      expect(stage.position("SOL/USDT")?.state).toBe("closed");
    }),
  );
});

describe.concurrent("the entry was at the exchange", () => {
  test.for<{ name: string; death: Death }>([
    { name: "[X06] after the POST, before its answer was recorded", death: { afterPost: "entry" } },
    { name: "[X07] after the answer, before the fill", death: { after: (fact) => fact.type === "order_acknowledged" } },
    { name: "[X08] after the fill, before its stop", death: { after: (fact) => fact.type === "fill_received" } },
    {
      name: "after its stop was decided",
      death: { after: (fact) => fact.type === "order_intended" && fact.intent.leg === "protect" },
    },
  ])("$name: one order, one stop, executed", { timeout: storyMs }, ({ death }) =>
    crashed(death, async (stage, approvalId) => {
      await untilProtected(stage, "SOL/USDT", 20_000);
      await stage.until(() => approvalState(stage, approvalId) === "executed", "executed");
      expect(sentEntries(stage)).toHaveLength(1);
      expect(sentStops(stage).map((order) => order["size"])).toEqual([stage.position("SOL/USDT")?.quantity]);
    }),
  );

  test("after the POST of its stop: the stop is found, not doubled [X09]", { timeout: storyMs }, () =>
    crashed({ afterPost: "protect" }, async (stage) => {
      await untilProtected(stage, "SOL/USDT", 20_000);
      expect(sentStops(stage)).toHaveLength(1);
      expect(stage.exchange.balances()["SOL"]?.held).toBe(stage.position("SOL/USDT")?.quantity);
    }),
  );

  test("before the POST of its stop [X09]: guarded meanwhile, then protected or closed", { timeout: storyMs }, () =>
    crashed({ beforePost: "protect" }, async (stage) => {
      await stage.until(
        () => stage.position("SOL/USDT")?.protection === "placed" || stage.position("SOL/USDT")?.state === "closed",
        "protected or closed",
        60_000,
      );
      expect(sentEntries(stage)).toHaveLength(1);
      expect(sentStops(stage).length + sentExits(stage).length).toBe(1);
    }),
  );
});

describe.concurrent("it was on its way out", () => {
  const leave = async (stage: Stage) => {
    await untilProtected(stage, "SOL/USDT");
    void stage.telegram.say("close", "SOL");
  };
  test.for<{ name: string; death: Death }>([
    { name: "[X11] after the wish to leave", death: { after: (fact) => fact.type === "exit_triggered" } },
    {
      name: "[X12] after the cancel of the stop was decided",
      death: { after: (fact) => fact.type === "order_cancel_requested" },
    },
    {
      name: "[X13] after the stop was canceled",
      death: { after: (fact) => fact.type === "order_ended" && fact.by === "us" },
    },
    {
      name: "after the exit was decided",
      death: { after: (fact) => fact.type === "order_intended" && fact.intent.leg === "exit" },
    },
    { name: "[X14] before its POST", death: { beforePost: "exit" } },
    { name: "[X14] after its POST", death: { afterPost: "exit" } },
  ])("$name: closed, with one sale", { timeout: storyMs }, ({ death }) =>
    crashed(
      death,
      async (stage) => {
        await untilClosed(stage, "SOL/USDT", 60_000);
        expect(sentExits(stage)).toHaveLength(1);
        expect(sentEntries(stage)).toHaveLength(1);
        expect(legOf(sentExits(stage)[0]?.["clientOid"] ?? "", stage)).toBe("exit");
        expect(stage.exchange.balances()["SOL"]).toEqual({ free: "0", held: "0" });
      },
      leave,
    ),
  );
});
