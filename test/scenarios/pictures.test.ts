/** What the house wants painted, from its own records: an order that is asked for, a position, the account. All of it can be painted. */
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { type Card, pictureOf } from "../../src/core/card.ts";
import { day as dayMs, instant } from "../../src/core/time.ts";
import { realPictures } from "../fixtures/pictured_cards.ts";
import { buy, cardsWith, told } from "./conversation.ts";
import { openStage, type Stage } from "./stage.ts";

const hourMs = 3_600_000;
const pictures = realPictures();
afterAll(() => pictures.close());

let stage: Stage;
let shift = 0;
beforeEach(async () => {
  shift = Math.floor(Date.now() / dayMs) * dayMs + 12 * hourMs - Date.now();
  stage = await openStage({
    clock: (system) => ({ ...system, now: () => instant(system.now() + shift) }),
    settings: (settings) => ({ ...settings, summaryHour: 8 }),
  });
});
afterEach(async () => {
  await stage.judge().finally(() => stage.close());
});

const described = async (card: Card | undefined): Promise<string> => {
  if (card === undefined) throw new Error("There is no such card");
  return (await pictures.paint(card))?.description ?? "not painted";
};

test("a prompt, one position and the daily summary bring pictures that say what their words say", async () => {
  await buy(stage, "SOL/USDT");
  const position = stage.position("SOL/USDT");
  const shown = stage.telegram.messages.flatMap(({ history, card }) => [...history, card]);
  const prompt = shown.find((card) => card.chart !== null);
  expect(prompt === undefined ? null : pictureOf(prompt)).toMatchObject({
    kind: "prompt",
    mode: "paper",
    side: "buy",
    stopPrice: position?.exitPlan.stopPrice,
    targetPrice: position?.exitPlan.targetPrice,
  });
  expect(await described(prompt)).toContain("SOL/USDT");

  for (const words of ["", "SOL", "sol/usdt", position?.positionId ?? "missing"]) {
    const card = await told(stage, stage.telegram, "positions", words);
    expect(card?.picture).toMatchObject({ kind: "position", entryPrice: position?.entryPrice });
    expect(await described(card)).toContain("SOL/USDT");
  }
  const none = await told(stage, stage.telegram, "positions", "ETH");
  expect(none).toMatchObject({ title: "No open position ETH", lines: ["Open: SOL/USDT"] });

  shift += dayMs;
  await stage.until(() => cardsWith(stage.telegram, "Daily summary").length === 1, "the summary");
  const summary = cardsWith(stage.telegram, "Daily summary")[0];
  expect(summary?.picture).toMatchObject({ kind: "equity", mode: "paper", currency: "USDT" });
  expect(await described(summary)).toMatch(/USDT/);
}, 60_000);
