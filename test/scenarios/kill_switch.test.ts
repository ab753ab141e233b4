/** The kill switch as people and accidents live it: one procedure, durable, proven twice, and left only on purpose. */
import { describe, expect, test } from "vitest";
import type { HouseSettings } from "../../src/core/settings.ts";
import { buy, cardsWith, chatsOf, heldAt, isHeld, noPrompts, saleQuestion, textOf, told } from "./conversation.ts";
import { crashPoint } from "./crash_point.ts";
import { factsOf, play, sentEntries, sentExits, shortAbsence, storyMs } from "./play.ts";
import type { Stage } from "./stage.ts";

const kill = (stage: Stage) => stage.books().house.kill;
const untilVerified = (stage: Stage, ms = 40_000) =>
  stage.until(() => kill(stage)?.verifiedAt != null, "verified flat", ms);
const withKill =
  (change: Partial<HouseSettings["kill"]>) =>
  (settings: HouseSettings): HouseSettings => ({ ...settings, kill: { ...settings.kill, ...change } });

const question = (stage: Stage) => saleQuestion(stage.discord);

async function confirmSale(stage: Stage): Promise<void> {
  await stage.until(() => question(stage) !== undefined, "the question");
  const message = question(stage);
  await stage.discord.tap("Approve", message === undefined ? {} : { message });
}

async function flattenAndConfirm(stage: Stage): Promise<void> {
  await told(stage, stage.telegram, "flatten", "test of the switch");
  await confirmSale(stage);
}

describe.concurrent("one procedure", () => {
  test(
    "pause, flatten, emergency within 2 s: the highest level, one procedure, taken over in place [O01]",
    { timeout: storyMs },
    () =>
      play({}, async (stage) => {
        await buy(stage, "SOL/USDT");
        await Promise.all([
          told(stage, stage.telegram, "pause"),
          told(stage, stage.discord, "flatten"),
          told(stage, stage.desk, "emergency"),
        ]);
        await told(stage, stage.telegram, "pause");
        await told(stage, stage.telegram, "flatten");
        expect(stage.books().house.level).toBe("emergency");
        expect(await factsOf(stage, "flatten_started")).toHaveLength(1);
        expect(kill(stage)?.level).toBe("emergency");
        await confirmSale(stage);
        await untilVerified(stage);
        expect(sentExits(stage)).toHaveLength(1);
        expect(stage.position("SOL/USDT")?.exitReason).toBe("emergency");
      }),
  );

  test(
    "verified flat after two looks, 2 s apart, with time and slippage per position; then a reset with a reason [O12]",
    { timeout: storyMs },
    () =>
      play({}, async (stage) => {
        const ids = [await buy(stage, "SOL/USDT"), await buy(stage, "ETH/USDT")];
        await flattenAndConfirm(stage);
        await untilVerified(stage);
        const [verified] = await factsOf(stage, "flatten_verified");
        expect([verified?.looks, (verified?.spanMs ?? 0) >= 2_000]).toEqual([2, true]);
        expect(verified?.report.map((one) => one.positionId).sort()).toEqual([...ids].sort());
        for (const one of verified?.report ?? [])
          expect([one.flatMs !== null, one.slippage !== null]).toEqual([true, true]);
        await stage.until(() => cardsWith(stage.discord, "Verified flat").length === 1, "the report in chat");
        const card = await told(stage, stage.telegram, "resume", "looked at everything");
        expect(card.title).toBe("Trading again");
        expect((await factsOf(stage, "flatten_ended")).map((fact) => fact.how)).toEqual(["reset"]);
        expect(kill(stage)).toBeNull();
      }),
  );

  test("a second flatten soon after a first one is proven by two looks of its own [K02]", { timeout: storyMs }, () =>
    play({}, async (stage) => {
      await told(stage, stage.telegram, "flatten", "first");
      await untilVerified(stage);
      await told(stage, stage.telegram, "resume", "looked at everything");
      await told(stage, stage.telegram, "flatten", "second");
      await untilVerified(stage);
      const begun = (await factsOf(stage, "flatten_confirmed")).at(-1)?.wallAt ?? Number.NaN;
      const verified = (await factsOf(stage, "flatten_verified")).at(-1);
      expect(await factsOf(stage, "flatten_verified")).toHaveLength(2);
      expect((verified?.wallAt ?? Number.NaN) - begun).toBeGreaterThanOrEqual(2_000);
      expect(verified?.spanMs).toBeLessThanOrEqual((verified?.wallAt ?? Number.NaN) - begun);
    }),
  );

  test(
    "two people press flatten: one question, and the buttons that one of them holds stay good [O01]",
    {
      timeout: storyMs,
    },
    () =>
      play({}, async (stage) => {
        await buy(stage, "SOL/USDT");
        await told(stage, stage.telegram, "flatten", "first");
        await stage.until(() => question(stage) !== undefined, "the question");
        const held = question(stage);
        await told(stage, stage.discord, "flatten", "second");
        expect(
          (await factsOf(stage, "approval_requested")).filter((one) => one.subject.kind === "flatten"),
        ).toHaveLength(1);
        await stage.discord.tap("Approve", held === undefined ? {} : { message: held });
        await stage.until(() => kill(stage)?.confirmedAt != null, "the confirmation");
        expect(textOf(await told(stage, stage.telegram, "flatten", "third"))).toMatch(/\d of 1 position sold/);
        await untilVerified(stage);
        const flat = textOf(await told(stage, stage.desk, "flatten", "fourth"));
        expect(flat).toMatch(/Verified flat since \d\d:\d\d:\d\d UTC/);
        expect(flat).not.toMatch(/being sold|protective stops stay/);
        expect(flat).toContain("1 of 1 position sold");
      }),
  );

  test("a resume while it sells is refused; an override ends it and says so [O02]", { timeout: storyMs }, () =>
    play({}, async (stage) => {
      await buy(stage, "SOL/USDT");
      stage.exchange.faults.outage(true);
      await flattenAndConfirm(stage);
      await stage.until(() => kill(stage)?.confirmedAt != null, "the confirmation");
      const version = stage.books().house.controlVersion;
      const refused = await told(stage, stage.telegram, "resume", "I changed my mind");
      expect([refused.title, textOf(refused).includes("wait until it is verified flat")]).toEqual([
        "Not resumed",
        true,
      ]);
      expect(stage.books().house.level).toBe("flatten");
      const done = await told(stage, stage.telegram, "resume", "override: the exchange is gone for good");
      expect(done.title).toBe("Trading again");
      expect((await factsOf(stage, "flatten_ended")).map((fact) => fact.how)).toEqual(["overridden"]);
      expect(stage.books().house.controlVersion).toBeGreaterThan(version);
      stage.exchange.faults.outage(false);
      await stage.until(() => !isHeld(stage, "SOL/USDT"), "the exit that was asked for", 60_000);
    }),
  );
});

