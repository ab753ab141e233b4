/** The part of the books about answers that buttons can make anew: what was asked, where, and the buttons that count now. */
import type { Recorded } from "./events.ts";
import { between, day, type Instant } from "./time.ts";
import type { ViewButton, ViewFact } from "./view_facts.ts";

export type View = Omit<ViewFact, "type"> & { readonly shownAt: Instant };
export type Views = Readonly<Record<string, View>>;

/** Real time that an answer may be turned; more than these at once are forgotten, oldest first. */
const keptMs = 2 * day;
const viewsMax = 200;

export function evolveViews(views: Views, { fact, wallAt }: Recorded): Views {
  if (fact.type !== "view_shown") return views;
  const { type: _type, ...shown } = fact;
  return { ...views, [fact.viewId]: { ...shown, shownAt: wallAt } };
}

/** Views that may still be turned. */
export function keptViews(views: Views, wallAt: Instant): Views {
  const entries = Object.entries(views);
  const kept = entries
    .filter(([, view]) => between(view.shownAt, wallAt) < keptMs)
    .sort(([, left], [, right]) => right.shownAt - left.shownAt)
    .slice(0, viewsMax);
  return kept.length === entries.length ? views : Object.fromEntries(kept);
}

export function viewOfToken(views: Views, hash: string): { readonly view: View; readonly button: ViewButton } | null {
  for (const view of Object.values(views)) {
    const button = view.buttons.find((one) => one.tokenHash === hash);
    if (button !== undefined) return { view, button };
  }
  return null;
}

/** Begins every token of such a button: one that is not known any more is told apart from a forged approval. */
export const viewTokenPrefix = "pg";
