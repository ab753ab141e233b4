/**
 * Once a second: take in facts of other processes, hold every promise of src/assertions against the books and the readings,
 * and do what a broken one asks for. The level is raised before the breaker is recorded, so a crash between repeats both.
 */
import { countLook } from "./count_pulse.ts";
import { findTrouble } from "./find_trouble.ts";
import { gatherReadings } from "./gather_readings.ts";
import { isHigher, raiseLevel } from "./halt_trading.ts";
import type { Finding } from "./hold_promises.ts";
import { addExitFact } from "./manage_exit.ts";
import type { Needs } from "./needs.ts";
import { breakerDrafts } from "./open_breaker.ts";
import { record } from "./record.ts";
import { tendBreakers } from "./tend_breakers.ts";

export async function watchHouse(needs: Needs): Promise<void> {
  const lastLookMono = needs.memory.lastLookMono;
  needs.memory.lastLookMono = needs.clock.mono();
  await needs.ledger.refresh();
  await lookAtRecord(needs);
  const findings = findTrouble(needs, gatherReadings(needs, lastLookMono));
  countLooks(needs, findings);
  const promises = needs.assertions.map(({ id, name }) => `${id} ${name}`.trim());
  countLook(needs, promises.length, promises.filter((name) => findings.some(({ promise }) => promise === name)).length);
  for (const finding of findings) await act(needs, finding);
  if (!needs.memory.isFenced) await tendBreakers(needs, findings);
}

async function lookAtRecord({ memory, ledger, clock, log }: Needs): Promise<void> {
  try {
    memory.integrity = await ledger.integrity();
    memory.recordReadMono = clock.mono();
  } catch (error) {
    // A database that is away says nothing about the chain; what was known of it stays.
    log.warn("The record could not be looked at", { because: error instanceof Error ? error.message : String(error) });
  }
}

function countLooks({ memory: { looks } }: Needs, findings: readonly Finding[]): void {
  const present = new Set(findings.map((finding) => finding.key));
  for (const key of looks.keys()) if (!present.has(key)) looks.delete(key);
  for (const key of present) looks.set(key, (looks.get(key) ?? 0) + 1);
}

async function act(needs: Needs, finding: Finding): Promise<void> {
  const { effect, promise, evidence, key } = finding;
  if (effect?.do === "stop_process") return stop(needs, finding);
  const grade = gradeNow(needs, finding);
  if (needs.memory.isFenced || grade === null) return;
  if (effect?.do === "exit_position")
    await addExitFact(needs, effect.positionId, {
      reason: "protection_failed",
      source: "house",
      note: `${promise}: ${Object.values(evidence).join(", ")}`.slice(0, 200),
      observedPrice: null,
    });
  const wish = { ...finding, grade };
  const books = needs.ledger.books();
  if (breakerDrafts(books, wish, needs.clock.wall()).length === 0) return;
  needs.log.error("A promise is broken", { promise, breaker: key, grade, ...evidence });
  if (effect?.do === "raise_level" && isHigher(effect.level, books.house.level))
    await raiseLevel(needs, effect.level, { actor: "house", reason: finding.cause.replaceAll("_", " ") });
  await record(needs, (now, { wallAt }) => ({ drafts: breakerDrafts(now, wish, wallAt), value: undefined }));
}

/** Some promises must be seen broken several looks in a row; the look before the last one warns. null = wait for the next look. */
function gradeNow({ memory }: Needs, { key, looks, grade }: Finding): Finding["grade"] | null {
  const seen = memory.looks.get(key) ?? 1;
  if (seen >= looks) return grade;
  return seen > 1 && seen === looks - 1 ? "degraded" : null;
}

/** Nothing more leaves this process and nothing more is written by it; then it ends. */
function stop(needs: Needs, { promise, evidence }: Finding): void {
  const facts = Object.entries(evidence).map(([name, value]) => `${name} ${value}`);
  const because = `${promise}: ${facts.join(", ")}`;
  if (!needs.memory.isFenced) needs.log.error("This process must not go on", { because });
  needs.memory.isFenced = true;
  needs.memory.isStopping = true;
  needs.endProcess?.(because);
}
