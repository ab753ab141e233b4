/**
 * Hands a batch of updates to the house and tells from where Telegram must be asked again.
 * Each chat is a lane: within it the order holds, and a slow or flooded chat doesn't hold up the others.
 */
import type { Log } from "../../ports/log.ts";
import type { Receive } from "../../ports/messenger.ts";
import { type Heard, type HearingFacts, hear, updateIdOf } from "./incoming.ts";

export type StoreBatch = (
  updates: readonly unknown[],
  facts: HearingFacts,
  signal: AbortSignal,
) => Promise<{
  /** One past the last update if all were stored, else the first that was not; null when there is nothing to confirm. */
  readonly nextOffset: number | null;
  /** Why something was not stored; redacted. */
  readonly failure: string | null;
}>;

type Needs = {
  readonly receive: Receive;
  readonly log: Log;
  answerMalformed(queryId: string): void;
  explain(error: unknown): string;
};

/** Few, because every lane holds a database connection. */
const lanesAtOnce = 4;

type Item = { readonly updateId: number; readonly heard: Heard };

export function storesBatches(needs: Needs): StoreBatch {
  return async (updates, facts, signal) => {
    const items = itemsOf(updates, facts);
    if (items.length === 0) {
      // Nothing can be confirmed, so the same answer would come again at once: treated as a fault, with its waiting time.
      return { nextOffset: null, failure: updates.length === 0 ? null : "no update of the batch has a number" };
    }
    reportDropped(needs, items);
    const lanes = [...lanesOf(items).values()];
    const unstored: number[] = [];
    let failure: string | null = null;
    const worker = async () => {
      for (let lane = lanes.shift(); lane !== undefined; lane = lanes.shift()) {
        const stopped = await storeLane(needs, lane, signal);
        if (stopped === null) continue;
        unstored.push(stopped.updateId);
        failure ??= stopped.because;
      }
    };
    await Promise.all(Array.from({ length: lanesAtOnce }, worker));
    const last = Math.max(...items.map((item) => item.updateId));
    return { nextOffset: unstored.length > 0 ? Math.min(...unstored) : last + 1, failure };
  };
}

function itemsOf(updates: readonly unknown[], facts: HearingFacts): Item[] {
  return updates.flatMap((update) => {
    const updateId = updateIdOf(update);
    return updateId === null ? [] : [{ updateId, heard: hear(update, facts) }];
  });
}

/** One line a batch, so that a flood of rubbish can't fill the disk. */
function reportDropped(needs: Needs, items: readonly Item[]): void {
  const dropped = items.filter(({ heard }) => heard.kind !== "incoming" && heard.because !== null);
  const first = dropped[0];
  if (first === undefined || first.heard.kind === "incoming") return;
  needs.log.warn(`Telegram: dropped ${first.heard.because}`, { updateId: first.updateId, dropped: dropped.length });
}

function lanesOf(items: readonly Item[]): Map<string, Item[]> {
  const lanes = new Map<string, Item[]>();
  for (const item of items) {
    const key = item.heard.kind === "incoming" ? item.heard.incoming.chat.chatId : "";
    lanes.set(key, [...(lanes.get(key) ?? []), item]);
  }
  return lanes;
}

/** Null when the whole lane was stored, else where it stopped; what follows there must be heard again, in order. */
async function storeLane(
  needs: Needs,
  lane: readonly Item[],
  signal: AbortSignal,
): Promise<{ updateId: number; because: string } | null> {
  for (const { updateId, heard } of lane) {
    if (signal.aborted) return { updateId, because: "the bot stops" };
    if (heard.kind !== "incoming") {
      if (heard.kind === "malformed_tap") needs.answerMalformed(heard.queryId);
      continue;
    }
    try {
      await needs.receive(heard.incoming);
    } catch (error) {
      return { updateId, because: needs.explain(error) };
    }
  }
  return null;
}
