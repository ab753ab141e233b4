/** What is still said when the program meets a fault of its own. Whoever asks for it bounds it in time. */
import type { House } from "../assemble.ts";
import { recordDeath } from "../flows/stop_house.ts";
import type { Log } from "../ports/log.ts";
import type { OpenedHome } from "./home.ts";

type Told = { readonly opened: OpenedHome; readonly log: Log };

/** Into the log and the journal: all that there is before the house stands. */
export function noteDeath({ opened: { journal, holder }, log }: Told, because: string): void {
  log.error("A fault in the program; it ends now", { because });
  journal.write({ kind: "died", run: holder.run, because: because.slice(0, 2_000) });
}

/** And into the ledger, by a house that does nothing else any more. */
export async function lastWords(told: Told, house: House, because: string): Promise<void> {
  house.needs.memory.isStopping = true;
  noteDeath(told, because);
  await recordDeath(house.needs, because);
}
