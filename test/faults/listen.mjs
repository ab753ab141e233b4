/**
 * Writes down which coverage marks a process reaches. Loaded into every test worker, and through NODE_OPTIONS into every bot
 * that a test starts; each mark is written the moment it is first reached, so that a killed process has told of it too.
 */
import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = join(fileURLToPath(new URL("../..", import.meta.url)), "node_modules", ".cache", "countersign-faults");
const slot = Symbol.for("countersign.mark");
const reached = new Set();

mkdirSync(folder, { recursive: true });
globalThis[slot] = (mark) => {
  if (reached.has(mark)) return;
  reached.add(mark);
  try {
    appendFileSync(join(folder, "marks.txt"), `${mark}\n`);
  } catch {
    // A full disk or no file handle left may be the very fault that is tried.
  }
};
