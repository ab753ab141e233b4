/** What the house leaves in its home for an emergency process. Keys only of the practice exchange, which can move no real money. */
import { openLifelineFiles } from "../adapters/lifeline/lifeline_files.ts";
import type { Config } from "../config.ts";
import type { LifelineFiles } from "../ports/lifeline.ts";
import type { PracticeHandle } from "../practice/exchange.ts";
import type { Database } from "./database.ts";

export function lifelineFor(opening: {
  readonly config: Config;
  readonly home: string;
  readonly database: Database;
  readonly practice: PracticeHandle | null;
}): LifelineFiles {
  const { config, home, database, practice } = opening;
  const { address } = database;
  const [credentials] = practice?.credentials ?? [];
  return openLifelineFiles(home, {
    baseUrl: practice?.url ?? config.environment.kucoinApiRoot,
    // An address that was given in the settings stands there; the built-in server's is known to nobody else.
    database: "url" in address ? null : address,
    practice: credentials ?? null,
  });
}
