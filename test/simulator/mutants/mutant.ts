import type { ThemeName } from "../themes.ts";

/** A planted bug: an exact text of a source file and what it is replaced by when the simulator is bundled. The working tree never changes. */
export type Edit = { readonly file: string; readonly find: string; readonly replace: string };

export type Mutant = Edit & {
  readonly name: string;
  /** The mistake that somebody could make. */
  readonly why: string;
  /** Invariants of which at least one must notice. */
  readonly expects: readonly `I${string}`[];
  /** Where it shows soonest: the hunts that are in a hurry begin there. Absent = anywhere. */
  readonly worlds?: readonly ThemeName[];
  /** Other walls that stand behind the first: the house defends itself twice, so some bugs need both gone. */
  readonly also?: readonly Edit[];
};

export const editsOf = (mutant: Mutant): readonly Edit[] => [
  { file: mutant.file, find: mutant.find, replace: mutant.replace },
  ...(mutant.also ?? []),
];

/** How often the text stands in the source; anything but once means that the mutant has rotted. */
export function timesIn(source: string, find: string): number {
  return find === "" ? 0 : source.split(find).length - 1;
}

/** @throws Error when a text does not stand in its file exactly once. */
export function applied(source: string, file: string, edits: readonly Edit[]): string {
  return edits.reduce((text, edit) => {
    const count = timesIn(text, edit.find);
    if (count !== 1) throw new Error(`${file}: the text of a mutant stands there ${count} times: ${edit.find}`);
    return text.replace(edit.find, () => edit.replace);
  }, source);
}
