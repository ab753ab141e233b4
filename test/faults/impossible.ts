/** Faults of the catalogue that can't be shown on a developer's machine, each with the reason and what stands in for it. */
export const impossible: Readonly<Record<string, string>> = {};
