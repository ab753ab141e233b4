/**
 * The world's only time. A binary heap on (time, a number drawn from the seed), so that things due at the same millisecond
 * happen in an order that each seed chooses anew. What was canceled stays in the heap and is skipped.
 */
import type { Chance, Scheduler } from "./contract.ts";

export type SimEvent = {
  readonly at: number;
  readonly order: number;
  readonly label: string;
  act: (() => void) | null;
};

export type World = Scheduler & {
  /** The next event that was not canceled, with the clock moved to it; null when nothing will ever happen again. */
  take(): SimEvent | null;
};

export function openScheduler(chance: Chance, startsAt: number): World {
  const heap: SimEvent[] = [];
  let now = startsAt;
  return {
    now: () => now,
    after(ms, label, act) {
      // Whole milliseconds: a clock that drifts asks for fractions, and no venue stamps those.
      const wait = ms > 0 ? Math.ceil(ms - 1e-6) : 0;
      const event: SimEvent = { at: now + wait, order: chance.next(), label, act };
      push(heap, event);
      return () => {
        event.act = null;
      };
    },
    take() {
      for (let event = pop(heap); event !== null; event = pop(heap)) {
        if (event.act === null) continue;
        now = event.at;
        return event;
      }
      return null;
    },
  };
}

const isBefore = (left: SimEvent, right: SimEvent): boolean =>
  left.at < right.at || (left.at === right.at && left.order < right.order);

function push(heap: SimEvent[], event: SimEvent): void {
  let at = heap.length;
  heap.push(event);
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || !isBefore(event, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = event;
}

function pop(heap: SimEvent[]): SimEvent | null {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined) return null;
  if (heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    const left = heap[below];
    if (left === undefined) break;
    const right = heap[below + 1];
    let child = left;
    if (right !== undefined && isBefore(right, left)) {
      child = right;
      below += 1;
    }
    if (!isBefore(child, last)) break;
    heap[at] = child;
    at = below;
  }
  heap[at] = last;
  return first;
}
