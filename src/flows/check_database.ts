/**
 * Every hour: does the database still keep what it confirms? A setting can be changed while we run. With real money an
 * unsafe one opens a breaker for everything; elsewhere it is only said.
 */
import { mark } from "../core/mark.ts";
import type { Needs } from "./needs.ts";
import { openBreaker } from "./open_breaker.ts";

/** Rejects when the database is away: the job tries again, and nothing is known meanwhile. */
export async function checkDatabase(needs: Needs): Promise<void> {
  const problems = await needs.ledger.durability();
  const first = problems[0];
  if (first === undefined) return;
  mark("P16.found_while_running");
  needs.log.warn("The database may lose what it confirmed", { problems: problems.join("; ") });
  if (needs.ledger.books().house.mode !== "live") return;
  const evidence = Object.fromEntries(problems.map((problem) => [problem.split(" ")[0] ?? "setting", problem]));
  await openBreaker(needs, { scope: "global", cause: "database_unsafe", class: "sticky", evidence });
}
