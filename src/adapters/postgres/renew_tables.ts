/**
 * Tables that were made by other code are written anew from the facts before anything is added to them: a column that a
 * migration brought is filled, and a fold that changed its mind is not taken for somebody's tampering.
 */
import type pg from "pg";
import { mark } from "../../core/mark.ts";
import { LedgerUnavailable } from "../../ports/ledger.ts";
import type { Log } from "../../ports/log.ts";
import { rebuild } from "./audit.ts";
import type { Sha256 } from "./chain.ts";
import { readHead } from "./event_rows.ts";
import type { AnyFact, Fold } from "./ledger_store.ts";

/** To be called by whoever holds the epoch. @throws LedgerUnavailable naming the fact where the chain is broken. */
export async function renewTables<Books, Fact extends AnyFact>(
  pool: pg.Pool,
  wish: { readonly fold: Fold<Books, Fact>; readonly sha256: Sha256; readonly log: Log },
): Promise<void> {
  const { fold, sha256, log } = wish;
  const known = await pool.query<{ code_version: string }>("select code_version from views_version where id = 1");
  if (known.rows[0]?.code_version === fold.version) return;
  if ((await readHead(pool)).seq > 0) {
    mark("P19.views_of_other_code");
    const rebuilt = await rebuild(pool, { fold, sha256, apply: true });
    if (!rebuilt.ok) {
      const because = rebuilt.problem.kind === "broken" ? rebuilt.problem.because : "it was broken off";
      throw new LedgerUnavailable(`The tables could not be written anew from the facts: ${because}.`);
    }
    const { facts, differences } = rebuilt.value;
    log.info("The tables were written anew from the facts", {
      facts,
      changed: differences.map(({ table }) => table).join(" "),
    });
  }
  await pool.query("update views_version set code_version = $1 where id = 1", [fold.version]);
}
