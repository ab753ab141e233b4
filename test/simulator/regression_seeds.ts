/** Seeds that once showed a fault. They run with every test, so that what was mended stays mended. */
export type RegressionSeed = {
  readonly seed: string;
  readonly steps: number;
  /** What it showed, and what was done about it. */
  readonly why: string;
};

export const regressionSeeds: readonly RegressionSeed[] = [
  {
    seed: "12",
    steps: 500,
    why: "no exit left at a venue with windows: the guard before the venue answered its window by a promise",
  },
  {
    seed: "217",
    steps: 500,
    why: "an acknowledged order that a lagging index hid was called absent on looks from before the doubt",
  },
];
