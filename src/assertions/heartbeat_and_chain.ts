import { type Breach, defineAssertion } from "../define/assertion.ts";

const outboxMaxMs = 10_000;
const watchdogMaxMs = 5_000;

export const heartbeatAndChain = defineAssertion({
  id: "A09",
  name: "heartbeat_and_chain",
  promises:
    "The chain of facts is whole, the tables say what it says, the journal can be written, and messages leave in time",
  onBreach: { scope: "global", class: "sticky", looks: 1 },
  runbook: {
    means: "A fact or a row was changed behind our back, a number is missing, or what should leave the house does not.",
    does: "With a broken chain nothing new is opened anywhere. Late messages are only said.",
    you: "Stop the house and run `npm run audit -- verify` and `npm run audit -- rebuild`; restore from a backup if they disagree. Then reset with a reason.",
  },
  breaches(_books, { record }) {
    const found: Breach[] = [];
    const { integrity } = record;
    if (integrity !== null && !(integrity.headOk && integrity.gapFree && integrity.rowsOk))
      found.push({
        evidence: {
          head: integrity.headOk ? "whole" : "changed",
          numbers: integrity.gapFree ? "whole" : "a fact is missing or changed",
          tables: integrity.rowsOk ? "whole" : "rows differ from the facts",
        },
      });
    if (record.journalProblem !== null)
      found.push({
        cause: "journal_not_written",
        class: "transient",
        evidence: { journal: record.journalProblem.slice(0, 200) },
      });
    if (record.outboxLagMs > outboxMaxMs)
      found.push({
        cause: "messages_late",
        class: "transient",
        grade: "degraded",
        evidence: {
          "oldest message waits": `${Math.round(record.outboxLagMs / 1_000)} s`,
          limit: `${outboxMaxMs / 1_000} s`,
        },
      });
    if (record.watchdogAgeMs !== null && record.watchdogAgeMs > watchdogMaxMs)
      found.push({
        cause: "watchdog_silent",
        class: "transient",
        grade: "degraded",
        evidence: {
          "watchdog heard": `${Math.round(record.watchdogAgeMs / 1_000)} s ago`,
          limit: `${watchdogMaxMs / 1_000} s`,
        },
      });
    return found;
  },
});
