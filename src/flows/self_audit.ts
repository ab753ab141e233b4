/** Takes the pulse of the house: what src/core/self_audit.ts judges, from memory, ports and clocks. Asks nothing of the network. */
import { lastRung } from "../core/ladder.ts";
import { auditProblems, type EarVitals, type JobVitals, type Vitals } from "../core/self_audit.ts";
import { between } from "../core/time.ts";
import { alertsUnheard } from "./alerts_heard.ts";
import { gatherReadings } from "./gather_readings.ts";
import type { Needs } from "./needs.ts";
import { openApprovals } from "./request_approval.ts";

/** Prices come with each look at the market and with each candle; three of both may be missed, and a minute of waiting. */
const missedLooks = 3;
const priceSlackMs = 60_000;

export function selfAudit(needs: Needs): readonly string[] {
  return auditProblems(vitalsOf(needs));
}

function vitalsOf(needs: Needs): Vitals {
  const { ledger, memory, clock } = needs;
  const books = ledger.books();
  const { writer, record, venue, data } = gatherReadings(needs, null);
  const mono = clock.mono();
  return {
    isReady: books.house.isReady,
    isFenced: writer.isFenced || memory.isFenced,
    leaseLeftMs: writer.leaseLeftMs,
    recordReadAgeMs: memory.recordReadMono === null ? null : mono - memory.recordReadMono,
    chain: record.integrity,
    journalProblem: record.journalProblem,
    outboxLagMs: record.outboxLagMs,
    queue: queueOf(needs),
    jobs: jobsOf(needs),
    ears: earsOf(needs),
    price: priceOf(needs, data),
    venueAnswerAgeMs: venue.answerAgeMs,
    comparedAgeMs: venue.comparedAgeMs,
    unheard: alertsUnheard(needs),
    isLargeRequestLate: openApprovals(books).some(({ tier, rung }) => tier !== "T1" && (rung ?? 0) >= lastRung),
  };
}

function queueOf({ queue, memory, clock }: Needs): Vitals["queue"] {
  const { isAlive, lastRingAtMono } = queue.health();
  const mono = clock.mono();
  return {
    isAlive,
    ringAgeMs: lastRingAtMono === null ? null : mono - lastRingAtMono,
    runningMs: memory.jobs === null ? null : mono - memory.jobs.sinceMono,
  };
}

function jobsOf({ memory, clock }: Needs): readonly JobVitals[] {
  if (memory.jobs === null) return [];
  const { sinceMono, report } = memory.jobs;
  const mono = clock.mono();
  return report().map(({ name, everyMs, deadlineMs, isRunning, startedAtMono, endedAtMono, failuresInARow }) => ({
    name,
    everyMs,
    deadlineMs,
    runningMs: isRunning ? mono - (startedAtMono ?? mono) : null,
    idleMs: mono - (endedAtMono ?? sinceMono),
    failuresInARow,
  }));
}

/** The desk hears whenever its process lives; what stands for itself is no proof. */
function earsOf({ messengers, clock }: Needs): readonly EarVitals[] {
  return [...messengers]
    .filter(([platform]) => platform !== "desk")
    .map(([platform, messenger]) => {
      const { lastHeardAt } = messenger.health();
      return { platform, heardAgeMs: lastHeardAt === null ? null : between(lastHeardAt, clock.wall()) };
    });
}

/** The newest price of any instrument, from an order book or a candle, whichever came last. */
function priceOf({ clock, settings, memory }: Needs, data: ReturnType<typeof gatherReadings>["data"]): Vitals["price"] {
  // A finished look is counted by the job guard; an instrument that was never looked at has no price to be old.
  if (memory.books.size === 0 && memory.candles.size === 0) return { ageMs: 0, maxMs: priceSlackMs };
  const ages = data.flatMap(({ bookAgeMs, newestCloseAt }) => [
    ...(bookAgeMs === null ? [] : [bookAgeMs]),
    ...(newestCloseAt === null ? [] : [between(newestCloseAt, clock.now()) / clock.speed]),
  ]);
  const everyMs = (settings.timeframeMs + settings.cycleMs) / clock.speed;
  return { ageMs: ages.length === 0 ? null : Math.min(...ages), maxMs: missedLooks * everyMs + priceSlackMs };
}
