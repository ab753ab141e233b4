/** Small parts that every invariant is made of: how it speaks, and how it remembers where it stopped reading. */
import type { Violation, WorldView } from "../contract.ts";

export type Evidence = Readonly<Record<string, string | number | null | undefined>>;

export function violated(invariant: string, what: string, evidence: Evidence): Violation {
  const told = Object.entries(evidence).map(([key, value]) => [key, String(value ?? "none")]);
  return { invariant, what, evidence: Object.fromEntries(told) };
}

/** Gives each item of a growing list once. */
export function openCursor(): <Item>(list: readonly Item[]) => readonly Item[] {
  let read = 0;
  return (list) => {
    if (list.length === read) return [];
    const fresh = list.slice(read);
    read = list.length;
    return fresh;
  };
}

/** True when the venue's truth changed since the last call. */
export function openRevision(): (view: WorldView) => boolean {
  let seen = -1;
  return (view) => {
    const now = view.venue.revision();
    const isNew = now !== seen;
    seen = now;
    return isNew;
  };
}

/** Says the same thing about the same subject once: a broken promise stays broken, and one report is enough. */
export function openOnce(): (key: string) => boolean {
  const said = new Set<string>();
  return (key) => {
    if (said.has(key)) return false;
    said.add(key);
    return true;
  };
}

/** True time since which nothing disturbs, and for how long; null while faults still run. */
export function calmFor(view: WorldView): number | null {
  return view.calmSince === null ? null : view.now - view.calmSince;
}
