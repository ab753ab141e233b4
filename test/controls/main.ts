/**
 * npm run self-assessment: every published control with its evidence, judged now. Checks are executed, tests are those of the
 * last run, procedures must exist as pages. Ends with "self-assessment: N of 40 passed".
 */
import { readRecords } from "../faults/records.ts";
import { controls } from "./controls.ts";

const records = readRecords();
const say = (line: string): void => void process.stdout.write(`${line}\n`);
let passed = 0;
for (const { id, source, ours, evidence } of controls) {
  const problems = evidence.flatMap((one) => one.judge(records) ?? []);
  const verdict = problems.length === 0 ? "pass" : "FAIL";
  if (problems.length === 0) passed += 1;
  say(`${id}  ${verdict}  ${source.padEnd(24)} ${ours}`);
  say(`             evidence: ${evidence.map((one) => one.says).join(" · ")}`);
  for (const problem of problems) say(`             problem:  ${problem}`);
}
say(`self-assessment: ${passed} of ${controls.length} passed`);
process.exitCode = passed === controls.length ? 0 : 1;
