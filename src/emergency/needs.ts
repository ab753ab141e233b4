/** What closing everything needs, what it remembers while it runs, and the lanes in which it works. */
import type { Followed, Since } from "../core/emergency_claim.ts";
import type { Mode } from "../core/intent.ts";
import type { EmergencyNotice, Lifeline } from "../core/lifeline.ts";
import type { EmergencyVenue } from "../ports/emergency_venue.ts";

export type EmergencyNeeds = Since & {
  readonly venue: EmergencyVenue;
  readonly lifeline: Lifeline | null;
  readonly isDedicated: boolean;
  readonly mode: Mode;
  /** Sales of an earlier run whose end nobody wrote down. */
  readonly unsettled: readonly { readonly symbol: string; readonly clientOrderId: string }[];
  /** Above every epoch that we know of: it stands in the name of each order. */
  readonly epoch: number;
  readonly sha256: (text: string) => string;
  readonly venueNow: () => number;
  readonly mono: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Resolves when the next request may leave. */
  readonly turn: () => Promise<void>;
  /** Lock and note are still this run's. A run that was frozen may find that the house has taken over. */
  readonly isOurs: () => Promise<boolean>;
  /** Durable when it returns. */
  readonly journal: (step: string, about: Readonly<Record<string, string>>) => void;
  /** The note for the house, durable when it returns. */
  readonly tell: (change: Partial<Pick<EmergencyNotice, "orders" | "left" | "isDone">>) => void;
  readonly say: (line: string) => void;
};

export type Run = EmergencyNeeds & {
  /** What stops of ours became, by the exchange's id. */
  readonly children: Set<string>;
  /** Stops of the snapshot that were asked for by name. */
  readonly asked: Set<string>;
  /** Orders that were followed to their end, by name. */
  readonly followed: Map<string, Followed>;
  /** Symbols on which nothing may be sold: nobody knows what is under way there. */
  readonly barred: Set<string>;
  /** What a person has to look at. */
  readonly troubles: Set<string>;
};

export const runOf = (needs: EmergencyNeeds): Run => ({
  ...needs,
  children: new Set(),
  asked: new Set(),
  followed: new Map(),
  barred: new Set(),
  troubles: new Set(),
});

export const looksApartMs = 2_000;

/** Before each sale and each cancel: whoever is not in charge any more does nothing. */
export async function insistOurs(run: Run): Promise<void> {
  if (!(await run.isOurs())) throw new Error("another process has taken over");
}

const lanes = 3;

/** @returns what succeeded, in order. What fails ends none of the others: it is told, with `nameOf` what it was about. */
export async function inLanes<Item, Value>(
  run: Run,
  items: readonly Item[],
  { nameOf, work }: { nameOf: (item: Item) => string; work: (item: Item) => Promise<Value> },
): Promise<readonly Value[]> {
  const results = new Map<number, Value>();
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const index = next;
      next += 1;
      const item = items[index] as Item;
      try {
        results.set(index, await work(item));
      } catch (error) {
        const trouble = `${nameOf(item)}: ${(error as Error).message}`;
        run.say(trouble);
        run.troubles.add(trouble);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
  return [...results].sort(([one], [other]) => one - other).map(([, value]) => value);
}
