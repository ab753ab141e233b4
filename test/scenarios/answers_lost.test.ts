/** An entry whose answer is lost: found or proven absent, never sent again, and the approval tells the truth. */
import { describe, expect, test } from "vitest";
import type { FaultVerb } from "../../src/practice/faults.ts";
import { approvalState, factsOf, play, sentEntries, shortAbsence, storyMs, untilProtected } from "./play.ts";
import type { Stage } from "./stage.ts";

const orderPath = "/api/v1/hf/orders";

async function approveUnder(stage: Stage, verb: FaultVerb): Promise<string> {
  const approvalId = await stage.ask("SOL/USDT");
  stage.exchange.faults.add({ method: "POST", path: orderPath, verb });
  await stage.telegram.tap("Approve");
  return approvalId;
}

describe.concurrent("the order is there and its answer is not", () => {
  const verbs: readonly FaultVerb[] = [
    { do: "drop_after" },
    { do: "hang_after" },
    { do: "stall_body" },
    { do: "cut_body" },
    { do: "empty_after" },
    { do: "status_after", status: 500 },
    { do: "delay_after", ms: 7_000 },
  ];
  test.for(verbs)(
    "after $do it is unknown, found, bound and protected, with one POST [V01] [V04] [V06] [V10] [N01] [N05] [N06]",
    { timeout: storyMs },
    (verb) =>
      play({}, async (stage) => {
        const approvalId = await approveUnder(stage, verb);
        await untilProtected(stage, "SOL/USDT", 30_000);
        const entry = sentEntries(stage);
        expect(entry).toHaveLength(1);
        const clientOrderId = entry[0]?.["clientOid"];
        expect((await factsOf(stage, "order_answer_lost")).map((fact) => fact.clientOrderId)).toEqual([clientOrderId]);
        expect((await factsOf(stage, "order_found")).map((fact) => fact.clientOrderId)).toContain(clientOrderId);
        expect(await factsOf(stage, "order_absent")).toEqual([]);
        expect(approvalState(stage, approvalId)).toBe("executed");
        const settled = await factsOf(stage, "approval_settled");
        expect(settled.map((fact) => fact.to)).toEqual(["approved", "executing", "exec_unknown", "executed"]);
      }),
  );

  test("an exchange whose lists lag behind does not make it absent [V11]", { timeout: storyMs }, () =>
    play({}, async (stage) => {
      stage.exchange.faults.delayVisibility(4_000);
      const approvalId = await approveUnder(stage, { do: "drop_after" });
      await untilProtected(stage, "SOL/USDT", 40_000);
      expect((await factsOf(stage, "order_probed")).some((fact) => fact.verdict === "error")).toBe(true);
      expect(await factsOf(stage, "order_absent")).toEqual([]);
      expect(sentEntries(stage)).toHaveLength(1);
      expect(approvalState(stage, approvalId)).toBe("executed");
      stage.exchange.faults.delayVisibility(0);
    }),
  );
});

describe.concurrent("the order never came to be, and nobody said so", () => {
  const verbs: readonly FaultVerb[] = [
    { do: "drop_before" },
    { do: "hang_before" },
    { do: "html_502" },
    { do: "status_before", status: 503 },
    { do: "redirect", to: "http://127.0.0.1:9/" },
  ];
  test.for(verbs)(
    "after $do it is absent only by proof, and its slot waits [V02] [N10]",
    { timeout: storyMs },
    (verb) =>
      play(shortAbsence, async (stage) => {
        const approvalId = await approveUnder(stage, verb);
        await stage.until(() => approvalState(stage, approvalId) === "exec_unknown", "the lost answer");
        await expect(stage.ask("SOL/USDT")).rejects.toThrow(/refused|slot/);
        await stage.until(() => approvalState(stage, approvalId) === "exec_failed", "the proof", 45_000);
        const [absent] = await factsOf(stage, "order_absent");
        const [sending] = await factsOf(stage, "order_sending");
        const looks = (await factsOf(stage, "order_probed")).filter((fact) => fact.verdict === "absent");
        expect(looks.length).toBeGreaterThanOrEqual(3);
        expect((looks[0]?.wallAt ?? 0) - (sending?.stampedAt ?? 0)).toBeGreaterThanOrEqual(1_450);
        expect((absent?.wallAt ?? 0) - (looks[0]?.wallAt ?? 0)).toBeGreaterThanOrEqual(9_900);
        expect(sentEntries(stage)).toHaveLength(1);
        expect((await factsOf(stage, "position_closed")).map((fact) => fact.reason)).toEqual(["no_fill"]);
        expect(stage.exchange.balances()["SOL"]).toBeUndefined();
      }),
  );

  test("the venue's own bound is kept: nothing is absent within its 16 s", { timeout: storyMs }, () =>
    play({}, async (stage) => {
      const approvalId = await approveUnder(stage, { do: "drop_before" });
      await stage.until(() => approvalState(stage, approvalId) === "exec_failed", "the proof", 60_000);
      const [sending] = await factsOf(stage, "order_sending");
      const looks = (await factsOf(stage, "order_probed")).filter((fact) => fact.verdict === "absent");
      expect((looks[0]?.wallAt ?? 0) - (sending?.stampedAt ?? 0)).toBeGreaterThanOrEqual(15_900);
      expect(sentEntries(stage)).toHaveLength(1);
    }),
  );
});

describe.concurrent("the venue says that it did not take the order", () => {
  test.for<{ name: string; verb: FaultVerb; kind: "order_not_sent" | "order_rejected" }>([
    { name: "a rate limit", verb: { do: "rate_limited", resetMs: 1_000 }, kind: "order_not_sent" },
    {
      name: "too little money",
      verb: { do: "refuse", code: "200004", msg: "Balance insufficient!" },
      kind: "order_rejected",
    },
  ])("$name ends it at once: no slow proof, no second POST [V07]", { timeout: storyMs }, ({ verb, kind }) =>
    play({}, async (stage) => {
      const approvalId = await approveUnder(stage, verb);
      await stage.until(() => approvalState(stage, approvalId) === "exec_failed", "the end", 3_000);
      expect(await factsOf(stage, kind)).toHaveLength(1);
      expect(await factsOf(stage, "order_answer_lost")).toEqual([]);
      expect((await factsOf(stage, "position_closed")).map((fact) => fact.reason)).toEqual(["no_fill"]);
      expect(sentEntries(stage)).toHaveLength(1);
    }),
  );
});
