/** Runs in every test worker: writes down which marks were reached and which tests that name a fault have passed. */
import { appendFileSync, mkdirSync } from "node:fs";
import { afterEach } from "vitest";
import "./listen.mjs";
import { idsIn, isPromiseKept, recordsFolder } from "./records.ts";

const listener = new URL("./listen.mjs", import.meta.url).href;
const options = process.env["NODE_OPTIONS"] ?? "";
if (!options.includes(listener)) process.env["NODE_OPTIONS"] = `${options} --import ${listener}`.trim();
mkdirSync(recordsFolder, { recursive: true });

afterEach(({ task }) => {
  const title = fullTitle(task);
  const ids = idsIn(title);
  if (ids.length === 0) return;
  const verdict = isPromiseKept(task.result) ? "passed" : "failed";
  appendFileSync(`${recordsFolder}/tests.txt`, `${JSON.stringify({ title, ids, verdict })}\n`);
});

type Titled = { readonly name: string; readonly suite?: Titled | undefined };

function fullTitle(task: Titled): string {
  return task.suite === undefined ? task.name : `${fullTitle(task.suite)} > ${task.name}`.replace(/^ > /, "");
}
