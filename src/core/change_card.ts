/**
 * The answer to a command that changed something, in one shape for all of them: what is true now, who made it so and since
 * when, what still runs, what was not done, how to undo it, and the fact under which it stands in the audit trail. Pure.
 */
import { actorName } from "./alert_words.ts";
import type { Books } from "./books.ts";
import type { Card, CardField, Tone } from "./card.ts";
import { type Instant, isoTime } from "./time.ts";

export type Change = {
  readonly title: string;
  readonly tone?: Tone;
  readonly lines?: readonly string[];
  /** The state from now on. */
  readonly now: string;
  /** Facts of this very change, after the state. */
  readonly fields?: readonly CardField[];
  readonly running: string;
  readonly notDone: string;
  readonly undo: string;
  /** As on record: `person:ana`. */
  readonly actor: string;
};

/** When it was recorded, and as which fact. */
export type Recordation = { readonly since: Instant; readonly seq: number };

export function changeCard(books: Books, change: Change, { since, seq }: Recordation): Card {
  const { title, tone = "ok", lines = [], now, fields = [], running, notDone, undo, actor } = change;
  return {
    title,
    tone,
    lines,
    fields: [
      { name: "Now", value: now },
      ...fields,
      { name: "Still running", value: running },
      { name: "Not done", value: notDone },
      { name: "Undo", value: undo },
    ],
    footer: `By ${actorName(books, actor)} · since ${isoTime(since).slice(11, 19)} UTC · fact ${seq}`,
    chart: null,
  };
}
