/** Pause, resume, flatten and close as a person lives them. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LedgerUnavailable } from "../../src/ports/ledger.ts";
import { buy, chatsOf, heldAt, isHeld, noPrompts, saleQuestion, textOf, told } from "./conversation.ts";
import { factsOf, play, storyMs } from "./play.ts";
import { openStage, type Stage, type StageWish } from "./stage.ts";

const ago = (ms: number) => ({ sentAt: (Date.now() - ms) as never });

describe("halting", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
  });
  afterEach(async () => {
    await stage.judge().finally(() => stage.close());
  });
  const level = () => stage.books().house.level;

  test("/pause voids what waits on every chat, lets nothing enter, keeps the stop, and says all four", async () => {
    await buy(stage, "SOL/USDT");
    await stage.ask("ETH/USDT");
    const card = await told(stage, stage.discord, "pause", "going on holiday");
    expect(card.title).toBe("Paused");
    expect(textOf(card)).toContain("No entry can leave any more");
    expect(textOf(card)).toContain("Done: 1 open request canceled, entries stopped");
    expect(textOf(card)).toContain("Still running: 1 position with stops and targets");
    expect(textOf(card)).toContain("Not done: no position was closed");
    expect(textOf(card)).toContain("Undo: /resume REASON");
    await stage.until(() => noPrompts(stage), "closed prompts on all chats");
    for (const chat of chatsOf(stage))
      expect(chat.messages.some((message) => /CANCELED/i.test(message.card.footer ?? ""))).toBe(true);
    await expect(stage.ask("BTC/USDT")).rejects.toThrow(/trading_halted/);
    expect(stage.position("SOL/USDT")?.protection).toBe("placed");
    expect(stage.orderPosts()).toHaveLength(2);
    expect((await told(stage, stage.desk, "pause")).title).toBe("Already at pause");
  });

  test("a pause survives a restart, and its stop still closes the position", async () => {
    await buy(stage, "SOL/USDT");
    await told(stage, stage.telegram, "pause");
    await stage.restart();
    expect(level()).toBe("pause");
    await expect(stage.ask("ETH/USDT")).rejects.toThrow(/trading_halted/);
    stage.exchange.faults.jump("SOL-USDT", stage.position("SOL/USDT")?.exitPlan.stopPrice ?? "");
    await stage.until(() => stage.position("SOL/USDT")?.state === "closed", "the close by the stop");
  });

  test("/resume wants a reason of five letters, and an old one is asked again", async () => {
    await told(stage, stage.telegram, "pause");
    for (const short of ["", "ok", "fine"]) {
      const card = await told(stage, stage.telegram, "resume", short);
      expect(card.tone).toBe("warning");
      expect(textOf(card)).toContain("Type /resume back at my desk");
      expect(level()).toBe("pause");
    }
    expect(textOf(await told(stage, stage.telegram, "resume", "fine"))).toContain("say why in at least five letters");
    const late = await told(stage, stage.telegram, "resume", "venue looks fine", ago(40_000));
    expect(late.title).toMatch(/^\/resume came 40 s late, so it was not done/);
    expect(textOf(late)).toContain("Now trading is at level pause, by owner.");
    expect(level()).toBe("pause");
    const done = await told(stage, stage.telegram, "resume", "venue looks fine");
    expect(textOf(done)).toContain("Reason: venue looks fine");
    expect(level()).toBe("none");
    expect((await told(stage, stage.desk, "resume", "venue looks fine")).title).toBe("Nothing was halted");
    await stage.ask("SOL/USDT");
    await told(stage, stage.telegram, "pause");
  });

  test("an old /pause counts all the same and says how late it was answered", async () => {
    const card = await told(stage, stage.telegram, "pause", "from the subway", ago(40_000));
    expect(card.title).toBe("Paused");
    expect(card.footer).toMatch(/answered late by 40 s/);
    expect(stage.books().house.levelReason).toBe("from the subway");
  });

  test("/flatten halts at once, lists exactly what is held, and one tap leaves the exchange flat", async () => {
    const ids = [await buy(stage, "SOL/USDT"), await buy(stage, "ETH/USDT")];
    await stage.ask("BTC/USDT");
    const card = await told(stage, stage.telegram, "flatten", "exchange acts strangely");
    expect(level()).toBe("flatten");
    expect(textOf(card)).toContain("The exact list of 2 positions waits for one confirming tap");
    expect(textOf(card)).toContain("1 request canceled");
    expect(isHeld(stage, "SOL/USDT") && isHeld(stage, "ETH/USDT")).toBe(true);
    await stage.until(
      () => chatsOf(stage).every((chat) => saleQuestion(chat) !== undefined),
      "the question everywhere",
    );
    const asked = saleQuestion(stage.discord);
    const question = textOf(asked?.card);
    expect(question).toContain("SOL/USDT");
    expect(question).toContain("ETH/USDT");
    expect(question).not.toContain("BTC/USDT");
    await stage.discord.tap("Approve", asked === undefined ? {} : { message: asked });
    await stage.until(() => ids.every((id) => stage.books().positions[id]?.state === "closed"), "both closed", 30_000);
    expect([heldAt(stage, "SOL"), heldAt(stage, "ETH"), heldAt(stage, "BTC")]).toEqual(["none", "none", "none"]);
    expect(ids.map((id) => stage.books().positions[id]?.exitReason)).toEqual(["kill_flatten", "kill_flatten"]);
    await stage.until(() => noPrompts(stage), "closed questions");
    expect(level()).toBe("flatten");
    await expect(stage.ask("BTC/USDT")).rejects.toThrow(/trading_halted/);
  });

  test("the confirming tap counts however late it comes", async () => {
    await buy(stage, "SOL/USDT");
    await told(stage, stage.telegram, "flatten", "out");
    await stage.until(() => stage.discord.openPrompts().length > 0, "the list");
    await stage.discord.tap("Approve", { tappedAt: (Date.now() - 20_000) as never });
    await stage.until(() => stage.position("SOL/USDT")?.state === "closed", "everything sold", 20_000);
  });

  test("/resume before the tap withdraws the question: the old button sells nothing", async () => {
    await buy(stage, "SOL/USDT");
    await told(stage, stage.telegram, "flatten");
    await stage.until(() => saleQuestion(stage.desk) !== undefined, "the question");
    const question = saleQuestion(stage.desk);
    const token = question?.buttons.find((button) => button.label === "Approve")?.token ?? "";
    expect((await told(stage, stage.desk, "resume", "false alarm, all fine")).title).toBe("Trading again");
    await stage.until(() => noPrompts(stage), "withdrawn questions");
    if (question !== undefined) await stage.desk.tap("Approve", { message: question, token });
    await stage.until(() => Object.keys(stage.books().chat.inbox).length === 0, "the tap to be handled");
    expect(isHeld(stage, "SOL/USDT")).toBe(true);
    expect(stage.position("SOL/USDT")?.exitFacts).toHaveLength(0);
    expect(stage.orderPosts()).toHaveLength(2);
  });

  test("a declined list sells nothing and the halt stays", async () => {
    await buy(stage, "SOL/USDT");
    await told(stage, stage.telegram, "flatten");
    await stage.until(() => saleQuestion(stage.telegram) !== undefined, "the question");
    const question = saleQuestion(stage.telegram);
    await stage.telegram.tap("Decline", question === undefined ? {} : { message: question });
    await stage.until(() => noPrompts(stage), "closed questions");
    expect(isHeld(stage, "SOL/USDT")).toBe(true);
    expect(level()).toBe("flatten");
  });

  test("/flatten with nothing held halts and asks nothing", async () => {
    const card = await told(stage, stage.telegram, "flatten");
    expect(textOf(card)).toContain("No position is open; nothing to sell");
    expect(level()).toBe("flatten");
    expect(noPrompts(stage)).toBe(true);
  });

  test("/close SOL sells only that one; an unknown name lists what is open", async () => {
    await buy(stage, "SOL/USDT");
    await buy(stage, "ETH/USDT");
    const unknown = await told(stage, stage.telegram, "close", "DOGE");
    expect(unknown.title).toBe("No open position DOGE");
    expect(unknown.lines[0]).toMatch(/^Open: (SOL\/USDT, ETH\/USDT|ETH\/USDT, SOL\/USDT)$/);
    const card = await told(stage, stage.telegram, "close", "sol");
    expect(card.title).toBe("Closing SOL/USDT");
    await stage.until(() => stage.position("SOL/USDT")?.state === "closed", "SOL closed");
    expect(stage.position("SOL/USDT")?.exitReason).toBe("operator");
    expect(heldAt(stage, "SOL")).toBe("none");
    expect(stage.position("ETH/USDT")?.protection).toBe("placed");
    expect(level()).toBe("none");
    const again = await told(stage, stage.telegram, "close", stage.position("SOL/USDT")?.positionId);
    expect(again.title).toBe("That position in SOL/USDT is closed already");
    expect(textOf(again)).toContain("Open: ETH/USDT");
  });
});

describe("a command whose end could not be put on record", () => {
  /** Loses the next "handled", as a database does that is away for a moment. */
  function forgetful() {
    const state = { losesNext: false };
    const ledger: StageWish["ledger"] = (real) => ({
      ...real,
      commit: (decide) =>
        real.commit((books, times) => {
          const decision = decide(books, times);
          if (!state.losesNext || !decision.drafts.some((one) => one.fact.type === "message_handled")) return decision;
          state.losesNext = false;
          throw new LedgerUnavailable("away for a moment");
        }),
    });
    return { state, ledger };
  }

  /** Before the story: a pause, a /resume whose end is not on record, and then a pause for a good reason. */
  async function playUnrecordedResume(story: (stage: Stage) => Promise<void>): Promise<void> {
    const { state, ledger } = forgetful();
    await play({ ledger }, async (stage) => {
      await told(stage, stage.telegram, "pause", "lunch");
      state.losesNext = true;
      await told(stage, stage.telegram, "resume", "back from lunch");
      await stage.until(() => !state.losesNext, "the lost record");
      await told(stage, stage.discord, "pause", "something is wrong");
      await story(stage);
    });
  }

  test("is not done a second time: a /resume never undoes a later /pause", { timeout: storyMs }, async () => {
    await playUnrecordedResume(async (stage) => {
      await stage.until(() => Object.keys(stage.books().chat.inbox).length === 0, "an empty inbox", 20_000);
      expect(stage.books().house.level).toBe("pause");
      expect(await factsOf(stage, "level_changed")).toHaveLength(3);
    });
  });

  test("is asked again after a restart when it adds risk", { timeout: storyMs }, async () => {
    await playUnrecordedResume(async (stage) => {
      await stage.restart();
      const answers = () =>
        stage.telegram.messages.filter((one) => one.card.title.startsWith("/resume was interrupted"));
      await stage.until(() => answers().length === 1, "the answer", 20_000);
      expect(stage.books().house.level).toBe("pause");
    });
  });

  test("a /pause that somebody has taken back since halts nothing once more after a restart", {
    timeout: storyMs,
  }, async () => {
    const { state, ledger } = forgetful();
    await play({ ledger }, async (stage) => {
      state.losesNext = true;
      await told(stage, stage.telegram, "pause", "lunch");
      await stage.until(() => !state.losesNext, "the lost record");
      await told(stage, stage.discord, "resume", "back from lunch");
      await stage.restart();
      const answers = () =>
        stage.telegram.messages.filter((one) => one.card.title.startsWith("/pause was done before its answer"));
      await stage.until(() => answers().length === 1, "the answer", 20_000);
      expect(stage.books().house.level).toBe("none");
      expect(await factsOf(stage, "level_changed")).toHaveLength(2);
    });
  });
});