describe.concurrent("whatever happens meanwhile", () => {
  test("killed between the confirmation and the sale: the next process sells the rest and lets nothing enter [X17] [K03]", {
    timeout: storyMs,
  }, () => {
    const point = crashPoint({ after: (fact) => fact.type === "flatten_confirmed" });
    return play(point.wish, async (stage) => {
      const ids = [await buy(stage, "SOL/USDT"), await buy(stage, "ETH/USDT")];
      const epoch = stage.books().house.epoch;
      await told(stage, stage.telegram, "flatten");
      void confirmSale(stage).catch(() => undefined);
      await stage.until(point.happened, "the crash");
      await stage.restart();
      await untilVerified(stage);
      expect(stage.books().house.epoch).toBeGreaterThan(epoch);
      expect(ids.map((id) => stage.books().positions[id]?.state)).toEqual(["closed", "closed"]);
      expect([heldAt(stage, "SOL"), heldAt(stage, "ETH")]).toEqual(["none", "none"]);
      expect(sentExits(stage)).toHaveLength(2);
      await expect(stage.ask("BTC/USDT")).rejects.toThrow(/trading_halted/);
    });
  });

  test(
    "the venue is away: the stops stay, it waits and says so, and sells once when it is back [V32]",
    { timeout: storyMs },
    () =>
      play({}, async (stage) => {
        await buy(stage, "SOL/USDT");
        stage.exchange.faults.outage(true);
        await flattenAndConfirm(stage);
        await stage.until(() => kill(stage)?.step === "waiting_venue", "the wait", 30_000);
        await stage.until(() => cardsWith(stage.discord, "The sale waits for the venue").length > 0, "the alert");
        expect(stage.position("SOL/USDT")?.exitFacts.map((fact) => fact.kind)).toEqual(["kill_flatten"]);
        expect(sentExits(stage)).toEqual([]);
        stage.exchange.faults.outage(false);
        await untilVerified(stage);
        expect(sentExits(stage)).toHaveLength(1);
        expect(heldAt(stage, "SOL")).toBe("none");
      }),
  );

  test(
    "the venue takes every request and answers none: within seconds the sale says that it waits, then goes on [V32]",
    {
      timeout: storyMs,
    },
    () =>
      play({}, async (stage) => {
        await buy(stage, "SOL/USDT");
        await buy(stage, "ETH/USDT");
        const release = stage.exchange.faults.add({ verb: { do: "hang_before" }, times: Number.POSITIVE_INFINITY });
        await flattenAndConfirm(stage);
        await stage.until(() => kill(stage)?.step === "waiting_venue", "the wait", 40_000);
        expect([heldAt(stage, "SOL"), heldAt(stage, "ETH")]).toEqual(["some", "some"]);
        release();
        await untilVerified(stage, 60_000);
        expect([heldAt(stage, "SOL"), heldAt(stage, "ETH")]).toEqual(["none", "none"]);
        expect(sentExits(stage)).toHaveLength(2);
      }),
  );

  test("a 429 is waited for as long as it says, and nobody is shut out [V30]", { timeout: storyMs }, () =>
    play({}, async (stage) => {
      await buy(stage, "SOL/USDT");
      await buy(stage, "ETH/USDT");
      stage.exchange.faults.add({
        method: "POST",
        path: "/api/v1/hf/orders",
        verb: { do: "rate_limited", resetMs: 2_500 },
        times: 2,
      });
      await flattenAndConfirm(stage);
      await untilVerified(stage);
      const log = stage.exchange.wireLog
        .all()
        .filter((entry) => entry.method === "POST" && entry.target === "/api/v1/hf/orders");
      const limited = log.findIndex((entry) => entry.code === "429000");
      const before = log[limited];
      const next = log.slice(limited + 1).find((entry) => entry.code !== "429000");
      expect((next?.at ?? 0) - (before?.at ?? 0)).toBeGreaterThanOrEqual(2_400);
      expect([heldAt(stage, "SOL"), heldAt(stage, "ETH")]).toEqual(["none", "none"]);
    }),
  );

  test(
    "an entry of unknown fate: not verified before it is known, and what it bought is sold [K02]",
    { timeout: storyMs },
    () =>
      play(shortAbsence, async (stage) => {
        stage.exchange.faults.delayVisibility(6_000);
        stage.exchange.faults.add({ method: "POST", path: "/api/v1/hf/orders", verb: { do: "drop_after" } });
        await stage.ask("SOL/USDT");
        await stage.telegram.tap("Approve");
        await stage.until(
          () => Object.values(stage.books().orders).some((order) => order.state === "unknown"),
          "unknown",
        );
        await told(stage, stage.telegram, "flatten");
        expect(kill(stage)?.verifiedAt).toBeNull();
        await confirmSale(stage);
        await stage.until(() => heldAt(stage, "SOL") === "none", "what the unknown entry bought, sold", 60_000);
        stage.exchange.faults.delayVisibility(0);
        await untilVerified(stage, 60_000);
        expect(sentEntries(stage)).toHaveLength(1);
        expect(Object.values(stage.books().orders).some((order) => order.state === "unknown")).toBe(false);
      }),
  );

  test(
    "no chat hears or speaks: silence sells an emergency after 30 s, and the report waits until it is heard [H06] [H11]",
    { timeout: storyMs },
    () =>
      play({}, async (stage) => {
        await buy(stage, "SOL/USDT");
        for (const chat of chatsOf(stage)) chat.isDeaf = true;
        const { raiseLevel } = await import("../../src/flows/halt_trading.ts");
        await raiseLevel(stage.house().needs, "emergency", { actor: "person:owner", reason: "from the terminal" });
        await stage.until(() => kill(stage)?.confirmedAt != null, "the declared silence", 40_000);
        expect(kill(stage)?.confirmedBy).toBe("policy:flatten_on_silence");
        await untilVerified(stage);
        expect(heldAt(stage, "SOL")).toBe("none");
        expect(cardsWith(stage.discord, "Verified flat")).toEqual([]);
        for (const chat of chatsOf(stage)) chat.isDeaf = false;
        await stage.until(() => cardsWith(stage.discord, "Verified flat").length === 1, "the report");
      }),
  );

  test(
    "strangers flood the channel: an authorised /flatten is answered within a second [M15]",
    { timeout: storyMs },
    () =>
      play({}, async (stage) => {
        const stranger = { userId: "666", displayName: "mallory", isPerson: true };
        const flood = Array.from({ length: 1_000 }, (_none, index) =>
          stage.telegram.say("flatten", `spam ${index}`, { sender: stranger }),
        );
        const begun = Date.now();
        await told(stage, stage.discord, "flatten", "while they shout");
        const tookMs = Date.now() - begun;
        await Promise.all(flood);
        expect(stage.books().house.level).toBe("flatten");
        expect(stage.books().house.levelBy).toBe("person:owner");
        expect(tookMs).toBeLessThan(5_000);
      }),
  );
});

describe.concurrent("leaving it", () => {
  test("one person alone waits, every chat shows it, and a decline stops it", { timeout: storyMs }, () =>
    play({ settings: withKill({ resumeWaitMs: 2_000 }) }, async (stage) => {
      await told(stage, stage.telegram, "flatten");
      await untilVerified(stage);
      const asked = await told(stage, stage.telegram, "resume", "all is well again");
      expect(asked.title).toBe("Waiting");
      await stage.until(
        () => chatsOf(stage).every((chat) => chat.openPrompts().length === 1),
        "the wait on every chat",
      );
      await stage.desk.tap("Decline");
      await stage.until(() => noPrompts(stage), "stopped");
      await new Promise((done) => setTimeout(done, 2_500));
      expect(stage.books().house.level).toBe("flatten");
      await told(stage, stage.telegram, "resume", "now really");
      await stage.until(() => stage.desk.openPrompts().length === 1, "the second wait");
      // The own yes does not shorten the wait.
      await stage.desk.tap("Approve");
      expect(stage.books().house.level).toBe("flatten");
      await stage.until(() => stage.books().house.level === "none", "the end of the wait", 10_000);
    }),
  );
});
