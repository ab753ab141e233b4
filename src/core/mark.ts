/**
 * Coverage marks: one stands in the branch that handles a fault of the catalogue, and says so when it is reached. Tests and
 * the simulator listen; a live house has no listener, and then a mark costs one look-up.
 *
 *   mark("V17.cancel_fill_race");
 */
export type Mark = `${"V" | "N" | "C" | "P" | "R" | "X" | "H" | "M" | "O" | "G" | "D" | "S" | "K"}${number}.${string}`;

/** On the global object, because a bundled process and the listener that a test loads into it are two copies of this file. */
export const markSlot: unique symbol = Symbol.for("countersign.mark") as never;
type Listening = { [markSlot]?: ((name: Mark) => void) | undefined };

export function mark(name: Mark): void {
  (globalThis as Listening)[markSlot]?.(name);
}

/** @returns the listener of before, to be put back. */
export function onMark(listener: ((name: Mark) => void) | undefined): ((name: Mark) => void) | undefined {
  const before = (globalThis as Listening)[markSlot];
  (globalThis as Listening)[markSlot] = listener;
  return before;
}
