/** Seeds that once showed a fault. They run with every test, so that what was mended stays mended. */
export type RegressionSeed = {
  readonly seed: string;
  readonly steps: number;
  readonly profile?: string;
  /** What it showed, and what was done about it. */
  readonly why: string;
};

export const regressionSeeds: readonly RegressionSeed[] = [];
