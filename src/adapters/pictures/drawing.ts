/**
 * A picture as plain data, before any library has seen it: shapes behind, plots, shapes in front. Everything has its final
 * place in units of a canvas of 800 x 500; nothing here is a function, so that a drawing can be sent to a thread.
 */

/** One picture: 1280 x 800 px, which is the largest side that Telegram keeps as it is. */
export const canvas = { width: 800, height: 500, scale: 1.6 } as const;

export type Point = readonly [x: number, y: number];

export type Shape =
  | {
      readonly kind: "rect";
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
      readonly radius: number;
      readonly fill: string | null;
      readonly stroke: string | null;
    }
  | {
      readonly kind: "line";
      readonly points: readonly Point[];
      readonly stroke: string;
      readonly width: number;
      readonly dash: readonly number[] | null;
    }
  | {
      readonly kind: "dot";
      readonly x: number;
      readonly y: number;
      readonly radius: number;
      readonly fill: string;
      readonly stroke: string;
    }
  | {
      readonly kind: "text";
      /** The side of the text that lies at x; its middle lies at y. */
      readonly align: "left" | "center" | "right";
      readonly x: number;
      readonly y: number;
      readonly text: string;
      readonly size: number;
      readonly isBold: boolean;
      readonly fill: string;
    };

export type Box = { readonly left: number; readonly top: number; readonly width: number; readonly height: number };

export type Span = { readonly min: number; readonly max: number };

/** A stroke or fill that changes from top to bottom. */
export type Fade = { readonly top: string; readonly bottom: string };

export type Series =
  | {
      readonly kind: "candles";
      /** One a slot: open, close, low, high; null = no trade is known there. */
      readonly candles: readonly (readonly [open: number, close: number, low: number, high: number] | null)[];
      readonly rise: string;
      readonly fall: string;
      /** What a rising candle is filled with: the ground, so that it looks hollow. */
      readonly hollow: string;
    }
  | {
      readonly kind: "line";
      readonly points: readonly Point[];
      /** null = only the area is drawn. */
      readonly stroke: string | null;
      readonly width: number;
      readonly dash: readonly number[] | null;
      readonly isStepped: boolean;
      /** Filled from the line to this value. */
      readonly area: { readonly to: number; readonly fill: Fade } | null;
    };

/** Values on a piece of the canvas; x counts slots or milliseconds. */
export type Plot = {
  readonly box: Box;
  readonly x: Span | { readonly slots: number };
  readonly y: Span;
  readonly series: readonly Series[];
};

export type Drawing = {
  readonly ground: string;
  readonly behind: readonly Shape[];
  readonly plots: readonly Plot[];
  readonly front: readonly Shape[];
  /** What it shows, in words. */
  readonly description: string;
};

export function text(
  place: { readonly x: number; readonly y: number; readonly align?: "left" | "center" | "right" },
  words: string,
  type: { readonly size: number; readonly isBold?: boolean; readonly fill: string },
): Shape {
  const { x, y, align = "left" } = place;
  return { kind: "text", x, y, align, text: words, size: type.size, isBold: type.isBold ?? false, fill: type.fill };
}

export function line(
  points: readonly Point[],
  pen: { readonly stroke: string; readonly width: number; readonly dash?: readonly number[] },
): Shape {
  return { kind: "line", points, stroke: pen.stroke, width: pen.width, dash: pen.dash ?? null };
}

export function rect(
  box: Box,
  skin: { readonly fill?: string; readonly stroke?: string; readonly radius?: number },
): Shape {
  const { left, top, width, height } = box;
  return {
    kind: "rect",
    x: left,
    y: top,
    width,
    height,
    radius: skin.radius ?? 0,
    fill: skin.fill ?? null,
    stroke: skin.stroke ?? null,
  };
}
