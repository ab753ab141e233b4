/**
 * After a takeover that was no clean goodbye the venue may still receive what the last holder sent. Until that is over no
 * entry, no cancel and no sale leaves and nothing is concluded about orders in doubt; stops are placed all the same.
 */

import { ordersOf } from "../core/books_positions.ts";
import type { Fact } from "../core/events.ts";
import { mark } from "../core/mark.ts";
import { openPositions } from "../core/portfolio.ts";
import type { Position } from "../core/position.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";

type Waiting = Pick<Needs, "memory" | "clock">;

export function isQuarantined({ memory, clock }: Waiting): boolean {
  if (memory.quarantineUntilMono === null) return false;
  if (clock.mono() < memory.quarantineUntilMono) return true;
  memory.quarantineUntilMono = null;
  return false;
}

/** Real ms that are left of it; 0 = none. */
export function quarantineLeftMs({ memory, clock }: Waiting): number {
  return memory.quarantineUntilMono === null ? 0 : Math.max(0, Math.ceil(memory.quarantineUntilMono - clock.mono()));
}

/** @returns when it is over, or when the house is stopping. */
export async function waitForQuarantine(needs: Needs): Promise<void> {
  if (!isQuarantined(needs)) return;
  mark("P06.quarantine");
  needs.log.info("Waiting until nothing of the last process can reach the venue any more; stops are placed meanwhile", {
    leftMs: quarantineLeftMs(needs),
  });
  while (isQuarantined(needs) && !needs.memory.isStopping)
    await needs.clock.sleep(Math.min(quarantineLeftMs(needs), 250));
}

/** A stop whose answer is in doubt may or may not rest at the venue: our own watcher stands in until that is known. */
export function guardUncertainStops(needs: Needs): Promise<void> {
  return record(needs, (books) => {
    const uncertain = openPositions(books).flatMap((position): readonly [Position, Fact][] => {
      const stop = ordersOf(books, position.positionId).find(
        (order) => order.intent.leg === "protect" && (order.state === "unknown" || order.state === "sending"),
      );
      if (stop === undefined || position.protection === "local_guard") return [];
      const because = `the stop ${stop.clientOrderId} of the last process is in doubt`;
      const { positionId } = position;
      return [
        [position, { type: "position_protected", positionId, protection: "local_guard", clientOrderId: null, because }],
      ];
    });
    if (uncertain.length > 0) mark("P06.local_guard_for_uncertain_stop");
    return { drafts: uncertain.map(([position, fact]) => draft("house", fact, position.positionId)), value: undefined };
  });
}
