/** Every card arrives: late where it must, never twice, the most important first. */
import { afterEach, describe, expect, test } from "vitest";
import type { Severity } from "../../src/core/card.ts";
import { plainCard } from "../../src/core/card.ts";
import { instant } from "../../src/core/time.ts";
import { recordFacts } from "../../src/flows/record.ts";
import { LedgerUnavailable } from "../../src/ports/ledger.ts";
import { cardsWith, factCount, textOf, told } from "./conversation.ts";
import { openStage, type Stage, type StageWish } from "./stage.ts";

describe("the outbox", () => {
  let stage: Stage;
  let shift = 0;
  const open = async (wish: StageWish = {}) => {
    shift = 0;
    stage = await openStage({
      clock: (system) => ({ ...system, wall: () => instant(system.wall() + shift) }),
      ...wish,
    });
  };
  afterEach(async () => {
    await stage.judge().finally(() => stage.close());
  });
  const queue = (title: string, severity: Severity = "warning", platform: "telegram" | "discord" = "telegram") => {
    const { needs } = stage.house();
    const chatId = platform === "telegram" ? "111" : "222";
    return recordFacts(needs, "house", [
      {
        type: "card_queued",
        cardId: needs.ids.next("card"),
        chat: { platform, chatId, threadId: null },
        severity,
        alert: "test",
        foldKey: title,
        card: plainCard("warning", title),
      },
    ]);
  };
  const isEmpty = () => Object.keys(stage.books().chat.outbox).length === 0;
  const rests = (ms: number) => stage.house().needs.clock.sleep(ms);

  test("a deaf chat gets its card once it hears again, once, with how late it is [H06] [H11]", async () => {
    await open();
    stage.telegram.isDeaf = true;
    await queue("while deaf");
    await queue("elsewhere", "warning", "discord");
    await stage.until(() => cardsWith(stage.discord, "elsewhere").length === 1, "the other chat");
    expect(cardsWith(stage.telegram, "while deaf")).toHaveLength(0);
    shift = 45_000;
    stage.telegram.isDeaf = false;
    await stage.until(isEmpty, "an empty outbox");
    expect(cardsWith(stage.telegram, "while deaf").map((card) => card.footer)).toEqual([
      expect.stringMatching(/^delivered late by 4[5-9](\.\d)? s$/),
    ]);
    const sent = await stage.database.pool.query<{ late: string }>(
      `select sent.body->>'lateMs' as late from events as sent
       join events as queued on queued.kind = 'card_queued' and queued.body->>'cardId' = sent.body->>'cardId'
       where sent.kind = 'card_sent' and queued.body->>'foldKey' = 'while deaf'`,
    );
    expect(sent.rows).toHaveLength(1);
    expect(Number(sent.rows[0]?.late)).toBeGreaterThan(45_000);
    await rests(1_500);
    expect(cardsWith(stage.telegram, "while deaf")).toHaveLength(1);
  });

  test("a card that is on time does not talk of being late", async () => {
    await open();
    await queue("on time");
    await stage.until(isEmpty, "an empty outbox");
    expect(cardsWith(stage.telegram, "on time")[0]?.footer).toBeNull();
  });

  test("a wait that the platform asks for is kept, and nothing else leaves for that chat meanwhile [H08]", async () => {
    await open();
    const tries: number[] = [];
    const { post } = stage.telegram;
    stage.telegram.post = (...told) => {
      tries.push(performance.now());
      return post(...told);
    };
    stage.telegram.failures.post.push({ kind: "later", retryAfterMs: 2_500, because: "429" } as never);
    await queue("first", "critical");
    await queue("second");
    await stage.until(isEmpty, "an empty outbox");
    expect(tries).toHaveLength(3);
    expect((tries[1] ?? 0) - (tries[0] ?? 0)).toBeGreaterThanOrEqual(2_490);
    expect(
      cardsWith(stage.telegram, "")
        .slice(-2)
        .map((card) => card.title),
    ).toEqual(["first", "second"]);
  });

  test("a chat that refuses us does not hold up the others", async () => {
    await open();
    stage.telegram.failures.post.push({ kind: "chat_refused", because: "403 blocked" });
    await queue("to the blocked one", "critical");
    await queue("to the other", "info", "discord");
    await stage.until(() => cardsWith(stage.discord, "to the other").length === 1, "the other chat");
    const waiting = () => Object.values(stage.books().chat.outbox).map(({ card }) => card.title);
    await stage.until(() => waiting().length === 1, "the record of it");
    expect(waiting()).toEqual(["to the blocked one"]);
    stage.house().needs.memory.chatNotBefore.clear();
    await stage.until(isEmpty, "an empty outbox");
    expect(cardsWith(stage.telegram, "to the blocked one")).toHaveLength(1);
  });

  test("a request whose text one chat refuses holds up nothing else there, and people elsewhere hear of it once", async () => {
    await open();
    const { post } = stage.telegram;
    let refused = 0;
    stage.telegram.post = (to, card, extra) => {
      if (refused === 2 || extra.buttons.every(({ label }) => label !== "Approve")) return post(to, card, extra);
      refused += 1;
      return Promise.resolve({ ok: false, problem: { kind: "chat_refused", because: "400 strange", isText: true } });
    };
    const again = () => stage.house().needs.memory.telling.noticeNotBefore.clear();
    const title = "A request can't be shown";
    await stage.ask("SOL/USDT");
    await stage.until(() => stage.discord.openPrompts().length === 1, "the prompt elsewhere");
    await queue("a card after it");
    await stage.until(() => cardsWith(stage.telegram, "a card after it").length === 1, "the card");
    expect(stage.telegram.openPrompts()).toHaveLength(0);
    await stage.until(() => cardsWith(stage.discord, title).length === 1, "the news of it");
    expect(textOf(cardsWith(stage.discord, title)[0])).toMatch(
      /Telegram refuses its text: 400 strange\.\nIt asks: .*SOL/,
    );
    again();
    await stage.until(() => refused === 2, "the second try");
    await stage.until(() => {
      again();
      return stage.telegram.openPrompts().length === 1;
    }, "the prompt, tried again");
    expect(await factCount(stage, "prompt_refused")).toBe(1);
    expect(cardsWith(stage.telegram, title)).toEqual([]);
  });

  test("a reminder that waited while its request was decided is not told any more", async () => {
    await open();
    const id = await stage.ask("SOL/USDT");
    stage.telegram.isDeaf = true;
    const { needs } = stage.house();
    const chat = { platform: "telegram", chatId: "111", threadId: null };
    await recordFacts(needs, "house", [
      {
        type: "card_queued",
        cardId: needs.ids.next("card"),
        chat,
        severity: "warning",
        alert: "request_waits",
        foldKey: `${id}/v1/1`,
        card: plainCard("waiting", "Still waits"),
      },
    ]);
    await stage.desk.tap("Decline");
    await stage.until(() => stage.books().approvals[id]?.state === "declined", "the no");
    stage.telegram.isDeaf = false;
    await stage.until(isEmpty, "an empty outbox");
    expect(cardsWith(stage.telegram, "Still waits")).toEqual([]);
  });

  test("critical leaves before warning, warning before info, whatever came first [H08]", async () => {
    await open();
    stage.telegram.isDeaf = true;
    for (const severity of ["info", "warning", "critical", "info", "critical"] as const)
      await queue(severity, severity);
    stage.telegram.isDeaf = false;
    await stage.until(isEmpty, "an empty outbox");
    expect(stage.telegram.messages.slice(-5).map((message) => message.card.title)).toEqual([
      "critical",
      "critical",
      "warning",
      "info",
      "info",
    ]);
  });

  test("a database that is away after the post makes nothing be posted twice", async () => {
    let lost = 0;
    await open({
      ledger: (ledger) => ({
        ...ledger,
        commit: (decide) =>
          ledger.commit((books, times) => {
            const decision = decide(books, times);
            if (lost < 3 && decision.drafts.some((one) => one.fact.type === "card_sent")) {
              lost += 1;
              throw new LedgerUnavailable("away for a test");
            }
            return decision;
          }),
      }),
    });
    await queue("once only", "critical");
    await stage.until(isEmpty, "an empty outbox");
    expect(lost).toBe(3);
    expect(cardsWith(stage.telegram, "once only")).toHaveLength(1);
  });

  test("an answer that the chat did not take waits in the outbox and arrives", async () => {
    await open();
    const { reply } = stage.telegram;
    stage.telegram.reply = () => Promise.resolve({ ok: false, problem: { kind: "unknown_outcome", because: "cut" } });
    await stage.telegram.say("status");
    await stage.until(() => cardsWith(stage.telegram, "PAPER at kucoin").length === 1, "the answer");
    stage.telegram.reply = reply;
    expect((await told(stage, stage.telegram, "status")).title).toContain("PAPER");
  });

  test("cards that wait survive a restart and arrive once", async () => {
    await open();
    stage.telegram.isDeaf = true;
    await queue("before the crash", "critical");
    await stage.restart();
    stage.telegram.isDeaf = false;
    await stage.until(isEmpty, "an empty outbox");
    await rests(1_200);
    expect(cardsWith(stage.telegram, "before the crash")).toHaveLength(1);
  });
});
