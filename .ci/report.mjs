/**
 * Reads the reports that the tests leave (vitest's JSON); of a file that ran again, the later report counts.
 *   node .ci/report.mjs files REPORT...    the files in which something failed, a line each
 *   node .ci/report.mjs failures REPORT... what failed, with the first lines of why
 *   node .ci/report.mjs count REPORT...    "passed failed skipped"; names what was skipped on standard error
 * A test that was skipped counts, unless its name says where it is skipped: those need data that are no part of the repository.
 */
import { readFileSync } from "node:fs";
import { relative } from "node:path";

const [what, ...paths] = process.argv.slice(2);
const reports = paths.map((path) => JSON.parse(readFileSync(path, "utf8")).testResults);
const testResults = [...new Map(reports.flat().map((file) => [file.name, file])).values()];
const nameOf = (file) => relative(process.cwd(), file.name);
// A file whose hooks or imports failed is "failed" although no test of it is.
const failed = testResults.filter((file) => file.status === "failed");
const tests = testResults.flatMap((file) => file.assertionResults.map((test) => ({ file, test })));
const isSkipped = ({ test }) => !["passed", "failed"].includes(test.status) && !/skipped where it is absent/.test(test.fullName);
const head = (text) => (text ?? "").split("\n").slice(0, 6).join("\n    ");

if (what === "files") {
  for (const file of failed) console.log(nameOf(file));
} else if (what === "failures") {
  for (const file of failed) {
    const broken = file.assertionResults.filter((test) => test.status === "failed");
    if (broken.length === 0) console.log(`  ${nameOf(file)}: ${head(file.message)}`);
    for (const test of broken) console.log(`  ${nameOf(file)}: ${test.fullName}\n    ${head(test.failureMessages[0])}`);
  }
} else {
  const skipped = tests.filter(isSkipped);
  for (const { file, test } of skipped) console.error(`SKIPPED ${nameOf(file)}: ${test.fullName}`);
  const count = (status) => tests.filter(({ test }) => test.status === status).length;
  const silent = failed.filter((file) => file.assertionResults.every((test) => test.status !== "failed"));
  console.log(count("passed"), count("failed") + silent.length, skipped.length);
}
