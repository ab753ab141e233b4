/**
 * A dead-man switch cancels orders when somebody goes silent, and at a venue where stops are orders too it takes protection
 * away exactly when nobody looks. We never set one; whether somebody else did is asked again and again.
 */
import type { Needs } from "./needs.ts";

export async function watchDeadMan({ venue, memory, log }: Needs): Promise<void> {
  const read = await venue.deadMan?.();
  // Not answered is not an answer: what was known stays known.
  if (read === undefined || !read.ok) return;
  if (read.value !== null && memory.venue.deadMan === null)
    log.warn("Somebody set the dead-man switch of this account: it may cancel our stops", {
      seconds: read.value.seconds,
      symbols: read.value.symbols.join(" ") || "all",
    });
  memory.venue.deadMan = read.value;
}
