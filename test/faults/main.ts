/**
 * npm run faults               every fault of the catalogue with its tests, its marks and what the last runs reached
 * npm run faults -- --write    also writes the page test/faults/README.md
 * npm run faults -- --forget   forgets the last runs, so that the next one is judged alone
 *
 * A fault is shown when a test that names it has passed, none that names it failed, and a mark of it was reached.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { impossible } from "./impossible.ts";
import { page } from "./page.ts";
import { forgetRecords, readRecords } from "./records.ts";
import { catalogue, marksInSource, testsInSource } from "./scan.ts";

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function judge() {
  const records = readRecords();
  const [tests, marks] = [testsInSource(), marksInSource()];
  return catalogue.map((fault) => {
    const known = marks.get(fault.id) ?? [];
    const reached = known.filter((place) => records.marks.has(place.what));
    const passed = records.passed.get(fault.id)?.size ?? 0;
    const failed = records.failed.get(fault.id)?.size ?? 0;
    const isShown = passed > 0 && failed === 0 && reached.length > 0;
    return { fault, tests: tests.get(fault.id) ?? [], marks: known, passed, failed, reached: reached.length, isShown };
  });
}

function print(rows: ReturnType<typeof judge>): void {
  for (const { fault, tests, marks, passed, failed, reached, isShown } of rows) {
    const reason = impossible[fault.id];
    const verdict = isShown ? "shown" : reason === undefined ? "MISSING" : "not here";
    const counts = `tests ${passed}/${tests.length}${failed > 0 ? ` (${failed} FAILED)` : ""}, marks ${reached}/${marks.length}`;
    say(
      `${fault.id.padEnd(4)} ${fault.tier.padEnd(5)} ${verdict.padEnd(9)} ${counts.padEnd(26)} ${fault.fault.slice(0, 90)}`,
    );
    if (!isShown && reason !== undefined) say(`     because ${reason}`);
  }
}

if (process.argv.includes("--forget")) {
  forgetRecords();
  say("The records of the last runs are forgotten.");
} else {
  const rows = judge();
  print(rows);
  if (process.argv.includes("--write")) writeFileSync(join(import.meta.dirname, "README.md"), page(rows));
  const shown = rows.filter((row) => row.isShown).length;
  const excused = rows.filter((row) => !row.isShown && impossible[row.fault.id] !== undefined).length;
  if (excused > 0) say(`${excused} can't be shown here; each says why.`);
  say(`faults: ${shown} of ${rows.length} shown`);
  process.exitCode = shown + excused === rows.length ? 0 : 1;
}
