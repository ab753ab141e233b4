/**
 * The two looks, those of the desk: a lamp-lit desk and ink on paper. Gain leans to blue and loss to orange, which people who
 * can't tell red from green still tell apart; shapes and words say the same again.
 */
import type { Look } from "../../ports/painter.ts";

export type Palette = {
  readonly ground: string;
  /** Faint panels and lines. */
  readonly panel: string;
  readonly line: string;
  readonly ink: string;
  readonly quiet: string;
  readonly gain: string;
  readonly loss: string;
  readonly brass: string;
  /** On gain, loss and brass. */
  readonly onColour: string;
};

const palettes: Readonly<Record<Look, Palette>> = {
  dark: {
    ground: "#131a19",
    panel: "#1d2726",
    line: "#35423f",
    ink: "#f2eee3",
    quiet: "#a3aea8",
    gain: "#45c7b0",
    loss: "#f58a55",
    brass: "#e0bb72",
    onColour: "#0c1312",
  },
  light: {
    ground: "#faf7ef",
    panel: "#efe9dc",
    line: "#d3cab7",
    ink: "#1b2423",
    quiet: "#5a655f",
    gain: "#0b7565",
    loss: "#b8480f",
    brass: "#855e14",
    onColour: "#ffffff",
  },
};

export function paletteOf(look: Look): Palette {
  return palettes[look];
}

/** A colour of the palette that the ground shines through: `share` 0 to 1. */
export function faint(colour: string, share: number): string {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return `rgba(${red ?? 0},${green ?? 0},${blue ?? 0},${share})`;
}
