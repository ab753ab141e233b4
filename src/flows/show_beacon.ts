/** What the watchdog hears of this house. That it asked is noted: one that stops asking is missed (assertion A09). */
import type { Beacon } from "../core/beacon.ts";
import type { Needs } from "./needs.ts";
import { selfAudit } from "./self_audit.ts";

const problemsMax = 100;

export function showBeacon(needs: Needs): Beacon {
  const { memory, clock, ledger } = needs;
  memory.watchdogAskedMono = clock.mono();
  const { hash, house } = ledger.books();
  const problems = selfAudit(needs)
    .slice(0, problemsMax)
    .map((problem) => problem.slice(0, 300));
  return { state: stateOf(memory.isStopping, house.isReady, problems), problems, head: hash, at: clock.wall() };
}

function stateOf(isStopping: boolean, isReady: boolean, problems: readonly string[]): Beacon["state"] {
  if (isStopping) return "stopping";
  if (problems.length > 0) return "sick";
  return isReady ? "well" : "starting";
}
