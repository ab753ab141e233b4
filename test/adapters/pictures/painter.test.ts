/** Real pictures: what the thread makes of a drawing is decoded and looked at, and what stands in it is read from its SVG. */
import { afterAll, describe, expect, it } from "vitest";
import { canvas } from "../../../src/adapters/pictures/drawing.ts";
import { equityDrawing } from "../../../src/adapters/pictures/equity_picture.ts";
import { optionOf } from "../../../src/adapters/pictures/option.ts";
import { openPainter } from "../../../src/adapters/pictures/painter.ts";
import { paletteOf } from "../../../src/adapters/pictures/palette.ts";
import { positionDrawing } from "../../../src/adapters/pictures/position_picture.ts";
import { promptDrawing } from "../../../src/adapters/pictures/prompt_picture.ts";
import { keepThread } from "../../../src/adapters/pictures/thread_keeper.ts";
import { systemClock } from "../../../src/adapters/system/clock.ts";
import { type Price, price } from "../../../src/core/money.ts";
import type { Look, Painted, Picture } from "../../../src/ports/painter.ts";
import { keptLog } from "../../fixtures/kept_log.ts";
import { equitySample, positionSample, promptSample, promptSamples } from "../../fixtures/picture_samples.ts";
import { coloursOf, readPng } from "../../fixtures/png.ts";

const clock = systemClock();
const log = keptLog();
// A machine that is busy with other suites may be slow to load the libraries.
const painter = openPainter({ clock, log, deadlineMs: 15_000 });
const keeper = keepThread({ clock, log, deadlineMs: 15_000 });
afterAll(async () => {
  await painter.close();
  await keeper.close();
});

function pictureOf(painted: Painted): Picture {
  if (!painted.ok) throw new Error(painted.problem.because);
  return painted.value;
}

/** Opaque, as a palette names it. */
const opaque = (colour: string): string => `${colour}ff`;

const kinds = {
  prompt: (look: Look) => painter.paintPrompt({ ...promptSample, look }),
  equity: (look: Look) => painter.paintEquity({ ...equitySample, look }),
  position: (look: Look) => painter.paintPosition({ ...positionSample, look }),
} as const;

describe.each(Object.entries(kinds))("the picture of %s", (_, paint) => {
  it.each(["dark", "light"] as const)("is a %s PNG of the size for a phone, with all its colours", async (look) => {
    const { png, widthPx, heightPx, description } = pictureOf(await paint(look));
    const pixels = readPng(png);
    expect([pixels.width, pixels.height]).toEqual([1_280, 800]);
    expect([widthPx, heightPx]).toEqual([1_280, 800]);
    expect(png.length).toBeLessThan(200_000);
    expect(description).not.toBe("");

    const colours = coloursOf(pixels);
    const palette = paletteOf(look);
    expect(colours[0]?.[0]).toBe(opaque(palette.ground));
    // Edges of letters and slanting lines have hundreds of shades in between; an empty picture has one.
    expect(colours.length).toBeGreaterThan(200);
    const seen = new Map(colours);
    for (const colour of [palette.ink, palette.brass, palette.loss])
      expect({ colour, isSeen: (seen.get(opaque(colour)) ?? 0) > 300 }).toEqual({ colour, isSeen: true });
  });

  it("differs between dark and light in nearly every pixel", async () => {
    const [dark, light] = [readPng(pictureOf(await paint("dark")).png), readPng(pictureOf(await paint("light")).png)];
    let same = 0;
    for (let at = 0; at < dark.rgba.length; at += 4) if (dark.rgba[at] === light.rgba[at]) same += 1;
    expect(same / (dark.rgba.length / 4)).toBeLessThan(0.05);
  });
});

async function svgOf(drawing: ReturnType<typeof promptDrawing>): Promise<string> {
  if (!drawing.ok) throw new Error(drawing.problem);
  const svg = await keeper.drawText(optionOf(drawing.value));
  if (!svg.ok) throw new Error(svg.problem.because);
  return svg.value;
}

const unescaped = (text: string): string =>
  text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
const textsIn = (svg: string): readonly string[] =>
  [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = ""]) => unescaped(text));

