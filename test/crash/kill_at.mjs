/**
 * Loaded into a real bot with `--import`. It listens to the places where a process can die, writes down which were passed, and
 * at the one that the file in KILL_AT_FILE names ("after commit order_sending|2" = the second time) it kills the
 * process with SIGKILL: nothing is flushed, nothing is told, no handler runs.
 */
import { appendFileSync, readFileSync, rmSync } from "node:fs";

const file = process.env["KILL_AT_FILE"];
const trace = `${file}.trace`;
let wished = "";
let count = 0;

globalThis[Symbol.for("countersign.reach")] = (hook) => {
  appendFileSync(trace, `${hook}\n`);
  const wish = wishNow();
  if (wish !== wished) {
    wished = wish;
    count = 0;
  }
  const [name, nth = "1"] = wish.split("|");
  if (hook !== name) return;
  count += 1;
  if (count < Number(nth)) return;
  rmSync(file, { force: true });
  process.kill(process.pid, "SIGKILL");
  // The signal is on its way; not one more instruction of the bot may run.
  for (;;);
};

function wishNow() {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
