/** Which seeds caught which planted bug, and at which step. Written by `npm run sim:mutants -- --learn`; the quick mode begins with them. */
export type KnownSeed = { readonly seed: string; readonly steps: number };

export const knownSeeds: Readonly<Record<string, readonly KnownSeed[]>> = {};
