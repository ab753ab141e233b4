/** The life of an open house: it joins its venue and trades, until something ends it in order. */
import type { House } from "../assemble.ts";
import type { Config } from "../config.ts";
import { fail, ok, type Result } from "../core/result.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { PracticeHandle } from "../practice/exchange.ts";
import type { MarketSource } from "../practice/market/source.ts";
import { type Ending, exitCodes } from "./ending.ts";
import type { OpenedHome } from "./home.ts";
import { markFinished } from "./market.ts";
import { untilTooLarge } from "./memory_guard.ts";
import { sayEnd, sayReady, sayStop } from "./talk.ts";

export type Running = {
  readonly house: House;
  readonly config: Config;
  /** The market that this process brings, and its exchange; null when the house trades elsewhere. */
  readonly source: MarketSource | null;
  readonly practice: PracticeHandle | null;
  readonly home: string;
  readonly opened: OpenedHome;
  readonly log: Log;
  /** Real time, whatever the speed of the market. */
  readonly wallClock: Clock;
  readonly startedMono: number;
  readonly ending: Ending;
  /** Resolves when a start of LIVE may not trade, with what is wrong. */
  readonly refused: Promise<readonly string[]>;
};

/**
 * Joins the venue, runs, and waits for a signal, the end of a played market, or the one cycle of --once.
 * @returns the exit code, or why LIVE does not start.
 */
export async function untilStopped(running: Running): Promise<Result<number, string>> {
  const { house, config, source, practice, home, opened, log, wallClock, refused } = running;
  // Watching, delivering and resolving start before the venue has answered everything; entries follow when it has.
  const joined = house
    .run()
    .then(() => house.join())
    .then(async (open) => {
      if (open === null) return;
      sayReady({ readyMs: wallClock.mono() - running.startedMono, openPositions: open });
      await house
        .cycleNow()
        .catch((error: unknown) => log.warn("The first cycle failed; the next one follows", { error: String(error) }));
    });
  const reasons = [
    running.ending.asked,
    joined.then(() => (config.once ? "one cycle was asked for" : new Promise<string>(() => undefined))),
  ];
  const refusals: string[] = [];
  reasons.push(
    refused.then((problems) => {
      refusals.push(...problems);
      return "live trading was refused";
    }),
  );
  if (practice !== null && source?.endsAt !== null)
    reasons.push(practice.market.ended.then(() => "the market data is over"));
  const books = () => house.needs.ledger.books();
  const residentBytes = () => process.memoryUsage.rss();
  const size = untilTooLarge({ clock: wallClock, limitMb: config.memoryMax, residentBytes, books });
  let code = 0;
  reasons.push(
    size.because.then((text) => {
      code = exitCodes.restart;
      return text;
    }),
  );
  const because = await Promise.race(reasons);
  size.stop();
  const isOver = because === "the market data is over";
  if (isOver) await house.needs.clock.sleep(1_500);
  const open = await house.stop(because);
  opened.journal.write({ kind: "stopped", run: opened.holder.run, because });
  if (isOver) {
    sayEnd(house.needs, home);
    markFinished(home);
  }
  sayStop(because, open);
  if (refusals.length > 0) return fail(["LIVE does not start:", ...refusals.map((text) => `- ${text}`)].join("\n"));
  return ok(code);
}
