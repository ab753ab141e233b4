/**
 * Where labels stand whose values lie too near to each other: pushed apart by as little as possible in all, in the order of
 * their values, none outside the room.
 *
 *   wanted  |aa            placed  |aa
 *           |abbb      ->          |aa
 *           | bbb                  |bbb
 *                                  |bbb
 */
import type { Span } from "./drawing.ts";

type Label = { readonly middle: number; readonly height: number };
type Block = { readonly from: number; readonly count: number; readonly mean: number };

/** @returns the middle of each label, in the order given; equal wishes keep the order given. Room that is too small is shared evenly. */
export function placeLabels(labels: readonly Label[], room: Span, gap: number): readonly number[] {
  const order = labels.map((_, index) => index).sort((left, right) => middleOf(labels, left) - middleOf(labels, right));
  const heights = order.map((index) => labels[index]?.height ?? 0);
  const filled = heights.reduce((total, height) => total + height, 0);
  const free = room.max - room.min - filled;
  const between = order.length < 2 ? 0 : Math.min(gap, free / (order.length - 1));

  // Where each label's top would be if all those above it were as thin as a line: then "in order" is all that must hold.
  let above = 0;
  const thickness = heights.map((height) => {
    const before = above;
    above += height + between;
    return before;
  });
  const wished = order.map((index, at) => middleOf(labels, index) - (heights[at] ?? 0) / 2 - (thickness[at] ?? 0));
  const lowest = Math.max(room.min, room.max - filled - between * Math.max(0, order.length - 1));
  const placed = new Array<number>(labels.length).fill(0);
  for (const [at, thin] of inOrder(wished).entries()) {
    const top = Math.min(Math.max(thin, room.min), lowest) + (thickness[at] ?? 0);
    placed[order[at] ?? 0] = top + (heights[at] ?? 0) / 2;
  }
  return placed;
}

const middleOf = (labels: readonly Label[], index: number): number => labels[index]?.middle ?? 0;

/** The rising sequence nearest to the one given: neighbours that are out of order meet at their mean. */
function inOrder(values: readonly number[]): readonly number[] {
  const blocks: Block[] = [];
  for (const [from, value] of values.entries()) {
    let block: Block = { from, count: 1, mean: value };
    for (let last = blocks.at(-1); last !== undefined && last.mean > block.mean; last = blocks.at(-1)) {
      blocks.pop();
      const count = last.count + block.count;
      block = { from: last.from, count, mean: (last.mean * last.count + block.mean * block.count) / count };
    }
    blocks.push(block);
  }
  return blocks.flatMap(({ count, mean }) => new Array<number>(count).fill(mean));
}
