/**
 * The dead-man's switch of the house: every 30 s an outside monitor hears that it lives and that its own audit found nothing.
 * It hears "fail" when something is wrong that a chat may not be able to tell any more, and nothing at all when this process
 * is dead; either way a person is called.
 */
import { mark } from "../core/mark.ts";
import { countPing } from "./count_pulse.ts";
import type { Needs } from "./needs.ts";
import { selfAudit } from "./self_audit.ts";

export async function sendHeartbeat(needs: Needs): Promise<void> {
  const { monitor, memory, clock, ledger, log } = needs;
  if (monitor === undefined || memory.isStopping) return;
  const problems = selfAudit(needs);
  const isWell = problems.length === 0;
  if (!isWell) mark("O11.monitor_is_told");
  // The head of the chain, and what is wrong: amounts and names never leave the house this way.
  const body = [ledger.books().hash, ...problems].join("\n");
  const told = await monitor.report({ isWell, body });
  countPing(needs, told.ok);
  if (!told.ok && memory.monitor.problem === null)
    log.warn("The outside monitor was not reached", { because: told.problem });
  if (told.ok) memory.monitor.heardMono = clock.mono();
  memory.monitor.problem = told.ok ? null : told.problem;
}
