/** Colours that can be told apart and read, also by people who see fewer of them. */
import { describe, expect, it } from "vitest";
import { faint, paletteOf } from "../../../src/adapters/pictures/palette.ts";

type Triple = readonly [number, number, number];

const linear = (hex: string): Triple => {
  const part = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [part(1), part(3), part(5)];
};

const times = (rows: readonly Triple[], [x, y, z]: Triple): Triple =>
  rows.map(([a, b, c]) => Math.max(0, a * x + b * y + c * z)) as unknown as Triple;

/** What is left of a colour for three kinds of colour blindness (Machado and others 2009, full severity, linear RGB). */
const eyes: Readonly<Record<string, readonly Triple[]>> = {
  "all colours": [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  "no red": [
    [0.152_286, 1.052_583, -0.204_868],
    [0.114_503, 0.786_281, 0.099_216],
    [-0.003_882, -0.048_116, 1.051_998],
  ],
  "no green": [
    [0.367_322, 0.860_646, -0.227_968],
    [0.280_085, 0.672_501, 0.047_413],
    [-0.011_82, 0.042_94, 0.968_881],
  ],
  "no blue": [
    [1.255_528, -0.076_749, -0.178_779],
    [-0.078_411, 0.930_809, 0.147_602],
    [0.004_733, 0.691_367, 0.3039],
  ],
};

/** CIE Lab, in which a distance of about 2 is just seen. */
function lab(rgb: Triple): Triple {
  const [x, y, z] = times(
    [
      [0.4124, 0.3576, 0.1805],
      [0.2126, 0.7152, 0.0722],
      [0.0193, 0.1192, 0.9505],
    ],
    rgb,
  );
  const curve = (value: number): number => (value > 0.008_856 ? Math.cbrt(value) : 7.787 * value + 16 / 116);
  const [fx, fy, fz] = [curve(x / 0.950_47), curve(y), curve(z / 1.088_83)];
  return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)];
}

const distance = (one: Triple, other: Triple): number =>
  Math.hypot(...one.map((value, at) => value - (other[at] ?? 0)));
const luminance = ([red, green, blue]: Triple): number => 0.2126 * red + 0.7152 * green + 0.0722 * blue;

function contrast(one: string, other: string): number {
  const [dark = 0, bright = 0] = [one, other].map((hex) => luminance(linear(hex))).sort((left, right) => left - right);
  return (bright + 0.05) / (dark + 0.05);
}

describe.each(["dark", "light"] as const)("the %s look", (look) => {
  const { ground, ink, quiet, gain, loss, brass, onColour } = paletteOf(look);

  it.each(Object.entries(eyes))("tells gain from loss to eyes that see %s", (_, seen) => {
    const [won, lost] = [gain, loss].map((colour) => lab(times(seen, linear(colour))));
    if (won === undefined || lost === undefined) throw new Error("no colours");
    expect(distance(won, lost)).toBeGreaterThan(30);
  });

  it.each([
    ["ink on the ground", ink, ground],
    ["quiet words on the ground", quiet, ground],
    ["gain on the ground", gain, ground],
    ["loss on the ground", loss, ground],
    ["brass on the ground", brass, ground],
    ["words on gain", onColour, gain],
    ["words on loss", onColour, loss],
    ["words on brass", onColour, brass],
  ])("has contrast enough for reading: %s", (_, one, other) => {
    expect(contrast(one, other)).toBeGreaterThan(4.5);
  });
});

it("a faint colour is the same colour, thinner", () => {
  expect(faint("#45c7b0", 0.3)).toBe("rgba(69,199,176,0.3)");
});
