/** Once a second: take in facts of other processes, and hold the promises of src/assertions against the books. */
import type { AssertionDefinition } from "../define/assertion.ts";
import type { Needs } from "./needs.ts";
import { openBreaker } from "./open_breaker.ts";

export async function watchHouse(needs: Needs): Promise<void> {
  await needs.ledger.refresh();
  for (const assertion of needs.assertions) await hold(needs, assertion);
}

/** A promise that can't be judged counts as broken. */
async function hold(needs: Needs, assertion: AssertionDefinition): Promise<void> {
  const breach = firstBreach(needs, assertion);
  if (breach === null) return;
  needs.log.error("A promise about the books is broken", { assertion: assertion.name, ...breach });
  if (assertion.onBreach === "halt_trading")
    await openBreaker(needs, {
      scope: `account:${assertion.name}`,
      cause: assertion.name,
      class: "sticky",
      evidence: breach,
    });
}

function firstBreach(needs: Needs, assertion: AssertionDefinition): Readonly<Record<string, string>> | null {
  try {
    return assertion.breaches(needs.ledger.books(), { wallAt: needs.clock.wall() })[0]?.evidence ?? null;
  } catch (error) {
    return { failed: String(error) };
  }
}
