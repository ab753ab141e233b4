/** The house's painter is there when it is asked for, not before, and nobody waits long for it. */
import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { openPictures } from "../../src/boot/pictures.ts";
import { type Card, pictureOf, plainCard } from "../../src/core/card.ts";
import { ok } from "../../src/core/result.ts";
import type { Painter, Picture } from "../../src/ports/painter.ts";
import { keptLog } from "../fixtures/kept_log.ts";
import { painterThat, pictured, summary } from "../fixtures/pictured_cards.ts";

const picture: Picture = { png: new Uint8Array([1]), widthPx: 1, heightPx: 1, description: "x" };
const tools = () => ({ clock: systemClock(), log: keptLog(), deadlineMs: 60 });

function counted(answer: () => Promise<Picture>) {
  const opened: Painter[] = [];
  const open = async () => {
    const painter = await painterThat(async () => ok(await answer()))();
    opened.push(painter);
    return painter;
  };
  return { opened, open };
}

describe("the painter", () => {
  it("is opened with the first picture, once, and not for cards of words", async () => {
    const { opened, open } = counted(async () => picture);
    const pictures = openPictures(tools(), open);
    expect(await pictures.paint(plainCard("info", "Words"))).toBeNull();
    expect(opened).toHaveLength(0);
    expect(await Promise.all([pictures.paint(pictured), pictures.paint(summary)])).toEqual([picture, picture]);
    expect(opened).toHaveLength(1);
  });
  it("that is late costs its deadline, is told in the log, and is asked again for the next card", async () => {
    let isSlow = true;
    const { open } = counted(() => (isSlow ? new Promise(() => undefined) : Promise.resolve(picture)));
    const given = tools();
    const pictures = openPictures(given, open);
    const before = performance.now();
    expect(await pictures.paint(pictured)).toBeNull();
    expect(performance.now() - before).toBeLessThan(500);
    expect(given.log.lines.map(({ text }) => text)).toEqual(["A message leaves without its picture"]);
    isSlow = false;
    expect(await pictures.paint(pictured)).toEqual(picture);
  });
  it("paints nothing after the end", async () => {
    const { opened, open } = counted(async () => picture);
    const pictures = openPictures(tools(), open);
    await pictures.close();
    expect(await pictures.paint(pictured)).toBeNull();
    expect(opened).toHaveLength(0);
  });
});

describe("what is painted of a card", () => {
  it("is the order of a prompt, with its worst price", () => {
    expect(pictureOf(pictured)).toMatchObject({
      kind: "prompt",
      entryPrice: "97.42",
      limitPrice: "97.66",
      side: "buy",
    });
  });
  it("is nothing on a card of before there were pictures: its chart says neither mode nor side", () => {
    const { mode: _mode, side: _side, timeframeMs: _frame, limitPrice: _limit, ...chart } = pictured.chart ?? never();
    const old: Card = { ...pictured, chart };
    expect(pictureOf(old)).toBeNull();
  });
  it("is what the card names, before its chart", () => {
    expect(pictureOf({ ...summary, chart: pictured.chart })?.kind).toBe("equity");
  });
});

function never(): never {
  throw new Error("The card of this test has no chart");
}
