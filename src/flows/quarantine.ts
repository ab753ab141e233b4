/**
 * After a takeover that was no clean goodbye the venue may still receive what the last holder sent. Until that is over no
 * entry, no cancel and no sale leaves and nothing is concluded about orders in doubt; stops are placed all the same. A stop
 * whose own answer is in doubt is lost to the books, and with that our watcher stands in for it (see core/books_positions).
 */

import { mark } from "../core/mark.ts";
import type { Needs } from "./needs.ts";

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
