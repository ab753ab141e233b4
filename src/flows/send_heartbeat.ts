/**
 * The dead-man's switch of the house: every 30 s an outside monitor hears that it lives and that its own audit found nothing.
 * It hears "fail" when something is wrong that a chat may not be able to tell any more, and nothing at all when this process
 * is dead; either way a person is called.
 */
import { lastRung } from "../core/ladder.ts";
import { mark } from "../core/mark.ts";
import type { Readings } from "../core/readings.ts";
import { alertsUnheard } from "./alerts_heard.ts";
import { gatherReadings } from "./gather_readings.ts";
import type { Needs } from "./needs.ts";
import { openApprovals } from "./request_approval.ts";

const outboxMaxMs = 10_000;
const venueMaxMs = 60_000;
const comparedMaxMs = 120_000;

export async function sendHeartbeat(needs: Needs): Promise<void> {
  const { monitor, memory, clock, ledger, log } = needs;
  if (monitor === undefined || memory.isStopping) return;
  const problems = selfAudit(needs, gatherReadings(needs, null));
  const isWell = problems.length === 0;
  if (!isWell) mark("O11.monitor_is_told");
  // The head of the chain and nothing else: amounts and names never leave the house this way.
  const body = [ledger.books().hash, ...problems].join("\n");
  const told = await monitor.report({ isWell, body });
  if (!told.ok && memory.monitor.problem === null)
    log.warn("The outside monitor was not reached", { because: told.problem });
  if (told.ok) memory.monitor.heardMono = clock.mono();
  memory.monitor.problem = told.ok ? null : told.problem;
}

/** What is wrong with the house itself, each in one sentence without amounts. A loss is no business of the monitor. */
export function selfAudit(needs: Needs, { writer, record, venue }: Readings): readonly string[] {
  const { ledger, memory } = needs;
  const isReady = ledger.books().house.isReady;
  const unheard = alertsUnheard(needs);
  const tooOld = (ageMs: number | null, maxMs: number): boolean => isReady && (ageMs === null || ageMs > maxMs);
  const isLate = openApprovals(ledger.books()).some(({ tier, rung }) => tier !== "T1" && (rung ?? 0) >= lastRung);
  return [
    ...(isLate ? ["a large request waits for an answer, and its time is nearly over"] : []),
    ...(writer.isFenced || memory.isFenced ? ["this process may not write any more"] : []),
    ...(writer.leaseLeftMs < 3_000 ? ["the database does not take the lease"] : []),
    ...(record.integrity !== null && !(record.integrity.headOk && record.integrity.gapFree && record.integrity.rowsOk)
      ? ["the audit chain does not verify"]
      : []),
    ...(record.journalProblem === null ? [] : ["the local journal can't be written"]),
    ...(record.outboxLagMs > outboxMaxMs ? ["messages wait too long for their chat"] : []),
    ...(tooOld(venue.answerAgeMs, venueMaxMs) ? ["the venue does not answer"] : []),
    ...(tooOld(venue.comparedAgeMs, comparedMaxMs) ? ["the books were not compared with the venue"] : []),
    ...(unheard === null ? [] : [unheard]),
  ];
}
