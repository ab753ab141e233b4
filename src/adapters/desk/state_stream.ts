/** Sends the picture of the house to all pages: when it changed, at most twice a second, and every 10 s as a sign of life. */
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { DeskState } from "./contract.ts";
import type { DeskSight } from "./door.ts";
import type { Pages } from "./pages.ts";

const signOfLifeMs = 10_000;

export type StateStream = {
  /** The newest picture, or null while it can't be had. */
  read(): DeskState | null;
  /** Called every half second. */
  tick(): void;
};

export function openStateStream(parts: { sight: DeskSight; pages: Pages; clock: Clock; log: Log }): StateStream {
  const { sight, pages, clock, log } = parts;
  let lastText = "";
  let lastSentAt = 0;
  let isFailing = false;

  function read(): DeskState | null {
    try {
      const state = sight.snapshot();
      isFailing = false;
      return state;
    } catch (error) {
      // Said once, not twice a second.
      if (!isFailing) {
        log.error("The desk has no picture of the house", {
          because: error instanceof Error ? error.message : String(error),
        });
      }
      isFailing = true;
      return null;
    }
  }

  return {
    read,
    tick() {
      const open = pages.all().filter((page) => page.pageId !== null);
      if (open.length === 0) return;
      const state = read();
      // The running clock alone is no change: the page moves it on by itself.
      const changing = state === null ? "none" : JSON.stringify({ ...state, at: 0, market: state.market.speed });
      if (changing === lastText && clock.mono() - lastSentAt < signOfLifeMs) return;
      lastText = changing;
      lastSentAt = clock.mono();
      for (const page of open) pages.send(page, { kind: "state", state, at: clock.wall() });
    },
  };
}