describe("what stands in a picture", () => {
  it.each([
    ["prompt", promptDrawing(promptSample)],
    ["equity", equityDrawing(equitySample)],
    ["position", positionDrawing(positionSample)],
  ])("%s: is every text of its drawing", async (_, drawing) => {
    if (!drawing.ok) throw new Error(drawing.problem);
    const wanted = drawing.value.front.flatMap((shape) =>
      shape.kind === "text" && shape.text !== "" ? [shape.text] : [],
    );
    const found = textsIn(await svgOf(drawing));
    expect(found).toEqual(expect.arrayContaining(wanted));
  });

  it("are as many candles as there are, risen ones hollow", async () => {
    const svg = await svgOf(promptDrawing(promptSample));
    const bodies = [...svg.matchAll(/ecmeta_series_index="0"/g)];
    expect(bodies).toHaveLength(48);
    const risen = promptSample.candles.slice(-48).filter(({ open, close }) => Number(close) > Number(open)).length;
    const { ground, gain } = paletteOf("dark");
    const hollow = [...svg.matchAll(/<path[^>]*>/g)].filter(
      ([path]) => path.includes(`fill="${ground}"`) && path.includes(`stroke="${gain}"`),
    );
    expect(hollow).toHaveLength(risen);
  });

  it("lies where the drawing says: the library rounds no axis of its own", async () => {
    const drawing = promptDrawing(promptSample);
    if (!drawing.ok) throw new Error(drawing.problem);
    const [plot] = drawing.value.plots;
    const [series] = plot?.series ?? [];
    if (plot === undefined || series?.kind !== "candles") throw new Error("no candles");
    const highest = Math.max(...series.candles.map((candle) => candle?.[3] ?? 0));
    const height = plot.box.top + ((plot.y.max - highest) / (plot.y.max - plot.y.min)) * plot.box.height;
    const svg = await svgOf(drawing);
    const tops = [...svg.matchAll(/<path d="([^"]*)"[^>]*ecmeta_series_index="0"/g)].flatMap(([, d = ""]) =>
      [...d.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map(([, y]) => Number(y)),
    );
    expect(Math.abs(Math.min(...tops) - height)).toBeLessThan(1);
  });

  it("is text and never markup, whatever a market is called", async () => {
    const name = `x:</text><script>alert("1")</script>&amp;'A'/USD`;
    const svg = await svgOf(promptDrawing({ ...promptSample, instrumentId: name }));
    expect(svg).not.toContain("<script");
    expect(textsIn(svg).join(" ")).toContain("</text><script>");
    pictureOf(await painter.paintPrompt({ ...promptSample, instrumentId: name }));
  });

  it("needs no font of the machine", async () => {
    const svg = await svgOf(promptDrawing(promptSample));
    expect([...svg.matchAll(/font-family:([^;"]*)/g)].every(([, family]) => family === "DejaVu Sans")).toBe(true);
  });
});

describe("a painter", () => {
  it.each(Object.entries(promptSamples))("paints the awkward case: %s", async (_, wish) => {
    expect(coloursOf(readPng(pictureOf(await painter.paintPrompt(wish)).png)).length).toBeGreaterThan(100);
  });

  it("answers numbers that are none with one problem, says it in the log, and paints on", async () => {
    const before = log.lines.length;
    const painted = await painter.paintPrompt({ ...promptSample, entryPrice: "NaN" as Price });
    const because = 'The entry is no plain number: "NaN"';
    expect(painted).toEqual({ ok: false, problem: { kind: "unusable", because } });
    expect(log.lines.slice(before)).toEqual([
      { level: "warn", text: `A picture is missing: ${because}`, facts: { kind: "prompt", problem: "unusable" } },
    ]);
    pictureOf(await painter.paintPrompt(promptSample));
  });

  it("survives data that no type would allow", async () => {
    const wishes = [null, {}, { ...promptSample, candles: null }, { ...promptSample, instrumentId: 5 }];
    for (const wish of wishes) {
      const painted = await painter.paintPrompt(wish as unknown as typeof promptSample);
      expect(painted.ok ? "painted" : painted.problem.kind).toBe("unusable");
    }
  });

  it("paints the same wish to the same bytes", async () => {
    const [one, other] = [await kinds.position("dark"), await kinds.position("dark")].map(pictureOf);
    expect(one?.png).toEqual(other?.png);
  });

  it("paints prices of any size", async () => {
    for (const scale of ["0.000000000012", "0.5", "99999999999"]) {
      const stop = price((Number(scale) * 0.97).toFixed(15));
      pictureOf(
        await painter.paintPrompt({
          ...promptSample,
          candles: [],
          entryPrice: price(scale),
          limitPrice: null,
          stopPrice: stop,
          targetPrice: null,
        }),
      );
    }
  });

  it("fills its canvas", () => {
    expect([canvas.width * canvas.scale, canvas.height * canvas.scale]).toEqual([1_280, 800]);
  });
});
