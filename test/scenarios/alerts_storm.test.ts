/** A thousand alerts on real parts: a person who presses /emergency is answered at once, and nothing is lost or doubled by a crash. */
import { afterEach, describe, expect, test } from "vitest";
import { allAlerts } from "../../src/core/books_alerts.ts";
import type { Fact } from "../../src/core/events.ts";
import { recordFacts } from "../../src/flows/record.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import type { Delivery } from "../../src/ports/messenger.ts";
import { cardsWith, textOf, told } from "./conversation.ts";
import type { ScriptedChat } from "./scripted_chat.ts";
import { openStage, type Stage, type StageWish } from "./stage.ts";

const feed = (number: number): Fact => ({
  type: "source_gone",
  source: `data:kucoin:COIN${number}/USDT`,
  because: "a test took it away",
});

/** As the platform counts: posts, edits and answers to one chat, and 429 with the time that is left. */
function limited(stage: Stage, chat: ScriptedChat, perMinute: number): { refused: number } {
  const { clock } = stage.house().needs;
  const taken: number[] = [];
  const seen = { refused: 0 };
  const counted =
    <Told extends readonly unknown[]>(call: (...told: Told) => Promise<Delivery>) =>
    (...args: Told): Promise<Delivery> => {
      const now = clock.mono();
      while (taken[0] !== undefined && now - taken[0] >= 60_000) taken.shift();
      if (taken.length < perMinute) {
        taken.push(now);
        return call(...args);
      }
      seen.refused += 1;
      return Promise.resolve({ ok: false, problem: { kind: "later", because: "429", retryAfterMs: 3_000 } });
    };
  chat.post = counted(chat.post);
  chat.edit = counted(chat.edit);
  chat.reply = counted(chat.reply);
  return seen;
}

describe("on real parts", () => {
  let stage: Stage;
  const open = async (wish: StageWish = {}) => {
    stage = await openStage(wish);
  };
  afterEach(async () => {
    await stage.judge().finally(() => stage.close());
  });

  test("a storm of a thousand alerts with 429s delays the answer to /emergency by less than a second [H08] [M15]", async () => {
    await open();
    const { needs } = stage.house();
    stage.telegram.failures.post.push(
      ...Array.from({ length: 3 }, () => ({ kind: "later", because: "429", retryAfterMs: 700 }) as const),
    );
    const seen = limited(stage, stage.telegram, 40);
    const quietAt = needs.clock.mono();
    await told(stage, stage.telegram, "status");
    const quietMs = needs.clock.mono() - quietAt;
    const storm = (async () => {
      for (let number = 0; number < 1_000; number += 1) await recordFacts(needs, "house", [feed(number)]);
    })();
    await stage.until(() => allAlerts(stage.books().chat.alerts).length > 100, "the storm to rage");
    const askedAt = needs.clock.mono();
    const card = await told(stage, stage.telegram, "emergency", "the market is mad");
    const answeredMs = needs.clock.mono() - askedAt;
    expect(card.title).toBe("Emergency");
    expect(answeredMs - quietMs).toBeLessThan(1_000);
    expect(stage.books().house.level).toBe("emergency");
    await storm;
    await stage.until(
      () => allAlerts(stage.books().chat.alerts).filter(({ name }) => name === "feed_gap").length === 1_000,
      "all of them on record",
    );
    expect(seen.refused).toBe(0);
    expect(stage.telegram.messages.length).toBeLessThan(40);
    await stage.until(() => cardsWith(stage.telegram, " alerts, ").length > 0, "the digest");
  }, 90_000);

  test("a process that dies between a card and its record says it once more, and says that it may be there twice [H11]", async () => {
    let isDying = false;
    const dies = (ledger: Ledger): Ledger => ({
      ...ledger,
      commit: (decide) =>
        ledger.commit((books, times) => {
          const decision = decide(books, times);
          const isSent = decision.drafts.some(({ fact }) => fact.type === "card_sent");
          if (isDying && isSent) throw new Error("the process died here");
          return decision;
        }),
    });
    await open({ ledger: dies });
    isDying = true;
    const evidence = { "the venue says": "revoked" };
    await recordFacts(stage.house().needs, "house", [
      { type: "breaker_opened", scope: "venue:kucoin", cause: "key_refused", class: "sticky", evidence },
    ]);
    await stage.until(() => cardsWith(stage.telegram, "Breaker open").length > 0, "the card");
    await stage.restart();
    isDying = false;
    await stage.until(() => Object.keys(stage.books().chat.outbox).length === 0, "everything on record");
    const copies = cardsWith(stage.telegram, "Breaker open: key refused");
    expect(copies).toHaveLength(2);
    expect(textOf(copies[1])).toContain("sent again, the first try got no answer");
    await stage.telegram.tap("Acknowledge");
    await stage.until(
      () => cardsWith(stage.discord, "Breaker open").some((one) => textOf(one).includes("acknowledged")),
      "the other chats to show who took it on",
    );
    const said = await told(stage, stage.telegram, "ack");
    expect(textOf(said)).toMatch(/Breaker open: key refused[\s\S]*acknowledged/);
    expect(textOf(said)).toContain("route critical: desk (owner), discord (owner), telegram (owner)");
  }, 60_000);

  test("/silence shows what it would match, needs a reason and an end, holds back, and says when it is over", async () => {
    await open();
    expect(textOf(await told(stage, stage.telegram, "silence", "feed_gap"))).toContain("matches nothing at present");
    expect(textOf(await told(stage, stage.telegram, "silence", "feed_gap 2h"))).toContain("needs a reason");
    expect(textOf(await told(stage, stage.telegram, "silence", "feed_gap 25h too long"))).toContain("24 hours");
    const card = await told(stage, stage.telegram, "silence", "feed_gap 3s they mend it");
    expect(card.title).toBe("Silenced for 3 s: alert=feed_gap");
    await recordFacts(stage.house().needs, "house", [feed(7)]);
    expect(textOf(await told(stage, stage.telegram, "silence"))).toContain("they mend it");
    expect(cardsWith(stage.discord, "Market data")).toEqual([]);
    await stage.until(() => cardsWith(stage.discord, "A silence is over").length === 1, "the end of the silence");
    await stage.until(() => cardsWith(stage.discord, "Market data").length === 1, "what it held back");
  }, 60_000);
});
