/** The local journal in daily life: the head each minute, waiting answers as soon as the database is back, and whether it can be written. */
import type { Needs } from "./needs.ts";
import { replayAnswers } from "./replay_answers.ts";
import { enterSafeMode, leaveSafeMode } from "./safe_mode.ts";

const headEveryMs = 60_000;

export async function keepJournal(needs: Needs): Promise<void> {
  if (needs.memory.isFenced) return;
  await replayAnswers(needs);
  noteHead(needs);
  await judgeJournal(needs);
}

/** Once a minute. A journal that can't be written says so itself. */
function noteHead(needs: Needs): void {
  const last = needs.memory.headNotedMono;
  if (last === null || needs.clock.mono() - last >= headEveryMs) noteLastHead(needs);
}

/** Now: at an orderly end the journal knows the very last fact, so that a database put back to any earlier moment is recognised. */
export function noteLastHead({ journal, ledger, memory, clock }: Needs): void {
  const { seq, hash, house } = ledger.books();
  const written = journal.write({ kind: "head", epoch: house.epoch, seq, hash });
  if (written.ok) memory.headNotedMono = clock.mono();
}

/** Without a journal LIVE opens nothing: what the database loses then could not be found again. Elsewhere it is said. */
async function judgeJournal(needs: Needs): Promise<void> {
  const problem = needs.journal.problem();
  if (problem === null) return leaveSafeMode(needs, "journal_unwritable", "the journal can be written again");
  if (needs.settings.mode === "live")
    return enterSafeMode(needs, { cause: "journal_unwritable", because: problem, endsBy: "itself" });
  if (needs.memory.journalProblemSaid !== problem)
    needs.log.warn("The local journal can't be written", { because: problem });
  needs.memory.journalProblemSaid = problem;
}
